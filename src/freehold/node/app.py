"""The node's composition root: one process, its listeners side by side."""

import contextlib
from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp

from freehold.kernel import listener
from freehold.kernel.listener import Listener
from freehold.kernel.problem_responses import add_problem_handlers, problem_response
from freehold.node import graph_proxy
from freehold.node.ad_bands import routes as ad_bands
from freehold.node.advice import routes as advice
from freehold.node.alerts.watch import watching
from freehold.node.context import Node
from freehold.node.failures import problem_of
from freehold.node.keys import KeysMissingError
from freehold.node.mcp import routes as tools
from freehold.node.mcp.registry import SERVICES
from freehold.node.notifications import routes as notifications
from freehold.node.pages import routes as pages
from freehold.node.receiver import routes as receiver
from freehold.node.settings import NodeSettings
from freehold.node.sharing import routes as sharing
from freehold.node.spending import approvals_page
from freehold.node.spending import routes as spending
from freehold.node.startup import started_node
from freehold.node.vault.vault import TokensUnreadableError
from freehold.node.workflows import routes as workflows
from freehold.node.workflows.registry import schedules
from freehold.node.workflows.runtime import working
from freehold.node.workflows.schedules import keeping_schedules

LISTENERS = ("receiver", "workflows", "meta_ads", "instagram")
TOOLS_BESIDE_WORKFLOWS = SERVICES["insights"]


def create_app(node: Node, name: str) -> ASGIApp:
    """The application of one of the LISTENERS."""
    if name == "workflows":
        insights = tools.create_app(node, TOOLS_BESIDE_WORKFLOWS, openapi="/tools/openapi.json")
        return listener.wrap(tools.beside(_app(node, name), insights), name, record=node.access_log.record)
    if name in SERVICES:
        app = tools.create_app(node, SERVICES[name])
        return listener.wrap(app, name, record=node.access_log.record, max_body=tools.MAX_BODY)
    return listener.wrap(_app(node, name), name, record=node.access_log.record)


def _app(node: Node, name: str) -> FastAPI:
    app = FastAPI(title=f"Freehold node: {name}", version=version("freehold"), docs_url=None, redoc_url=None)
    add_problem_handlers(app)
    app.add_exception_handler(TokensUnreadableError, _answer)
    app.add_exception_handler(KeysMissingError, _answer)
    if name == "receiver":
        app.include_router(receiver.routes(node))
    else:
        app.include_router(pages.routes(node))
        app.include_router(sharing.routes(node))
        app.include_router(graph_proxy.routes(node))
        app.include_router(workflows.routes(node))
        app.include_router(ad_bands.routes(node))
        app.include_router(advice.routes(node))
        app.include_router(notifications.routes(node))
        app.include_router(spending.routes(node))
        app.include_router(approvals_page.routes(node))
    return app


async def _answer(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TokensUnreadableError | KeysMissingError)
    return problem_response(problem_of(error))


async def run(settings: NodeSettings, only: Sequence[str] = LISTENERS) -> None:
    """Serve the node's listeners (or `only` some) until the process is told to stop.

    Beside the workflows listener the process works on runs, and begins those of the schedules. Raises what
    `started_node` raises, and `ListenError`.
    """
    schedules(settings)  # a schedule that cannot be read is told before anything is served
    async with started_node(settings) as node, contextlib.AsyncExitStack() as stack:
        listeners = [_listener(node, name) for name in only]
        sockets = stack.enter_context(listener.claimed(listeners))
        await stack.enter_async_context(watching(node))
        if "workflows" in only:
            await stack.enter_async_context(working(node))
            await stack.enter_async_context(keeping_schedules(node))
        await listener.serve(listeners, sockets=sockets, trusted_proxies=settings.trusted_proxies)


def _listener(node: Node, name: str) -> Listener:
    port: int = getattr(node.settings, f"{name}_port")
    return Listener(name, create_app(node, name), node.settings.host, port, f"FREEHOLD_NODE_{name.upper()}_PORT")
