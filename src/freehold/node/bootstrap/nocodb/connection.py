"""The base, and the node's database in it: an external source whose schema nobody changes from NocoDB."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import make_url

from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.nocodb.client import Api
from freehold.node.bootstrap.nocodb.parts import Parts
from freehold.node.bootstrap.roles import DATA_ROLE
from freehold.node.bootstrap.settings import BootstrapSettings

SOURCE = "Your data"
INTEGRATION = "Freehold's tables"
SEARCH_PATH = ["public"]


@dataclass(frozen=True)
class Connection:
    """The base and the source in it."""

    base_id: str
    source_id: str


async def connect(api: Api, parts: Parts, settings: BootstrapSettings, title: str) -> Connection:
    """Make or bring up to date what leads to the node's tables; `title` names a new base."""
    await _close_sign_up(api, parts)
    base_id = await _base(api, parts, title)
    integration_id = await _integration(api, parts, settings)
    source_id = await _source(api, parts, base_id, integration_id)
    return Connection(base_id, source_id)


async def synchronise(api: Api, parts: Parts, connection: Connection) -> None:
    """Take over tables and columns that are new, changed or gone in the database."""
    path = f"/v2/meta/bases/{connection.base_id}/meta-diff/{connection.source_id}"
    found = await api.job(connection.base_id, "GET", path)
    changed = sum(len(table["detectedChanges"]) for table in found)
    if changed:
        await api.job(connection.base_id, "POST", path)
    parts.done.append(Done("NocoDB's list of tables and columns", "updated" if changed else "unchanged"))


async def _close_sign_up(api: Api, parts: Parts) -> None:
    """Strangers make no accounts. NocoDB begins open, whatever its environment says."""
    there = await api.call("GET", "/v1/app-settings")
    if not there["invite_only_signup"]:
        await api.call("POST", "/v1/app-settings", {"invite_only_signup": True})
    closed = there["invite_only_signup"]
    parts.done.append(Done("NocoDB accounts by invitation only", "unchanged" if closed else "updated"))


async def _base(api: Api, parts: Parts, title: str) -> str:
    """The base, by the id that we remember; whatever people call it now."""
    known = parts.known.get("base")
    bases = {base["id"] for base in await api.items("/v2/meta/bases")}
    if known and known.external_id in bases:
        parts.done.append(Done("NocoDB base", "unchanged"))
        return known.external_id
    await parts.forget()  # NocoDB was made anew: nothing of what we remember is there
    made = await api.call("POST", "/v2/meta/bases", {"title": title})
    await parts.note("base", made["id"], {}, "NocoDB base", "created")
    return str(made["id"])


async def _integration(api: Api, parts: Parts, settings: BootstrapSettings) -> str:
    """How NocoDB reaches PostgreSQL; written anew when host, port or password are others."""
    body = _integration_body(settings)
    state = {"config": hashlib.sha256(repr(body).encode()).hexdigest()}
    known = parts.known.get("integration")
    what = "NocoDB connection to PostgreSQL"
    if known is None:
        made = await api.call("POST", "/v2/meta/integrations", body)
        await parts.note("integration", made["id"], state, what, "created")
        return str(made["id"])
    if known.digest == parts.digest(state):
        parts.done.append(Done(what, "unchanged"))
    else:
        await api.call("PATCH", f"/v2/meta/integrations/{known.external_id}", body)
        await parts.note("integration", known.external_id, state, what, "updated")
    return known.external_id


def _integration_body(settings: BootstrapSettings) -> dict[str, Any]:
    url = make_url(settings.admin_database_url.get_secret_value())
    connection = {
        "host": url.host,
        "port": str(url.port or 5432),
        "user": DATA_ROLE,
        "password": settings.nocodb_data_password.get_secret_value(),
        "database": "freehold",
    }
    config = {"client": "pg", "connection": connection, "searchPath": SEARCH_PATH}
    # Private: its owner alone may use it, so nobody builds a base of their own on it.
    return {"title": INTEGRATION, "type": "database", "sub_type": "pg", "config": config, "is_private": True}


async def _source(api: Api, parts: Parts, base_id: str, integration_id: str) -> str:
    """The source in the base; its schema stays read-only whoever allows otherwise meanwhile."""
    path, what = f"/v2/meta/bases/{base_id}/sources", "NocoDB source of tables"
    there = {source["id"]: source for source in await api.items(path)}
    known = parts.known.get("source")
    if known is None or known.external_id not in there:
        await api.job(base_id, "POST", path, _source_body(integration_id))
        made = next(source for source in await api.items(path) if source["fk_integration_id"] == integration_id)
        await parts.note("source", made["id"], {}, what, "created")
        return str(made["id"])
    closed = there[known.external_id]["is_schema_readonly"]
    if not closed:
        await api.call("PATCH", f"{path}/{known.external_id}", {"is_schema_readonly": True})
    parts.done.append(Done(what, "unchanged" if closed else "updated"))
    return known.external_id


def _source_body(integration_id: str) -> Mapping[str, Any]:
    """Without the integration's id and the search path, NocoDB makes a source that shows no table."""
    return {
        "alias": SOURCE,
        "type": "pg",
        "fk_integration_id": integration_id,
        "inflection_column": "none",
        "inflection_table": "none",
        "is_schema_readonly": True,
        "is_data_readonly": False,
        "config": {"client": "pg", "connection": {"database": "freehold"}, "searchPath": SEARCH_PATH},
    }
