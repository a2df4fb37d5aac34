"""An account for a marketer: it reads everything that is shown, writes notes and grids, and changes no schema."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.kernel.files import write_private
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.nocodb.client import Api, NocoDbError, sign_in
from freehold.node.bootstrap.nocodb.connection import Connection
from freehold.node.bootstrap.nocodb.parts import Parts
from freehold.node.bootstrap.sign_in import new_password

ROLE = "editor"
"""Edits rows, as far as PostgreSQL lets NocoDB, and makes grids; no fields, tables, sources or members."""
PASSWORD_FILE = "nocodb-marketer-password"  # noqa: S105 - a file's name
TOKEN_FILE = "nocodb-marketer-token"  # noqa: S105 - a file's name
_OK = 200


@dataclass(frozen=True)
class Marketer:
    """The account: its e-mail address, which need not receive mail, and the folder of its two files."""

    email: str
    folder: Path


async def settle_marketer(api: Api, parts: Parts, connection: Connection, marketer: Marketer) -> None:
    """Make the account and its API token, once; both secrets are files that only their owner reads."""
    marketer.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    await _settle_account(api, parts, connection, marketer)
    what, file = "NocoDB API token of the marketer", marketer.folder / TOKEN_FILE
    if file.exists() and await _works(api, file.read_text(encoding="utf-8").strip()):
        parts.done.append(Done(what, "unchanged"))
        return
    password = (marketer.folder / PASSWORD_FILE).read_text(encoding="utf-8").strip()
    own = await sign_in(api.http, api.url, marketer.email, password)
    made = await own.call("POST", "/v1/tokens", {"description": "Freehold"})
    write_private(file, made["token"])
    parts.done.append(Done(what, "created"))


async def _settle_account(api: Api, parts: Parts, connection: Connection, marketer: Marketer) -> None:
    """Invite the account into the base, and answer the invitation with a password of our making."""
    what, file = f"NocoDB account {marketer.email}", marketer.folder / PASSWORD_FILE
    there = await _find(api, connection, marketer.email)
    invited = there is not None and there["roles"]
    if not invited:
        path = f"/v2/meta/bases/{connection.base_id}/users"
        await api.call("POST", path, {"email": marketer.email, "roles": ROLE})
        there = await _find(api, connection, marketer.email)
    invitation = there["invite_token"] if there else None
    if invitation:
        await _answer(api, marketer, invitation)
    elif not file.exists():
        raise NocoDbError(
            f"NocoDB knows {marketer.email}, and {file} with its password is gone; write the password into that "
            "file, or name another account with FREEHOLD_BOOTSTRAP_MARKETER_EMAIL"
        )
    parts.done.append(Done(what, "created" if invitation else "unchanged" if invited else "updated"))


async def _answer(api: Api, marketer: Marketer, invitation: str) -> None:
    """Sign up by the invitation; the password is on disk before NocoDB has it."""
    file = marketer.folder / PASSWORD_FILE
    if not file.exists():
        write_private(file, new_password())
    password = file.read_text(encoding="utf-8").strip()
    body = {"email": marketer.email, "password": password, "token": invitation}
    await Api(api.http, api.url, {}).call("POST", "/v1/auth/user/signup", body)


async def _find(api: Api, connection: Connection, email: str) -> dict[str, Any] | None:
    answer = await api.call("GET", f"/v2/meta/bases/{connection.base_id}/users", query={"query": email})
    found: list[dict[str, Any]] = answer["users"]["list"]
    return next((user for user in found if user["email"] == email), None)


async def _works(api: Api, token: str) -> bool:
    status, _ = await Api(api.http, api.url, {"xc-token": token}).ask("GET", "/v1/auth/user/me")
    return status == _OK
