"""A question to the collected data: checked against the catalogue before anything is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final, Literal

from freehold.kernel.problems import Problem
from freehold.node.measures.catalogue import AD_OBJECTS, AD_PARTS, DIMENSIONS, METRICS, VALUES, Metric, Source

Grain = Literal["total", "day", "week", "month"]

LONGEST: Final = 800
"""Days of one question: two years, and the same days of the year before one of them."""

TIMES: Final = frozenset({"date", "day", "week", "month", "year", "time"})
"""What time may be called by whoever takes it for a dimension."""
COMMON: Final = frozenset({"per", "account", "post", "page", "minor", "rate"})
"""Words that say too little of a metric to be near it."""
CLOCKED: Final = frozenset({"weekday", "hour"})
"""Dimensions of posts that a clock tells."""
IDENTIFIED: Final = frozenset({*AD_OBJECTS, "account", "page", "post"})
"""Dimensions whose values are ids."""
_ID: Final = re.compile(r"(?:act_)?\d{1,40}(?:_\d{1,40})?")
MOST_NEAR: Final = 6
NO_METRIC: Final = "list_metrics tells which there are."


@dataclass(frozen=True)
class Span:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def before(self) -> "Span":
        """As many days, right before these."""
        return Span(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def year_before(self) -> "Span":
        """The same weekdays a year before: 52 weeks."""
        return Span(self.first - timedelta(weeks=52), self.last - timedelta(weeks=52))


@dataclass(frozen=True)
class Question:
    """Metrics of one source over days, split by dimensions and told by grain.

    `accounts` are the ids of those that it may be about; `filters` leave of a dimension only some values. `clock` names
    the time zone in which weekdays and hours are told: not always that of the days, which pages have from Meta.
    """

    metrics: tuple[str, ...]
    span: Span
    accounts: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grain: Grain = "total"
    clock: str = "UTC"

    @property
    def by_clock(self) -> bool:
        """Whether it is about weekdays or hours."""
        return not CLOCKED.isdisjoint((*self.dimensions, *self.filters))

    @property
    def asked(self) -> tuple[Metric, ...]:
        """The metrics, in order."""
        return tuple(METRICS[name] for name in self.metrics)

    @property
    def source(self) -> Source:
        """Where all of them stand."""
        return self.asked[0].source

    @property
    def parts(self) -> tuple[str, ...]:
        """What has to be summed, each once."""
        return tuple(dict.fromkeys(part for metric in self.asked for part in metric.parts))

    def period(self, since: date) -> Span:
        """The days asked for that are of one period of the grain, of which `since` is the first."""
        ends: dict[Grain, date] = {
            "total": self.span.last,
            "day": since,
            "week": since + timedelta(days=6 - since.weekday()),
            "month": (since.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1),
        }
        return Span(since, min(ends[self.grain], self.span.last))

    @property
    def breakdown(self) -> str:
        """Which breakdown of ads has the dimensions and filters; empty where none is needed."""
        return next((AD_PARTS[name][0] for name in (*self.dimensions, *self.filters) if name in AD_PARTS), "")


def source_of(metrics: Sequence[str]) -> Source:
    """Where the metrics stand. Raises `Problem` 422 for one that there is not, and for those of several sources."""
    unknown = [name for name in metrics if name not in METRICS]
    if unknown:
        near = "".join(f"{each}, " for name in unknown for each in _near(name))
        hint = f"Perhaps {near}or another: list_metrics tells which there are." if near else NO_METRIC
        raise Problem(422, "metric_unknown", f"There is no metric {', '.join(unknown)}.", hint)
    sources = {METRICS[name].source for name in metrics}
    if len(sources) > 1:
        told = "These metrics are not counted of the same things: days of ads, days of an account, or posts."
        raise Problem(422, "metrics_apart", told, "Ask once for those of each; list_metrics names their source.")
    return sources.pop()


def checked(question: Question) -> Question:
    """`question`, if it can be answered truly. Raises `Problem` 422 that says what can be asked instead."""
    source = source_of(question.metrics)
    known = DIMENSIONS[source]
    unknown = [name for name in (*question.dimensions, *question.filters) if name not in known]
    if unknown:
        told = f"These metrics cannot be split by {', '.join(unknown)}."
        time = " Time is told by the grain of query_metrics and draw_chart." if TIMES.intersection(unknown) else ""
        raise Problem(422, "dimension_unknown", told, f"Choose from: {', '.join(known)}.{time}")
    _check_values(question)
    if question.span.first > question.span.last:
        raise Problem(422, "window_reversed", "`since` lies after `until`.", "Give the earlier day as `since`.")
    if question.span.days > LONGEST:
        raise Problem(422, "window_too_long", f"A question may be over {LONGEST} days.", "Ask for fewer days at once.")
    breakdowns = {AD_PARTS[name][0] for name in (*question.dimensions, *question.filters) if name in AD_PARTS}
    if len(breakdowns) > 1:
        told = f"Meta gives {' and '.join(sorted(breakdowns))} apart, never one by the other."
        raise Problem(422, "dimensions_apart", told, "Ask once for each.")
    _check_people(question)
    return question


def _near(name: str) -> list[str]:
    """Metrics that share a word with a name that is none, or are spelled much like it."""
    words = set(name.split("_")) - COMMON
    shared = [each for each in METRICS if words.intersection(each.split("_"))]
    return (shared or get_close_matches(name, METRICS))[:MOST_NEAR]


def _check_values(question: Question) -> None:
    """What nothing can be would be answered by nothing, as if there were no posts."""
    for name, known in VALUES.get(question.source, {}).items():
        unknown = [each for each in question.filters.get(name, ()) if each not in known]
        if unknown:
            told = f"There is no {name} {', '.join(unknown)}."
            raise Problem(422, "value_unknown", told, f"Choose from: {', '.join(known)}.")
    for name in IDENTIFIED.intersection(question.filters):
        unknown = [each for each in question.filters[name] if not _ID.fullmatch(each)]
        if unknown:
            told = f"By {name} one filters by ids, and {', '.join(unknown)} is none."
            hint = f"Ask by the dimension {name}: rows have the ids, and `names` what they are called."
            raise Problem(422, "value_unknown", told, hint)


def _check_people(question: Question) -> None:
    """People come again: what counts them is no sum, neither over days nor over accounts."""
    people = [metric.name for metric in question.asked if not metric.summed]
    whole = question.grain == "day" and ("account" in question.dimensions or len(question.accounts) == 1)
    if people and not whole:
        told = f"{', '.join(people)} counts different people, who come again: days and accounts cannot be added up."
        hint = "Ask query_metrics or draw_chart with grain day, and by the dimension account where there are several."
        raise Problem(422, "people_not_summed", told, hint)
