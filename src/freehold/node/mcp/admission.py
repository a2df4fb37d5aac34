"""Who may call tools: a bearer key of this node with a scope for tools, found by the metadata of RFC 9728."""

from typing import Any, Final

from starlette.requests import Request

from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey, Scope
from freehold.node.context import Node
from freehold.node.guard import identify, scope_missing
from freehold.node.mcp.tool import TOOL_SCOPES, Service

METADATA_PATH: Final = "/.well-known/oauth-protected-resource"


async def admit(node: Node, request: Request) -> AccessKey:
    """The key that the request presents, if it has any scope for tools.

    Raises `Problem` 401 (with where to read about the keys) without a valid key, 403 (`insufficient_scope`) without
    such a scope, 429 after too many calls.
    """
    metadata = f'resource_metadata="{_origin(request)}{METADATA_PATH}/mcp"'
    caller = await identify(node, request, metadata)
    await node.limits.hit("tools", caller.id, f"{node.settings.tool_calls_per_minute}/minute")
    if not caller.scopes & frozenset(TOOL_SCOPES):
        raise await out_of_scope(node, request, caller, "tools:read")
    return caller


async def out_of_scope(node: Node, request: Request, caller: AccessKey, scope: Scope) -> Problem:
    """The refusal of a key that lacks a scope, told as RFC 6750 tells it."""
    metadata = f'resource_metadata="{_origin(request)}{METADATA_PATH}/mcp"'
    headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}", {metadata}'}
    return await scope_missing(node, request, caller, scope, headers)


def metadata(request: Request, service: Service) -> dict[str, Any]:
    """What RFC 9728 tells of the service: keys come from the node's operator, in the header alone."""
    return {
        "resource": f"{_origin(request)}/mcp",
        "resource_name": service.title,
        "bearer_methods_supported": ["header"],
        "scopes_supported": list(TOOL_SCOPES),
    }


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
