"""What every listener of ours does around its application."""

import asyncio
import io
import json
import logging

import aiohttp
import pytest
import structlog
from fastapi import FastAPI, Request
from tests.conftest import Serve

from freehold.kernel import logs
from freehold.kernel.listener import Listener, serve, set_caller, wrap
from freehold.kernel.problem_responses import add_problem_handlers
from freehold.kernel.problems import Problem
from freehold.kernel.request_record import RequestRecord


def make_app() -> FastAPI:
    """A small application that echoes, refuses and breaks."""
    app = FastAPI(docs_url=None, redoc_url=None)
    add_problem_handlers(app)

    @app.post("/echo")
    async def echo(request: Request) -> int:
        set_caller(request.scope, "n8n")
        return len(await request.body())

    @app.get("/refuse")
    async def refuse() -> None:
        raise Problem(409, "client_exists", "There is such a client.", "Choose another id.")

    @app.get("/break")
    async def fail() -> None:
        raise RuntimeError("access token EAAabcdefghijklmnopqrstuvwx")

    return app


@pytest.fixture
def records() -> list[RequestRecord]:
    """What the listener wrote down."""
    return []


@pytest.fixture
async def url(serve: Serve, records: list[RequestRecord]) -> str:
    """The wrapped application's address."""
    return await serve(wrap(make_app(), "test", max_body=100, record=records.append))


async def test_every_request_is_recorded_once_without_its_query(url: str, records: list[RequestRecord]) -> None:
    """The record has path, status, caller and id, and no query string."""
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{url}/echo?code=secret", json={})

    assert [(r.path, r.status, r.caller) for r in records] == [("/echo", 200, "n8n")]
    assert records[0].request_id == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("sent", "told"), [("0123456789abcdef", True), ("0123456789ABCDEF", False), ("x" * 500, False)]
)
async def test_the_callers_own_request_is_logged_in_our_form_alone(url: str, sent: str, told: bool) -> None:
    """Whoever calls may name their request; what is not of the form of ours reaches no log."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("test", stream)
    try:
        async with aiohttp.ClientSession() as session:
            await session.get(f"{url}/refuse", headers={"X-Request-Id": sent})
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines() if "http.answered" in line]
    assert line.get("caused_by") == (sent if told else None)
    assert line["request_id"] != sent


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/refuse", 409, "client_exists"),
        ("/break", 500, "unexpected"),
        ("/nowhere", 404, "not_found"),
        ("/echo", 405, "method_not_allowed"),
    ],
)
async def test_refusals_and_failures_are_problems(url: str, path: str, status: int, code: str) -> None:
    """Whatever goes wrong is answered as problem+json with a stable code and a hint."""
    async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
        problem = json.loads(await answer.text())

    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    assert problem["code"] == code
    assert problem["hint"]
    assert problem["request_id"] == answer.headers["X-Request-Id"]


async def stream() -> bytes:  # type: ignore[misc]
    """A body whose length is not told beforehand."""
    for _ in range(5):
        yield b"x" * 50


@pytest.mark.parametrize("data", [b"x" * 101, "stream"])
async def test_a_body_that_is_too_large_is_refused(url: str, data: bytes | str) -> None:
    """With its length told or not, a large body gets 413."""
    async with aiohttp.ClientSession() as session:
        body = stream() if data == "stream" else data
        answer = await session.post(f"{url}/echo", data=body, headers={"Content-Type": "application/json"})
        problem = json.loads(await answer.text())

    assert (answer.status, problem["code"]) == (413, "body_too_large")


async def test_an_unreadable_media_type_is_refused(url: str) -> None:
    """XML is not read."""
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{url}/echo", data=b"<a/>", headers={"Content-Type": "application/xml"})

    assert answer.status == 415


async def test_answers_carry_security_headers(url: str) -> None:
    """Nothing may be framed, cached, sniffed or run."""
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{url}/refuse")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_logs_hold_no_secret_even_of_an_unexpected_error(url: str) -> None:
    """A failure is logged by its type and place; what it quotes is not."""
    sink = io.StringIO()
    logs.configure("test", sink)
    async with aiohttp.ClientSession() as session:
        await session.get(f"{url}/break?code=hidden")
    logs.get("test").info("token.stored", access_token="EAAzzzzzzzzzzzzzzzzzzz", note="got EAAabcdefghijklmnopqrstuvwx")

    lines = [json.loads(line) for line in sink.getvalue().splitlines()]
    failed = next(line for line in lines if line["event"] == "http.failed")
    assert failed["error"] == "RuntimeError"
    assert any("fail" in frame for frame in failed["frames"])
    assert all(line.get("request_id") for line in lines if line["event"].startswith("http."))
    assert "EAA" not in sink.getvalue()
    assert "hidden" not in sink.getvalue()


async def test_several_listeners_run_in_one_process_and_stop_together() -> None:
    """Each gets its port; setting `stop` ends all of them."""
    stop, ready = asyncio.Event(), asyncio.Queue[dict[str, int]]()
    listeners = [Listener(name, wrap(make_app(), name), "127.0.0.1", 0) for name in ("first", "second")]
    running = asyncio.create_task(serve(listeners, stop=stop, ready=ready.put_nowait))
    ports = await ready.get()
    async with aiohttp.ClientSession() as session:
        answers = [await session.get(f"http://127.0.0.1:{port}/refuse") for port in ports.values()]
    stop.set()
    await running

    assert set(ports) == {"first", "second"}
    assert [answer.status for answer in answers] == [409, 409]


@pytest.mark.parametrize(("grace", "answered"), [(5.0, True), (1.0, False)])
async def test_a_request_under_way_at_the_end_is_given_its_grace(grace: float, *, answered: bool) -> None:
    """A listener that stops waits for as long as it was told, and no longer."""
    app = FastAPI(docs_url=None, redoc_url=None)
    begun, stop, ready = asyncio.Event(), asyncio.Event(), asyncio.Queue[dict[str, int]]()

    @app.get("/slow")
    async def slow() -> str:
        begun.set()
        await asyncio.sleep(2.5)
        return "done"

    listeners = [Listener("slow", wrap(app, "slow"), "127.0.0.1", 0)]
    running = asyncio.create_task(serve(listeners, stop=stop, ready=ready.put_nowait, grace_seconds=grace))
    port = (await ready.get())["slow"]
    async with aiohttp.ClientSession() as session:
        asked = asyncio.create_task(session.get(f"http://127.0.0.1:{port}/slow"))
        await begun.wait()
        stop.set()
        try:
            found = (await asked).status == 200
        except aiohttp.ClientError:
            found = False
        await running

    assert found == answered
