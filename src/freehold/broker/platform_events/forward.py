"""Brings events to the nodes: at once, and again with growing pauses while a node is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.delivery.deliver import post
from freehold.broker.platform_events import queries
from freehold.broker.platform_events.queries import OutboxRow
from freehold.broker.platform_events.receive import content_context
from freehold.broker.registry import queries as registry
from freehold.broker.registry.queries import Client
from freehold.contracts import delivery
from freehold.kernel import logs
from freehold.kernel.http import UnreachableError
from freehold.kernel.problems import Problem

log = logs.get(__name__)

EVENTS_PATH = "/api/platform-events"
POLL_SECONDS = 10.0
TRY_SECONDS = 10.0
AT_ONCE = 50
TOGETHER = 8
CLAIMED_FOR = timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
GIVEN_UP_AFTER = 176
"""Attempts, which are seven days' worth; the time during which a client is paused does not count."""


@contextlib.asynccontextmanager
async def forwarding(broker: Broker) -> AsyncIterator[None]:
    """Forward in the background for as long as the block runs."""
    task = asyncio.create_task(_forward_for_ever(broker))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def forward_due(broker: Broker) -> None:
    """Try every event that is due, some at once; whatever is away is tried again later."""
    few = asyncio.Semaphore(TOGETHER)
    try:
        async with broker.database.reading() as session:
            rows = await queries.due(session, broker.clock.now(), AT_ONCE)
    except Problem as problem:
        log.warning("platform_event.waiting", code=problem.code)
        return
    for failed in await asyncio.gather(*(_forward(broker, row, few) for row in rows), return_exceptions=True):
        if isinstance(failed, Exception):
            log.warning("platform_event.waiting", error=type(failed).__name__, frames=logs.frames(failed))


async def _forward_for_ever(broker: Broker) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            await forward_due(broker)
        except Exception:  # whatever it is, the next round may go well
            log.exception("platform_event.failed")


async def _forward(broker: Broker, row: OutboxRow, few: asyncio.Semaphore) -> None:
    """One attempt for one event."""
    async with few:
        client = await _claim(broker, row)
        if client is None:
            return
        reason = await _try(broker, client, row)
        changes, outcome = _conclusion(broker, row, reason)
        async with broker.database.writing() as session:
            await queries.set_outbox(session, row.id, changes)
    broker.audit.record(
        AuditEvent(f"platform_event.{row.kind}", outcome, client_id=row.client_id, provider=row.provider, reason=reason)
    )


async def _claim(broker: Broker, row: OutboxRow) -> Client | None:
    """The client whose event it is, when the attempt is ours; None for another replica's, or a paused client's."""
    async with broker.database.writing() as session:
        if not await queries.claim(session, row, broker.clock.now() + CLAIMED_FOR):
            return None
        client = await registry.find_client(session, row.client_id)
    return client if client is not None and client.status == "active" else None


def _conclusion(broker: Broker, row: OutboxRow, reason: str | None) -> tuple[dict[str, Any], Any]:
    """What is written down after an attempt that ended for `reason`, None being success."""
    now = broker.clock.now()
    over: dict[str, Any] = {"attempts": row.attempts + 1, "content": None, "next_attempt_at": None}
    if reason is None:
        return {**over, "delivered_at": now}, "succeeded"
    if row.attempts + 1 >= GIVEN_UP_AFTER:
        return over, "failed"
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
    return {"attempts": row.attempts + 1, "next_attempt_at": now + pause}, "failed"


async def _try(broker: Broker, client: Client, row: OutboxRow) -> str | None:
    """Send an event; gives the reason of a failure. One that is broken harms no other."""
    try:
        return await _send(broker, client, row)
    except Exception:
        log.exception("platform_event.broken", client_id=client.client_id)
        return "unexpected"


async def _send(broker: Broker, client: Client, row: OutboxRow) -> str | None:
    """Send an event, enclosed anew so that it is fresh; gives the reason of a failure."""
    if client.public_key is None:
        return "public_key_missing"
    envelope = delivery.enclose(
        broker.keys.keyring.decrypt(row.content, content_context(row.event_id, row.client_id)),
        kind="platform_event",
        client_id=client.client_id,
        provider=row.provider,
        delivery_id=row.event_id[:32],
        issued_at=broker.clock.now(),
        recipient=client.public_key,
        signing_key=broker.keys.signing,
    )
    try:
        reply = await post(broker, client, EVENTS_PATH, envelope.model_dump_json().encode(), TRY_SECONDS)
    except UnreachableError as error:
        return f"node_{error.reason}"
    return None if reply.status in {200, 201} else f"node_status_{reply.status}"
