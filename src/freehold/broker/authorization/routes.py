"""GET and POST /auth/{provider}, and the callbacks. Programs get problems as JSON, browsers get pages."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from freehold.broker.access.keys import limit_public, record_refusal
from freehold.broker.audit import AuditEvent
from freehold.broker.authorization import start, state
from freehold.broker.authorization.complete import Completed, Trace, Undelivered, complete
from freehold.broker.context import PROVIDERS, Broker, OpenBroker, check_provider
from freehold.broker.delivery.routes import try_again_page
from freehold.broker.links import connect_links
from freehold.broker.links import queries as links
from freehold.broker.pages import answer_problem, page_responses, render_interstitial, wants_page
from freehold.broker.registry import clients
from freehold.kernel import logs
from freehold.kernel.problems import Problem, unexpected
from freehold.kernel.same_site import check_same_site

log = logs.get(__name__)

router = APIRouter(tags=["Connecting"], dependencies=[Depends(limit_public)])

ClientId = Annotated[str, Query(max_length=63, description="The client that receives the access.")]
Link = Annotated[str | None, Query(max_length=2048, description="A connect link's sealed part.")]


class CallbackQuery(BaseModel):
    """What a provider sends back: `state` with a code, or with a refusal in one of several shapes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = Field(default="", max_length=4096)
    code: str | None = Field(default=None, max_length=8192)
    error: str | None = None
    error_code: str | None = None
    error_reason: str | None = None
    error_description: str | None = None
    error_message: str | None = None


_PAGE_STATUSES = (400, 403, 404, 410, 422, 429, 500, 503)
_COOKIE_SECONDS = int(state.LIFETIME.total_seconds())


@router.get("/auth/{provider}", responses={**page_responses(200, *_PAGE_STATUSES)}, response_class=Response)
async def show_interstitial(
    request: Request, broker: OpenBroker, provider: str, client_id: ClientId, link: Link = None
) -> Response:
    """The page that names the company that will receive the access; looking at it uses nothing up."""
    try:
        client, values = await start.interstitial(broker, provider, client_id, link)
    except Problem as problem:
        return await _refused_start(request, broker, provider, client_id, problem)
    return render_interstitial(values, targets=[broker.settings.meta_dialog_url, client.success_url])


@router.post(
    "/auth/{provider}",
    responses={303: {"description": "To the provider's dialog"}, **page_responses(413, 415, *_PAGE_STATUSES)},
    response_class=Response,
    status_code=303,
)
async def begin(
    request: Request,
    broker: OpenBroker,
    provider: str,
    client_id: Annotated[str, Form(max_length=63)],
    link: Annotated[str | None, Form(max_length=2048)] = None,
) -> Response:
    """Begin a flow: uses the connect link up, binds the flow to this browser and goes to the provider."""
    try:
        check_same_site(request.headers, broker.settings.public_url)
        started = await start.begin(broker, provider, client_id, link)
    except Problem as problem:
        return await _refused_start(request, broker, provider, client_id, problem)
    broker.audit.record(
        AuditEvent("authorize", "succeeded", client_id=client_id, provider=provider, flow_id=started.state.flow_id)
    )
    response = RedirectResponse(started.url, status_code=303)
    response.headers.append("Set-Cookie", _cookie(started.state.flow_id, started.state.cookie, _COOKIE_SECONDS))
    return response


@router.get("/callback", responses={**page_responses(200, 409, 502, *_PAGE_STATUSES)}, response_class=Response)
async def callback_of_meta(request: Request, broker: OpenBroker, query: Annotated[CallbackQuery, Query()]) -> Response:
    """The provider's answer, at the address without a provider, which is Meta's alone."""
    return await _callback(request, broker, "meta", query)


@router.get(
    "/callback/{provider}", responses={**page_responses(200, 409, 502, *_PAGE_STATUSES)}, response_class=Response
)
async def callback(
    request: Request,
    broker: OpenBroker,
    provider: str,
    query: Annotated[CallbackQuery, Query()],
) -> Response:
    """The provider's answer: completes the flow and sends the browser on to the client's own node."""
    try:
        check_provider(provider)
    except Problem as problem:
        return answer_problem(request, problem)
    return await _callback(request, broker, provider, query)


async def _callback(request: Request, broker: Broker, provider: str, query: CallbackQuery) -> Response:
    trace = Trace(provider)
    try:
        response = _answer(await complete(broker, query.model_dump(exclude_none=True), request.cookies, trace))
    except Problem as problem:
        response = await _refused(request, broker, trace, problem)
    except asyncio.CancelledError:  # the broker stops, and the flow took longer than its grace
        broker.audit.record(trace.event("failed", "stopped"))
        raise
    except Exception:  # whatever failed, the flow has ended and the person is told
        log.exception("callback.failed")
        response = await _refused(request, broker, trace, unexpected())
    if trace.used_up and trace.flow_id is not None:
        response.headers.append("Set-Cookie", _cookie(trace.flow_id, "", 0))
    return response


def _answer(done: Completed | Undelivered) -> Response:
    if isinstance(done, Completed):
        return RedirectResponse(done.url, status_code=303)
    return try_again_page(done.client, done.parcel.body.decode(), done.handle, done.reason)


async def _refused(request: Request, broker: Broker, trace: Trace, problem: Problem) -> Response:
    event = trace.event("failed" if problem.status >= 500 else "refused", problem.code)  # noqa: PLR2004
    if trace.flow_id is None:
        await record_refusal(broker, event)
    else:
        broker.audit.record(event)
    again = await _start_again(broker, trace) if wants_page(request) else None
    return answer_problem(request, problem, start_again=again)


async def _start_again(broker: Broker, trace: Trace) -> str | None:
    """The way back for the person whose browser began the flow: the one by which they came, while it lasts."""
    record = trace.record
    if record is None:
        return None
    if record.link_id is not None:
        try:
            async with broker.database.writing() as session:
                reopened = await links.reopen_link(session, record.link_id, broker.clock.now())
        except Problem:
            return None
        if not reopened:
            return None
        broker.audit.record(
            AuditEvent("link.reopened", "succeeded", record.client_id, record.provider, flow_id=record.flow_id)
        )
    return broker.settings.public_url + connect_links.path(record.provider, record.client_id, record.link)


async def _refused_start(request: Request, broker: Broker, provider: str, client_id: str, problem: Problem) -> Response:
    known = clients.is_client_id(client_id) and problem.code != "client_unknown"
    event = AuditEvent(
        "authorize",
        "failed" if problem.status >= 500 else "refused",  # noqa: PLR2004
        client_id=client_id if known else None,
        provider=provider if provider in PROVIDERS else "meta",
        reason=problem.code,
    )
    await record_refusal(broker, event)
    return answer_problem(request, problem)


def _cookie(flow_id: str, value: str, seconds: int) -> str:
    return f"{state.cookie_name(flow_id)}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
