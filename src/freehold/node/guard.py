"""The door: who calls, and whether their key is good for what they ask."""

from starlette.requests import Request

from freehold.kernel import logs
from freehold.kernel.listener import client_address, set_caller
from freehold.kernel.problems import Problem
from freehold.node.access import ADDRESS_LENGTH, AccessKey, Scope, find_caller, insert_security_event, storable
from freehold.node.context import Node

log = logs.get(__name__)

CALLS = "1200/minute"
FAILURES = "20/minute"


async def admit_caller(node: Node, request: Request, scope: Scope) -> AccessKey:
    """The key that the request presents, if it has the scope.

    Raises `Problem` 401 without a valid key, 403 without the scope (both security events), 429 after too many calls.
    """
    address = client_address(request.scope)
    secret = _presented(request)
    async with node.database.reading() as session:
        caller = None if secret is None else await find_caller(session, secret)
    if caller is None:
        await node.limits.hit("failures", address, FAILURES)
        kind = "key_missing" if secret is None else "key_unknown"
        await report_event(node, request, kind, f"{request.method} {request.url.path[:200]}", None)
        raise Problem(
            401,
            kind,
            "A key is needed to call this." if secret is None else "This key is not known here, or was revoked.",
            "Send a key in the X-API-Key header; the operator makes one with `freehold node keys add`.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    set_caller(request.scope, caller.name)
    await node.limits.hit("calls", caller.id, CALLS)
    if scope not in caller.scopes:
        await report_event(node, request, "scope_missing", f"{scope} for {request.url.path[:200]}", caller.name)
        raise Problem(
            403,
            "scope_missing",
            f"This key has no scope {scope}.",
            "Use a key that has it; the operator makes one with `freehold node keys add`.",
        )
    return caller


async def report_event(node: Node, request: Request, kind: str, detail: str, caller: str | None) -> None:
    """Write a security event down, and into the log."""
    row = {
        "at": node.clock.now(),
        "kind": kind,
        "detail": storable(detail),
        "caller": caller,
        "address": storable(client_address(request.scope))[:ADDRESS_LENGTH],
        "request_id": logs.request_id(),
    }
    log.warning("security.event", kind=kind, caller=caller)
    async with node.database.writing() as session:
        await insert_security_event(session, row)


def _presented(request: Request) -> str | None:
    header = request.headers.get("x-api-key")
    if header:
        return header.strip()
    bearer = request.headers.get("authorization", "")
    return bearer[7:].strip() if bearer.lower().startswith("bearer ") else None
