"""A listener of tools: `/mcp` for agents, `/tools` for workflows and others, and where to read about the keys."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version
from typing import Annotated, Any, Final

from fastapi import Body, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from freehold.kernel.listener import set_tool
from freehold.kernel.problem_responses import add_problem_handlers, problem_responses
from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey
from freehold.node.context import Node
from freehold.node.mcp import admission, calling, hosts
from freehold.node.mcp.protocol import Context, described, server_of
from freehold.node.mcp.tool import Service, Tool

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of a request: an image is sent within it, as text."""
PATHS: Final = ("/mcp", "/tools", admission.METADATA_PATH)
"""Where everything begins that a listener of tools answers, its OpenAPI apart."""
_CALLER: Final = "freehold.tools.caller"
_TOOLSET: Final = "freehold.tools.toolset"
_READ = problem_responses(401, 403, 404, 421, 422, 429, 503)
_CALLED = problem_responses(400, 401, 403, 404, 409, 413, 415, 421, 422, 429, 500, 502, 503)


def create_app(node: Node, service: Service, openapi: str = "/openapi.json") -> ASGIApp:
    """The application of a service's listener, described at the path `openapi`."""
    server = server_of(node, service, _asking, _called)
    # Host and Origin are checked around the whole listener, so that its REST side is protected by the same rule.
    sessions = StreamableHTTPSessionManager(server, json_response=True, stateless=True, max_request_body_size=MAX_BODY)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with sessions.run():
            yield

    app = FastAPI(
        title=service.title,
        version=version("freehold"),
        docs_url=None,
        redoc_url=None,
        openapi_url=openapi,
        lifespan=lifespan,
    )
    add_problem_handlers(app)
    for path in ("/mcp", *(f"/mcp/{name}" for name in ("all", *service.toolsets))):
        app.router.routes.append(Route(path, endpoint=_Endpoint(sessions, path.removeprefix("/mcp")[1:])))
    _add_metadata(app, service)
    _add_tools(app, node, service)
    return hosts.checked(_admitting(app, node, service), node.settings.tool_hosts, node.settings.tool_origins)


def beside(app: ASGIApp, tools: ASGIApp) -> ASGIApp:
    """`app`, and on the paths of tools those of `tools`, which also begins and ends with the listener."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "lifespan" or scope["path"].startswith(PATHS)
        await (tools if ours else app)(scope, receive, send)

    return answer


def _admitting(app: ASGIApp, node: Node, service: Service) -> ASGIApp:
    """`app` with a key asked for before anything of a request to its tools is read."""

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/mcp", "/tools")):
            scope[_CALLER] = await admission.admit(node, service, Request(scope))
        await app(scope, receive, send)

    return admitted


def _caller(request: Request) -> AccessKey:
    found: AccessKey = request.scope[_CALLER]
    return found


class _Endpoint:
    """The protocol's endpoint for one toolset."""

    def __init__(self, sessions: StreamableHTTPSessionManager, toolset: str) -> None:
        self._sessions, self._toolset = sessions, toolset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            hint = "Send each message as a POST; there is nothing to listen to."
            raise Problem(405, "method_not_allowed", "This endpoint takes POST alone.", hint, headers={"Allow": "POST"})
        scope[_TOOLSET] = self._toolset
        # RFC 9110: blanks around a value are no part of it; the SDK compares values as they stand.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        await self._sessions.handle_request(scope, receive, send)


def _asking(ctx: Context) -> tuple[AccessKey, str]:
    request = ctx.request
    assert isinstance(request, Request)
    return _caller(request), request.scope[_TOOLSET]


@contextlib.asynccontextmanager
async def _called(ctx: Context, tool: Tool) -> AsyncIterator[None]:
    """The request that calls a tool has its name in the access log; the caller was let in before."""
    assert isinstance(ctx.request, Request)
    set_tool(ctx.request.scope, tool.name)
    yield


def _add_metadata(app: FastAPI, service: Service) -> None:
    @app.get(admission.METADATA_PATH, responses=problem_responses(421))
    async def metadata(request: Request) -> dict[str, Any]:
        """What a client has to know to be let in (RFC 9728)."""
        return admission.metadata(request, service)

    @app.get(f"{admission.METADATA_PATH}/{{path:path}}", responses=problem_responses(404, 421))
    async def resource_metadata(request: Request, path: str) -> dict[str, Any]:
        """The same of one endpoint or tool."""
        return admission.metadata(request, service, f"/{path}")


def _add_tools(app: FastAPI, node: Node, service: Service) -> None:
    @app.get("/tools", responses=_READ)
    async def tools(request: Request, toolset: Annotated[str, Query(max_length=64)] = "all") -> dict[str, Any]:
        """The tools that the key may call, each with its schemas."""
        if toolset not in {"all", *service.toolsets}:
            raise Problem(404, "toolset_unknown", "There is no such toolset.", "Leave it out to see all tools.")
        shown = service.shown(_caller(request).scopes, toolset)
        return {"tools": [described(each).model_dump(by_alias=True, exclude_none=True, mode="json") for each in shown]}

    for tool in service.tools:
        app.post(
            f"/tools/{tool.name}",
            name=tool.name,
            summary=tool.title,
            description=tool.about,
            tags=[tool.toolset],
            response_model=None,
            responses={200: _answered(tool), **_CALLED},
        )(_endpoint(node, tool))


def _answered(tool: Tool) -> dict[str, Any]:
    """The description of a tool's answer: the schema that MCP shows."""
    content = {"application/json": {"schema": described(tool).output_schema}}
    return {"description": "The tool's answer", "content": content}


def _endpoint(node: Node, tool: Tool) -> Callable[..., Awaitable[Response]]:
    """The REST endpoint of a tool, whose body is described by the tool's own arguments."""

    async def call(request: Request, arguments: Any) -> Response:
        caller = _caller(request)
        set_tool(request.scope, tool.name)
        return JSONResponse(await calling.perform(node, caller, "rest", tool, arguments))

    call.__annotations__["arguments"] = Annotated[tool.arguments, Body()]
    return call
