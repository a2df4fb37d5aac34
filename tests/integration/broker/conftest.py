"""A broker with a Meta and nodes around it, all real servers on loopback."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr
from tests.conftest import Serve
from tests.integration.broker.meta import APP_ID, APP_SECRET, Meta
from tests.integration.broker.node import Node
from yarl import URL

from freehold.broker.app import create_app
from freehold.broker.context import Broker, open_broker
from freehold.broker.initialization import initialize
from freehold.broker.settings import BrokerSettings
from freehold.demo.forms import read_forms
from freehold.kernel.clock import MovableClock
from freehold.kernel.listener import Listener
from freehold.kernel.listener import serve as serve_listeners

PAGE = {"Accept": "text/html"}


@dataclass
class Answer:
    """An answer of any server, read whole."""

    status: int
    headers: Any
    text: str
    url: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


@dataclass
class Browser:
    """A person's browser, which stops before each redirect."""

    session: aiohttp.ClientSession
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, url: str, **headers: str) -> Answer:
        """Open an address."""
        return await self._read("GET", url, {**PAGE, **headers})

    async def post(self, url: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form, as our own page does."""
        sent = {**PAGE, "Origin": str(URL(url).origin()), **headers}
        return await self._read("POST", url, sent, data=form)

    async def submit(self, page: Answer) -> Answer:
        """Press the button of a page."""
        form = read_forms(page.text, page.url)[0]
        return await self.post(form.action, dict(form.data()))

    async def _read(self, method: str, url: str, headers: dict[str, str], **sent: Any) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self.session.request(
            method, URL(url, encoded=True), headers=headers, allow_redirects=False, **sent
        ) as answer:
            for morsel in answer.cookies.values():
                self.cookies[morsel.key] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[morsel.key]
            return Answer(answer.status, answer.headers, await answer.text(), url)


def new_session() -> aiohttp.ClientSession:
    """A session without cookies of its own: its jar would drop Secure ones on loopback."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())


@dataclass
class Stage:
    """Everything that takes part in a test."""

    broker: Broker
    url: str
    admin_key: str
    meta: Meta
    serve: Serve
    clock: MovableClock
    browser: Browser
    stack: AsyncExitStack
    nodes: dict[str, Node] = field(default_factory=dict)

    async def add_client(self, client_id: str = "rosa", *, sealed: bool = True, **more: Any) -> Node:
        """Start a node and register it."""
        node = Node(client_id, signer=self.broker.keys.signing.public_text(), now=None)
        node.url = await self.serve(node.app())
        body = {
            "client_id": client_id,
            "company_name": f"Company {client_id}",
            "vm_url": node.url,
            "vm_api_key": node.api_key,
            **({"public_key": node.sealing.public_text()} if sealed else {}),
            **more,
        }
        answer = await self.admin("POST", "/admin/clients", body)
        assert answer.status == 201, answer.text
        self.nodes[client_id] = node
        return node

    async def admin(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Call the admin API, or any other with a key."""
        headers = {"X-API-Key": key or self.admin_key}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, json=body, headers=headers) as answer,
        ):
            return Answer(answer.status, answer.headers, await answer.text(), path)

    async def link(self, client_id: str = "rosa", **more: Any) -> str:
        """A connect link."""
        answer = await self.admin("POST", f"/admin/clients/{client_id}/connect-links", more)
        assert answer.status == 201, answer.text
        return str(answer.json()["url"])

    async def to_callback(self, url: str, browser: Browser | None = None) -> str:
        """From a link through the interstitial and the dialog to the address of the callback."""
        person = browser or self.browser
        interstitial = await person.get(url)
        assert interstitial.status == 200, interstitial.text
        begun = await person.submit(interstitial)
        assert begun.status == 303, begun.text
        dialog = await person.get(begun.headers["Location"])
        return str(dialog.headers["Location"]).partition("#")[0]

    async def connect(self, client_id: str = "rosa") -> Answer:
        """A whole flow by a connect link; gives the callback's answer."""
        return await self.browser.get(await self.to_callback(await self.link(client_id)))

    def bare(self, client_id: str = "rosa") -> str:
        """A link that anybody can write."""
        return f"{self.url}/auth/meta?client_id={client_id}"

    async def events(self, **query: str) -> list[dict[str, Any]]:
        """The newest events, newest first; they are written shortly after an answer."""
        await asyncio.sleep(0.06)
        listed = (await self.admin("GET", f"/admin/events?{urlencode(query)}")).json()["events"]
        return list(listed)

    async def reasons(self, client_id: str | None = None) -> list[str]:
        """The reasons of the newest events, newest first."""
        events = await self.events(**({"client_id": client_id} if client_id else {}))
        return [event["reason"] for event in events if event["reason"]]

    async def new_browser(self) -> Browser:
        """Another person's browser."""
        return Browser(await self.stack.enter_async_context(new_session()))

    async def replica(self) -> str:
        """Another broker over the same stores and keys; gives its address."""
        port = self.stack.enter_context(reserved_port())
        other = await self.stack.enter_async_context(open_broker(self.broker.settings, self.clock))
        await self.stack.enter_async_context(_listening(other, port))
        return f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nothing else is given: a bound socket that does not listen keeps it."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def port() -> Iterator[int]:
    """The port of the broker, which its public address has to name beforehand."""
    with reserved_port() as number:
        yield number


@contextlib.asynccontextmanager
async def _listening(broker: Broker, port: int) -> AsyncIterator[None]:
    stop, ready = asyncio.Event(), asyncio.Event()
    listener = Listener("broker", create_app(broker), "127.0.0.1", port)
    task = asyncio.create_task(serve_listeners([listener], stop=stop, ready=lambda _ports: ready.set()))
    await asyncio.wait([task, waiting := asyncio.create_task(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
def redis_of_broker() -> str | None:
    """The Redis of the stage; None keeps one-time state in the database."""
    return None


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """Settings that a test module chooses."""
    return {}


@pytest.fixture
def stage_database(tmp_path: Path) -> str:
    """The database of the stage."""
    return f"sqlite+aiosqlite:///{tmp_path / 'broker' / 'broker.db'}"


@pytest.fixture
async def stage(
    serve: Serve,
    stage_database: str,
    tmp_path: Path,
    redis_of_broker: str | None,
    more_settings: dict[str, Any],
    port: int,
) -> AsyncIterator[Stage]:
    """A broker on the database, with a Meta."""
    meta = Meta()
    meta_url = await serve(meta.app())
    settings = BrokerSettings(
        data_dir=tmp_path / "broker",
        public_url=f"http://127.0.0.1:{port}",
        database_url=stage_database,
        redis_url=redis_of_broker,
        meta_app_id=APP_ID,
        meta_app_secret=SecretStr(APP_SECRET),
        meta_dialog_url=meta_url,
        meta_graph_url=meta_url,
        allowed_networks=("127.0.0.0/8",),
        **{"delivery_seconds": 1.0, "public_rate": "10000/minute", **more_settings},
    )
    key = await initialize(settings)
    clock = MovableClock(datetime.now(UTC))
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(open_broker(settings, clock))
        await stack.enter_async_context(_listening(broker, port))
        session = await stack.enter_async_context(new_session())
        yield Stage(broker, settings.public_url, key, meta, serve, clock, Browser(session), stack)
