"""What is known of an ad account, as rows for a look: sums by day, costs, each ad, budgets and windows of reach."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from freehold.kernel.database import ReadSession
from freehold.node.advice import queries
from freehold.node.advice.periods import Periods
from freehold.node.advice.queries import AdSums, Window
from freehold.node.analysis.inputs import (
    AdAccountRows,
    AdDay,
    BudgetRows,
    CostDay,
    Daily,
    ReachWindow,
    Split,
    SplitRow,
)
from freehold.node.analysis.pacing import Budget
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.collection.source import zone_of
from freehold.node.store.ads import queries as ads
from freehold.node.store.coverage.queries import covered

SPEND, CLICKS, COST = "spend_minor", "link_clicks", "cost_per_result"


async def ad_account_rows(session: ReadSession, asset: ConnectedAsset, periods: Periods) -> AdAccountRows:
    """An ad account. Of days that were read to their end what has no row was nothing; other days are not known."""
    account = asset.asset_id
    known = await _known_days(session, account, periods)
    sums = await queries.campaign_sums(session, account, periods.history, periods.last)
    campaigns = [each for each in sums if each.day in known]
    positions = await queries.position_sums(session, account, periods.before, periods.last)
    return AdAccountRows(
        ad_account_id=account,
        currency=await ads.currency(session, account) or asset.currency or "",
        series=tuple(each for each in _series(account, campaigns, known) if any(each.values.values())),
        costs=cost_days(account, campaigns, periods, await queries.objectives(session, account)),
        ad_sets=await _ad_sets(session, account, periods),
        budgets=await _budgets(session, asset, known, periods),
        splits=(
            *splits(account, "campaign", campaigns, periods),
            *splits(account, "position", positions, periods),
        ),
        reach=await _reach(session, account, periods),
    )


async def _known_days(session: ReadSession, account: str, periods: Periods) -> set[date]:
    marks = await covered(session, account, periods.history, periods.last, (AD_DAYS,))
    return {mark.day for mark in marks.values() if mark.state == "complete"}


def _series(account: str, rows: Sequence[AdSums], known: set[date]) -> list[Daily]:
    spend, clicks = dict.fromkeys(sorted(known), 0.0), dict.fromkeys(sorted(known), 0.0)
    for row in rows:
        spend[row.day] += row.spend
        clicks[row.day] += row.link_clicks
    return [Daily(SPEND, account, spend), Daily(CLICKS, account, clicks)]


def cost_days(
    account: str, rows: Sequence[AdSums], periods: Periods, objectives: Mapping[str, str]
) -> Mapping[str, tuple[CostDay, ...]]:
    """By campaign, of those that spent in the days that are looked at; and of the whole account.

    Not of an account whose campaigns are after different things: money that moves from leads to purchases would make
    "results" dearer. Nor of one with a single campaign: it would ask the same question twice.
    """
    told = [row for row in rows if row.results is not None and row.day <= periods.settled]
    running = {row.group for row in told if row.day >= periods.first and row.resulting_spend}
    days: dict[str, dict[date, tuple[int, float]]] = defaultdict(lambda: defaultdict(lambda: (0, 0.0)))
    for row in told:
        for subject in {row.group, account} & {*running, account}:
            spend, results = days[subject][row.day]
            days[subject][row.day] = spend + row.resulting_spend, results + (row.results or 0)
    if len(running) == 1 or len({objectives.get(row.group, row.group) for row in told}) > 1:
        days.pop(account, None)
    return {
        subject: tuple(CostDay(day, *sums) for day, sums in sorted(found.items())) for subject, found in days.items()
    }


def splits(account: str, dimension: str, rows: Sequence[AdSums], periods: Periods) -> list[Split]:
    """The period and as many days before it by campaign or by position: spend, link clicks, and what a result costs."""
    recent = [row for row in rows if row.day >= periods.before]
    if not recent:
        return []
    settled = [row for row in recent if row.results is not None and row.day <= periods.settled]
    costs = [SplitRow(row.day, row.group, row.resulting_spend, row.results) for row in settled]
    return [
        Split(SPEND, account, dimension, tuple(SplitRow(row.day, row.group, row.spend) for row in recent)),
        Split(CLICKS, account, dimension, tuple(SplitRow(row.day, row.group, row.link_clicks) for row in recent)),
        *([Split(COST, account, dimension, tuple(costs))] if costs else []),
    ]


async def _ad_sets(
    session: ReadSession, account: str, periods: Periods
) -> Mapping[str, Mapping[str, tuple[AdDay, ...]]]:
    """Each ad's days, of ads that were shown in the days that are looked at.

    How often people have seen it is told by windows of one length for each ad; 0.0 where none was read.
    """
    frequency = _frequency(await queries.reach_windows(session, account, "ad", periods.ads, periods.last))
    found: dict[str, dict[str, list[AdDay]]] = defaultdict(lambda: defaultdict(list))
    for row in await queries.ad_days(session, account, periods.ads, periods.last):
        told = frequency.get((row.ad_id, row.day), 0.0)
        found[row.ad_set_id][row.ad_id].append(AdDay(row.day, row.impressions, row.clicks, told))
    return {
        ad_set: running
        for ad_set, ads_ in found.items()
        if (running := {ad: tuple(days) for ad, days in ads_.items() if days[-1].day >= periods.first})
    }


def _frequency(windows: Sequence[Window]) -> Mapping[tuple[str, date], float]:
    """By ad and day that a window ends with: of its windows those of the length that most days have, or the longest.

    Windows of different lengths side by side would jump where one was not read.
    """
    lengths: dict[str, Counter[int]] = defaultdict(Counter)
    for each in windows:
        lengths[each.object_id][(each.last - each.first).days] += 1
    kept = {ad: max((count, days) for days, count in found.items())[1] for ad, found in lengths.items()}
    return {
        (each.object_id, each.last): each.frequency
        for each in windows
        if (each.last - each.first).days == kept[each.object_id]
    }


async def _budgets(
    session: ReadSession, asset: ConnectedAsset, known: set[date], periods: Periods
) -> tuple[BudgetRows, ...]:
    zone, found = zone_of(asset), []
    for each in await queries.running_budgets(session, asset.asset_id, periods.now):
        first, last = (at.astimezone(zone).date() for at in (each.begins, each.ends))
        spent = await queries.object_spend(session, asset.asset_id, each.object_id, first, periods.last)
        days = {day: spent.get(day, 0) for day in known if first <= day <= last}
        found.append(BudgetRows(Budget(each.object_id, each.amount, each.currency, first, last), days))
    return tuple(found)


async def _reach(session: ReadSession, account: str, periods: Periods) -> tuple[ReachWindow, ...]:
    found = await queries.reach_windows(session, account, "account", periods.history, periods.last)
    return tuple(ReachWindow(account, each.first, each.last, each.reach) for each in found)
