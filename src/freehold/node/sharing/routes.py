"""A shared edition on port 3007: its page and its PDF, to whoever has the link."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from freehold.kernel.listener import client_address
from freehold.kernel.problem_responses import problem_responses
from freehold.node.context import Node
from freehold.node.pages.routes import VISITS, page
from freehold.node.reports.editions import PDF, REPORT
from freehold.node.sharing import links
from freehold.node.sharing.readers import reader_of

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; sandbox"
)
"""No script, no form, nothing from elsewhere; styles are the report's own, and pictures stand inside it."""
UNLISTED = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
_HTML = {"text/html": {"schema": {"type": "string"}}}
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_GONE: dict[str, Any] = {"description": "The link leads nowhere, for whatever reason", "content": _HTML}


def routes(node: Node) -> APIRouter:
    """The endpoints of shared editions; HEAD is answered like GET, and counts as no reading."""
    router = APIRouter(default_response_class=HTMLResponse)
    refusals = problem_responses(422, 429, 503)
    page_answers: dict[int | str, dict[str, Any]] = {200: {"content": _HTML}, 404: _GONE, **refusals}
    pdf_answers: dict[int | str, dict[str, Any]] = {200: {"content": _PDF}, 404: _GONE, **refusals}

    @router.head("/reports/{link}", include_in_schema=False)
    @router.get("/reports/{link}", responses=page_answers)
    async def report(request: Request, link: str) -> Response:
        """An edition's page, by its link. Previews of messengers are told that there is a report, and nothing of it."""
        return await _answer(node, request, link, REPORT)

    @router.head(f"/reports/{{link}}/{PDF}", include_in_schema=False)
    @router.get(f"/reports/{{link}}/{PDF}", responses=pdf_answers, response_class=Response)
    async def printed(request: Request, link: str) -> Response:
        """The same edition as a PDF, by the same link, if it was made with one."""
        return await _answer(node, request, link, PDF)

    return router


async def _answer(node: Node, request: Request, link: str, file: links.File) -> Response:
    """A file of an edition; where there is none, the same page for every reason."""
    address = client_address(request.scope)
    await node.limits.hit("pages", address, VISITS)
    found = await links.follow(node, link, file)
    if found is None:
        return _page(node, "report_gone", 404)
    reader = reader_of(request.headers)
    if request.method != "HEAD":
        await links.note(node, link, found, reader, address)
    if reader == "preview":
        return _page(node, "report_preview", 200)
    held = await run_in_threadpool(found.path.read_bytes)
    if file == PDF:
        name = {"Content-Disposition": f'attachment; filename="{found.edition_id}.pdf"'}
        return Response(held, headers=UNLISTED | name, media_type="application/pdf")
    return HTMLResponse(held, headers=UNLISTED | {"Content-Security-Policy": REPORT_POLICY})


def _page(node: Node, name: str, status: int) -> Response:
    """A page of ours in the language of the client's reports."""
    told = page(name, status, company=node.settings.company_name, language=node.settings.language)
    told.headers.update(UNLISTED)
    return told
