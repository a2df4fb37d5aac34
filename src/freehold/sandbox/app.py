"""The sandbox's composition root."""

import json

from pydantic import ValidationError
from starlette.applications import Starlette

from freehold.kernel import listener
from freehold.kernel.clock import Clock, SystemClock
from freehold.kernel.listener import Listener
from freehold.sandbox import control
from freehold.sandbox.meta.routes import ROUTES
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.settings import SandboxSettings


def create_app(settings: SandboxSettings, clock: Clock | None = None) -> Starlette:
    """The sandbox as an ASGI application; its state is `app.state.sandbox`."""
    return app_of(new_sandbox(settings, clock or SystemClock()))


def app_of(sandbox: Sandbox) -> Starlette:
    """The application over an existing sandbox."""
    invalid = {ValidationError: control.invalid_order, json.JSONDecodeError: control.invalid_order}
    app = Starlette(routes=[*control.ROUTES, *ROUTES], exception_handlers=invalid)
    app.state.sandbox = sandbox
    return app


async def run(settings: SandboxSettings) -> None:
    """Serve until the process is told to stop."""
    port_setting = "FREEHOLD_SANDBOX_PORT"
    await listener.serve([Listener("sandbox", create_app(settings), settings.host, settings.port, port_setting)])
