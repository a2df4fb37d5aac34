"""The pages that people see on port 3007 after authorising, with the choice of assets."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, select_autoescape

from freehold.kernel.listener import client_address
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.same_site import check_same_site
from freehold.node.assets import confirm_assets, offered_assets
from freehold.node.context import Node
from freehold.node.guard import report_event
from freehold.node.pages import sessions
from freehold.node.vault import find_credential

COOKIE = "__Host-freehold-success"
VISITS = "60/minute"
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
KINDS = {"facebook_page": "Facebook page", "instagram_account": "Instagram account", "ad_account": "Ad account"}
_TEMPLATES = Environment(loader=PackageLoader("freehold.node.pages"), autoescape=select_autoescape(default=True))
_HTML: dict[int | str, dict[str, object]] = {
    200: {"content": {"text/html": {}}},
    303: {"description": "To the page without the handle"},
}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a page can refuse with: problems, and 403 also as a page for the person."""
    declared = problem_responses(*statuses)
    declared[403]["content"]["text/html"] = {}
    return declared


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page from its template."""
    html = _TEMPLATES.get_template(f"{name}.html").render(**values)
    return HTMLResponse(html, status, headers={"Content-Security-Policy": PAGE_POLICY})


def routes(node: Node) -> APIRouter:
    """The pages' endpoints."""
    router = APIRouter(default_response_class=HTMLResponse)
    company = node.settings.company_name

    @router.get("/success", responses={**_HTML, **_refusals(403, 422, 429, 503)})
    async def success(request: Request, handle: Annotated[str, Query(max_length=200)] = "") -> Response:
        """Where the person lands: exchanges the one-time handle for a cookie, then shows the assets to choose from."""
        await node.limits.hit("pages", client_address(request.scope), VISITS)
        if handle:
            return await _exchange(node, request, handle)
        secret = request.cookies.get(COOKIE, "")
        async with node.database.reading() as session:
            person = await sessions.find_session(session, secret, node.clock.now()) if secret else None
            if person is None:
                return page("connected", company=company)
            credential = await find_credential(session, person.credential_id)
            offered = await offered_assets(session, person.credential_id)
        if credential is None or credential.status not in {"active", "pending"}:
            return page("connected", company=company)
        if credential.status == "pending":
            return page("pending", company=company)
        return page("assets", company=company, assets=offered, kinds=KINDS, chosen=person.chosen_at is not None)

    @router.post("/success", responses={**_HTML, **_refusals(400, 403, 413, 415, 422, 429, 503)})
    async def choose(request: Request, asset: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006 - FastAPI copies it
        """Take the person's choice; only what is ticked is ever collected."""
        await node.limits.hit("pages", client_address(request.scope), VISITS)
        check_same_site(request.headers, _origin(node.settings.public_url))
        secret = request.cookies.get(COOKIE, "")
        now = node.clock.now()
        async with node.database.writing() as session:
            person = await sessions.find_session(session, secret, now) if secret else None
            credential = None if person is None else await find_credential(session, person.credential_id)
            if person is None or credential is None or credential.status != "active":
                return page("expired", 403, company=company)
            confirmed = await confirm_assets(session, person.credential_id, asset, now)
            await sessions.mark_chosen(session, secret, now)
        return page("chosen", company=company, assets=confirmed, kinds=KINDS)

    return router


async def _exchange(node: Node, request: Request, handle: str) -> Response:
    async with node.database.writing() as session:
        secret = await sessions.exchange_handle(session, handle, node.clock.now())
    if secret is None:
        await report_event(node, request, "handle_refused", "a one-time handle was used, expired or unknown", None)
        return page("expired", 403, company=node.settings.company_name)
    # A fragment of our own: otherwise the browser keeps the "#_=_" with which Meta sends people back.
    response = RedirectResponse("/success#choose", 303)
    age = int(sessions.LIFE.total_seconds())
    response.set_cookie(COOKIE, secret, max_age=age, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _origin(url: str) -> str:
    """The origin of an address, as browsers write it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
