"""A service over standard input and output, for a desktop client that starts it as a program of its own."""

import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Collection

import structlog
from mcp.server.stdio import stdio_server

from freehold.kernel.problems import Problem
from freehold.kernel.request_record import RequestRecord
from freehold.node.access import AccessKey, Scope
from freehold.node.context import Node, open_node
from freehold.node.mcp import admission
from freehold.node.mcp.protocol import Context, server_of
from freehold.node.mcp.tool import Service, Tool
from freehold.node.settings import NodeSettings

NAME = "stdio"


async def serve(settings: NodeSettings, service: Service, scopes: Collection[Scope], toolset: str = "") -> None:
    """Answer whoever started this program, until they close its input. Raises what `open_node` raises.

    Whoever may read the node's folder holds its keys already, so no key is asked for; `approve` is never given here.
    """
    async with open_node(settings) as node:
        caller = AccessKey(NAME, NAME, frozenset(scopes) - {"approve"}, node.clock.now(), None)

        def called(_ctx: Context, tool: Tool) -> contextlib.AbstractAsyncContextManager[None]:
            return _counted(node, service, caller, tool)

        server = server_of(node, service, lambda _ctx: (caller, toolset), called)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


@contextlib.asynccontextmanager
async def _counted(node: Node, service: Service, caller: AccessKey, tool: Tool) -> AsyncIterator[None]:
    """A call is a row of the access log and counts towards a limit, as one over HTTP; raises `Problem` 429.

    This program counts by itself: what other programs and the listeners are asked counts for them.
    """
    request_id, status, started = secrets.token_hex(8), 200, time.perf_counter()
    with structlog.contextvars.bound_contextvars(request_id=request_id, listener=service.name):
        try:
            await admission.count(node, caller)
            yield
        except Problem as problem:
            status = problem.status
            raise
        finally:
            took = round((time.perf_counter() - started) * 1000, 2)
            path = f"/tools/{tool.name}"
            record = RequestRecord(request_id, service.name, "STDIO", path, status, took, NAME, caller.name, tool.name)
            node.access_log.record(record)
