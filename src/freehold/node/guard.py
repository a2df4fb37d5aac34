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

    Raises `Problem` 401 without a valid key, 403 without the scope or with a key for others (all security events), 429
    after too many calls.
    """
    caller = await identify(node, request)
    if "tools:on-behalf" in caller.scopes:
        raise await _for_tools_alone(node, request, caller)
    if scope not in caller.scopes:
        raise await scope_missing(node, request, caller, scope)
    return caller


async def identify(node: Node, request: Request, challenge: str = "") -> AccessKey:
    """The key that the request presents; `challenge` is what a refusal's WWW-Authenticate adds to the scheme.

    Raises `Problem` 401 without a valid key (a security event), 429 after too many calls.
    """
    address = client_address(request.scope)
    secret = _presented(request)
    async with node.database.reading() as session:
        caller = None if secret is None else await find_caller(session, secret, node.clock.now())
    if caller is None:
        await node.limits.hit("failures", address, FAILURES)
        kind = "key_missing" if secret is None else "key_unknown"
        await report_event(node, request, kind, f"{request.method} {request.url.path[:200]}", None)
        raise Problem(
            401,
            kind,
            "A key is needed to call this."
            if secret is None
            else "This key is not known here, was revoked, or has expired.",
            "Send a key in the X-API-Key header; the operator makes one with `freehold node keys add`.",
            headers={"WWW-Authenticate": _challenge(None if secret is None else "invalid_token", challenge)},
        )
    set_caller(request.scope, caller.name)
    await node.limits.hit("calls", caller.id, CALLS)
    return caller


def _challenge(error: str | None, more: str) -> str:
    """As RFC 6750 tells it: nothing is wrong with a key that was not sent."""
    parts = [f'error="{error}"' if error else "", more]
    return f"Bearer {', '.join(part for part in parts if part)}".strip()


async def scope_missing(
    node: Node, request: Request, caller: AccessKey, scope: Scope, headers: dict[str, str] | None = None
) -> Problem:
    """The refusal of a caller whose key lacks a scope, written down as a security event."""
    await report_event(node, request, "scope_missing", f"{scope} for {request.url.path[:200]}", caller.name)
    return Problem(
        403,
        "scope_missing",
        f"This key has no scope {scope}.",
        "Use a key that has it; the operator makes one with `freehold node keys add`.",
        headers=headers,
    )


async def _for_tools_alone(node: Node, request: Request, caller: AccessKey) -> Problem:
    """The refusal of a key for others where no tool is called, so that nobody proves for whom it asks."""
    await report_event(node, request, "key_for_tools_alone", f"{request.method} {request.url.path[:200]}", caller.name)
    return Problem(
        403,
        "key_for_tools_alone",
        "This key calls tools for people, and is good for nothing else.",
        "Use a key without the scope tools:on-behalf; the operator makes one with `freehold node keys add`.",
    )


async def report_event(node: Node, request: Request, kind: str, detail: str, caller: str | None) -> None:
    """Write a security event down, and into the log."""
    row = {
        "at": node.clock.now(),
        "kind": kind,
        "detail": storable(logs.redacted(detail)),
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
