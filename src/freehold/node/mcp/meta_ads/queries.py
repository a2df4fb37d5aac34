"""SQL of the ads tools over what is stored of an ad account."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from freehold.kernel.database import ReadSession
from freehold.node.store.ads.tables import ad_campaigns, ad_creatives, ad_insights, ad_reach, ad_sets
from freehold.node.store.ads.tables import ads as ads_table
from freehold.node.store.coverage.tables import coverage
from freehold.providers.meta.ad_insights import Level
from freehold.providers.meta.ads import Ad, AdSet, Campaign, Creative

HIDDEN: Final = ("DELETED", "ARCHIVED")
_KEYS: Final = {
    "campaign": (ad_campaigns, ad_campaigns.c.campaign_id),
    "adset": (ad_sets, ad_sets.c.ad_set_id),
    "ad": (ads_table, ads_table.c.ad_id),
    "creative": (ad_creatives, ad_creatives.c.creative_id),
}
"""Table and key of each kind of object."""

SUMMED: Final = ("impressions", "clicks", "link_clicks", "spend_minor")
_PLACES: Final = {"campaign": ad_insights.c.campaign_id, "adset": ad_insights.c.ad_set_id, "ad": ad_insights.c.ad_id}
"""Where an ad's day has the id of each level's object."""

# Built once: they run on most calls of tools, and building them costs more than running them.
_ACCOUNT_OF = union_all(
    *(select(table.c.ad_account_id).where(key == bindparam("object_id")) for table, key in _KEYS.values())
)
_KIND_OF = union_all(
    *(select(literal(kind)).where(_KEYS[kind][1] == bindparam("object_id")) for kind in ("campaign", "adset", "ad"))
)
_LAST_READ = select(func.max(coverage.c.read_at)).where(
    coverage.c.subject_id == bindparam("account_id"),
    coverage.c.metric == bindparam("metric"),
    coverage.c.state == "complete",
)
_REACH = select(ad_reach.c.object_id, ad_reach.c.reach).where(
    ad_reach.c.ad_account_id == bindparam("account_id"),
    ad_reach.c.level == bindparam("level"),
    ad_reach.c.first_day == bindparam("first"),
    ad_reach.c.last_day == bindparam("last"),
)
_NAMES = {
    kind: select(key, table.c.name, table.c.effective_status).where(table.c.ad_account_id == bindparam("account_id"))
    for kind, (table, key) in _KEYS.items()
    if kind != "creative"
}
_OBJECTIVES = select(ad_campaigns.c.campaign_id, ad_campaigns.c.objective).where(
    ad_campaigns.c.ad_account_id == bindparam("account_id")
)


@dataclass(frozen=True)
class Wanted:
    """Which stored objects are wanted; without `statuses` all but deleted and archived ones.

    `below` is the object that the list goes on after: when it was made (None: not known), and its id.
    """

    account_id: str
    limit: int
    below: tuple[datetime | None, str] | None = None
    statuses: Sequence[str] = ()
    campaign_id: str | None = None
    ad_set_id: str | None = None
    objective: str | None = None


async def account_of_object(session: ReadSession, object_id: str) -> str | None:
    """The account that a campaign, ad set, ad or creative is in; None where it is not stored."""
    found: str | None = (await session.execute(_ACCOUNT_OF, {"object_id": object_id})).scalar()
    return found


async def kind_of_object(session: ReadSession, object_id: str) -> Level | None:
    """Whether an id is a stored campaign's, ad set's or ad's."""
    found: Any = (await session.execute(_KIND_OF, {"object_id": object_id})).scalar()
    kind: Level | None = found
    return kind


async def last_read(session: ReadSession, account_id: str, metric: str) -> datetime | None:
    """When something of an account was last read completely."""
    found: datetime | None = (await session.execute(_LAST_READ, {"account_id": account_id, "metric": metric})).scalar()
    return found


async def campaigns(session: ReadSession, wanted: Wanted) -> list[Campaign]:
    """Stored campaigns, the newest first."""
    rows = (await session.execute(_some(ad_campaigns, wanted))).mappings()
    return [Campaign(**_members(Campaign, row)) for row in rows]


async def sets(session: ReadSession, wanted: Wanted) -> list[AdSet]:
    """Stored ad sets, the newest first."""
    rows = (await session.execute(_some(ad_sets, wanted))).mappings()
    return [AdSet(**_members(AdSet, row)) for row in rows]


async def ads(session: ReadSession, wanted: Wanted) -> list[tuple[Ad, Creative | None]]:
    """Stored ads, the newest first; their creatives are left to whoever asks for one."""
    rows = (await session.execute(_some(ads_table, wanted))).mappings()
    return [(Ad(**_members(Ad, row)), None) for row in rows]


@dataclass(frozen=True)
class Days:
    """Which stored days of ads are wanted: of the account, or below one object of it."""

    account_id: str
    first: date
    last: date
    kind: str = "account"
    object_id: str = ""


async def sums(session: ReadSession, wanted: Days, level: Level, *, daily: bool) -> Sequence[RowMapping]:
    """The stored days of ads, added up by the database for each object of a level, or for each of its days.

    A row has `key` (the object's id), `day` (the first of them), `days` (how many rows it adds up), the counts, the
    highest `reach`, and the JSON objects of `actions` and `action_values_minor` one after the other, with commas.
    """
    query = _sums(level, wanted.kind, daily=daily)
    found: Sequence[RowMapping] = (await session.execute(query, vars(wanted))).mappings().all()
    return found


@functools.cache
def _sums(level: Level, kind: str, *, daily: bool) -> Select[Any]:
    one = ad_insights.c
    key = {**_PLACES, "account": one.ad_account_id}[level]
    columns = [
        key.label("key"),
        func.min(one.day).label("day"),
        func.count().label("days"),
        *(cast(func.sum(one[name]), BigInteger).label(name) for name in SUMMED),
        *(func.min(one[name]).label(name) for name in ("currency", "campaign_id")),
        func.max(one.reach).label("reach"),
        *(func.aggregate_strings(one[name], ",").label(name) for name in ("actions", "action_values_minor")),
    ]
    query = select(*columns).where(
        one.ad_account_id == bindparam("account_id"), one.day.between(bindparam("first"), bindparam("last"))
    )
    if kind in _PLACES:
        query = query.where(_PLACES[kind] == bindparam("object_id"))
    return query.group_by(key, one.day) if daily else query.group_by(key)


async def reach(session: ReadSession, account_id: str, level: str, first: date, last: date) -> dict[str, Any]:
    """How many people each object of a level reached in exactly this window, by its id."""
    window = {"account_id": account_id, "level": level, "first": first, "last": last}
    return {row.object_id: row.reach for row in (await session.execute(_REACH, window)).all()}


async def names(session: ReadSession, account_id: str, kind: str) -> dict[str, tuple[str, str]]:
    """Name and effective status of the account's stored objects of a kind, by id."""
    found = (await session.execute(_NAMES[kind], {"account_id": account_id})).all()
    return {row[0]: (row[1], row[2]) for row in found}


@dataclass(frozen=True)
class Named:
    """A stored object: its name and status, and when it was made."""

    id: str
    name: str
    effective_status: str
    created_at: datetime | None


async def named(
    session: ReadSession, account_id: str, level: str, above: str = "account", above_id: str = ""
) -> list[Named]:
    """The stored objects of a level in an account, or those of them in one object of it; by id."""
    table, key = _KEYS[level]
    query = select(key, table.c.name, table.c.effective_status, table.c.created_at)
    query = query.where(table.c.ad_account_id == account_id).order_by(key)
    if above != "account":
        _, of = _KEYS[above]
        query = query.where(table.c[of.name] == above_id)
    return [Named(*row) for row in (await session.execute(query)).all()]


async def objectives(session: ReadSession, account_id: str) -> dict[str, str]:
    """The objective of each stored campaign of an account, by its id."""
    found = (await session.execute(_OBJECTIVES, {"account_id": account_id})).all()
    return {row.campaign_id: row.objective for row in found}


def _some(table: Table, wanted: Wanted) -> Select[Any]:
    of = table.c
    query = select(table).where(of.ad_account_id == wanted.account_id)
    if wanted.statuses:
        query = query.where(of.effective_status.in_(tuple(wanted.statuses)))
    else:
        query = query.where(of.effective_status.not_in(HIDDEN))
    for name in ("campaign_id", "ad_set_id", "objective"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(of[name] == value)
    (key,) = table.primary_key
    if wanted.below is not None:
        query = query.where(_below(of.created_at, key, *wanted.below))
    # The databases differ in where they put what has no date.
    return query.order_by(of.created_at.is_(None), of.created_at.desc(), key).limit(wanted.limit)


def _below(made: Column[Any], key: Column[Any], made_at: datetime | None, object_id: str) -> ColumnElement[bool]:
    """What comes after an object in the order of lists: the newest first, then by id, what has no date at the end."""
    if made_at is None:
        return and_(made.is_(None), key > object_id)
    return or_(made < made_at, and_(made == made_at, key > object_id), made.is_(None))


def _members(kind: type[Any], row: RowMapping) -> dict[str, Any]:
    return {each.name: row[each.name] for each in fields(kind)}
