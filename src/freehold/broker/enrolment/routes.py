"""Administrators make and withdraw enrolment codes; whoever holds one registers a node with it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from freehold.broker.access.keys import Administrator, AdminRoute, record_refusal
from freehold.broker.audit import AuditEvent
from freehold.broker.context import OpenBroker
from freehold.broker.enrolment import codes, enrol
from freehold.broker.enrolment.codes import EnrolmentCodeRequest, NewEnrolmentCode
from freehold.broker.enrolment.enrol import RefusedEnrolment
from freehold.contracts.registration import CLIENT_ID, ENROLMENT_PATH
from freehold.contracts.renewal import SealedMessage
from freehold.kernel.listener import client_address
from freehold.kernel.problem_responses import problem_responses

router = APIRouter()
_for_administrators = APIRouter(tags=["Administration"], route_class=AdminRoute)

ClientId = Annotated[str, Path(pattern=CLIENT_ID)]
_CODES = "/admin/clients/{client_id}/enrolment-codes"


@_for_administrators.post(
    _CODES, status_code=201, responses=problem_responses(400, 401, 409, 413, 415, 422, 429, 500, 503)
)
async def make_code(
    broker: OpenBroker, admin: Administrator, client_id: ClientId, wanted: EnrolmentCodeRequest
) -> NewEnrolmentCode:
    """A one-time code, shown this once, with which the node of a client that is not registered yet registers itself."""
    return await codes.make(broker, client_id, wanted, f"admin:{admin}")


@_for_administrators.delete(_CODES, status_code=204, responses=problem_responses(400, 401, 404, 422, 429, 500, 503))
async def revoke_codes(broker: OpenBroker, admin: Administrator, client_id: ClientId) -> None:
    """Withdraw the code of a client that was not used yet."""
    await codes.revoke(broker, client_id, f"admin:{admin}")


@router.post(
    ENROLMENT_PATH,
    tags=["Nodes"],
    responses=problem_responses(400, 403, 409, 410, 413, 415, 422, 429, 500, 503),
)
async def enrol_node(request: Request, broker: OpenBroker, message: SealedMessage) -> SealedMessage:
    """Register the node that holds a code; sealed both ways, and neither body is written to a log."""
    await broker.limits.hit("enrolment", client_address(request.scope), broker.settings.failure_rate)
    try:
        return await enrol.enrol(broker, message)
    except RefusedEnrolment as refused:
        reason = refused.problem.code
        await record_refusal(broker, AuditEvent("enrolment", "refused", client_id=refused.client_id, reason=reason))
        raise refused.problem from refused


router.include_router(_for_administrators)
