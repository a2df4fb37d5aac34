"""Measures each ad account's spend and each campaign's cost per result of today against the days before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.ad_bands.bands import Band, State, band_of, judge_cost, judge_spend
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.ad_days import AD_DAYS, UNFINISHED
from freehold.node.collection.source import Window, window, zone_of
from freehold.node.store.ads import queries
from freehold.node.store.ads.queries import CampaignDay
from freehold.node.store.coverage.queries import Covered, covered

DAYS = 14
"""How many whole days before today say what is usual."""

Name = Literal["spend", "cost_per_result"]


@dataclass(frozen=True)
class Measure:
    """One number of today against its band, in minor units; `value` is None where there is nothing to divide by.

    `campaign_id` and `campaign` are empty where it is the whole account's.
    """

    name: Name
    campaign_id: str
    campaign: str
    value: int | None
    band: Band | None
    state: State


@dataclass(frozen=True)
class Measured:
    """An ad account's measures of its today, as far as today was read at `read_at` (None: not yet).

    `currency` is empty where nobody said which it is; then nothing is measured.
    """

    asset: ConnectedAsset
    currency: str
    day: date
    read_at: datetime | None
    measures: tuple[Measure, ...]


async def measure(session: ReadSession, asset: ConnectedAsset, now: datetime) -> Measured:
    """Measure one ad account; while nothing of today was read, nothing is judged."""
    whole = window(now, DAYS, zone_of(asset))
    known = await covered(session, asset.asset_id, whole.first, whole.today)
    today = known.get((AD_DAYS, whole.today))
    currency = asset.currency or ""
    if today is None or today.reason not in {"", UNFINISHED}:
        return Measured(asset, currency, whole.today, None, ())
    rows = await queries.campaign_days(session, asset.asset_id, whole.first, whole.today)
    currency = rows[0].currency if rows else currency
    if not currency:
        return Measured(asset, currency, whole.today, today.read_at, ())
    whole_days = sorted(_read(known.values(), whole))
    spend = _spend(rows, whole_days, whole.today, elapsed(today.read_at, zone_of(asset)))
    measures = (spend, *_costs(rows, whole_days, whole.today))
    return Measured(asset, currency, whole.today, today.read_at, measures)


def _read(marks: Iterable[Covered], whole: Window) -> set[date]:
    """The days before today that were read to their end."""
    return {
        mark.day for mark in marks if mark.metric == AD_DAYS and mark.state == "complete" and mark.day < whole.today
    }


def elapsed(read_at: datetime, zone: ZoneInfo) -> float:
    """Which share of the day was over in `zone` at an instant; a day on which clocks change has 23 or 25 hours.

    Its ends are reckoned in UTC: between two times of one zone, Python subtracts what clocks show.
    """
    day = read_at.astimezone(zone).date()
    begin, end = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return (read_at - begin) / (end - begin)


def _spend(rows: Sequence[CampaignDay], days: Sequence[date], today: date, elapsed: float) -> Measure:
    by_day = dict.fromkeys((*days, today), 0)
    for row in rows:
        if row.day in by_day:
            by_day[row.day] += row.spend_minor
    band = band_of([by_day[day] for day in days])
    return Measure("spend", "", "", by_day[today], band, judge_spend(by_day[today], elapsed, band))


def _costs(rows: Sequence[CampaignDay], days: Sequence[date], today: date) -> Iterator[Measure]:
    """The cost per result of each campaign that spends today and whose objective counts results."""
    for now in (row for row in rows if row.day == today and row.spend_minor and row.results is not None):
        before = [row for row in rows if row.campaign_id == now.campaign_id and row.day in days]
        band = band_of([row.spend_minor / max(1, row.results or 0) for row in before if row.spend_minor])
        results = now.results or 0
        value = round(now.spend_minor / results) if results else None
        state = judge_cost(now.spend_minor, results, band)
        yield Measure("cost_per_result", now.campaign_id, now.campaign, value, band, state)
