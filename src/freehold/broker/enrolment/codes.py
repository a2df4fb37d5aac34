"""Makes and withdraws enrolment codes. A client has one that can be used: a new one replaces the one before."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.enrolment import queries
from freehold.broker.identity import identity_of
from freehold.broker.registry import clients
from freehold.broker.registry import queries as registry
from freehold.contracts.registration import EnrolmentCode
from freehold.kernel import crypto
from freehold.kernel.database import WriteSession
from freehold.kernel.problems import Problem

DAY_SECONDS = 86_400
KEPT_AFTERWARDS = timedelta(days=30)
"""A code that ended stays known for so long, so that its user is told why it no longer works."""
HOST = r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"


class EnrolmentCodeRequest(BaseModel):
    """Whom a code is for. `vm_host`: the only host name that the node's address may have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company_name: Annotated[str, Field(min_length=1, max_length=200, pattern=clients.PRINTABLE)]
    vm_host: Annotated[str, Field(pattern=HOST)] | None = None
    valid_seconds: int = Field(default=DAY_SECONDS, ge=60, le=7 * DAY_SECONDS)


class NewEnrolmentCode(BaseModel):
    """A code, shown this once."""

    client_id: str
    company_name: str
    vm_host: str | None
    code: str
    expires_at: datetime


async def make(broker: Broker, client_id: str, wanted: EnrolmentCodeRequest, actor: str) -> NewEnrolmentCode:
    """Make a code for a client that is not registered yet; raises `Problem` 409 when it is."""
    now = broker.clock.now()
    code, expires_at = EnrolmentCode.new(identity_of(broker)), now + timedelta(seconds=wanted.valid_seconds)
    row = {
        "digest": crypto.digest(code.secret),
        "client_id": client_id,
        "company_name": wanted.company_name,
        "vm_host": wanted.vm_host,
        "created_by": actor,
        "created_at": now,
        "expires_at": expires_at,
    }
    async with broker.database.writing() as session:
        if await registry.find_client(session, client_id) is not None:
            raise clients.exists()
        await queries.revoke_codes(session, client_id, now)
        await queries.insert_code(session, row)
        await _note(broker, session, "admin.enrolment_code_made", client_id, actor)
    return NewEnrolmentCode(
        client_id=client_id,
        company_name=wanted.company_name,
        vm_host=wanted.vm_host,
        code=str(code),
        expires_at=expires_at,
    )


async def revoke(broker: Broker, client_id: str, actor: str) -> None:
    """Withdraw the code of a client; raises `Problem` 404 when none could be used."""
    async with broker.database.writing() as session:
        if not await queries.revoke_codes(session, client_id, broker.clock.now()):
            raise Problem(
                404,
                "enrolment_code_unknown",
                "No enrolment code of this client could still be used.",
                "Nothing needs to be withdrawn; `freehold events` shows what became of its codes.",
            )
        await _note(broker, session, "admin.enrolment_code_revoked", client_id, actor)


async def _note(broker: Broker, session: WriteSession, step: str, client_id: str, actor: str) -> None:
    await broker.audit.append(session, AuditEvent(step, "succeeded", client_id=client_id, actor=actor))
