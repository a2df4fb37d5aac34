"""Meta's callbacks, and the page that says how far a deletion has come."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Path, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from freehold.broker.access.keys import limit_public, record_refusal
from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker, OpenBroker
from freehold.broker.pages import page_responses, render_deletion, wants_page
from freehold.broker.platform_events import queries
from freehold.broker.platform_events.forward import forward_due
from freehold.broker.platform_events.receive import EventKind, receive
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem

router = APIRouter(tags=["Meta's callbacks"], dependencies=[Depends(limit_public)])

Signed = Annotated[str, Form(max_length=8192)]
_STATUSES = (400, 413, 415, 422, 429, 500, 503)


class DeletionAnswer(BaseModel):
    """What Meta shows to the person: where to look, and the code."""

    url: str
    confirmation_code: str


@router.post("/meta/deauthorize", responses=problem_responses(*_STATUSES))
async def deauthorize(broker: OpenBroker, tasks: BackgroundTasks, signed_request: Signed) -> dict[str, str]:
    """A person removed the app: every node that holds a token of theirs is told."""
    await _receive(broker, tasks, "deauthorize", signed_request)
    return {"status": "ok"}


@router.post("/meta/data-deletion", responses=problem_responses(*_STATUSES))
async def data_deletion(broker: OpenBroker, tasks: BackgroundTasks, signed_request: Signed) -> DeletionAnswer:
    """A person wants their data deleted: what the broker knows of them is erased, and their nodes are told."""
    code = await _receive(broker, tasks, "data_deletion", signed_request)
    return DeletionAnswer(url=f"{broker.settings.public_url}/data-deletion/{code}", confirmation_code=code)


@router.get("/data-deletion/{code}", responses=page_responses(200, 404, 422, 429, 500, 503), response_class=Response)
async def deletion_status(
    request: Request, broker: OpenBroker, code: Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]
) -> Response:
    """How far a deletion has come."""
    async with broker.database.reading() as session:
        progress = await queries.deletion_progress(session, code)
    if progress is None:
        raise Problem(
            404,
            "deletion_unknown",
            "No request for deletion has this confirmation code.",
            "Check the code that Facebook showed you.",
        )
    if not wants_page(request):
        return JSONResponse({"confirmation_code": code, "nodes": progress.total, "confirmed": progress.done})
    return render_deletion(
        {
            "code": code,
            "received": f"{progress.received_at:%d %B %Y}",
            "total": progress.total,
            "done": progress.done,
            "waiting": progress.total > progress.done,
        }
    )


async def _receive(broker: Broker, tasks: BackgroundTasks, kind: EventKind, signed_request: str) -> str:
    step = f"platform_event.{kind}"
    try:
        code, clients = await receive(broker, kind, signed_request)
    except Problem as problem:
        await record_refusal(broker, AuditEvent(step, "refused", reason=problem.code))
        raise
    for client_id in clients:
        broker.audit.record(AuditEvent(step, "succeeded", client_id=client_id, reason="received"))
    if not clients:
        broker.audit.record(AuditEvent(step, "succeeded", reason="nobody_concerned"))
    tasks.add_task(forward_due, broker)
    return code
