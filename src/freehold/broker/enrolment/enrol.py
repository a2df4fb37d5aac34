"""Registers a node that shows an enrolment code: the code is used up and the client is written in one transaction.

The same node may ask again, also when the code has expired since, and gets the same answer: whatever broke on the way,
its operator runs the same command once more. Any other node is refused.
"""

from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.enrolment import queries
from freehold.broker.enrolment.queries import CodeRow
from freehold.broker.registry import clients
from freehold.broker.registry import queries as registry
from freehold.broker.registry.clients import ClientRegistration
from freehold.contracts.registration import (
    ENROLMENT_REPLY_INFO,
    ENROLMENT_REQUEST_INFO,
    EnrolmentReply,
    EnrolmentRequest,
)
from freehold.contracts.renewal import SealedMessage
from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem

_NEW_CODE = "The operator makes a new code with `freehold clients enrol`; nothing was registered."


class RefusedEnrolment(Exception):  # noqa: N818 - it carries a problem
    """Why a node was refused, and which client its code was made for, as far as that is known."""

    def __init__(self, problem: Problem, client_id: str | None) -> None:
        super().__init__(problem.code)
        self.problem, self.client_id = problem, client_id


async def enrol(broker: Broker, message: SealedMessage) -> SealedMessage:
    """Register the node that sealed `message`; raises `RefusedEnrolment`."""
    request = _open(broker, message)
    async with broker.database.reading() as session:
        code = await queries.find_code(session, crypto.digest(request.code.get_secret_value()))
    if code is None:
        raise RefusedEnrolment(_problem(403, "enrolment_code_unknown", "The broker made no such code."), None)
    try:
        await _register(broker, request, code)
    except Problem as problem:
        raise RefusedEnrolment(problem, code.client_id) from problem
    reply = EnrolmentReply(request_id=request.request_id, client_id=code.client_id, company_name=code.company_name)
    sealed = crypto.seal(reply.model_dump_json().encode(), request.public_key, ENROLMENT_REPLY_INFO)
    return SealedMessage(sealed=crypto.to_text(sealed))


def _open(broker: Broker, message: SealedMessage) -> EnrolmentRequest:
    try:
        opened = broker.keys.sealing.open(crypto.to_bytes(message.sealed), ENROLMENT_REQUEST_INFO)
        return EnrolmentRequest.model_validate_json(opened)
    except (InvalidCiphertextError, ValidationError) as error:
        problem = Problem(
            400,
            "enrolment_unreadable",
            "The request is not an enrolment sealed to this broker.",
            "Run `freehold node init --enrol` again: it fetches the broker's key anew.",
        )
        raise RefusedEnrolment(problem, None) from error


async def _register(broker: Broker, request: EnrolmentRequest, code: CodeRow) -> None:
    """Use the code up and write the client, unless this node did so before; raises `Problem`."""
    _check_code(broker, request, code)
    row = clients.new_row(
        broker,
        ClientRegistration(
            client_id=code.client_id,
            company_name=code.company_name,
            vm_url=request.vm_url,
            success_url=request.success_url,
            public_key=request.public_key,
            vm_api_key=request.vm_api_key,
        ),
    )
    try:
        async with broker.database.writing() as session:
            if await queries.use_code(session, code.digest, request.public_key, broker.clock.now()):
                await clients.add(broker, session, row, f"node:{code.client_id}")
                event = AuditEvent("enrolment", "succeeded", client_id=code.client_id, actor=f"node:{code.client_id}")
                await broker.audit.append(session, event)
            elif not await _is_repetition(broker, session, request, code):
                raise _used(code)
    except IntegrityError as error:
        raise await clients.taken(broker, code.client_id) from error


def _check_code(broker: Broker, request: EnrolmentRequest, code: CodeRow) -> None:
    """Refuse (`Problem` 403 or 410) a code that is over, or was made for another client or host."""
    if code.revoked_at is not None:
        raise _problem(410, "enrolment_code_revoked", "This enrolment code was withdrawn.")
    if code.used_by not in {None, request.public_key}:
        raise _used(code)
    if code.used_by is None and broker.clock.now() >= code.expires_at:
        raise _problem(410, "enrolment_code_expired", "This enrolment code has expired.")
    if request.client_id not in {None, code.client_id}:
        raise _problem(403, "enrolment_other_client", "This enrolment code was made for another client.")
    if code.vm_host is not None and urlsplit(request.vm_url).hostname != code.vm_host:
        raise _problem(403, "enrolment_other_host", "This enrolment code was made for another host name.")


async def _is_repetition(broker: Broker, session: ReadSession, request: EnrolmentRequest, code: CodeRow) -> bool:
    """Whether the very node that used the code asks once more."""
    used, client = await queries.find_code(session, code.digest), await registry.find_client(session, code.client_id)
    same_node = used is not None and used.used_by == request.public_key
    return (
        same_node
        and client is not None
        and client.public_key == request.public_key
        and crypto.same(clients.api_key(broker, client), request.vm_api_key.get_secret_value())
    )


def _used(code: CodeRow) -> Problem:
    return Problem(
        410,
        "enrolment_code_used",
        "This enrolment code has been used by another node; each works once.",
        "The client is registered with that node. If its folder is lost, or it is not yours, the operator runs "
        f"`freehold clients remove {code.client_id}`, then makes a new code with `freehold clients enrol`.",
    )


def _problem(status: int, code: str, detail: str) -> Problem:
    return Problem(status, code, detail, _NEW_CODE)
