"""Competitors: each watched Instagram account once a day, and the ads that Meta's archive shows of whom is watched.

Nothing of this belongs to an asset of the client's: whichever asset's turn comes first reads what is due for the day,
and the others find nothing left. What is read was written by others, and is kept as text alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from freehold.node.collection.refusals import reason_of
from freehold.node.collection.source import Source, Window, pages
from freehold.node.collection.streams import Stream
from freehold.node.runs.places import Place
from freehold.node.store.competitors.queries import Competitor, found_on, last_looks, settled, watched
from freehold.node.store.competitors.upserts import mark_gone, save_account, save_ads, save_matches
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import ad_library, discovery
from freehold.providers.meta.ad_library import ArchivedAd, Search
from freehold.providers.meta.discovery import SeenAccount

ACCOUNT = "competitor_account"
ADS = "competitor_ads"
"""The names under which coverage keeps the looks at a competitor's account and ads."""
POSTS = (50, 25, 10)
"""So many of an account's newest posts are asked for; fewer where that is too much."""
ADS_PER_PAGE = 500
SMALLEST_PAGE = 25
AGAIN = timedelta(days=1)
"""How far before its last look a look begins, so that what changed on that very day is seen."""


async def read_accounts(source: Source, _window: Window) -> None:
    """Profile and newest posts of each watched Instagram account that was not seen today yet: a call for each."""
    today = source.clock.now().date()
    for each in await _due(source, ("instagram_account",), ACCOUNT, today):
        try:
            found = await _discover(source, each.name)
        except (Rejected, Unavailable) as error:
            await source.note([Coverage(each.subject, ACCOUNT, today, "missing", reason_of(error))])
            continue
        async with source.saving(Place(f"{each.subject}:{today}", finished=True)) as session:
            await save_account(session, each.competitor_id, found, today, source.clock.now())
            await save_coverage(session, [Coverage(each.subject, ACCOUNT, today, "complete")], source.clock.now())


async def _discover(source: Source, username: str) -> SeenAccount:
    async def ask(posts: int) -> SeenAccount:
        call = discovery.account_call(source.version, source.asset_id, username, posts)
        return await source.read(call, discovery.read_account)

    for posts in POSTS[:-1]:
        try:
            return await ask(posts)
        except Rejected as error:
            if not error.reduce_data:
                raise
    return await ask(POSTS[-1])


@dataclass(frozen=True)
class _Look:
    """Those watched whose ads are asked for together, and since which day of delivery."""

    competitors: tuple[Competitor, ...]
    since: date

    @property
    def search(self) -> Search:
        """What is asked of the archive."""
        first = self.competitors[0]
        if first.kind == "search_terms":
            return Search(terms=first.name, countries=first.countries)
        return Search(page_ids=tuple(each.name for each in self.competitors), countries=first.countries)

    def matches(self, ads: Sequence[ArchivedAd]) -> Iterator[tuple[int, str]]:
        """Which of the watched has led to which ad."""
        for ad in ads:
            for each in self.competitors:
                if each.kind == "search_terms" or each.name == ad.page_id:
                    yield each.competitor_id, ad.ad_archive_id


async def read_ads(source: Source, _window: Window) -> None:
    """The ads of each watched page and search that were delivered since the last look; a year's at the first look."""
    today = source.clock.now().date()
    due = await _due(source, ("facebook_page", "search_terms"), ADS, today)
    async with source.database.reading() as session:
        before = await last_looks(session, [each.subject for each in due], ADS)
    oldest = today - timedelta(days=ad_library.KEPT_DAYS)
    for look in _looks(due, {subject: max(oldest, day - AGAIN) for subject, day in before.items()}, oldest):
        await _look(source, look, today)


async def _due(source: Source, kinds: Sequence[str], metric: str, today: date) -> list[Competitor]:
    """Those watched that were not looked at to the end today, and not tried in this run by way of another asset."""
    async with source.database.reading() as session:
        found = await watched(session, kinds)
        subjects = [each.subject for each in found]
        done = await settled(session, subjects, metric, today, source.run.started_at)
    return [each for each in found if each.subject not in done]


def _looks(due: Sequence[Competitor], since: dict[str, date], oldest: date) -> Iterator[_Look]:
    """As few looks as there can be: pages that are searched alike are searched together."""
    alike: dict[tuple[object, ...], list[Competitor]] = {}
    for each in due:
        begin = since.get(each.subject, oldest)
        alone = each.competitor_id if each.kind == "search_terms" else None
        alike.setdefault((alone, each.countries, begin), []).append(each)
    for group in alike.values():
        begin = since.get(group[0].subject, oldest)
        for start in range(0, len(group), ad_library.MOST_PAGES):
            yield _Look(tuple(group[start : start + ad_library.MOST_PAGES]), begin)


async def _look(source: Source, look: _Look, today: date) -> None:
    """Read a look's ads; where several pages are refused together, each is asked for alone."""
    try:
        await _read_ads(source, look, today)
    except (Rejected, Unavailable) as error:
        if isinstance(error, Rejected) and not error.reduce_data and len(look.competitors) > 1:
            for each in look.competitors:
                await _look(source, _Look((each,), look.since), today)
            return
        reason = reason_of(error)
        await source.note([Coverage(each.subject, ADS, today, "missing", reason) for each in look.competitors])


async def _read_ads(source: Source, look: _Look, today: date) -> None:
    make = partial(ad_library.ads_call, source.version, look.search, look.since)
    name = f"ads:{today}:{look.since}:{','.join(str(each.competitor_id) for each in look.competitors)}"
    async for each in pages(source, name, make, ad_library.read_ads, ADS_PER_PAGE, SMALLEST_PAGE):
        async with each.saving() as session:
            await save_ads(session, each.found, today, source.clock.now())
            await save_matches(session, look.matches(each.found))
    async with source.database.writing() as session:
        marks = []
        for competitor in look.competitors:
            await mark_gone(session, competitor.competitor_id, today)
            found = await found_on(session, competitor.competitor_id, today)
            marks.append(_mark(competitor, today, found))
        await save_coverage(session, marks, source.clock.now())


def _mark(competitor: Competitor, today: date, found: int) -> Coverage:
    if found:
        return Coverage(competitor.subject, ADS, today, "complete")
    return Coverage(competitor.subject, ADS, today, "empty", ad_library.SCOPE)


STREAMS = (
    Stream("competitor_accounts", "instagram_account", read_accounts),
    Stream("competitor_ads", "instagram_account", read_ads),
    Stream("competitor_ads_by_page", "facebook_page", read_ads),
    Stream("competitor_ads_by_ads", "ad_account", read_ads),
)
"""Everything that is read of competitors. An account is seen by way of an Instagram account of the client's; ads need
no asset, but somebody's authorisation, so any asset will do.
"""
