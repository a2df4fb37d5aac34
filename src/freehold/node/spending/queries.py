"""All SQL over plans, approvals, rules and locks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.kernel.problems import Problem
from freehold.node.spending.tables import spending_approvals, spending_locks, spending_plans, spending_rules

COUNTED = ("applied", "sending", "uncertain")
"""Plans whose change has reached Meta, or may have."""
LISTED = 200


async def insert_plan(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new plan."""
    await session.execute(insert(session, spending_plans).values(**row))


async def plan_row(session: ReadSession, plan_id: str) -> RowMapping | None:
    """One plan."""
    return (await session.execute(select(spending_plans).where(spending_plans.c.id == plan_id))).mappings().first()


async def plan_of_key(session: ReadSession, idempotency_key: str) -> str | None:
    """The plan that was applied with this key."""
    query = select(spending_plans.c.id).where(spending_plans.c.idempotency_key == idempotency_key)
    return (await session.execute(query)).scalar()


async def plan_rows(
    session: ReadSession,
    statuses: Sequence[str] = (),
    limit: int = LISTED,
    *,
    accounts: Collection[str] | None = None,
    after: str | None = None,
    ends_after: datetime | None = None,
) -> list[RowMapping]:
    """Plans, the newest first: of `accounts` (None: of all), from after that one in the list, that are good then.

    Raises `Problem` 422 where there is none to go on from.
    """
    of = spending_plans.c
    query = select(spending_plans).order_by(of.proposed_at.desc(), of.id).limit(limit)
    if statuses:
        query = query.where(of.status.in_(statuses))
    if accounts is not None:
        query = query.where(of.account_id.in_(accounts))
    if after is not None:
        at = (await session.execute(select(of.proposed_at).where(of.id == after))).scalar()
        if at is None:
            raise Problem(422, "cursor_invalid", "There is no plan from which the list could go on.", "Begin anew.")
        query = query.where(or_(of.proposed_at < at, and_(of.proposed_at == at, of.id > after)))
    if ends_after is not None:
        query = query.where(of.expires_at > ends_after)
    return list((await session.execute(query)).mappings())


async def open_rows(
    session: ReadSession, proposed_by: str, account_id: str, kind: str, object_id: str, now: datetime
) -> list[RowMapping]:
    """The plans of somebody for one object that wait or were approved, the newest first."""
    of = spending_plans.c
    mine = of.proposed_by == proposed_by, of.account_id == account_id, of.kind == kind, of.object_id == object_id
    still = of.status.in_(("waiting", "approved")), of.expires_at > now
    query = select(spending_plans).where(*mine, *still).order_by(of.proposed_at.desc(), of.id)
    return list((await session.execute(query)).mappings())


async def counted_rows(session: ReadSession, account_id: str, since: datetime, now: datetime) -> list[RowMapping]:
    """The plans of an account that count towards its day: changed since then, or approved and still to be done."""
    of = spending_plans.c
    done = and_(of.status.in_(COUNTED), of.started_at >= since)
    to_do = and_(of.status == "approved", of.expires_at > now)
    query = select(spending_plans).where(of.account_id == account_id, or_(done, to_do)).order_by(of.proposed_at)
    return list((await session.execute(query)).mappings())


async def schedule_rows(session: ReadSession, object_id: str, now: datetime) -> list[RowMapping]:
    """The plans of budget schedules of an object that were made, may have been, or may still be without more ado."""
    of = spending_plans.c
    kinds = of.object_id == object_id, of.kind.in_(("schedule_campaign_budget", "schedule_ad_set_budget"))
    to_do = and_(of.status.in_(("ready", "approved")), of.expires_at > now)
    return list(
        (await session.execute(select(spending_plans).where(*kinds, or_(of.status.in_(COUNTED), to_do)))).mappings()
    )


async def move_plan(session: WriteSession, plan_id: str, before: Sequence[str], after: str, **values: Any) -> bool:
    """Move a plan to another status if it still has one of `before`; False otherwise."""
    found = spending_plans.c.id == plan_id, spending_plans.c.status.in_(tuple(before))
    changed = await session.execute(update(spending_plans).where(*found).values(status=after, **values))
    return bool(changed.rowcount)


async def insert_approval(session: WriteSession, row: dict[str, Any]) -> None:
    """Write down a decision."""
    await session.execute(insert(session, spending_approvals).values(**row))


async def approvals_of(session: ReadSession, plan_id: str) -> list[RowMapping]:
    """Every decision about a plan, the newest first."""
    of = spending_approvals.c
    query = select(spending_approvals).where(of.plan_id == plan_id).order_by(of.decided_at.desc(), of.id)
    return list((await session.execute(query)).mappings())


async def use_approval(session: WriteSession, approval_id: str, now: datetime | None) -> bool:
    """Use an approval up (or give it back, with None); False when it was used before."""
    of = spending_approvals.c
    found = of.id == approval_id, of.used_at.is_(None) if now is not None else of.used_at.is_not(None)
    changed = await session.execute(update(spending_approvals).where(*found).values(used_at=now))
    return bool(changed.rowcount)


async def insert_rules(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a set of rules; the newest counts."""
    await session.execute(insert(session, spending_rules).values(**row))


async def rules_row(session: ReadSession, account_id: str) -> RowMapping | None:
    """The rules that were chosen last for an account (empty: for every account without its own)."""
    of = spending_rules.c
    query = select(spending_rules).where(of.account_id == account_id).order_by(of.id.desc()).limit(1)
    return (await session.execute(query)).mappings().first()


async def take_lock(session: WriteSession, account_id: str, holder: str, now: datetime, until: datetime) -> bool:
    """Hold an account until then, or hold it longer; False while somebody else does."""
    row = {"account_id": account_id, "holder": "", "held_until": now}
    await session.execute(insert(session, spending_locks).values(**row).on_conflict_do_nothing())
    of = spending_locks.c
    free = or_(of.holder.in_(("", holder)), of.held_until <= now)
    changed = await session.execute(
        update(spending_locks).where(of.account_id == account_id, free).values(holder=holder, held_until=until)
    )
    return bool(changed.rowcount)


async def keep_lock(session: WriteSession, account_id: str, holder: str, until: datetime) -> bool:
    """Hold an account longer that is still held; False when it was lost, also if nobody holds it now."""
    mine = spending_locks.c.account_id == account_id, spending_locks.c.holder == holder
    return bool((await session.execute(update(spending_locks).where(*mine).values(held_until=until))).rowcount)


async def give_lock(session: WriteSession, account_id: str, holder: str) -> None:
    """Let an account go, if it is still held."""
    mine = spending_locks.c.account_id == account_id, spending_locks.c.holder == holder
    await session.execute(update(spending_locks).where(*mine).values(holder=""))
