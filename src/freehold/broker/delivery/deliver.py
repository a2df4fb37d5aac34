"""Delivers to a client's node: sealed and signed when its public key is known, repeated while the person waits.

A delivery ends in one of three ways: the node took it, the node refused it for good, or it did not arrive. One that did
not arrive is kept nowhere; the caller decides whether the person's page may hold it.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from freehold.broker.context import Broker
from freehold.broker.registry import clients
from freehold.broker.registry.queries import Client
from freehold.contracts.delivery import DeliveryReceipt
from freehold.kernel import logs
from freehold.kernel.http import UnreachableError
from freehold.kernel.replies import ApiReply

log = logs.get(__name__)

CREDENTIALS_PATH = "/api/credentials"
MAX_ANSWER = 64 * 1024
TRY_SECONDS = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0
_ACCEPTED = frozenset({200, 201})
_REPEATABLE = frozenset({408, 425, 429})
_REASONS = {
    **dict.fromkeys(range(300, 400), "node_redirects"),
    **dict.fromkeys((401, 403), "node_refused_key"),
    **{status: f"node_status_{status}" for status in (404, *_REPEATABLE)},
}
"""Answers of a node that is there but not ready: the person may try again later, and nothing is lost."""


@dataclass(frozen=True)
class Delivered:
    """How a delivery ended; `reason` is a stable code, `node_ms` how long the node took to answer last."""

    outcome: Literal["accepted", "refused", "undelivered"]
    reason: str | None
    node_ms: float


async def deliver(broker: Broker, client: Client, body: bytes) -> Delivered:
    """Post a grant or its envelope to the node, again and again within the time that the settings give."""
    deadline = time.monotonic() + broker.settings.delivery_seconds
    pause = FIRST_PAUSE
    while True:
        left = deadline - time.monotonic()
        result, repeat = await _once(broker, client, body, min(TRY_SECONDS, max(left, 0.1)))
        if not repeat or time.monotonic() + pause >= deadline:
            return result
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _once(broker: Broker, client: Client, body: bytes, seconds: float) -> tuple[Delivered, bool]:
    """One try, and whether another makes sense."""
    started = time.perf_counter()
    try:
        reply = await post(broker, client, CREDENTIALS_PATH, body, seconds)
    except UnreachableError as error:
        took = _since(started)
        log.warning("delivery.unreachable", client_id=client.client_id, reason=error.reason)
        return Delivered("undelivered", f"node_{error.reason}", took), error.reason in {"timeout", "connection"}
    result = _judge(reply, _since(started))
    if result.outcome != "accepted":
        log.warning("delivery.refused", client_id=client.client_id, status=reply.status, reason=result.reason)
    return result, reply.status >= 500 or reply.status in _REPEATABLE  # noqa: PLR2004 - HTTP's own number


async def post(broker: Broker, client: Client, path: str, body: bytes, seconds: float) -> ApiReply:
    """Post JSON to a client's node with its key; raises `UnreachableError`."""
    key = clients.api_key(broker, client)
    headers = {"X-API-Key": key, "Content-Type": "application/json", **logs.passed_on()}
    return await broker.http.request(
        "POST", client.vm_url + path, headers=headers, body=body, timeout=seconds, max_body=MAX_ANSWER
    )


def _judge(reply: ApiReply, took: float) -> Delivered:
    """What a node's answer means."""
    code = _code(reply)
    if reply.status in _ACCEPTED:
        readable = _is_receipt(reply.body)
        return Delivered(
            "accepted" if readable else "undelivered", None if readable else "node_answer_unreadable", took
        )
    if code is not None and code.startswith("envelope_"):
        return Delivered("refused", code, took)
    if reply.status in _REASONS or reply.status >= 500:  # noqa: PLR2004 - HTTP's own number
        return Delivered("undelivered", _REASONS.get(reply.status, f"node_status_{reply.status}"), took)
    return Delivered("refused", code or f"node_status_{reply.status}", took)


def _is_receipt(body: bytes) -> bool:
    try:
        DeliveryReceipt.model_validate_json(body)
    except ValidationError:
        return False
    return True


def _code(reply: ApiReply) -> str | None:
    """The stable code of a node's refusal, if it gave one that looks like ours."""
    try:
        code = json.loads(reply.body)["code"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return code if isinstance(code, str) and code.isidentifier() and len(code) <= 60 else None  # noqa: PLR2004


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
