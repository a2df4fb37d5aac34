"""A node, open and served, with a broker's keys in the test's hands: grants reach it through its real receiver."""

import dataclasses
import io
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import MARA, MetaSandbox

from freehold.contracts.delivery import enclose
from freehold.contracts.grant import Asset, Grant
from freehold.contracts.registration import BrokerIdentity
from freehold.kernel import logs
from freehold.kernel.clock import MovableClock
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.node.app import create_app
from freehold.node.assets import confirm_assets
from freehold.node.context import Node, open_node
from freehold.node.governor import Governor
from freehold.node.initialization import initialize
from freehold.node.settings import NodeSettings
from freehold.node.vault import credentials
from freehold.sandbox.meta import oauth
from freehold.sandbox.meta.grants import LONG_LIFE
from freehold.sandbox.meta.oauth import offered


@dataclass(frozen=True)
class OpenNode:
    """A node and what a broker needs to deliver to it."""

    node: Node
    url: str
    """Of its receiver."""
    signing: SigningKey

    async def deliver(self, grant: Grant, *, confirm: bool = True) -> int:
        """Send a grant as the broker does, and tick all its assets; gives the receiver's HTTP status."""
        node = self.node
        envelope = enclose(
            grant.model_dump_json().encode(),
            kind="grant",
            client_id=node.settings.client_id,
            provider="meta",
            delivery_id=grant.delivery_id,
            issued_at=node.clock.now(),
            recipient=node.keys.sealing.public_text(),
            signing_key=self.signing,
        )
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{self.url}/api/credentials",
                json=envelope.model_dump(mode="json"),
                headers={"X-API-Key": node.keys.api_key},
            ) as answer,
        ):
            status = answer.status
        if confirm and status == 201:
            await self.confirm([asset.id for asset in grant.assets])
        return status

    async def confirm(self, asset_ids: list[str]) -> None:
        """Tick assets of the newest credential."""
        from_now = self.node.clock.now()
        async with self.node.database.writing() as session:
            (credential,) = await _active(session)
            await confirm_assets(session, credential, asset_ids, from_now)


async def _active(session: Any) -> list[str]:
    return [credential.id for credential in await credentials(session, "active")]


def grant_of(meta: MetaSandbox, client_id: str, person: str = MARA, assets: frozenset[str] | None = None) -> Grant:
    """What the broker would deliver after `person` granted `assets` (None: all they have) in the sandbox."""
    world, secret = meta.sandbox.world, meta.settings.app_secret.get_secret_value()
    covered = offered(meta.sandbox, person) if assets is None else assets
    token, now = meta.token(person, assets=covered), meta.sandbox.now()
    pages = [page for page in world.pages_of(person) if page.id in covered]
    accounts = [(page, world.instagram(page.instagram_id)) for page in pages if page.instagram_id]
    found = [Asset(kind="facebook_page", id=page.id, name=page.name) for page in pages]
    found += [
        Asset(kind="instagram_account", id=account.id, name=account.username, parent_id=page.id)
        for page, account in accounts
        if account is not None and account.id in covered
    ]
    found += [
        Asset(kind="ad_account", id=each.id, name=each.name, currency=each.currency, timezone=each.timezone_name)
        for each in world.ad_accounts_of(person)
        if each.id in covered
    ]
    return Grant.model_validate(
        {
            "client_id": client_id,
            "delivery_id": secrets.token_hex(16),
            "issued_at": now,
            "status": "active",
            "access_token": token,
            "token_expires_at": now + LONG_LIFE,
            "data_access_expires_at": now + timedelta(days=90),
            "meta_user_id": person,
            "scopes": ("instagram_basic", "instagram_manage_insights", "ads_read"),
            "assets": tuple(found),
            "page_tokens": {page.id: meta.sandbox.grants.page_token(person, page.id, now, None) for page in pages},
            "appsecret_proofs": {"user": oauth.proof(secret, token)},
        }
    )


MakeNode = Callable[..., Any]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the process logs, as JSON lines."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("node", stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.fixture
async def make_node(serve: Serve, tmp_path: Path) -> AsyncIterator[MakeNode]:
    """Initialises, opens and serves a node when awaited with `clock`, `graph_url` and other settings.

    Waiting of its governor moves its clock instead of taking time.
    """
    async with AsyncExitStack() as stack:
        yield lambda **chosen: new_node(stack, serve, tmp_path, **chosen)


async def new_node(
    stack: AsyncExitStack, serve: Serve, folder: Path, *, clock: MovableClock, client_id: str = "rosa", **chosen: Any
) -> OpenNode:
    """A node in a folder of `folder`, open and served until `stack` ends."""
    signing, sealing = SigningKey.generate(), SealingKey.generate()
    broker_url = await serve(broker_of(signing, sealing))
    settings = NodeSettings(
        client_id=client_id,
        data_dir=folder / client_id,
        allowed_networks=("127.0.0.0/8",),
        **{"company_name": f"Company {client_id}"} | chosen,
    )
    await initialize(settings, broker_url, "http://127.0.0.1:3006")
    opened = await stack.enter_async_context(open_node(settings, clock))

    async def move(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    governor = Governor(settings, opened.database, opened.vault, opened.http, clock, sleep=move)
    node = dataclasses.replace(opened, governor=governor)
    return OpenNode(node, await serve(create_app(node, "receiver")), signing)


def broker_of(signing: SigningKey, sealing: SealingKey) -> Starlette:
    """A broker that only says who it is."""

    async def identity(request: Request) -> JSONResponse:
        public = BrokerIdentity(
            broker_url=str(request.base_url), signing_key=signing.public_text(), sealing_key=sealing.public_text()
        )
        return JSONResponse(public.model_dump())

    return Starlette(routes=[Route("/.well-known/freehold-broker.json", identity)])


@pytest.fixture
async def meta(serve: Serve) -> MetaSandbox:
    """A Meta sandbox whose time stands."""
    return await meta_sandbox.start(serve)
