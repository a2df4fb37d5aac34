"""`/_sandbox/`: what tests and demos may ask of the sandbox beside Meta's own API: counts, time, faults, people."""

from collections import Counter
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from freehold.sandbox import callbacks
from freehold.sandbox.faults import FaultMix, FaultOrder
from freehold.sandbox.meta.state import Sandbox

SESSION_ENDED = (
    "Error validating access token: The session has been invalidated because the user changed their password or "
    "Facebook has changed the session for security reasons."
)


class TimeOrder(BaseModel):
    """Move the sandbox's time forward."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: float = Field(ge=0, le=10 * 365 * 86_400)


class InvalidateOrder(BaseModel):
    """Make every token of a person answer error 190."""

    model_config = ConfigDict(extra="forbid")

    subcode: int = 460
    message: str = SESSION_ENDED


class RoleOrder(BaseModel):
    """Give a person a role on the app; empty takes it away."""

    model_config = ConfigDict(extra="forbid")

    role: str


class CallbackOrder(BaseModel):
    """Where the app takes its callbacks."""

    model_config = ConfigDict(extra="forbid")

    deauthorize_url: str = ""
    data_deletion_url: str = ""


def _sandbox(request: Request) -> Sandbox:
    found: Sandbox = request.app.state.sandbox
    return found


async def calls(request: Request) -> Response:
    """Every call counted, by token, method and path."""
    counted = _sandbox(request).calls
    rows = [
        {"token": token, "method": method, "path": path, "calls": count}
        for (token, method, path), count in sorted(counted.items())
    ]
    by_token: Counter[str] = Counter()
    for (token, _, _), count in counted.items():
        by_token[token] += count
    return JSONResponse({"total": sum(counted.values()), "by_token": by_token, "calls": rows})


async def exact_calls(request: Request) -> Response:
    """Every call counted by its exact address, in the order in which each was first made."""
    counted = _sandbox(request).exact_calls.items()
    return JSONResponse([{"method": method, "url": url, "calls": count} for (method, url), count in counted])


async def forget_calls(request: Request) -> Response:
    """Begin to count anew."""
    sandbox = _sandbox(request)
    sandbox.calls.clear()
    sandbox.exact_calls.clear()
    return JSONResponse({"total": 0})


async def limits(request: Request) -> Response:
    """Every meter and score, and by system the calls that came while one refused: Meta would punish them."""
    sandbox = _sandbox(request)
    return JSONResponse({"punished": sandbox.limits.punished, "levels": sandbox.limits.levels(sandbox.now())})


async def tell_time(request: Request) -> Response:
    """The time it is in the sandbox."""
    return JSONResponse({"now": _sandbox(request).now().isoformat()})


async def move_time(request: Request) -> Response:
    """Move the time."""
    order = TimeOrder.model_validate(await request.json())
    sandbox = _sandbox(request)
    sandbox.offset += timedelta(seconds=order.advance_seconds)
    return JSONResponse({"now": sandbox.now().isoformat()})


async def list_faults(request: Request) -> Response:
    """The faults that wait."""
    return JSONResponse(_sandbox(request).faults.pending())


async def add_fault(request: Request) -> Response:
    """Order a fault."""
    _sandbox(request).faults.add(FaultOrder.model_validate(await request.json()))
    return JSONResponse(_sandbox(request).faults.pending(), 201)


async def mix_faults(request: Request) -> Response:
    """Order faults that strike a share of all calls."""
    _sandbox(request).faults.mix(FaultMix.model_validate(await request.json()))
    return JSONResponse(_sandbox(request).faults.pending(), 201)


async def clear_faults(request: Request) -> Response:
    """Forget all faults."""
    _sandbox(request).faults.clear()
    return JSONResponse([])


async def people(request: Request) -> Response:
    """Who can sign in, and what each could grant."""
    sandbox = _sandbox(request)
    world = sandbox.world
    return JSONResponse([
        {
            "id": person.id,
            "name": person.name,
            "role": sandbox.roles.get(person.id, ""),
            "pages": [page.id for page in world.pages_of(person.id)],
            "ad_accounts": [account.id for account in world.ad_accounts_of(person.id)],
        }
        for person in world.people
    ])  # fmt: skip


async def invalidate(request: Request) -> Response:
    """A person changes their password, or something else ends their sessions."""
    order = InvalidateOrder.model_validate(await request.json())
    _sandbox(request).grants.invalidate(request.path_params["person"], order.subcode, order.message)
    return JSONResponse({"invalidated": True})


async def set_role(request: Request) -> Response:
    """Change a person's role on the app."""
    order = RoleOrder.model_validate(await request.json())
    roles, person = _sandbox(request).roles, request.path_params["person"]
    if order.role:
        roles[person] = order.role
    else:
        roles.pop(person, None)
    return JSONResponse({"person": person, "role": order.role})


async def set_callbacks(request: Request) -> Response:
    """Register the app's callbacks."""
    order = CallbackOrder.model_validate(await request.json())
    sandbox = _sandbox(request)
    sandbox.app_urls.update(deauthorize=order.deauthorize_url, data_deletion=order.data_deletion_url)
    return JSONResponse(sandbox.app_urls)


async def remove_app(request: Request) -> Response:
    """A person removes the app: their tokens die, and the app is told."""
    sandbox, person = _sandbox(request), request.path_params["person"]
    sandbox.grants.remove(person)
    return await _call_back(sandbox, "deauthorize", person)


async def request_deletion(request: Request) -> Response:
    """A person asks for their data to be deleted: the app is told."""
    return await _call_back(_sandbox(request), "data_deletion", request.path_params["person"])


async def _call_back(sandbox: Sandbox, kind: str, person: str) -> Response:
    url = sandbox.app_urls.get(kind)
    if not url:
        return JSONResponse({"status": None, "answer": f"no {kind} callback is registered"})
    secret = sandbox.settings.app_secret.get_secret_value()
    return JSONResponse(await callbacks.send(url, secret, person, sandbox.now()))


async def invalid_order(_request: Request, error: Exception) -> Response:
    """An order that cannot be read."""
    detail: Any = (
        error.errors(include_context=False, include_url=False) if isinstance(error, ValidationError) else "not JSON"
    )
    return JSONResponse({"error": detail}, 422)


PREFIX = "/_sandbox"
ROUTES = [
    Route(f"{PREFIX}/calls", calls, methods=["GET"]),
    Route(f"{PREFIX}/calls/exact", exact_calls, methods=["GET"]),
    Route(f"{PREFIX}/calls", forget_calls, methods=["DELETE"]),
    Route(f"{PREFIX}/limits", limits, methods=["GET"]),
    Route(f"{PREFIX}/time", tell_time, methods=["GET"]),
    Route(f"{PREFIX}/time", move_time, methods=["POST"]),
    Route(f"{PREFIX}/faults", list_faults, methods=["GET"]),
    Route(f"{PREFIX}/faults", add_fault, methods=["POST"]),
    Route(f"{PREFIX}/faults", clear_faults, methods=["DELETE"]),
    Route(f"{PREFIX}/faults/mix", mix_faults, methods=["POST"]),
    Route(f"{PREFIX}/people", people, methods=["GET"]),
    Route(f"{PREFIX}/people/{{person}}/invalidate", invalidate, methods=["POST"]),
    Route(f"{PREFIX}/people/{{person}}/role", set_role, methods=["POST"]),
    Route(f"{PREFIX}/people/{{person}}/remove-app", remove_app, methods=["POST"]),
    Route(f"{PREFIX}/people/{{person}}/request-deletion", request_deletion, methods=["POST"]),
    Route(f"{PREFIX}/callbacks", set_callbacks, methods=["PUT"]),
]
