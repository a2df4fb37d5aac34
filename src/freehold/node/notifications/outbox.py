"""The outbox: what is to be told is a row first, then sent until it has arrived; a crash loses none."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from freehold.kernel import logs
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import WriteSession
from freehold.node.context import Node
from freehold.node.notifications import queries
from freehold.node.notifications.editions import completed
from freehold.node.notifications.notice import Letter, Notice, Outcome
from freehold.node.notifications.queries import Due
from freehold.node.notifications.send import Sender, send
from freehold.node.notifications.targets import Target, load_targets

log = logs.get(__name__)

BATCH = 10
AT_A_TIME = 2
"""Targets that are sent to at the same time: each may take a process."""
LEASE = timedelta(minutes=30)
"""How long a claimed delivery is left alone: longer than a whole batch can take."""
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
GIVE_UP = timedelta(days=3)
"""After this, what could not be sent is not tried again."""
REMOVED = "the target was removed"
LAPSED = "it did not arrive in time"


@dataclass(frozen=True)
class Delivered:
    """What one round of sending did."""

    sent: int
    failed: int


async def tell(session: WriteSession, notice: Notice, targets: Iterable[Target], now: datetime) -> bool:
    """Have `notice` told to those of `targets` that hear of it, in the caller's transaction; False where it was told.

    What reached nobody before it lapsed counts as not told.
    """
    await queries.forget_lapsed(session, notice.key, now)
    hearing = [target.name for target in targets if target.wishes.hears(notice.kind, notice.severity)]
    return await queries.add(session, notice, hearing, now)


def sender_of(node: Node) -> Sender:
    """What sending needs of a node."""
    return Sender(node.http, node.settings.allowed_networks, node.settings.client_id)


async def deliver_due(node: Node) -> Delivered:
    """Send what is due. Several processes may do so side by side: each delivery is claimed by one.

    Raises `TargetRefusedError` when the file of targets is damaged, and `Problem` when the database is away.
    """
    targets, now = {target.name: target for target in load_targets(node.settings.data_dir)}, node.clock.now()
    async with node.database.reading() as session:
        if not await queries.is_any_due(session, now):
            return Delivered(sent=0, failed=0)
    async with node.database.writing() as session:
        claimed = sorted(await queries.claim(session, now, now + LEASE, BATCH), key=lambda due: due.target)
    slots = asyncio.Semaphore(AT_A_TIME)
    async with asyncio.TaskGroup() as group:
        rounds = [
            group.create_task(_to_one(node, slots, targets.get(name), list(found)))
            for name, found in itertools.groupby(claimed, key=lambda due: due.target)
        ]
    outcomes = [arrived for each in rounds for arrived in each.result()]
    return Delivered(sent=outcomes.count(True), failed=outcomes.count(False))


async def _to_one(node: Node, slots: asyncio.Semaphore, target: Target | None, claimed: list[Due]) -> list[bool]:
    """As `_sent_to`, but a failure is logged: others are being sent to, and what is not settled is claimed again."""
    try:
        return await _sent_to(node, slots, target, claimed)
    except Exception:
        log.exception("notification.unsettled", target=claimed[0].target)
        return []


async def _sent_to(node: Node, slots: asyncio.Semaphore, target: Target | None, claimed: list[Due]) -> list[bool]:
    """Send to one target what was claimed for it; gives for each whether it arrived."""
    fresh = {due.letter.key: due for due in claimed if await _is_for_now(node, target, due)}
    if target is None or not fresh:
        return []
    arrived: list[bool] = []
    async with (
        slots,
        contextlib.aclosing(_attempts(node, target, [_unsealed(node, due) for due in fresh.values()])) as attempts,
    ):
        async for letter, outcome in attempts:
            await _settle(node, fresh[letter.key], outcome)
            arrived.append(not outcome.error)
    return arrived


async def _attempts(node: Node, target: Target, letters: Sequence[Letter]) -> AsyncGenerator[tuple[Letter, Outcome]]:
    """Send letters; gives each with what came of it. One that fails in a way that nobody foresaw stops no other."""
    ready: list[Letter] = []
    for letter in letters:
        try:
            ready.append(await completed(node, target, letter))
        except Exception as error:
            log.exception("notification.not_composed", target=target.name, kind=letter.kind)
            yield letter, Outcome(f"it could not be put together ({type(error).__name__})")
    while ready:
        try:
            async with contextlib.aclosing(send(sender_of(node), target, tuple(ready))) as outcomes:
                async for letter, outcome in outcomes:
                    ready.pop(0)
                    yield letter, outcome
        except Exception as error:
            failed = ready.pop(0)
            log.exception("notification.raised", target=target.name, kind=failed.kind)
            yield failed, Outcome(f"sending failed ({type(error).__name__})")


async def _is_for_now(node: Node, target: Target | None, due: Due) -> bool:
    """Whether a claimed delivery is to be sent; otherwise it is closed, kept for the digest, or put off.

    What will have lapsed when it may be sent is closed at once.
    """
    now, letter = node.clock.now(), due.letter
    earliest = now if target is None else target.wishes.earliest(letter.severity, now, due.valid_until)
    async with node.database.writing() as session:
        if target is None or _lapsed(due, earliest):
            why = REMOVED if target is None else LAPSED
            await queries.settle(session, due.delivery_id, sent_at=None, next_at=None, error=why)
        elif due.valid_until is None and target.wishes.collects(letter.kind, letter.severity):
            await queries.hold(session, due.delivery_id)
        elif earliest > now:
            await queries.put_off(session, due.delivery_id, earliest)
        else:
            return True
    return False


def retry_at(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """When to try again after so many attempts that failed; None: not any more."""
    wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 16), LONGEST_RETRY)
    return None if now + wait > created_at + GIVE_UP else now + wait


def _lapsed(due: Due, now: datetime) -> bool:
    return due.valid_until is not None and due.valid_until < now


async def _settle(node: Node, due: Due, outcome: Outcome) -> None:
    """Write down what came of an attempt; who has it is remembered while it is tried again for others."""
    now, error = node.clock.now(), outcome.error
    next_at = retry_at(due.attempts, due.letter.at, now) if error else None
    had = _sealed(node, due, outcome.had) if outcome.had else due.had
    sent_at = now if outcome.had or not error else None
    async with node.database.writing() as session:
        await queries.settle(
            session,
            due.delivery_id,
            sent_at=sent_at,
            next_at=next_at,
            error=error or outcome.missed,
            had=had if next_at else "",
        )
    if error:
        log.warning("notification.failed", target=due.target, kind=due.letter.kind, attempts=due.attempts, error=error)
    elif outcome.missed:
        log.warning("notification.missed", target=due.target, kind=due.letter.kind, missed=outcome.missed)
    else:
        log.info("notification.sent", target=due.target, kind=due.letter.kind)


def _sealed(node: Node, due: Due, had: Sequence[str]) -> str:
    return node.keys.keyring.current().encrypt(json.dumps(had).encode(), _context(due))


def _unsealed(node: Node, due: Due) -> Letter:
    """The letter with those who have it; nobody, where the keyring was changed twice since."""
    try:
        had = json.loads(node.keys.keyring.current().decrypt(due.had, _context(due))) if due.had else ()
    except InvalidCiphertextError:
        had = ()
    return replace(due.letter, had=tuple(had))


def _context(due: Due) -> str:
    return f"notification_deliveries.had.{due.delivery_id}"
