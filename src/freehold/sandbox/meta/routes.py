"""Meta over HTTP: the Graph API at every path, and the dialog."""

import asyncio
import json
import secrets
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from freehold.sandbox.meta import dialog, oauth, versions
from freehold.sandbox.meta.batch import Outer, answer_batch
from freehold.sandbox.meta.calls import Answered, Asked, answer
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.state import Sandbox


async def _params(request: Request) -> dict[str, str]:
    """Query and form in one, as the Graph API takes them; a file becomes its bytes as Latin-1 text."""
    params = dict(request.query_params)
    if request.method == "POST":
        kind = request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            sent = await request.json()
            if not isinstance(sent, dict):
                raise ValueError("the body is not an object")
            params |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
        else:
            params |= await _form(await request.form())
    return params


async def _form(form: FormData) -> dict[str, str]:
    found = {}
    for name, value in form.items():
        found[name] = (await value.read()).decode("latin-1") if isinstance(value, UploadFile) else value
    return found


async def graph(request: Request) -> Response:
    """Any path: a node, an edge, a batch."""
    sandbox: Sandbox = request.app.state.sandbox
    try:
        params = await _params(request)
    except ValueError:
        return _response(Answered(400, GraphError("(#100) The body could not be read", code=100).body()))
    if "if-none-match" in request.headers:
        removed = GraphError("(#100) ETags are no longer supported; call without If-None-Match.", code=100)
        return _response(Answered(400, removed.body()))
    token = params.get("access_token") or request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if request.method != "GET":
        # Of a GET it stays: links to neighbouring pages carry it, as Meta's do.
        params.pop("access_token", None)
    method = params.pop("method", request.method).upper() if request.method == "POST" else request.method
    path = request.url.path.rstrip("/")
    base_url = str(request.base_url).rstrip("/")
    if "batch" in params and method == "POST":
        return _batch(sandbox, Outer(_version(path), token, params, base_url))
    answered = answer(sandbox, Asked(method, path, params, token, base_url))
    if answered.fault is not None:
        return await _faulty(answered)
    return _response(answered)


def _version(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return first if versions.is_version(first) else versions.NEWEST


def _batch(sandbox: Sandbox, outer: Outer) -> Response:
    try:
        return _response(Answered(200, answer_batch(sandbox, outer), version=outer.version))
    except GraphError as error:
        return _response(Answered(error.status, error.body()))


def _response(answered: Answered) -> Response:
    headers = {
        **answered.headers,
        "facebook-api-version": answered.version,
        "x-fb-request-id": secrets.token_urlsafe(8),
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
    }
    if answered.status in {400, 401} and isinstance(answered.body, dict) and "error" in answered.body:
        headers["WWW-Authenticate"] = 'OAuth "Facebook Platform"'
    text = json.dumps(answered.body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, answered.status, headers, media_type="application/json")


async def _faulty(answered: Answered) -> Response:
    """The answer as the fault spoils it."""
    assert answered.fault is not None
    if answered.fault.kind == "slow":
        await asyncio.sleep(answered.fault.seconds)
    if answered.fault.kind == "drop":
        return _Dropped()
    if answered.fault.kind == "malformed":
        return Response('{"data":[{"id":"1', media_type="application/json")
    if answered.fault.kind == "service_unavailable_in_ok":
        return Response("Service Unavailable", media_type="text/plain")
    return _response(answered)


class _Dropped(Response):
    """Promises a body and lets the connection go half way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - Starlette's form
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b'{"data":', "more_body": False})


async def show_dialog(request: Request) -> Response:
    """The dialog: who signs in, then what they allow."""
    sandbox: Sandbox = request.app.state.sandbox
    given: dict[str, Any] = dict(request.query_params)
    try:
        asked = oauth.read_request(sandbox, given)
        if asked.unknown_scopes():
            return RedirectResponse(oauth.invalid_scopes(asked), 302)
        person_id = given.get("person") or request.cookies.get(dialog.COOKIE, "")
        if given.get("switch") or not person_id:
            return HTMLResponse(dialog.people_page(sandbox, given))
        oauth.check_person(sandbox, person_id)
    except oauth.DialogError as error:
        return HTMLResponse(dialog.error_page(str(error)), 400)
    response = HTMLResponse(dialog.consent_page(sandbox, asked, person_id, given))
    response.set_cookie(dialog.COOKIE, person_id, httponly=True, samesite="lax", path="/")
    return response


async def answer_dialog(request: Request) -> Response:
    """What the person decided."""
    sandbox: Sandbox = request.app.state.sandbox
    form = await request.form()
    try:
        asked = oauth.read_request(sandbox, dict(request.query_params))
        person_id = str(form.get("person", ""))
        oauth.check_person(sandbox, person_id)
    except oauth.DialogError as error:
        return HTMLResponse(dialog.error_page(str(error)), 400)
    decision = str(form.get("decision", "deny"))
    if decision in {"deny", "cancel"}:
        return RedirectResponse(oauth.refuse(asked, decision), 302)
    scopes = frozenset(map(str, form.getlist("permission")))
    assets = frozenset(map(str, form.getlist("asset")))
    return RedirectResponse(oauth.allow(sandbox, asked, person_id, scopes, assets), 302)


ROUTES = [
    Route("/{version}/dialog/oauth", show_dialog, methods=["GET"]),
    Route("/{version}/dialog/oauth", answer_dialog, methods=["POST"]),
    Route("/dialog/oauth", show_dialog, methods=["GET"]),
    Route("/dialog/oauth", answer_dialog, methods=["POST"]),
    Route("/{path:path}", graph, methods=["GET", "POST", "DELETE"]),
]
