"""Waits for a product that may just have been started."""

import asyncio

from freehold.kernel.http import HttpClient, UnreachableError

POLL_SECONDS = 0.25
_OK = 300


async def answers_within(http: HttpClient, seconds: float, *urls: str) -> bool:
    """Whether a GET of each of `urls`, one after the other, succeeds within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            for url in urls:
                while not await _succeeds(http, url):  # noqa: ASYNC110 - another program's readiness
                    await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return False
    return True


async def _succeeds(http: HttpClient, url: str) -> bool:
    try:
        return (await http.request("GET", url)).status < _OK
    except UnreachableError:
        return False
