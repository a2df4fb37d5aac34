"""The rows of a report, found one after the other from any position on, so that a page computes only itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from freehold.sandbox.meta.ads import objects
from freehold.sandbox.meta.ads.accounts import written
from freehold.sandbox.meta.ads.filtering import Filter, all_hold, holds
from freehold.sandbox.meta.ads.insight_actions import actions
from freehold.sandbox.meta.ads.insight_dates import Window
from freehold.sandbox.meta.ads.insight_describe import Describer, describer
from freehold.sandbox.meta.ads.insight_fields import IDENTITY, KNOWN, LISTS, SCALARS, number
from freehold.sandbox.meta.ads.insight_query import Query
from freehold.sandbox.meta.ads.insight_row import Row
from freehold.sandbox.meta.ads.listing import value_of
from freehold.sandbox.meta.ads.parameters import refusal
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world import ads, ads_breakdowns, ads_plan, ads_reach, ads_visible
from freehold.sandbox.meta.world.ads import LineUp
from freehold.sandbox.meta.world.ads_breakdowns import Segment
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed

Position = tuple[int, int, int]
"""A row's unit, window and segment, each counted from 0."""
START = (0, 0, -1)
METRIC_COLUMNS = frozenset({*SCALARS, *LISTS})


@dataclass(frozen=True)
class Subject:
    """What `/insights` hangs on; `id` is "" for a whole account."""

    plan: AdPlan
    kind: str
    id: str = ""


@dataclass
class Unit:
    """One object that rows are about, with the ads that its numbers come from, ad set by ad set."""

    teams: list[tuple[LineUp, list[AdSeed]]] = field(default_factory=list)

    def ads(self) -> Iterator[AdSeed]:
        """All its ads."""
        for _, members in self.teams:
            yield from members


@dataclass(frozen=True)
class Report:
    """A report ready to be read: its units in order, and the instant as of which numbers are known."""

    call: Call
    plan: AdPlan
    query: Query
    units: tuple[Unit, ...]
    at: datetime

    @property
    def cost(self) -> int:
        """About how many ad-days, times segments, the whole report takes."""
        return self.rows_of_ads * _segment_count(self.plan, self.query.breakdowns)

    @property
    def rows_of_ads(self) -> int:
        """About how many days of ads the report covers."""
        today = ads_visible.local_day(self.plan.timezone_name, self.at)
        since = min(window.since for window in self.query.windows)
        until = min(max(window.until for window in self.query.windows), today)
        return sum(max(0, min(ad.end, until + 1) - max(ad.start, since)) for unit in self.units for ad in unit.ads())

    @property
    def most_rows(self) -> int:
        """The most rows that the report can have."""
        segments = _segment_count(self.plan, self.query.breakdowns)
        return min(self.rows_of_ads, len(self.units) * len(self.query.windows)) * segments


def _segment_count(plan: AdPlan, breakdowns: tuple[str, ...]) -> int:
    return len(ads_breakdowns.segments(plan.seed, plan.currency, "", breakdowns[0])) if breakdowns else 1


def report(call: Call, subject: Subject, query: Query, at: datetime) -> Report:
    """The report on a subject, with what it is about laid out but nothing computed."""
    about = tuple(condition for condition in query.conditions if not _of_row(condition))
    verdicts: dict[tuple[str, str], bool] = {}
    units: dict[str, Unit] = {"": Unit()} if query.level == "account" else {}
    since = min(window.since for window in query.windows)
    until = max(window.until for window in query.windows)
    for team in _teams(call, subject):
        members = [
            ad
            for ad in team.ads
            if _may_run(call, ad, since, until)
            and (subject.kind != "ad" or ad.id == subject.id)
            and _passes(call, ad, about, verdicts)
        ]
        for ad in members if query.level == "ad" else members[:1]:
            chosen = [ad] if query.level == "ad" else members
            units.setdefault(_key(query.level, ad), Unit()).teams.append((team, chosen))
    return Report(call, subject.plan, query, tuple(units.values()), at)


def _of_row(condition: Filter) -> bool:
    """Whether a filter is on a row's numbers; the others are on objects."""
    if condition.name in METRIC_COLUMNS and (condition.owner or condition.name not in IDENTITY):
        return True
    if not condition.owner and condition.name not in KNOWN and condition.name != "action_type":
        raise refusal(f"(#100) Filtering field {condition.field} is invalid", blame="filtering")
    return condition.name == "action_type"


def _may_run(call: Call, ad: AdSeed, since: int, until: int) -> bool:
    return (ad.start <= until and ad.end > since) or ads.touched(written(call), ad)


def _key(level: str, ad: AdSeed) -> str:
    return {"ad": ad.id, "adset": ad.set_id, "campaign": ad.campaign_id, "account": ""}[level]


def _teams(call: Call, subject: Subject) -> Iterator[LineUp]:
    """The ad sets a subject has, newest first, those that callers created before the seeded ones."""
    writes, plan = written(call), subject.plan
    if subject.kind in {"adset", "ad"}:
        set_id = subject.id if subject.kind == "adset" else _set_of(call, subject.id)
        team = ads.line_up(plan, set_id, writes)
        if team is not None:
            yield team
        return
    for created in objects.written_of(call, plan, "adset", "campaign_id", subject.id or None):
        team = ads.line_up(plan, created.id, writes)
        if team is not None:
            yield team
    for parent in objects.seeded_campaigns(call, plan, subject.id or None):
        for ad_set in ads_plan.ad_sets(plan, parent):
            team = ads.line_up(plan, ad_set.id, writes) if ad_set.id in writes.children else None
            yield team or LineUp(ad_set, ad_set.ads)


def _set_of(call: Call, ad_id: str) -> str:
    found = objects.find(call, ad_id)
    return str(found.values["adset_id"]) if found else ""


def _passes(call: Call, ad: AdSeed, conditions: tuple[Filter, ...], verdicts: dict[tuple[str, str], bool]) -> bool:
    """Whether an ad, its ad set and its campaign pass the filters on them; each object is looked at once."""
    for condition in conditions:
        kind, name = _target(condition)
        object_id = {"ad": ad.id, "adset": ad.set_id, "campaign": ad.campaign_id}.get(kind)
        if object_id is None:
            raise refusal(f"(#100) Filtering field {condition.field} is invalid", blame="filtering")
        key = (object_id, f"{condition.field} {condition.operator} {condition.value}")
        if key not in verdicts:
            verdicts[key] = _holds_for(call, object_id, Filter(name, condition.operator, condition.value))
        if not verdicts[key]:
            return False
    return True


def _holds_for(call: Call, object_id: str, condition: Filter) -> bool:
    found = objects.find(call, object_id)
    return found is not None and holds(condition, value_of(call, found, condition))


def _target(condition: Filter) -> tuple[str, str]:
    """The object and field that a filter like `ad.name` or `campaign_name` is on."""
    if condition.owner:
        return condition.owner, condition.name
    kind, _, name = condition.name.partition("_")
    return (kind, name) if kind in {"ad", "adset", "campaign"} else ("campaign", condition.name)


def rows(of: Report, after: Position = START) -> Iterator[tuple[Position, Row]]:
    """The rows behind a position, computed one unit and window at a time."""
    on_rows = tuple(condition for condition in of.query.conditions if _of_row(condition))
    first_unit, first_window, first_segment = after
    for number_of_unit, unit in enumerate(islice(of.units, first_unit, None), start=first_unit):
        describe = describer(of.call, of.plan, of.query.level, next(unit.ads(), None))
        for number_of_window in _windows(of, unit):
            place = (number_of_unit, number_of_window)
            if place < (first_unit, first_window):
                continue
            for index, row in enumerate(_cells(of, unit, of.query.windows[number_of_window], describe)):
                if place == (first_unit, first_window) and index <= first_segment:
                    continue
                if all_hold(on_rows, lambda one, row=row: _value(row, one)):  # type: ignore[misc]
                    yield (*place, index), row


def _value(row: Row, condition: Filter) -> Any:
    if condition.name == "action_type":
        return [action_type for action_type, _ in actions(row.vector, row.attribution_windows)]
    return number(row, condition.name)


def _windows(of: Report, unit: Unit) -> Iterator[int]:
    """The windows in which a unit can have delivered."""
    if any(ads.touched(written(of.call), ad) for ad in unit.ads()):
        yield from range(len(of.query.windows))
        return
    first = min((ad.start for ad in unit.ads()), default=1)
    last = max((ad.end for ad in unit.ads()), default=0) - 1
    for index, window in enumerate(of.query.windows):
        if window.since <= last and window.until >= first:
            yield index


def _cells(of: Report, unit: Unit, window: Window, describe: Describer) -> Iterator[Row]:
    """A unit's rows in one window: one for each segment that saw it, none without delivery."""
    query, tallies = of.query, tally(of, unit, window)
    for segment, teams in sorted(tallies.items()):
        vector = [sum(values) for values in zip(*teams.values(), strict=True)]
        if any(vector):
            yield Row(
                describe=describe,
                window=window,
                breakdowns=query.breakdowns,
                segment=segment,
                vector=vector,
                reach=0 if query.hourly else _reach(of, unit, segment, teams),
                currency=of.plan.currency,
                attribution_windows=query.attribution_windows,
                action_breakdowns=query.action_breakdowns,
            )


def total(of: Report) -> Row | None:
    """Everything in the report as one row; None without delivery. Windows that overlap count once."""
    teams: dict[str, tuple[LineUp, list[AdSeed]]] = {}
    for unit in _counted(of):
        for team, members in unit.teams:
            teams.setdefault(team.ad_set.id, (team, []))[1].extend(members)
    unit = Unit(list(teams.values()))
    window = Window(min(window.since for window in of.query.windows), max(window.until for window in of.query.windows))
    plain = replace(of, query=replace(of.query, breakdowns=()))
    describe = describer(of.call, of.plan, "account", next(unit.ads(), None))
    return next(_cells(plain, unit, window, describe), None)


def _counted(of: Report) -> Iterable[Unit]:
    """The units that have a row: all of them, unless a filter on numbers takes some away."""
    if not any(_of_row(condition) for condition in of.query.conditions):
        return of.units
    return [of.units[number] for number in sorted({position[0] for position, _ in rows(of)})]


def tally(of: Report, unit: Unit, window: Window) -> dict[Segment, dict[str, list[int]]]:
    """What each ad set of a unit delivered in a window, by segment."""
    found: dict[Segment, dict[str, list[int]]] = {}
    writes, plan = written(of.call), of.plan
    for team, members in unit.teams:
        parts: dict[Segment, list[list[int]]] = {}
        for ad in members:
            for day, vector in ads.ad_days(plan, team, ad, window.since, window.until, of.at, writes):
                if not of.query.breakdowns:
                    parts.setdefault((), []).append(vector)
                    continue
                passed = ads_visible.elapsed(plan.timezone_name, day, of.at)
                for segment, part in ads_breakdowns.split_day(
                    plan.seed, plan.currency, ad, day, vector, of.query.breakdowns, passed
                ):
                    parts.setdefault(segment, []).append(part)
        for segment, vectors in parts.items():
            found.setdefault(segment, {})[team.ad_set.id] = [sum(values) for values in zip(*vectors, strict=True)]
    return found


def _reach(of: Report, unit: Unit, segment: Segment, teams: dict[str, list[int]]) -> int:
    """The union over the unit's ad sets of the people who saw any of them."""
    pairs, impressions = [], 0
    for team, _ in unit.teams:
        vector = teams.get(team.ad_set.id)
        if vector is None:
            continue
        pool = float(team.ad_set.pool)
        if of.query.breakdowns:
            pool *= ads_breakdowns.pool_share(
                of.plan.seed, of.plan.currency, team.ad_set.id, of.query.breakdowns, segment
            )
        impressions += vector[1]
        pairs.append((ads_reach.pool_reach(vector[1], pool), pool))
    return ads_reach.whole_people(ads_reach.union_reach(pairs), impressions)
