"""Structured logs: one JSON object a line, with the request's id, and without secrets.

Event names are dotted (`delivery.acknowledged`). Values under names that hold secrets are replaced, and so is any text
that looks like a provider's token, one of our own keys or something sealed, wherever it stands.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO, cast

import structlog

REDACTED = "[redacted]"

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[0-9a-f]{16}")
QUIET = ("alembic", "uvicorn", "aiosqlite", "asyncio")
"""Libraries that tell of each of their steps; their warnings are enough."""

_SECRET_NAMES = frozenset({
    "access_token", "token", "secret", "password", "authorization", "api_key", "vm_api_key", "x_api_key", "cookie",
    "proof", "appsecret_proof", "app_secret", "client_secret", "state", "handle", "verifier", "code_verifier",
    "signed_request", "page_tokens", "appsecret_proofs", "body", "form",
})  # fmt: skip
_SECRET_TEXT = re.compile(
    r"\b(?:EAA[A-Za-z0-9]{16,}|fh[a-z]{1,8}_[A-Za-z0-9_-]{40,}|v1\.\w+\.[A-Za-z0-9_-]{16,}|Bearer\s+\S+)"
)


def configure(
    service: str, stream: TextIO | None = None, *, level: str = "info", form: Literal["json", "text"] = "json"
) -> None:
    """Send this process's logs, the libraries' included, to `stream` (standard output), as JSON or as text.

    `level` is "debug", "info", "warning", "error" or "critical"; what is less urgent is left out.
    """
    urgency = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
        _frames_only,
        _without_secrets,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str) if form == "json" else structlog.dev.ConsoleRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(urgency)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(urgency, logging.WARNING))


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of module `name`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def request_id() -> str | None:
    """The id of the request that is being answered, if one is."""
    found: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return found


def passed_on() -> dict[str, str]:
    """The header by which one of our services tells another which request of its own it is answering."""
    found = request_id()
    return {} if found is None else {REQUEST_ID_HEADER: found}


def caused_by(header: str | None) -> dict[str, str]:
    """What log lines say of the caller's own request, if it named one in the form that ours have."""
    return {"caused_by": header} if header and _REQUEST_ID.fullmatch(header) else {}


def _named(service: str) -> structlog.types.Processor:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("service", service)
        return event

    return add


def _frames_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it passed: a message may quote what somebody sent."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["frames"] = frames(error)
    return event


def frames(error: BaseException) -> list[str]:
    """Where `error` was raised, innermost last, as `file:line function`."""
    found, traceback = [], error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return found[-8:]


def redacted(text: str) -> str:
    """`text` without what looks like a token, a key, or something sealed, such as a link to a report."""
    return _SECRET_TEXT.sub(REDACTED, text)


def _without_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: _without_secret(name, value) for name, value in event.items()}


def _without_secret(name: object, value: object) -> object:
    """A value without what is secret in it, however deep it lies."""
    if isinstance(name, str) and name.lower() in _SECRET_NAMES:
        return REDACTED
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {inner: _without_secret(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secret("", each) for each in value]
    return value
