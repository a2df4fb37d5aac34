"""An ad account as it is: the account itself, its campaigns, ad sets, ads and creatives; mostly only what changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from freehold.kernel.database import WriteSession
from freehold.node.collection.ad_spans import FORBIDDEN
from freehold.node.collection.refusals import reason_of
from freehold.node.collection.source import Source, Window, pages
from freehold.node.store.ads import queries, upserts
from freehold.node.store.coverage.queries import Covered, covered
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.providers.calls import JSON, ApiCall, Rejected, Unavailable
from freehold.providers.meta import ads
from freehold.providers.meta.ad_insights import NO_CURRENCY

OBJECTS_PER_PAGE = 500
ACCOUNT = "ad_account"
"""The name under which coverage keeps the days on which the account itself was read."""
GONE = 33
"""The subcode of what does not exist, or not for us."""
WHOLE = "ad_structure"
"""The name under which coverage keeps the days on which everything was listed."""
WHOLE_EVERY = timedelta(days=7)
"""Then everything is listed again: what changed without saying so does not stay wrong for longer."""
MARGIN = timedelta(minutes=10)
"""How far apart our clock and Meta's may be."""


class _Call(Protocol):
    def __call__(
        self, version: str, account_id: str, *, since: datetime | None, limit: int, after: str | None
    ) -> ApiCall: ...


@dataclass(frozen=True)
class _List:
    """One of an account's lists, by the name that it has in coverage; `has_money` where it tells amounts."""

    name: str
    call: _Call
    understand: Callable[[JSON], list[Any]]
    has_money: bool


LISTS = (
    _List("ad_campaigns", ads.campaigns_call, ads.read_campaigns, has_money=True),
    _List("ad_sets", ads.ad_sets_call, ads.read_ad_sets, has_money=True),
    _List("ads", ads.ads_call, ads.read_ads, has_money=False),
)


async def read_ad_account(source: Source, window: Window) -> None:
    """The account as it is now. Raises `Rejected` where all of the account is forbidden; any other refusal is noted."""
    place = await source.place(ACCOUNT)
    if place.finished:
        return
    try:
        account = await source.read(ads.account_call(source.version, source.asset_id), ads.read_account)
    except (Rejected, Unavailable) as error:
        await source.note([Coverage(source.asset_id, ACCOUNT, window.today, "missing", reason_of(error))])
        if isinstance(error, Rejected) and error.code not in FORBIDDEN and error.subcode != GONE:
            return
        raise
    async with source.saving(replace(place, finished=True)) as session:
        await upserts.save_account(session, source.asset_id, account, source.clock.now())
        await save_coverage(session, [Coverage(source.asset_id, ACCOUNT, window.today, "complete")], source.clock.now())


async def read_ad_structure(source: Source, window: Window) -> None:
    """Campaigns, ad sets, and ads with their creatives: once a week all, else what changed since they were read.

    Where a campaign or ad set changed, all that is below it is listed anew: a pause above changes how a thing below
    stands without its own time of change. A list that fails leaves the others alone, and is raised at the end.
    """
    async with source.database.reading() as session:
        known = list((await covered(session, source.asset_id)).values())
    since = _since(source, known)
    failed: list[Rejected | Unavailable] = []
    for each in LISTS:
        try:
            await _read_list(source, each, await _changed_since(source, each, since), window)
        except (Rejected, Unavailable) as error:
            await source.note([Coverage(source.asset_id, each.name, window.today, "missing", reason_of(error))])
            failed.append(error)
    if failed:
        raise failed[0]
    if not all(since.values()):
        await source.note([Coverage(source.asset_id, WHOLE, window.today, "complete")])


def _since(source: Source, known: list[Covered]) -> dict[str, datetime | None]:
    """By list, since when a change would not be known; None where all of it has to be read."""
    read = [mark for mark in known if mark.state == "complete"]
    started = source.run.started_at
    whole = any(mark.metric == WHOLE and started - WHOLE_EVERY < mark.read_at < started for mark in read)
    latest = {
        each.name: max(
            (mark.read_at for mark in read if mark.metric == each.name and mark.read_at < started), default=None
        )
        for each in LISTS
    }
    return {name: at - MARGIN if whole and at is not None else None for name, at in latest.items()}


async def _changed_since(source: Source, each: _List, since: dict[str, datetime | None]) -> datetime | None:
    """Since when a list is read: from the beginning where something above it has changed since."""
    at = since[each.name]
    if at is None or each.name == LISTS[0].name:
        return at
    async with source.database.reading() as session:
        campaigns, ad_sets = await queries.changed_since(session, source.asset_id, at)
    return None if campaigns or (ad_sets and each.name == "ads") else at


async def _read_list(source: Source, each: _List, since: datetime | None, window: Window) -> None:
    async with source.database.reading() as session:
        currency = await queries.currency(session, source.asset_id) or source.currency
    if each.has_money and not currency:
        raise Rejected(NO_CURRENCY)
    make = partial(each.call, source.version, source.asset_id, since=since)
    marks = [Coverage(source.asset_id, each.name, window.today, "complete")]
    async for page in pages(source, each.name, make, each.understand, OBJECTS_PER_PAGE):
        async with page.saving() as session:
            await _save(session, source, each.name, currency, page.found)
            if page.place.finished:
                await save_coverage(session, marks, source.run.started_at)


async def _save(session: WriteSession, source: Source, name: str, currency: str, found: list[Any]) -> None:
    now = source.clock.now()
    if name == "ad_campaigns":
        await upserts.save_campaigns(session, source.asset_id, currency, found, now)
    elif name == "ad_sets":
        await upserts.save_ad_sets(session, source.asset_id, currency, found, now)
    else:
        await upserts.save_ads(session, source.asset_id, found, now)
