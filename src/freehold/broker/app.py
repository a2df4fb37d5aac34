"""The broker's composition root: all routes in one application, and the process that serves it."""

import contextlib
from collections.abc import AsyncIterator
from importlib import metadata

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from freehold.broker.authorization.routes import router as authorization
from freehold.broker.connections.routes import router as connections
from freehold.broker.context import Broker
from freehold.broker.delivery.routes import router as delivery
from freehold.broker.enrolment.routes import router as enrolment
from freehold.broker.health.routes import router as health
from freehold.broker.links.routes import router as links
from freehold.broker.operations.routes import router as operations
from freehold.broker.pages import render_problem, wants_page
from freehold.broker.platform_events.forward import forwarding
from freehold.broker.platform_events.routes import router as platform_events
from freehold.broker.registry.routes import router as registry
from freehold.broker.renewals.routes import router as renewals
from freehold.broker.retention.prune import pruning
from freehold.broker.settings import BrokerSettings
from freehold.broker.startup import started_broker
from freehold.broker.testers.routes import router as testers
from freehold.kernel.listener import Listener, serve, wrap
from freehold.kernel.problem_responses import add_problem_handlers
from freehold.kernel.problems import Problem, unexpected

ROUTERS = (
    authorization, delivery, platform_events, renewals, links, enrolment, connections, registry, testers, operations,
    health,
)  # fmt: skip

MARGIN_SECONDS = 10
"""What a flow needs beside its delivery; a broker that stops lets those that are under way end."""


def create_app(broker: Broker) -> ASGIApp:
    """The application of an open broker, with everything that a listener puts around it."""
    app = FastAPI(
        title="Freehold broker",
        version=metadata.version("freehold"),
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _app: _beside(broker),
    )
    app.state.broker = broker
    for router in ROUTERS:
        app.include_router(router)
    add_problem_handlers(app)
    _show_browsers_pages(app)
    return wrap(app, "broker")


@contextlib.asynccontextmanager
async def _beside(broker: Broker) -> AsyncIterator[None]:
    """What a serving broker does in the background."""
    async with forwarding(broker), pruning(broker):
        yield


async def run(settings: BrokerSettings) -> None:
    """Bring the database to the newest schema and serve until the process is told to stop.

    Raises what `started_broker` raises, and `ListenError`.
    """
    async with started_broker(settings) as broker:
        listener = Listener("broker", create_app(broker), settings.host, settings.port, "FREEHOLD_BROKER_PORT")
        grace = settings.delivery_seconds + MARGIN_SECONDS
        await serve([listener], trusted_proxies=settings.trusted_proxies, grace_seconds=grace)


def _show_browsers_pages(app: FastAPI) -> None:
    """Have problems shown as pages wherever a browser asks."""
    kinds = (Problem, RequestValidationError, HTTPException, Exception)
    as_json = {kind: app.exception_handlers[kind] for kind in kinds}

    async def answer(request: Request, error: Exception) -> Response:
        if wants_page(request):
            return render_problem(_problem(error))
        handler = next(handler for kind, handler in as_json.items() if isinstance(error, kind))
        return await handler(request, error)  # type: ignore[no-any-return,misc]

    for kind in as_json:
        app.add_exception_handler(kind, answer)


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        code = "method_not_allowed" if error.status_code == 405 else "not_found"  # noqa: PLR2004 - HTTP's own number
        hint = "Check the link that you were given."
        return Problem(error.status_code, code, "There is nothing at this address.", hint, headers=headers)
    if isinstance(error, RequestValidationError):
        hint = "Copy the whole link that you were given into the browser."
        return Problem(422, "invalid_request", "This link is incomplete.", hint)
    return unexpected()
