"""How long bootstrap waits for products that start slowly or never come to an end, and what it says then."""

from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.conftest import serving

from freehold.cli.failures import told
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient
from freehold.node.bootstrap.n8n.client import N8nError, wait_for_n8n
from freehold.node.bootstrap.nocodb.client import Api, NocoDbError


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client for this machine."""
    client = HttpClient(AddressPolicy.of("127.0.0.0/8"), concurrent=1, max_body=65_536)
    yield client
    await client.close()


def starting(answers: dict[str, Iterator[int]]) -> Starlette:
    """A product that answers each path with one status after another."""

    async def answered(request: Request) -> Response:
        return Response("{}", status_code=next(answers[request.url.path]))

    return Starlette(routes=[Route("/{path:path}", answered)])


async def test_n8n_is_waited_for_until_people_can_sign_in(http: HttpClient) -> None:
    """While it migrates, and until its own interface answers, which comes a little later."""
    answers = {"/healthz/readiness": iter([503, 503, 200]), "/rest/settings": iter([404, 200])}
    async with serving(starting(answers)) as url:
        await wait_for_n8n(http, url, 30)

    assert [list(each) for each in answers.values()] == [[], []]


async def test_an_n8n_that_never_gets_ready_is_told(http: HttpClient) -> None:
    """With its address and the time that it had."""
    async with serving(starting({"/healthz/readiness": iter([503] * 1000)})) as url:
        with pytest.raises(N8nError, match=rf"n8n at {url} does not answer after 0\.5 s"):
            await wait_for_n8n(http, url, 0.5)


async def test_a_job_of_nocodbs_that_does_not_end_is_told(http: HttpClient) -> None:
    """What was ordered, how long it was waited for, and where to look."""

    async def ordered(_request: Request) -> Response:
        return JSONResponse({"id": "job"})

    async def jobs(_request: Request) -> Response:
        return JSONResponse([{"id": "job", "job": "source-create", "status": "active"}])

    routes = [Route("/api/v2/sources", ordered, methods=["POST"]), Route("/api/v2/jobs/b", jobs, methods=["POST"])]
    async with serving(Starlette(routes=routes)) as url:
        api = Api(http, url, {}, job_seconds=0.5)
        with pytest.raises(NocoDbError) as raised:
            await api.job("b", "POST", "/v2/sources", {})

    assert told(raised.value) == (
        f"NocoDB at {url} has not done POST /v2/sources after 0.5 s; see its log, then try again"
    )


@pytest.mark.parametrize("error", [TimeoutError(), OSError(), ConnectionResetError()])
def test_an_error_without_words_is_not_told_by_an_empty_line(error: OSError) -> None:
    """Its kind is named, and what to do."""
    assert type(error).__name__ in told(error)
    assert "run this again" in told(error)
