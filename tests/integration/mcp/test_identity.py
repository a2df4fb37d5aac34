"""A chat calls tools for people: it proves for whom, by what it and its own node alone know."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import httpx2
import jwt
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.integration.node.conftest import Answer, call, eventually

from freehold.node.access import KeyRefusedError, create_key
from freehold.node.access.identity import HEADER
from freehold.node.access.tables import access_log, security_events

SECRET = secrets.token_urlsafe(64)
MIA = "mia@example.com"


@pytest.fixture
async def chat(make_tools: MakeTools) -> Tools:
    """Insights, with a key that calls for others."""
    return await make_tools("insights", "tools:read", "tools:on-behalf", chat_identity_secret=SECRET)


def proof(now: datetime, *, secret: str = SECRET, algorithm: str | None = "HS256", **changed: Any) -> str:
    """What Open WebUI sends for a person who is signed in."""
    made = int(now.timestamp())
    claims = {"sub": "u1", "email": MIA, "name": "Mia", "role": "user", "iss": "open-webui"}
    told = {**claims, "iat": made, "exp": made + 300, **changed}
    return jwt.encode({key: value for key, value in told.items() if value is not None}, secret, algorithm=algorithm)


async def asked(chat: Tools, sent: str | None, **more: str) -> Answer:
    """A call of a tool over REST with a proof."""
    headers = {**({} if sent is None else {HEADER: sent}), **more}
    return await call("POST", f"{chat.url}/tools/list_metrics", key=chat.key, headers=headers, json={})


async def test_a_person_is_believed_and_written_down(chat: Tools) -> None:
    """Over both ways in; the access log says for whom the tool was called."""
    sent = proof(chat.stage.clock.now(), email=MIA.upper())
    assert (await asked(chat, sent)).status == 200
    headers = {"Authorization": f"Bearer {chat.key}", HEADER: sent}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{chat.url}/mcp", http_client=http)) as client,
    ):
        assert not (await client.call_tool("list_metrics", {})).is_error

    async def written() -> bool:
        rows = await chat.stage.rows(access_log)
        return [row["person"] for row in rows if row["tool"] == "list_metrics"] == [MIA, MIA]

    await eventually(written)


async def test_nobody_is_answered_for_nobody(chat: Tools) -> None:
    """The key alone sees which tools there are, and calls none; headers that are not signed count for nothing."""
    async with chat.client() as client:
        assert (await client.list_tools()).tools
        refused = await client.call_tool("list_metrics", {})
    assert refused.is_error
    assert (refused.meta or {})["freehold/error"]["code"] == "identity_missing"
    unsigned = {"X-OpenWebUI-User-Email": MIA, "X-OpenWebUI-User-Role": "admin"}
    assert (await asked(chat, None, **unsigned)).refusal == (401, "identity_missing")


WRONG: dict[str, dict[str, Any]] = {
    "another node's secret": {"secret": secrets.token_urlsafe(32)},
    "no signature": {"algorithm": None, "secret": ""},
    "another algorithm": {"algorithm": "HS512"},
    "another issuer": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "no end": {"exp": None},
    "good for a day": {"exp": 2**31},
    "nobody": {"email": None},
    "no address": {"email": "mia"},
    "two lines": {"email": "mia@example.com\nroot"},
    "no text": {"email": ["mia@example.com"]},
    "times that are none": {"iat": "now"},
    "endless times": {"iat": 1e300, "exp": 1e301},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_what_is_no_proof_is_refused(chat: Tools, wrong: dict[str, Any]) -> None:
    """With a security event that quotes nothing of it."""
    sent = proof(chat.stage.clock.now(), **wrong)
    assert (await asked(chat, sent)).refusal == (401, "identity_refused")
    (event,) = await chat.stage.rows(security_events)
    assert event["kind"] == "identity_refused"
    assert "mia" not in event["detail"].lower()


@pytest.mark.parametrize("minutes", [-6, 2])
async def test_a_proof_has_its_time(chat: Tools, minutes: int) -> None:
    """Neither an old one nor one from the future is good."""
    sent = proof(chat.stage.clock.now() + timedelta(minutes=minutes))
    assert (await asked(chat, sent)).refusal == (401, "identity_refused")


async def test_garbage_is_no_proof(chat: Tools) -> None:
    """Whatever is sent in its place."""
    for sent in ("", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "." * 4000):
        assert (await asked(chat, sent)).refusal == (401, "identity_refused")


async def test_without_a_secret_nobody_is_believed(make_tools: MakeTools) -> None:
    """A node that has no chat refuses a well-made proof."""
    alone = await make_tools("insights", "tools:read", "tools:on-behalf")
    assert (await asked(alone, proof(alone.stage.clock.now()))).refusal == (401, "identity_refused")


async def test_a_key_that_asks_for_itself_names_nobody(chat: Tools) -> None:
    """A proof beside an ordinary key is not looked at: the key says who asks."""
    key = await chat.other_key("tools:read")
    answer = await call("POST", f"{chat.url}/tools/list_metrics", key=key, headers={HEADER: "x"}, json={})
    assert answer.status == 200


async def test_a_key_for_others_is_good_for_tools_alone(chat: Tools) -> None:
    """It is not made with a scope by which it could approve, deliver or order."""
    async with chat.stage.node.database.writing() as session:
        with pytest.raises(KeyRefusedError, match="tools alone"):
            await create_key(session, "chat", ["tools:read", "tools:on-behalf", "approve"], chat.stage.clock.now())


async def test_a_person_leaves_calls_for_the_others(make_tools: MakeTools) -> None:
    """Whoever has used their share waits, and takes nothing more of the key's; what proves nothing is the key's."""
    chosen = {"chat_identity_secret": SECRET, "tool_calls_per_minute": 8}
    chat = await make_tools("insights", "tools:read", "tools:on-behalf", **chosen)
    mia, otto = (proof(chat.stage.clock.now(), email=email) for email in (MIA, "otto@example.com"))
    assert [(await asked(chat, mia)).status for _ in range(6)] == [200, 200, 429, 429, 429, 429]
    refused = await asked(chat, proof(chat.stage.clock.now(), email=MIA.upper()))
    assert (refused.refusal, int(refused.headers["Retry-After"]) >= 1) == ((429, "too_many_requests"), True)
    assert [(await asked(chat, otto)).status for _ in range(3)] == [200, 200, 429]
    assert [(await asked(chat, "x")).status for _ in range(5)] == [401, 401, 401, 401, 429]
