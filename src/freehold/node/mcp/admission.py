"""Who may call tools: a bearer key of this node with a scope for tools, found by the metadata of RFC 9728."""

from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request

from freehold.kernel.listener import set_person
from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey, Scope, identity
from freehold.node.context import Node
from freehold.node.guard import identify, report_event, scope_missing
from freehold.node.mcp.tool import TOOL_SCOPES, Service

_HINT: Final = "Open WebUI and the node have to share one secret: set both up anew with `freehold node bootstrap`."
PERSONS: Final = 4
"""So many people fill a key that asks for others: each may send a quarter of its requests."""
METADATA_PATH: Final = "/.well-known/oauth-protected-resource"


async def admit(node: Node, service: Service, request: Request) -> AccessKey:
    """The key that the request presents, if it has any scope for tools, and that of the tool which is in the address.

    Raises `Problem` 401 (with where to read about the keys) without a valid key, 403 (`scope_missing`) without such a
    scope, 429 after too many calls.
    """
    caller = await identify(node, request, _where(request, service))
    caller = await for_whom(node, request, caller)
    await count(node, caller)
    if not caller.scopes & frozenset(TOOL_SCOPES):
        raise await _out_of_scope(node, service, request, caller, "tools:read")
    tool = next((each for each in service.tools if request.url.path == f"/tools/{each.name}"), None)
    if tool is not None and tool.scope not in caller.scopes:
        raise await _out_of_scope(node, service, request, caller, tool.scope)
    return caller


async def for_whom(node: Node, request: Request, caller: AccessKey) -> AccessKey:
    """The key, with the person for whom it asks where it is one that asks for others (scope `tools:on-behalf`).

    Nobody is named by a request that has no proof: it may look at the lists, and calls nothing. Raises `Problem` 401
    for a proof that is none (a security event), 429 after too many of them.
    """
    proof = request.headers.get(identity.HEADER)
    if proof is None or "tools:on-behalf" not in caller.scopes:
        return caller
    try:
        person = identity.person_of(proof, node.settings.chat_identity_secret, node.clock.now())
    except identity.ProofRefusedError as error:
        await count(node, caller)
        await report_event(node, request, "identity_refused", str(error), caller.name)
        raise Problem(401, "identity_refused", f"It is not proved for whom this is asked: {error}.", _HINT) from error
    set_person(request.scope, person)
    return replace(caller, person=person)


async def count(node: Node, caller: AccessKey) -> None:
    """Count one call, of the person for whom it is before the key's: whoever has used their share takes none of the
    others'. Raises `Problem` 429 when it is one too many.
    """
    calls = node.settings.tool_calls_per_minute
    if caller.person is not None:
        await node.limits.hit("persons", f"{caller.id} {caller.person}", f"{max(1, calls // PERSONS)}/minute")
    await node.limits.hit("tools", caller.id, f"{calls}/minute")


async def _out_of_scope(node: Node, service: Service, request: Request, caller: AccessKey, scope: Scope) -> Problem:
    """The refusal of a key that lacks a scope: our own code in the description of RFC 6750's."""
    told = f'error="insufficient_scope", error_description="scope_missing: this key has no scope {scope}"'
    headers = {"WWW-Authenticate": f'Bearer {told}, scope="{scope}", {_where(request, service)}'}
    return await scope_missing(node, request, caller, scope, headers)


def resources(service: Service) -> frozenset[str]:
    """The paths that a key is asked for: each is a protected resource with metadata of its own."""
    endpoints = ("/mcp", "/mcp/all", *(f"/mcp/{name}" for name in service.toolsets))
    return frozenset((*endpoints, "/tools", *(f"/tools/{tool.name}" for tool in service.tools)))


def metadata(request: Request, service: Service, path: str = "/mcp") -> dict[str, Any]:
    """What RFC 9728 tells of a resource: keys come from the node's operator, in the header alone.

    Raises `Problem` 404 for a path that is none.
    """
    if path not in resources(service):
        raise Problem(404, "not_found", "There is no such resource.", "Ask for the metadata of /mcp.")
    return {
        "resource": f"{_origin(request)}{path}",
        "resource_name": service.title,
        "bearer_methods_supported": ["header"],
        "scopes_supported": list(TOOL_SCOPES),
    }


def _where(request: Request, service: Service) -> str:
    """Where to read about the resource that was asked for; about the first endpoint, if there is no such resource."""
    path = request.url.path if request.url.path in resources(service) else "/mcp"
    return f'resource_metadata="{_origin(request)}{METADATA_PATH}{path}"'


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
