"""Problems as HTTP answers: `application/problem+json` (RFC 9457) with a stable code and a hint.

Apart from `problems`, so that what answers no request does not load the web framework.
"""

import http
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from freehold.kernel.problems import Problem, unexpected

MEDIA_TYPE = "application/problem+json"

_CODES = {
    400: ("bad_request", "Check the request against the API description at /openapi.json."),
    404: ("not_found", "Check the path against the API description at /openapi.json."),
    405: ("method_not_allowed", "Use one of the methods that the Allow header names."),
    413: ("body_too_large", "Send a smaller body."),
    415: ("unsupported_media_type", "Send JSON, or a form where a form is described."),
}


class ProblemBody(BaseModel):
    """The body of every refusal and failure."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    request_id: str | None = None
    errors: list[dict[str, str]] | None = None


def problem_body(problem: Problem, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of `problem`, with the id of the request being answered."""
    body = ProblemBody(
        type=f"urn:freehold:problem:{problem.code}",
        title=http.HTTPStatus(problem.status).phrase,
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
        hint=problem.hint,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
        errors=errors,
    )
    return body.model_dump(exclude_none=True)


def problem_response(problem: Problem, errors: list[dict[str, str]] | None = None) -> Response:
    """`problem` as an HTTP answer."""
    headers = dict(problem.headers)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return JSONResponse(
        problem_body(problem, errors), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE
    )


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a FastAPI route that can answer with problems of these statuses."""
    return {
        status: {
            "description": http.HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}},
        }
        for status in statuses
    }


def add_problem_handlers(app: FastAPI) -> None:
    """Have `app` answer every refusal and failure as a problem, and never with a value that the caller sent."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


async def _answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _answer_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": ".".join(str(part) for part in item["loc"]), "what": str(item["msg"])} for item in error.errors()
    ]
    problem = Problem(
        422,
        "invalid_request",
        "The request does not have the form that this endpoint takes.",
        "See `errors` for each place, and the API description at /openapi.json.",
    )
    return problem_response(problem, found)


async def _answer_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, hint = _CODES.get(error.status_code, ("refused", "See the status."))
    problem = Problem(error.status_code, code, str(error.detail), hint, headers=dict(error.headers or {}))
    return problem_response(problem)


async def _answer_unexpected(_request: Request, _error: Exception) -> Response:
    return problem_response(unexpected())
