"""Sends what a peer sends to Meta's Graph API to the sandbox instead; the peer itself is unmodified.

Python imports this at its start from PYTHONPATH. GRAPH_SANDBOX is the sandbox's origin, GRAPH_CLIENTS names the HTTP
libraries that the peer sends with: `requests` where it says nothing, so that no peer loads one that it does not use.
"""

import importlib
import os
from typing import Any
from urllib.parse import urlsplit, urlunsplit

GRAPH = {"graph.facebook.com", "graph.instagram.com"}


def moved(address: str, origin: str) -> str:
    """The same address at `origin` where it is one of the Graph API; raises `ConnectionError` for one elsewhere."""
    url, there = urlsplit(address), urlsplit(origin)
    if url.hostname in GRAPH:
        return urlunsplit(url._replace(scheme=there.scheme, netloc=there.netloc))
    if url.netloc != there.netloc:
        raise ConnectionError(f"{url.hostname} is not the sandbox")
    return address


def redirect_requests(origin: str) -> None:
    """Let `requests` reach `origin` wherever it is asked for the Graph API, and nothing else."""
    adapters = importlib.import_module("requests.adapters")
    send = adapters.HTTPAdapter.send

    def sent(self: Any, request: Any, *arguments: Any, **named: Any) -> Any:
        try:
            request.url = moved(request.url, origin)
        except ConnectionError as error:
            raise adapters.ConnectionError(str(error)) from error
        return send(self, request, *arguments, **named)

    adapters.HTTPAdapter.send = sent


def redirect_httpx(origin: str) -> None:
    """The same for the asynchronous client of `httpx`."""
    httpx = importlib.import_module("httpx")
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def sent(self: Any, request: Any) -> Any:
        try:
            request.url = httpx.URL(moved(str(request.url), origin))
        except ConnectionError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        return await send(self, request)

    httpx.AsyncHTTPTransport.handle_async_request = sent


if os.environ.get("GRAPH_SANDBOX"):
    for client in os.environ.get("GRAPH_CLIENTS", "requests").split(","):
        {"requests": redirect_requests, "httpx": redirect_httpx}[client](os.environ["GRAPH_SANDBOX"])
