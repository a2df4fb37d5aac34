"""Checks who calls: administrators by their key, everybody by how often."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader

from freehold.broker.access import queries
from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker, OpenBroker, broker_of
from freehold.kernel import crypto, logs
from freehold.kernel.database import WriteSession
from freehold.kernel.listener import client_address, set_caller
from freehold.kernel.problems import Problem

log = logs.get(__name__)

ADMIN_KEY_PREFIX = "fhadmin"
COMMAND_LINE = "command line"
ANONYMOUS_RATE = "60/minute"
"""Refusals of nobody in particular that are written down; anybody can cause them, so the rest is only counted."""

RouteHandler = Callable[[Request], Coroutine[Any, Any, Response]]

admin_key_header = APIKeyHeader(name="X-API-Key", scheme_name="AdminKey", auto_error=False)
node_key_header = APIKeyHeader(name="X-API-Key", scheme_name="NodeKey", auto_error=False)


async def create_admin_key(session: WriteSession, broker: Broker, name: str) -> str:
    """Make an administrator's key, shown this once; raises `Problem` 409 when the name has one already."""
    if any(each.name == name and each.revoked_at is None for each in await queries.list_admin_keys(session)):
        raise Problem(
            409,
            "admin_key_exists",
            f"There is an admin key of the name {name} already.",
            "Choose another name, or revoke that one first with `freehold broker admin-key revoke`.",
        )
    key = crypto.new_secret(ADMIN_KEY_PREFIX)
    await queries.insert_admin_key(session, crypto.digest(key), name, broker.clock.now())
    await broker.audit.append(session, AuditEvent("admin.admin_key_added", "succeeded", actor=COMMAND_LINE))
    return key


async def revoke_admin_key(session: WriteSession, broker: Broker, name: str) -> None:
    """Refuse an administrator's key from now on; raises `Problem` 404, and 409 for the last one."""
    usable = {each.name for each in await queries.list_admin_keys(session) if each.revoked_at is None}
    if name not in usable:
        raise Problem(
            404,
            "admin_key_unknown",
            f"There is no admin key of the name {name}.",
            "See `freehold broker admin-key list`.",
        )
    if usable == {name}:
        raise Problem(
            409,
            "admin_key_last",
            "This is the last admin key; without it nobody could administer the broker.",
            "Make another first with `freehold broker admin-key add`.",
        )
    await queries.revoke_admin_key(session, name, broker.clock.now())
    await broker.audit.append(session, AuditEvent("admin.admin_key_revoked", "succeeded", actor=COMMAND_LINE))


async def _authenticate(request: Request) -> None:
    """Find the administrator who calls; raises `Problem` 401 or 429."""
    broker, key = await broker_of(request), request.headers.get(admin_key_header.model.name)
    if key is None:
        raise await refuse_key(request, broker, "admin_key_missing", "This endpoint is for administrators.")
    async with broker.database.reading() as session:
        name = await queries.admin_name(session, crypto.digest(key))
    if name is None:
        raise await refuse_key(request, broker, "admin_key_wrong", "The key is not one of this broker's admin keys.")
    await broker.limits.hit("admin", name, broker.settings.admin_rate)
    set_caller(request.scope, f"admin:{name}")
    request.state.administrator = name


class AdminRoute(APIRoute):
    """A route that knows its administrator before it reads the body."""

    def get_route_handler(self) -> RouteHandler:
        """The handler, behind the check of the key."""
        return checked_first(_authenticate, super().get_route_handler())


def checked_first(check: Callable[[Request], Awaitable[None]], handler: RouteHandler) -> RouteHandler:
    """`handler`, run only when `check` passes; FastAPI itself would read and judge the body first."""

    async def checked(request: Request) -> Response:
        await check(request)
        return await handler(request)

    return checked


async def _administrator(request: Request, _key: Annotated[str | None, Security(admin_key_header)]) -> str:
    """The name of the administrator, which the route has found."""
    return str(request.state.administrator)


async def refuse_key(request: Request, broker: Broker, code: str, detail: str) -> Problem:
    """Count and log a failed authentication; gives the problem to raise, or raises 429 after too many."""
    address = client_address(request.scope)
    log.warning("access.refused", code=code, address=address)
    await broker.limits.hit("refused", address, broker.settings.failure_rate)
    return Problem(
        401,
        code,
        detail,
        "Send the key in the header X-API-Key; `freehold broker init` showed the first admin key, and a node's key is "
        "the one it was registered with.",
        headers={"WWW-Authenticate": 'ApiKey realm="freehold-broker"'},
    )


async def record_refusal(broker: Broker, event: AuditEvent) -> None:
    """Write down a refusal that anybody can cause, unless there have been many."""
    try:
        await broker.limits.hit("refusals", "all", ANONYMOUS_RATE)
    except Problem:
        broker.audit.count(event)
        log.warning("access.refused", step=event.step, code=event.reason)
    else:
        broker.audit.record(event)


async def limit_public(request: Request, broker: OpenBroker) -> None:
    """Count a request to a public page; raises `Problem` 429."""
    await broker.limits.hit("public", client_address(request.scope), broker.settings.public_rate)


Administrator = Annotated[str, Depends(_administrator)]
"""The administrator who calls, as an `AdminRoute` asks for it."""
