"""By which names a listener of tools may be reached, and from whose pages: a browser may not be led here by others."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from freehold.kernel.problems import Problem

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def checked(app: ASGIApp, hosts: Collection[str], origins: Collection[str]) -> ASGIApp:
    """`app` for requests whose Host is of this machine itself or in `hosts`, and whose Origin, if any, in `origins`.

    A host is a name with its port, or a name alone for any port. Raises `Problem` 421 or 403 for others.
    """
    allowed = frozenset((*LOOPBACK, *(host.lower() for host in hosts)))
    trusted = frozenset(origin.lower() for origin in origins)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            _check_host(headers.getlist("host"), allowed)
            _check_origin(headers.getlist("origin"), trusted)
        await app(scope, receive, send)

    return answer


def _check_host(sent: list[str], allowed: frozenset[str]) -> None:
    if len(sent) == 1 and {sent[0].lower(), _name(sent[0])} & allowed:
        return
    raise Problem(
        421,
        "host_unknown",
        "This listener is not reached by this name.",
        "Use one of its own names; the operator adds others to FREEHOLD_NODE_TOOL_HOSTS.",
    )


def _check_origin(sent: list[str], trusted: frozenset[str]) -> None:
    """A page of this machine itself may ask; a page of any other only when it is trusted."""
    if not sent:
        return
    origin = sent[0].lower()
    own = urlsplit(origin).scheme == "http" and _name(origin.removeprefix("http://")) in LOOPBACK
    if len(sent) == 1 and (own or origin in trusted):
        return
    raise Problem(
        403,
        "origin_refused",
        "Pages of this origin may not call this listener.",
        "Call it from a program; the operator adds an origin to FREEHOLD_NODE_TOOL_ORIGINS.",
    )


def _name(host: str) -> str:
    """A host without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()
