"""Checks who calls: administrators by their key, everybody by how often."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from freehold.broker.access import queries
from freehold.broker.context import Broker, OpenBroker
from freehold.kernel import crypto, logs
from freehold.kernel.database import WriteSession
from freehold.kernel.listener import client_address, set_caller
from freehold.kernel.problems import Problem

log = logs.get(__name__)

ADMIN_KEY_PREFIX = "fhadmin"

admin_key_header = APIKeyHeader(name="X-API-Key", scheme_name="AdminKey", auto_error=False)
node_key_header = APIKeyHeader(name="X-API-Key", scheme_name="NodeKey", auto_error=False)


async def create_admin_key(session: WriteSession, broker: Broker, name: str) -> str:
    """Make an administrator's key, shown this once."""
    key = crypto.new_secret(ADMIN_KEY_PREFIX)
    await queries.insert_admin_key(session, crypto.digest(key), name, broker.clock.now())
    return key


async def require_admin(
    request: Request, broker: OpenBroker, key: Annotated[str | None, Security(admin_key_header)]
) -> str:
    """The name of the administrator who calls; raises `Problem` 401 or 429."""
    if key is None:
        raise await refuse_key(request, broker, "admin_key_missing", "This endpoint is for administrators.")
    async with broker.database.reading() as session:
        name = await queries.admin_name(session, crypto.digest(key))
    if name is None:
        raise await refuse_key(request, broker, "admin_key_wrong", "The key is not one of this broker's admin keys.")
    await broker.limits.hit("admin", name, broker.settings.admin_rate)
    set_caller(request.scope, f"admin:{name}")
    return name


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


async def limit_public(request: Request, broker: OpenBroker) -> None:
    """Count a request to a public page; raises `Problem` 429."""
    await broker.limits.hit("public", client_address(request.scope), broker.settings.public_rate)


Administrator = Annotated[str, Depends(require_admin)]
"""The administrator who calls, as a route asks for it."""
