"""All SQL over notifications and their deliveries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, not_, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.notifications.notice import Letter, Notice
from freehold.node.notifications.tables import notification_deliveries, notifications

_TOLD = notifications.c
_SENT = notification_deliveries.c
_WAITS = or_(_SENT.next_at.is_not(None), _SENT.held)
_DELIVERY = (_SENT.id, _SENT.target, _SENT.attempts, _SENT.had)
_LETTER = ("key", "kind", "severity", "title", "text", "created_at", "valid_until")


@dataclass(frozen=True)
class Due:
    """A delivery that was claimed: its letter, to whom, and how often it was tried, this time included.

    `had` is sealed: which of the target's readers have it.
    """

    delivery_id: int
    target: str
    attempts: int
    letter: Letter
    valid_until: datetime | None
    had: str


@dataclass(frozen=True)
class Told:
    """How one notification went to one target."""

    kind: str
    severity: str
    title: str
    created_at: datetime
    target: str | None
    attempts: int | None
    sent_at: datetime | None
    next_at: datetime | None
    last_error: str | None


async def add(session: WriteSession, notice: Notice, targets: Iterable[str], now: datetime) -> bool:
    """Write a notice down, to be sent to `targets`; False, and nothing changes, where its key is there already."""
    row = {**vars(notice), "created_at": now}
    statement = insert(session, notifications).values(**row).on_conflict_do_nothing().returning(_TOLD.id)
    made = (await session.execute(statement)).scalar()
    if made is None:
        return False
    fresh: dict[str, Any] = {"notification_id": made, "attempts": 0, "next_at": now, "last_error": ""}
    deliveries = [{**fresh, "target": target} for target in targets]
    if deliveries:
        await session.execute(insert(session, notification_deliveries), deliveries)
    return True


async def said(session: ReadSession, keys: Collection[str], now: datetime) -> set[str]:
    """Those keys that were told, or still can be."""
    query = select(_TOLD.key).where(_TOLD.key.in_(tuple(keys)), not_(_lapsed(now)))
    return set((await session.execute(query)).scalars())


async def forget_lapsed(session: WriteSession, key: str, now: datetime) -> None:
    """Remove what reached nobody and is not worth telling any more, so that it can be told anew."""
    lapsed = select(_TOLD.id).where(_TOLD.key == key, _lapsed(now)).scalar_subquery()
    await session.execute(delete(notification_deliveries).where(_SENT.notification_id.in_(lapsed)))
    await session.execute(delete(notifications).where(_TOLD.key == key, _lapsed(now)))


async def waiting(session: ReadSession, kinds: Collection[str], but: Collection[str]) -> list[int]:
    """Deliveries of these kinds that wait to be sent, but for those with these keys."""
    query = (
        select(_SENT.id)
        .join(notifications, _TOLD.id == _SENT.notification_id)
        .where(_WAITS, _TOLD.kind.in_(tuple(kinds)), _TOLD.key.not_in(tuple(but)))
    )
    return list((await session.execute(query)).scalars())


async def withdraw(session: WriteSession, delivery_ids: Collection[int]) -> None:
    """Send these no more."""
    chosen = update(notification_deliveries).where(_SENT.id.in_(tuple(delivery_ids)), _WAITS)
    await session.execute(chosen.values(next_at=None, held=False, last_error="it is no longer so"))


async def is_any_due(session: ReadSession, now: datetime) -> bool:
    """Whether anything is to be sent: looking costs less than a transaction that writes."""
    return (await session.execute(select(_SENT.id).where(_SENT.next_at <= now).limit(1))).first() is not None


async def claim(session: WriteSession, now: datetime, until: datetime, limit: int) -> list[Due]:
    """Deliveries that are due, the oldest first; nobody else is given them until `until`."""
    query = (
        select(*_DELIVERY, *(_TOLD[name] for name in _LETTER))
        .join(notifications, _TOLD.id == _SENT.notification_id)
        .where(_SENT.next_at <= now)
        .order_by(_SENT.next_at, _SENT.id)
        .limit(limit)
        .with_for_update(of=notification_deliveries, skip_locked=True)
    )
    rows = (await session.execute(query)).all()
    claimed = update(notification_deliveries).where(_SENT.id.in_([row.id for row in rows]))
    await session.execute(claimed.values(next_at=until, attempts=_SENT.attempts + 1))
    return [_due(row, row.attempts + 1) for row in rows]


async def hold(session: WriteSession, delivery_id: int) -> None:
    """Keep a claimed delivery for the digest; it was not tried."""
    chosen = update(notification_deliveries).where(_SENT.id == delivery_id)
    await session.execute(chosen.values(next_at=None, held=True, attempts=_SENT.attempts - 1))


async def put_off(session: WriteSession, delivery_id: int, until: datetime) -> None:
    """Leave a claimed delivery until then; it was not tried."""
    chosen = update(notification_deliveries).where(_SENT.id == delivery_id)
    await session.execute(chosen.values(next_at=until, attempts=_SENT.attempts - 1))


async def held(session: WriteSession) -> list[Due]:
    """What waits for the digest, the oldest first; nobody else is given it before this transaction ends."""
    query = (
        select(*_DELIVERY, *(_TOLD[name] for name in _LETTER))
        .join(notifications, _TOLD.id == _SENT.notification_id)
        .where(_SENT.held)
        .order_by(_TOLD.created_at, _SENT.id)
        .with_for_update(of=notification_deliveries, skip_locked=True)
    )
    return [_due(row, row.attempts) for row in (await session.execute(query)).all()]


async def is_any_held(session: ReadSession, before: datetime) -> bool:
    """Whether something waits for the digest that was written down before then."""
    query = select(_SENT.id).join(notifications, _TOLD.id == _SENT.notification_id)
    return (await session.execute(query.where(_SENT.held, _TOLD.created_at < before).limit(1))).first() is not None


async def release(session: WriteSession, delivery_ids: Collection[int], why: str) -> None:
    """Let go of what waited for the digest; `why` tells where it went."""
    chosen = update(notification_deliveries).where(_SENT.id.in_(tuple(delivery_ids)))
    await session.execute(chosen.values(held=False, last_error=why))


async def settle(
    session: WriteSession,
    delivery_id: int,
    *,
    sent_at: datetime | None,
    next_at: datetime | None,
    error: str,
    had: str = "",
) -> None:
    """Write down what came of an attempt; when it was first sent to somebody stays."""
    values: dict[str, Any] = {"next_at": next_at, "last_error": error[:200], "had": had}
    if sent_at is not None:
        values["sent_at"] = func.coalesce(_SENT.sent_at, sent_at)
    await session.execute(update(notification_deliveries).where(_SENT.id == delivery_id).values(**values))


async def latest(session: ReadSession, limit: int) -> list[Told]:
    """The newest notifications, each once for every target."""
    columns = [_TOLD[name] for name in ("kind", "severity", "title", "created_at")]
    columns += [_SENT[name] for name in ("target", "attempts", "sent_at", "next_at", "last_error")]
    query = (
        select(*columns)
        .outerjoin(notification_deliveries, _SENT.notification_id == _TOLD.id)
        .order_by(_TOLD.created_at.desc(), _TOLD.id.desc(), _SENT.target)
        .limit(limit)
    )
    return [Told(*row) for row in (await session.execute(query)).all()]


async def undelivered(session: ReadSession) -> list[str]:
    """The names of those targets to which something is tried again because it failed."""
    query = select(_SENT.target).where(_SENT.next_at.is_not(None), _SENT.last_error != "").distinct()
    return sorted((await session.execute(query)).scalars())


def _due(row: Any, attempts: int) -> Due:
    letter = Letter(row.key, row.kind, row.severity, row.title, row.text, row.created_at)
    return Due(row.id, row.target, attempts, letter, row.valid_until, row.had)


def _lapsed(now: datetime) -> ColumnElement[bool]:
    return and_(_TOLD.valid_until.is_not(None), _TOLD.valid_until < now, _arrivals() == 0)


def _arrivals() -> ScalarSelect[int]:
    """How many targets a notification has reached."""
    return (
        select(func.count())
        .where(_SENT.notification_id == _TOLD.id, _SENT.sent_at.is_not(None))
        .correlate(notifications)
        .scalar_subquery()
    )
