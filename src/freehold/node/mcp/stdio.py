"""A service over standard input and output, for a desktop client that starts it as a program of its own."""

from collections.abc import Collection

from mcp.server.stdio import stdio_server

from freehold.node.access import AccessKey, Scope
from freehold.node.context import open_node
from freehold.node.mcp.protocol import server_of
from freehold.node.mcp.tool import Service
from freehold.node.settings import NodeSettings

NAME = "stdio"


async def serve(settings: NodeSettings, service: Service, scopes: Collection[Scope], toolset: str = "") -> None:
    """Answer whoever started this program, until they close its input. Raises what `open_node` raises.

    Whoever may read the node's folder holds its keys already, so no key is asked for; `approve` is never given here.
    """
    async with open_node(settings) as node:
        caller = AccessKey(NAME, NAME, frozenset(scopes) - {"approve"}, node.clock.now(), None)
        server = server_of(node, service, lambda _ctx: (caller, toolset))
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
