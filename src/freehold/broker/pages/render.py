"""Fills the templates and sets the headers that keep a page's content to itself."""

import http
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from jinja2 import Environment, PackageLoader, Template
from starlette.responses import HTMLResponse, Response

from freehold.kernel.problem_responses import MEDIA_TYPE, ProblemBody, problem_response
from freehold.kernel.problems import Problem

_TEMPLATES = Environment(
    loader=PackageLoader("freehold.broker.pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

TITLES: Mapping[str, str] = {
    "client_unknown": "We do not know this link",
    "client_paused": "Connecting is paused",
    "consent_refused": "Nothing was connected",
    "scopes_missing": "Some permissions are missing",
    "link_used": "This link has been used",
    "link_expired": "This link has expired",
    "link_revoked": "This link was withdrawn",
    "state_expired": "That took a little too long",
    "state_unknown": "This step was already done",
    "browser_mismatch": "Please go on in the same browser",
    "too_many_requests": "Please wait a moment",
    "instagram_not_linked": "No Instagram account was found",
    "page_not_ticked": "No page was chosen",
}


def wants_page(request: Request) -> bool:
    """Whether a browser asks: everything else gets its problems as JSON."""
    return "text/html" in request.headers.get("accept", "")


def page_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that answers browsers with pages and programs with problems."""
    return {
        status: {
            "description": http.HTTPStatus(status).phrase,
            "content": {"text/html": {}, MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}},
        }
        for status in statuses
    }


def render_interstitial(values: Mapping[str, Any], *, targets: Sequence[str]) -> Response:
    """The page that says who will receive what, with the one button to go on."""
    return _page("interstitial.html", values, targets=targets)


def render_try_again(values: Mapping[str, Any], *, status: int, targets: Sequence[str]) -> Response:
    """The page that holds a sealed delivery while the node is away."""
    return _page("try_again.html", values, status=status, targets=targets)


def render_deletion(values: Mapping[str, Any]) -> Response:
    """The page that says how far a deletion has come."""
    return _page("deletion.html", values)


def render_problem(problem: Problem, *, start_again: str | None = None) -> Response:
    """A refusal or failure as a page: what happened, what to do, and the code to quote."""
    values = {
        "title": TITLES.get(problem.code, "That did not work"),
        "problem": problem,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "start_again": start_again,
    }
    response = _page("problem.html", values, status=problem.status)
    response.headers.update(problem.headers)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response


def answer_problem(request: Request, problem: Problem, *, start_again: str | None = None) -> Response:
    """A refusal or failure in the form that the caller reads."""
    return render_problem(problem, start_again=start_again) if wants_page(request) else problem_response(problem)


def _page(name: str, values: Mapping[str, Any], *, status: int = 200, targets: Sequence[str] = ()) -> Response:
    """A page whose form may lead only to us and to `targets`: browsers apply the rule to redirects too."""
    response = HTMLResponse(_template(name).render(values), status_code=status)
    form_action = " ".join(["'self'", *dict.fromkeys(_allowed(target) for target in targets)]) if targets else "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
        f"form-action {form_action}"
    )
    if targets:
        # Under no-referrer a browser sends `Origin: null` with our own form, and we could not tell it from another's.
        response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _allowed(url: str) -> str:
    """The origin of `url` as a source of the policy; Meta's dialog moves between its own hosts."""
    parts = urlsplit(url)
    return "https://*.facebook.com" if parts.hostname == "www.facebook.com" else f"{parts.scheme}://{parts.netloc}"


@lru_cache
def _template(name: str) -> Template:
    return _TEMPLATES.get_template(name)
