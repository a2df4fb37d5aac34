"""The HTTP client: only allowed addresses, checked when they are connected to; no redirects; bounded answers."""

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.conftest import Serve

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient, UnreachableError

LOOPBACK = AddressPolicy.of("127.0.0.0/8")
PUBLIC_ONLY = AddressPolicy()


def opened(policy: AddressPolicy, **options: Any) -> HttpClient:
    """A client as a node opens it."""
    return HttpClient(policy, concurrent=16, max_body=32 * 1024 * 1024, **options)


async def reason(client: HttpClient, url: str, **options: float) -> str:
    """Why a request brings no answer."""
    try:
        with pytest.raises(UnreachableError) as failed:
            await client.request("GET", url, timeout=options.get("timeout", 5.0))
    finally:
        await client.close()
    return failed.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://[::ffff:7f00:1]:{port}/",
        "https://0.0.0.0:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f.0.0.1:{port}/",
        "https://127.1:{port}/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://user@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
    ],
)
async def test_an_address_inside_is_refused(serve: Serve, url: str) -> None:
    """However it is written; nothing arrives there."""
    arrived: list[str] = []

    async def note(request: Request) -> Response:
        arrived.append(str(request.url))
        return Response()

    port = (await serve(Starlette(routes=[Route("/{path:path}", note)]))).rpartition(":")[2]
    assert await reason(opened(PUBLIC_ONLY), url.format(port=port)) == "refused"
    assert arrived == []


class ChangingResolver(AbstractResolver):
    """Resolves every name to one answer after the other; the last stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the library's signature
    ) -> list[ResolveResult]:
        """The next answer."""
        self.asked += 1
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=_family(address), proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "169.254.169.254", "64:ff9b::a00:1"]
)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    """The name is good, the address behind it is not."""
    resolver = ChangingResolver(address)
    assert await reason(opened(PUBLIC_ONLY, resolver=resolver), "https://node.example/") == "refused"
    assert resolver.asked == 1


async def test_a_name_whose_answer_changes_gains_nothing(serve: Serve) -> None:
    """The first time it leads to an allowed address, the second time elsewhere: each connection is checked anew."""

    async def close(_request: Request) -> Response:
        return Response(headers={"Connection": "close"})

    port = (await serve(Starlette(routes=[Route("/", close)]))).rpartition(":")[2]
    resolver = ChangingResolver("127.0.0.1", "127.0.0.1", "10.0.0.1")
    client = opened(AddressPolicy.of("127.0.0.0/8"), resolver=resolver, remember_names=0)
    try:
        assert (await client.request("GET", f"http://localhost:{port}/")).status == 200
        assert (await client.request("GET", f"http://localhost:{port}/")).status == 200
        with pytest.raises(UnreachableError) as failed:
            await client.request("GET", f"http://localhost:{port}/")
    finally:
        await client.close()
    assert failed.value.reason == "refused"
    assert resolver.asked == 3


async def test_plain_http_is_for_this_machine(serve: Serve) -> None:
    """A name that resolves to an allowed network still has to be reached over TLS."""
    url = await serve(Starlette())
    port = url.rpartition(":")[2]
    client = opened(LOOPBACK, resolver=ChangingResolver("127.0.0.1"))
    assert await reason(client, f"http://node.example:{port}/") == "refused"


async def test_redirects_are_not_followed(serve: Serve) -> None:
    """The answer is the redirect itself."""
    asked: list[str] = []

    async def redirect(request: Request) -> Response:
        asked.append(request.url.path)
        return RedirectResponse("/elsewhere", 302)

    client = opened(LOOPBACK)
    try:
        reply = await client.request("GET", await serve(Starlette(routes=[Route("/{path:path}", redirect)])) + "/a")
    finally:
        await client.close()
    assert (reply.status, asked) == (302, ["/a"])


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(200):
        yield b"x" * 65_536
        await asyncio.sleep(0.001)


async def test_a_body_that_is_too_large_is_dropped(serve: Serve) -> None:
    """Whether or not its length was told."""

    async def large(_request: Request) -> Response:
        return Response(b"x" * 2000)

    async def endless(_request: Request) -> Response:
        return StreamingResponse(_endless())

    url = await serve(Starlette(routes=[Route("/large", large), Route("/endless", endless)]))
    client = opened(LOOPBACK)
    try:
        for path, limit in (("/large", 1999), ("/endless", 1_000_000)):
            with pytest.raises(UnreachableError) as failed:
                await client.request("GET", url + path, max_body=limit)
            assert failed.value.reason == "too_large"
        assert len((await client.request("GET", f"{url}/large", max_body=2000)).body) == 2000
    finally:
        await client.close()


async def test_a_compressed_body_counts_by_what_it_unpacks_to(serve: Serve) -> None:
    """A small answer cannot become a large one."""
    packed = zlib.compress(bytes(64 * 1024 * 1024))

    async def bomb(_request: Request) -> Response:
        return Response(packed, headers={"Content-Encoding": "deflate"})

    assert await reason(opened(LOOPBACK), await serve(Starlette(routes=[Route("/", bomb)])) + "/") == "too_large"


async def test_a_slow_answer_is_given_up(serve: Serve) -> None:
    """Also when its head came in time and its body does not."""

    async def slow(_request: Request) -> Response:
        await asyncio.sleep(2)
        return Response()

    async def trickle() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x"
            await asyncio.sleep(0.05)

    async def slow_body(_request: Request) -> Response:
        return StreamingResponse(trickle())

    url = await serve(Starlette(routes=[Route("/slow", slow), Route("/body", slow_body)]))
    assert await reason(opened(LOOPBACK), f"{url}/slow", timeout=0.3) == "timeout"
    assert await reason(opened(LOOPBACK), f"{url}/body", timeout=0.3) == "timeout"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://127.0.0.1:1/"])
async def test_a_closed_port_is_a_failed_connection(url: str) -> None:
    """And not an error of the library."""
    assert await reason(opened(LOOPBACK), url) == "connection"


async def test_neither_cookies_nor_proxies_are_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one answer sets is not sent with the next, and the environment changes no way."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async def cookies(request: Request) -> Response:
        answer = JSONResponse(dict(request.cookies))
        answer.set_cookie("a", "b")
        return answer

    url = await serve(Starlette(routes=[Route("/", cookies)]))
    client = opened(LOOPBACK)
    try:
        bodies: Sequence[bytes] = [(await client.request("GET", f"{url}/")).body for _ in range(2)]
    finally:
        await client.close()
    assert list(bodies) == [b"{}", b"{}"]
