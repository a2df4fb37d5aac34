"""What was changed at Meta: rows that are only ever added, each holding the hash of the one before it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, select

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.spending.change import canonical, digest
from freehold.node.spending.tables import spending_plans
from freehold.node.store.ads.tables import ad_changes

GENESIS: Final = "0" * 64
"""What the first change follows."""
COVERED: Final = (
    "object_id", "before", "after", "changed_by", "approval_id", "ad_account_id", "plan_id", "kind", "currency",
    "channel", "previous",
)  # fmt: skip
TRIES = 100


@dataclass(frozen=True)
class Made:
    """A change that was made: of which object, from what to what, by whom, by which plan and approval."""

    object_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changed_by: str
    channel: str
    ad_account_id: str
    plan_id: str
    kind: str
    currency: str
    approval_id: str | None
    at: datetime


@dataclass(frozen=True)
class Checked:
    """The chain as it was found: how many changes, the hash of the last, and what is wrong (empty: nothing)."""

    changes: int
    head: str
    wrong: tuple[str, ...]


async def append(session: WriteSession, made: Made) -> int:
    """Add a change to the chain; gives its id. Several processes may do so at once."""
    row = {**vars(made), "before": canonical(made.before), "after": canonical(made.after)}
    for _ in range(TRIES):
        row["previous"] = await head(session)
        row["hash"] = hash_of(row)
        added = insert(session, ad_changes).values(**row).on_conflict_do_nothing().returning(ad_changes.c.id)
        change_id = (await session.execute(added)).scalar()
        if change_id is not None:
            return int(change_id)
    raise RuntimeError("others add changes faster than this one can be added")


async def head(session: ReadSession) -> str:
    """The hash of the last change."""
    newest = select(ad_changes.c.hash).where(ad_changes.c.hash.is_not(None)).order_by(ad_changes.c.id.desc()).limit(1)
    return str((await session.execute(newest)).scalar() or GENESIS)


async def listed(
    session: ReadSession,
    limit: int,
    account_id: str | None = None,
    *,
    accounts: Collection[str] | None = None,
    before: int | None = None,
) -> list[RowMapping]:
    """The newest changes: of one account, of `accounts` (None: of all), from before that one."""
    query = select(ad_changes).order_by(ad_changes.c.id.desc()).limit(limit)
    if accounts is not None:
        query = query.where(ad_changes.c.ad_account_id.in_(accounts))
    if before is not None:
        query = query.where(ad_changes.c.id < before)
    if account_id is not None:
        query = query.where(ad_changes.c.ad_account_id == account_id)
    return list((await session.execute(query)).mappings())


async def found(session: ReadSession, change_id: int) -> RowMapping | None:
    """One change."""
    return (await session.execute(select(ad_changes).where(ad_changes.c.id == change_id))).mappings().first()


async def of_plan(session: ReadSession, plan_id: str) -> RowMapping | None:
    """The change that a plan made."""
    return (await session.execute(select(ad_changes).where(ad_changes.c.plan_id == plan_id))).mappings().first()


async def verify(session: ReadSession) -> Checked:
    """Go through the whole chain: no row altered, none taken out, none put between, and none gone from its end."""
    rows = (await session.execute(select(ad_changes).order_by(ad_changes.c.id))).mappings()
    wrong: list[str] = []
    last, count, seen = GENESIS, 0, set[str]()
    for row in rows:
        if row["hash"] is None:
            wrong += [f"change {row['id']} stands in the chain without a hash"] if count else []
            continue
        if row["previous"] != last:
            wrong.append(f"change {row['id']} does not follow the one before it: one was taken out or put in")
        if row["hash"] != hash_of(row):
            wrong.append(f"change {row['id']} was altered")
        last, count = row["hash"], count + 1
        seen.add(row["plan_id"])
    applied = select(spending_plans.c.id).where(spending_plans.c.status == "applied").order_by(spending_plans.c.id)
    gone = [plan_id for plan_id in (await session.execute(applied)).scalars() if plan_id not in seen]
    wrong += [f"plan {plan_id} was applied, and its change is gone" for plan_id in gone]
    return Checked(count, last, tuple(wrong))


def hash_of(row: Mapping[str, Any] | RowMapping) -> str:
    """The hash of a change, which covers the one before it."""
    return digest({name: row[name] for name in COVERED} | {"at": row["at"].isoformat()})


def told(row: RowMapping) -> dict[str, Any]:
    """A change as it is shown."""
    return {**row, "before": _json(row["before"]), "after": _json(row["after"])}


def _json(text: str) -> Any:
    """What a change holds; rows from before the chain may hold anything."""
    try:
        return json.loads(text)
    except ValueError:
        return text
