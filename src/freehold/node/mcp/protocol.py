"""The Model Context Protocol over a service's table of tools, by the official SDK's server."""

import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, Final

import mcp_types as types
from mcp import MCPError
from mcp.server import Server, ServerRequestContext

from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey
from freehold.node.context import Node
from freehold.node.mcp import calling
from freehold.node.mcp.schemas import schema_of
from freehold.node.mcp.secrecy import PICTURE
from freehold.node.mcp.tool import Pictured, Service, Tool

LIST_SECONDS: Final = 300
"""For so long a client may keep a list; it depends on the caller's key, so nobody else may be shown it."""
ERROR_META: Final = "freehold/error"
"""Where a failed result has its error as an object; its text is the same as JSON."""

Context = ServerRequestContext[dict[str, Any], Any]
Asking = Callable[[Context], tuple[AccessKey, str]]
"""Gives the caller of a request, and the toolset that it is for."""
Calling = Callable[[Context, Tool], AbstractAsyncContextManager[None]]
"""Stands around each call of a tool: writes down which, and may refuse it (`Problem`)."""
_PRIVATE: Final[dict[str, Any]] = {"ttl_ms": LIST_SECONDS * 1000, "cache_scope": "private"}


def server_of(node: Node, service: Service, asking: Asking, around: Calling) -> Server[dict[str, Any]]:
    """The service's protocol server; whom it answers, and with which tools, says `asking` for each request."""

    async def list_tools(ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        _whole(params)
        caller, toolset = asking(ctx)
        shown = [described(tool) for tool in service.shown(caller.scopes, toolset)]
        return types.ListToolsResult(tools=shown, **_PRIVATE)

    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        caller, toolset = asking(ctx)
        found = [tool for tool in service.shown(caller.scopes, toolset) if tool.name == params.name]
        if not found:
            raise MCPError(types.INVALID_PARAMS, "Unknown tool")
        arguments = params.arguments or {}
        return await _called(node, caller, found[0], arguments, around(ctx, found[0]))

    return Server(
        f"freehold-{service.name.replace('_', '-')}",
        version=version("freehold"),
        title=service.title,
        instructions=service.instructions,
        get_tool_input_schema=functools.partial(_input_schema, service),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        **_texts(service),
    )


@functools.cache
def described(tool: Tool) -> types.Tool:
    """A tool as the protocol lists it."""
    hints = types.ToolAnnotations(read_only_hint=tool.reads_only, open_world_hint=tool.open_world)
    if not tool.reads_only:
        hints.destructive_hint, hints.idempotent_hint = tool.destructive, tool.idempotent
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=schema_of(tool.arguments, "validation"),
        output_schema=schema_of(tool.answer, "serialization"),
        annotations=hints,
    )


def _whole(params: types.PaginatedRequestParams | None) -> None:
    """Refuse a cursor: lists come whole, so nobody was given one."""
    if params is not None and params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "Unknown cursor")


async def _called(
    node: Node,
    caller: AccessKey,
    tool: Tool,
    arguments: Mapping[str, Any],
    around: AbstractAsyncContextManager[None],
) -> types.CallToolResult:
    try:
        async with around:
            value = await calling.perform(node, caller, "mcp", tool, calling.understood(tool, arguments))
    except Problem as problem:
        told = calling.failure(problem)
        return types.CallToolResult(content=_content({"error": told}), is_error=True, _meta={ERROR_META: told})
    value, pictures = _apart(value) if issubclass(tool.answer, Pictured) else (value, [])
    return types.CallToolResult(content=[*_content(value), *pictures], structured_content=value)


def _apart(value: dict[str, Any]) -> tuple[dict[str, Any], list[types.ContentBlock]]:
    """An answer without the bytes of its picture, which a model would read as text, and the picture."""
    image = value["image"]
    kept = {**value, "image": {name: each for name, each in image.items() if name != PICTURE}}
    return kept, [types.ImageContent(data=image[PICTURE], mime_type=image["mime_type"])]


def _content(value: dict[str, Any]) -> list[types.ContentBlock]:
    return [types.TextContent(text=calling.text(value))]


def _input_schema(service: Service, name: str) -> Mapping[str, Any] | None:
    return next((described(tool).input_schema for tool in service.tools if tool.name == name), None)


def _texts(service: Service) -> dict[str, Any]:
    """The handlers of the service's prompts and resources."""
    prompts = {each.name: each for each in service.prompts}
    resources = {each.uri: each for each in service.resources}

    async def list_prompts(_ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        _whole(params)
        shown = [types.Prompt(name=each.name, title=each.title, description=each.about) for each in service.prompts]
        return types.ListPromptsResult(prompts=shown, **_PRIVATE)

    async def get_prompt(_ctx: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        if params.name not in prompts:
            raise MCPError(types.INVALID_PARAMS, "Unknown prompt")
        chosen = prompts[params.name]
        said = types.PromptMessage(role="user", content=types.TextContent(text=chosen.text))
        return types.GetPromptResult(description=chosen.about, messages=[said])

    async def list_resources(_ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        _whole(params)
        shown = [types.Resource(uri=each.uri, name=each.name, title=each.title) for each in service.resources]
        return types.ListResourcesResult(resources=shown, **_PRIVATE)

    async def read_resource(_ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        found = resources.get(str(params.uri))
        if found is None:
            raise MCPError(types.INVALID_PARAMS, "Resource not found", {"uri": str(params.uri)})
        content = types.TextResourceContents(uri=found.uri, mime_type="text/markdown", text=found.text)
        return types.ReadResourceResult(contents=[content], **_PRIVATE)

    async def list_templates(
        _ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        _whole(params)
        return types.ListResourceTemplatesResult(resource_templates=[], **_PRIVATE)

    return {
        "on_list_prompts": list_prompts,
        "on_get_prompt": get_prompt,
        "on_list_resources": list_resources,
        "on_list_resource_templates": list_templates,
        "on_read_resource": read_resource,
    }
