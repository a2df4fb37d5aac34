"""A node with both its listeners served, and what a broker or a caller sends to it."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Table, select
from tests.conftest import Serve
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, MetaSandbox
from yarl import URL

from freehold.contracts.delivery import Envelope, EnvelopeKind, enclose
from freehold.contracts.grant import Grant
from freehold.contracts.platform_event import PlatformEvent
from freehold.kernel.clock import MovableClock
from freehold.kernel.crypto import SigningKey
from freehold.node.access import Scope, create_key
from freehold.node.app import create_app
from freehold.node.assets import confirm_assets
from freehold.node.context import Node
from freehold.node.vault.tables import meta_credentials

CERAMICS_ASSETS = frozenset({CERAMICS_PAGE, CERAMICS, CERAMICS_ADS})


@dataclass(frozen=True)
class Answer:
    """An answer read whole."""

    status: int
    headers: Any
    text: str
    cookies: Any

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and stable code of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        assert self.body["hint"]
        return self.status, self.body["code"]


async def call(method: str, url: str, *, key: str | None = None, **sent: Any) -> Answer:
    """One request by a client that follows no redirect and keeps no cookie; the URL goes out as it is written."""
    headers = dict(sent.pop("headers", {}))
    if key is not None:
        headers["X-API-Key"] = key
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.request(method, URL(url, encoded=True), headers=headers, allow_redirects=False, **sent) as answer,
    ):
        return Answer(answer.status, answer.headers, await answer.text(), answer.cookies)


@dataclass(frozen=True)
class Stage:
    """One node, its two listeners, and the Meta that it calls."""

    opened: OpenNode
    workflows: str
    meta: MetaSandbox

    @property
    def node(self) -> Node:
        """The open node."""
        return self.opened.node

    @property
    def receiver(self) -> str:
        """Address of the receiver."""
        return self.opened.url

    @property
    def clock(self) -> MovableClock:
        """The clock of the node and of its Meta."""
        return self.meta.clock

    def grant(self, person: str = MARA, assets: frozenset[str] | None = CERAMICS_ASSETS, **changes: Any) -> Grant:
        """A grant for this node, changed where the test wants it."""
        return grant_of(self.meta, self.node.settings.client_id, person, assets).model_copy(update=changes)

    def seal(self, content: Grant | PlatformEvent, **changes: Any) -> Envelope:
        """The envelope in which the broker would send `content`."""
        kind: EnvelopeKind = "grant" if isinstance(content, Grant) else "platform_event"
        made: dict[str, Any] = {
            "kind": kind,
            "client_id": self.node.settings.client_id,
            "provider": "meta",
            "delivery_id": content.delivery_id if isinstance(content, Grant) else content.event_id,
            "issued_at": self.clock.now(),
            "recipient": self.node.keys.sealing.public_text(),
            "signing_key": self.opened.signing,
        }
        signing_key: SigningKey = changes.get("signing_key", self.opened.signing)
        made |= changes | {"signing_key": signing_key}
        return enclose(content.model_dump_json().encode(), **made)

    async def post(self, body: Any, path: str = "/api/credentials") -> Answer:
        """Send an envelope, or any other body, to the receiver with the broker's key."""
        plain = body.model_dump(mode="json") if hasattr(body, "model_dump") else body
        return await call("POST", self.receiver + path, key=self.node.keys.api_key, json=plain)

    async def deliver(self, grant: Grant | None = None) -> Answer:
        """Deliver a grant as the broker does."""
        return await self.post(self.seal(grant or self.grant()))

    async def connect(self, person: str = MARA, assets: frozenset[str] | None = CERAMICS_ASSETS) -> Grant:
        """Deliver a grant, and tick all that it covers."""
        grant = self.grant(person, assets)
        assert (await self.deliver(grant)).status == 201
        kept = meta_credentials.c
        async with self.node.database.writing() as session:
            found = await session.execute(select(kept.id).where(kept.delivery_id == grant.delivery_id))
            ticked = [asset.id for asset in grant.assets]
            await confirm_assets(session, found.scalar_one(), ticked, self.clock.now())
        return grant

    async def tell(self, event: PlatformEvent) -> Answer:
        """Pass a platform event on as the broker does."""
        return await self.post(self.seal(event), "/api/platform-events")

    async def key(self, *scopes: Scope, name: str = "tester") -> str:
        """A key with these scopes."""
        async with self.node.database.writing() as session:
            return (await create_key(session, name, scopes, self.clock.now())).secret

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        """Every row of a table."""
        async with self.node.database.reading() as session:
            return [dict(row) for row in (await session.execute(select(table))).mappings()]


MakeStage = Callable[..., Awaitable[Stage]]


@pytest.fixture
def make_stage(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> MakeStage:
    """A maker of stages, which takes any of a node's settings by name."""

    async def make(**chosen: Any) -> Stage:
        opened = await make_node(**{"graph_url": meta.url, "clock": meta.clock, **chosen})
        return Stage(opened, await serve(create_app(opened.node, "workflows")), meta)

    return make


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    """A node over SQLite."""
    return await make_stage()


@pytest.fixture
def make_stored(database_url: str, make_stage: MakeStage) -> MakeStage:
    """Make stages over SQLite, and again over PostgreSQL."""
    return functools.partial(make_stage, database_url=database_url)


@pytest.fixture
async def stored(make_stored: MakeStage) -> Stage:
    """A node over SQLite, and again over PostgreSQL."""
    return await make_stored()


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `condition` holds, at most five seconds."""
    for _ in range(250):
        if await condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to pass in five seconds")
