"""The page on which a person approves: for a phone, with a key that is typed in anew for each decision.

Signing in shows the plans for a quarter of an hour and decides nothing. The cookie holds no key.
"""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.listener import client_address, set_caller
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.kernel.same_site import check_same_site
from freehold.node.access import AccessKey, usable_key
from freehold.node.context import Node
from freehold.node.failures import asset_refused
from freehold.node.guard import FAILURES, report_event
from freehold.node.pages.routes import VISITS, page
from freehold.node.spending import queries
from freehold.node.spending.approvals import Decision, Word, approver_of, decide
from freehold.node.spending.change import Principal
from freehold.node.spending.pause import pause_everything
from freehold.node.spending.plan import plan_of
from freehold.node.spending.show import shown, visible

COOKIE: Final = "__Host-freehold-approvals"
LIFE: Final = timedelta(minutes=15)
MOST: Final = 25
"""Plans on the page at once: more is scrolled past, not read."""
_CONTEXT: Final = "approvals_session"
HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}, 303: {"description": "To the list"}}
REFUSALS = problem_responses(400, 403, 413, 415, 422, 429, 503)
Key = Annotated[str, Form(max_length=200)]


def routes(node: Node) -> APIRouter:
    """The page's endpoints."""
    router = APIRouter(prefix="/approvals", default_response_class=HTMLResponse)
    _add_reading(router, node)
    _add_deciding(router, node)
    return router


def _add_reading(router: APIRouter, node: Node) -> None:
    @router.get("", responses={**HTML, **REFUSALS})
    async def listed(request: Request) -> Response:
        """What waits, for somebody who has signed in; else where to do so."""
        await node.limits.hit("pages", client_address(request.scope), VISITS)
        return await _list(node, await _signed_in(node, request))

    @router.post("", responses={**HTML, **REFUSALS})
    async def sign_in(request: Request, key: Key = "") -> Response:
        """Show a key, and see what waits for a quarter of an hour."""
        await _check_form(node, request)
        try:
            approver = await _approver(node, request, key)
        except Problem as problem:
            return page("approvals_sign_in", problem.status, company=node.settings.company_name, wrong=problem.detail)
        content = {"key": approver.id, "until": (node.clock.now() + LIFE).isoformat()}
        sealed = node.keys.keyring.current().encrypt(json.dumps(content).encode(), _CONTEXT)
        response = RedirectResponse("/approvals", 303)
        age = int(LIFE.total_seconds())
        response.set_cookie(COOKIE, sealed, max_age=age, path="/", secure=True, httponly=True, samesite="strict")
        return response


def _add_deciding(router: APIRouter, node: Node) -> None:
    @router.post("/plans/{plan_id}", responses={**HTML, **REFUSALS})
    async def decided(
        request: Request,
        plan_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")],
        plan_hash: Annotated[str, Form(alias="hash", max_length=64)],
        decision: Annotated[Decision, Form()],
        key: Key = "",
        reason: Annotated[str, Form(max_length=1000)] = "",
    ) -> Response:
        """Approve or refuse what was shown, with the key typed in once more."""
        await _check_form(node, request)
        try:
            approver = await _approver(node, request, key)
            plan = await decide(node, approver, plan_id, Word(decision, plan_hash, "page", reason))
        except Problem as problem:
            return await _list(node, await _signed_in(node, request), problem=problem)
        return await _list(node, approver, told=f"{visible(plan.object_name or plan.kind)}: {decision}.")

    @router.post("/pause-everything", responses={**HTML, **REFUSALS})
    async def paused(request: Request, key: Key = "") -> Response:
        """Switch off every campaign, at once."""
        await _check_form(node, request)
        try:
            approver = await _approver(node, request, key)
            if approver.assets is not None:
                raise asset_refused()
            done = await pause_everything(node, Principal(approver.id, approver.name, "page", approver.person))
        except Problem as problem:
            return await _list(node, await _signed_in(node, request), problem=problem)
        failed = [each for each in done if each.failure]
        told = f"{len(done) - len(failed)} campaigns were paused."
        told += f" Not paused: {', '.join(visible(each.name or each.account_id) for each in failed)}." if failed else ""
        return await _list(node, approver, told=told)


async def _list(
    node: Node, reader: AccessKey | None, *, told: str = "", problem: Problem | None = None
) -> HTMLResponse:
    """What waits in the accounts that the reader's key is for; where to sign in, for nobody."""
    status = 200 if problem is None else problem.status
    about = {"company": node.settings.company_name}
    if reader is None:
        return page("approvals_sign_in", status, **about, wrong="" if problem is None else problem.detail)
    async with node.database.reading() as session:
        rows = await queries.plan_rows(
            session, ("waiting",), MOST + 1, accounts=reader.assets, ends_after=node.clock.now()
        )
    plans = [shown(plan_of(row)) for row in rows[:MOST]]
    return page("approvals", status, **about, plans=plans, more=len(rows) > MOST, told=told, problem=problem)


async def _signed_in(node: Node, request: Request) -> AccessKey | None:
    """Whose key opened the page within the last quarter of an hour, if that key still approves."""
    try:
        content = json.loads(node.keys.keyring.current().decrypt(request.cookies.get(COOKIE, ""), _CONTEXT))
    except InvalidCiphertextError:
        return None
    now = node.clock.now()
    if now >= datetime.fromisoformat(content["until"]):
        return None
    async with node.database.reading() as session:
        key = await usable_key(session, content["key"], now)
    return key if key is not None and "approve" in key.scopes else None


async def _approver(node: Node, request: Request, secret: str) -> AccessKey:
    """Whoever typed a key in; a wrong one is a security event, and few are taken."""
    try:
        approver = await approver_of(node, secret.strip())
    except Problem as problem:
        await node.limits.hit("failures", client_address(request.scope), FAILURES)
        await report_event(node, request, problem.code, "on the page of approvals", None)
        raise
    set_caller(request.scope, approver.name)
    return approver


async def _check_form(node: Node, request: Request) -> None:
    await node.limits.hit("pages", client_address(request.scope), VISITS)
    parts = urlsplit(node.settings.public_url)
    check_same_site(request.headers, f"{parts.scheme}://{parts.netloc}".lower())
