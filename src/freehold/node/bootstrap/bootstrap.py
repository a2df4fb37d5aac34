"""`freehold node bootstrap`: everything on a client's machine beside the node, in the order in which it is needed."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import Clock, SystemClock
from freehold.kernel.database import Database, open_database
from freehold.kernel.http import HttpClient
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.n8n.client import N8nError, Owner, wait_for_n8n
from freehold.node.bootstrap.n8n.set_up import Addresses, set_up_n8n
from freehold.node.bootstrap.nocodb.set_up import set_up_nocodb
from freehold.node.bootstrap.open_webui.client import OpenWebUiError, signed_in, wait_for_open_webui
from freehold.node.bootstrap.open_webui.connections import Llm
from freehold.node.bootstrap.open_webui.set_up import Chat, set_up_open_webui
from freehold.node.bootstrap.postgres import owner_url, set_up_postgres
from freehold.node.bootstrap.settings import BootstrapSettings
from freehold.node.settings import ACCOUNTS_FOLDER

_OWN_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
"""Products stand beside the node: in these networks, and nowhere in the internet."""


@dataclass(frozen=True)
class Site:
    """What a part of bootstrap works with: the node's tables, its folder, and how products are reached."""

    settings: BootstrapSettings
    database: Database
    http: HttpClient
    clock: Clock
    company_name: str
    data_dir: Path

    def secrets(self) -> Path:
        """The folder for secrets that bootstrap makes."""
        return self.data_dir / ACCOUNTS_FOLDER


async def _nocodb(site: Site) -> list[Done]:
    if not site.settings.nocodb_url:
        return []
    made = await set_up_nocodb(site.settings, site.http, site.database, site.clock, site.company_name, site.secrets())
    return list(made)


async def _n8n(site: Site) -> list[Done]:
    settings = site.settings
    if not settings.n8n_url:
        return []
    if settings.n8n_owner_password is None:
        raise N8nError("n8n has no owner's password; name its file with FREEHOLD_BOOTSTRAP_N8N_OWNER_PASSWORD_FILE")
    owner = Owner(settings.owner_email, settings.n8n_owner_password.get_secret_value())
    await wait_for_n8n(site.http, settings.n8n_url, settings.wait)
    at = Addresses(
        n8n=settings.n8n_url,
        node=settings.workflows_url,
        receiver=settings.receiver_url,
        meta_ads=settings.meta_ads_url,
        instagram=settings.instagram_url,
    )
    return await set_up_n8n(site.http, site.database, site.clock, owner, at)


async def _open_webui(site: Site) -> list[Done]:
    settings = site.settings
    if not settings.open_webui_url:
        return []
    if settings.open_webui_admin_password is None:
        named = "FREEHOLD_BOOTSTRAP_OPEN_WEBUI_ADMIN_PASSWORD_FILE"
        raise OpenWebUiError(f"Open WebUI has no administrator's password; name its file with {named}")
    if settings.chat_llm_url and not settings.chat_model:
        raise OpenWebUiError(
            "no model is named for the chat; name one of the server's with FREEHOLD_BOOTSTRAP_CHAT_MODEL"
        )
    await wait_for_open_webui(site.http, settings.open_webui_url, settings.wait)
    password = settings.open_webui_admin_password.get_secret_value()
    api = await signed_in(site.http, settings.open_webui_url, settings.owner_email, password)
    services = {
        "insights": settings.workflows_url,
        "instagram": settings.instagram_url,
        "meta_ads": settings.meta_ads_url,
    }
    key = settings.chat_llm_key.get_secret_value() if settings.chat_llm_key else ""
    llm = Llm(settings.chat_llm_url, key) if settings.chat_llm_url else None
    chat = Chat(services, llm, settings.chat_model, site.company_name)
    return await set_up_open_webui(api, site.database, site.clock, chat)


PARTS: Mapping[str, Callable[[Site], Awaitable[list[Done]]]] = {
    "postgres": lambda site: set_up_postgres(site.settings),
    "nocodb": _nocodb,
    "n8n": _n8n,
    "open_webui": _open_webui,
}
"""Name -> what sets it up, in order."""


async def bootstrap(
    settings: BootstrapSettings, company_name: str, data_dir: Path, only: str | None, told: Callable[[Done], None]
) -> list[Done]:
    """Set up all parts, or `only` one; `told` hears of each thing that was done as soon as its part is through.

    Raises the error of the part that failed; what was done until then stays, and the next run goes on.
    """
    done: list[Done] = []
    async with _site(settings, company_name, data_dir) as site:
        for name, set_up in PARTS.items():
            if only in {None, name}:
                for each in await set_up(site):
                    done.append(each)
                    told(each)
    return done


@contextlib.asynccontextmanager
async def _site(settings: BootstrapSettings, company_name: str, data_dir: Path) -> AsyncIterator[Site]:
    hosts = {urlsplit(url).netloc for url in (settings.nocodb_url, settings.n8n_url, settings.open_webui_url) if url}
    policy = AddressPolicy.of(*_OWN_NETWORKS, ports=frozenset(), plain_hosts=hosts)
    http = HttpClient(policy, concurrent=4, max_body=32 * 1024 * 1024)
    database = open_database(owner_url(settings), pool_size=2)
    try:
        yield Site(settings, database, http, SystemClock(), company_name, data_dir)
    finally:
        await http.close()
        await database.close()
