"""Whoever ordered a run with a callback address is told how it ended."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.collection.checks import connected
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, ended, find, order, until
from tests.meta_sandbox import CERAMICS_ADS, MetaSandbox

from freehold.node.runs import queries
from freehold.node.workflows import callbacks
from freehold.node.workflows.runtime import working


class Receiver:
    """n8n's end: takes what is posted, after failing as often as it was told."""

    def __init__(self, failures: int = 0, status: int = 503, answer: bytes = b"") -> None:
        self.failures, self.status, self.answer = failures, status, answer
        self.taken: list[tuple[str, Any]] = []

    def app(self) -> Starlette:
        """The receiver as an application."""
        return Starlette(routes=[Route("/hook/{name}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        if self.failures:
            self.failures -= 1
            return Response(status_code=self.status, headers={"Location": "/elsewhere"})
        self.taken.append((str(request.query_params), await request.json()))
        return Response(self.answer, status_code=200)

    async def has_taken(self) -> bool:
        """Whether something has come."""
        return bool(self.taken)


async def test_whoever_ordered_a_run_is_told_how_it_ended(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> None:
    """Id, workflow, outcome, receipt and failures, at the address with its signature; once."""
    receiver = Receiver()
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    meta.fault("error", path=CERAMICS_ADS, code=200, count=100)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1?signature=a%20b")
    async with working(opened.node):
        run = await ended(opened.node, run_id)
        await until(receiver.has_taken)
    ((query, body),) = receiver.taken
    assert query == "signature=a+b"
    assert body == {
        "run_id": run_id,
        "workflow": "ads_hourly",
        "outcome": run.outcome,
        "graph_calls": run.graph_calls,
        "floor_calls": 0,
        "failures": dict(run.failures),
    }
    assert run.failures


@pytest.mark.parametrize("status", [503, 404, 302])
async def test_a_receiver_that_does_not_take_it_is_tried_again(
    make_node: MakeNode, meta: MetaSandbox, serve: Serve, status: int
) -> None:
    """It may be away, not wait yet, or point elsewhere, where nobody goes: that is not the end of it."""
    receiver = Receiver(failures=1, status=status)
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1")
    async with working(opened.node):
        await until(receiver.has_taken)
    assert [body["run_id"] for _, body in receiver.taken] == [run_id]


async def test_a_cancelled_run_is_told_too(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> None:
    """Nobody waits for ever for a run that somebody stopped before it began."""
    receiver = Receiver()
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1")
    async with opened.node.database.writing() as session:
        assert await queries.cancel(session, run_id, meta.clock.now())
    async with working(opened.node):
        await until(receiver.has_taken)
    assert receiver.taken[0][1]["outcome"] == "cancelled"
    assert not meta.sandbox.calls


async def test_a_run_that_broke_is_told_too(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> None:
    """An order for a workflow that this version does not have ends as failed, and nobody waits for it for ever."""
    receiver = Receiver()
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "no_more", callback_url=f"{url}/hook/1")
    async with working(opened.node):
        await until(receiver.has_taken)
    assert [(body["run_id"], body["outcome"]) for _, body in receiver.taken] == [(run_id, "failed")]


async def test_the_address_is_forgotten_once_it_was_told(make_node: MakeNode, meta: MetaSandbox, serve: Serve) -> None:
    """It holds a signature that nobody needs any more."""
    receiver = Receiver()
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1?signature=ab")

    async def forgotten() -> bool:
        return not (await find(opened.node, run_id)).order.callback_url

    async with working(opened.node):
        await until(forgotten)
    assert len(receiver.taken) == 1


async def test_a_resumed_run_neither_waits_for_its_callback_nor_loses_it(
    make_node: MakeNode, meta: MetaSandbox, serve: Serve
) -> None:
    """While nobody takes what the first attempt has to tell the second goes on, and what is told is its end, once."""
    receiver = Receiver(failures=1_000_000)
    url = await serve(receiver.app())
    opened = await connected(make_node, meta, worker_poll=POLL)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1")

    async def forgotten() -> bool:
        return not (await find(opened.node, run_id)).order.callback_url

    async def refused() -> bool:
        return receiver.failures < 1_000_000

    async with working(opened.node):
        await ended(opened.node, run_id)
        await until(refused)
        async with opened.node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        assert (await ended(opened.node, run_id, seconds=40.0)).attempt == 2
        assert not await forgotten()
        receiver.failures = 0
        await until(forgotten)
    assert [body["outcome"] for _, body in receiver.taken] == ["complete"]


async def test_an_answer_of_any_length_says_that_it_was_taken(
    make_node: MakeNode, meta: MetaSandbox, serve: Serve
) -> None:
    """A workflow that answers with all that it made is not told again."""
    receiver = Receiver(answer=b"x" * (2 * callbacks.MAX_ANSWER))
    url = await serve(receiver.app())
    opened = await connected(make_node, meta)
    run_id = await order(opened.node, "ads_hourly", callback_url=f"{url}/hook/1")
    assert await callbacks.tell(opened.node, await find(opened.node, run_id))
