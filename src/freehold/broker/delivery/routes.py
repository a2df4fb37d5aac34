"""POST /deliveries: the envelope that a person's page held is tried again, by whichever replica is asked."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from freehold.broker.access.keys import limit_public, record_refusal
from freehold.broker.audit import AuditEvent
from freehold.broker.context import OpenBroker
from freehold.broker.delivery.deliver import deliver
from freehold.broker.delivery.envelopes import MAX_ENVELOPE, check_returned
from freehold.broker.pages import answer_problem, page_responses, render_try_again
from freehold.broker.registry import clients
from freehold.broker.registry.queries import Client
from freehold.broker.sites import success_url
from freehold.contracts.delivery import LIFETIME, Envelope
from freehold.kernel.problems import Problem
from freehold.kernel.same_site import check_same_site

router = APIRouter(tags=["Connecting"], dependencies=[Depends(limit_public)])

_HANDLE = re.compile(r"^[A-Za-z0-9_-]{43}$")


@router.post(
    "/deliveries",
    responses={
        303: {"description": "Delivered; to the company's own page"},
        **page_responses(400, 403, 404, 410, 413, 415, 422, 429, 500, 502, 503),
    },
    response_class=Response,
    status_code=303,
)
async def try_again(
    request: Request,
    broker: OpenBroker,
    envelope: Annotated[str, Form(max_length=MAX_ENVELOPE)],
    handle: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Deliver a sealed grant that could not be delivered before."""
    opened: Envelope | None = None
    try:
        check_same_site(request.headers, broker.settings.public_url)
        opened = check_returned(broker, envelope)
        async with broker.database.reading() as session:
            client = await clients.find_connectable(session, opened.client_id)
        result = await deliver(broker, client, envelope.encode())
        if result.outcome == "refused":
            raise _refused(result.reason)
    except Problem as problem:
        await record_refusal(broker, _event(opened, "refused", problem.code))
        return answer_problem(request, problem)
    if result.outcome == "undelivered":
        broker.audit.record(_event(opened, "failed", result.reason, result.node_ms))
        return try_again_page(client, envelope, handle, result.reason or "node_unreachable")
    broker.audit.record(_event(opened, "succeeded", None, result.node_ms))
    return RedirectResponse(success_url(client, handle if _HANDLE.match(handle) else None), status_code=303)


def try_again_page(client: Client, envelope: str, handle: str, reason: str) -> Response:
    """The page that holds the envelope; nothing of it is stored anywhere."""
    values = {
        "company": client.company_name,
        "host": urlsplit(client.vm_url).netloc,
        "envelope": envelope,
        "handle": handle,
        "code": reason,
        "minutes": int(LIFETIME.total_seconds() // 60),
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    return render_try_again(values, status=502, targets=[client.success_url])


def _refused(reason: str | None) -> Problem:
    return Problem(
        502,
        "delivery_refused",
        f"The company's own server did not accept the delivery ({reason}).",
        "Tell the operator this code and the request id; then start again with a new link.",
    )


def _event(envelope: Envelope | None, outcome: str, reason: str | None, node_ms: float | None = None) -> AuditEvent:
    return AuditEvent(
        "delivery",
        outcome,  # type: ignore[arg-type]
        client_id=None if envelope is None else envelope.client_id,
        reason=reason,
        node_ms=node_ms,
    )
