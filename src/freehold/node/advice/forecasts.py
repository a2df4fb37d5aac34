"""What is to be expected of following advice, in a form that can be measured later and be wrong."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from freehold.node.analysis.findings import Finding
from freehold.node.analysis.inputs import AdAccountRows, AdDay

FOLLOWED_DAYS: Final = 28
"""The days, from the one after the decision on, in which a forecast has to come true."""

Measure = Literal["posts", "ctr", "cost_per_result_minor"]
RECENT_DAYS = 14
"""Days of an ad set that say what its click-through rate is now."""


@dataclass(frozen=True)
class Forecast:
    """What is expected, as a ratio with its range, and how it is measured.

    "posts": what posts of `group` by `feature` usually get of `metric` beside the account's others. "ctr" and
    "cost_per_result_minor": the metric of the object that `level` and `object_id` name, beside `baseline`.
    """

    measure: Measure
    value: float
    low: float
    high: float
    feature: str = ""
    group: str = ""
    metric: str = ""
    level: str = ""
    object_id: str = ""
    baseline: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        kept: dict[str, Any] = _FORECAST.dump_python(self, mode="json")
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Forecast":
        """As it was stored."""
        return _FORECAST.validate_python(kept)


_FORECAST: TypeAdapter[Forecast] = TypeAdapter(Forecast)


def of_posts(found: Finding) -> Forecast | None:
    """That the difference lasts: posts of the group go on doing so much better or worse than others.

    The finding's range is that of the posts so far, beside others. What is measured is the median of posts to come,
    which strays by as much again, and the fewer there will be the further: as many a day as until now, in
    `FOLLOWED_DAYS` days.
    None where the group usually has nothing: no measured ratio is so many times that.
    """
    if found.size.value <= 0:
        return None
    days = (found.last - found.first).days + 1
    wider = math.sqrt(1 + days / FOLLOWED_DAYS)
    feature = found.evidence.query.dimensions[0]
    group = dict(found.evidence.query.filters)[feature]
    return Forecast(
        "posts",
        found.size.value,
        found.size.value * (found.size.low / found.size.value) ** wider,
        found.size.value * (found.size.high / found.size.value) ** wider,
        feature=feature,
        group=group,
        metric=found.evidence.metric,
    )


def of_creative(found: Finding) -> Forecast | None:
    """The ad set's rate once all of it goes to the better ad, or none to the worse one.

    From the ad's rate beside that of the others, and its share of what was shown.
    """
    numbers = dict(found.evidence.numbers)
    clicks = numbers["clicks"] + numbers["clicks_of_others"]
    shown = numbers["impressions"] + numbers["impressions_of_others"]
    if not clicks or not shown:
        return None
    share = numbers["impressions"] / shown
    up = found.direction == "up"

    def moved(ratio: float) -> float:
        return (ratio if up else 1.0) / (share * ratio + 1 - share)

    ends = sorted((moved(found.size.low), moved(found.size.high)))
    ad_set = dict(found.evidence.query.filters)["ad_set_id"]
    return Forecast(
        "ctr", moved(found.size.value), ends[0], ends[1], level="ad_set", object_id=ad_set, baseline=clicks / shown
    )


def of_fatigue(found: Finding, account: AdAccountRows) -> Forecast | None:
    """The ad set's rate once the worn ad has again the rate with which it began."""
    ad_set = next((name for name, ads in account.ad_sets.items() if found.subject in ads), "")
    if not ad_set:
        return None
    every = [day for days in account.ad_sets[ad_set].values() for day in days[-RECENT_DAYS:]]
    mine = account.ad_sets[ad_set][found.subject][-RECENT_DAYS:]
    whole, worn = _rate(every), _rate(mine)
    if not whole or not worn:
        return None
    share = sum(day.impressions for day in mine) / sum(day.impressions for day in every) * worn / whole

    def moved(ratio: float) -> float:
        return 1 + share * (1 / ratio - 1)

    ends = sorted((moved(found.size.low), moved(found.size.high)))
    return Forecast("ctr", moved(found.size.value), ends[0], ends[1], level="ad_set", object_id=ad_set, baseline=whole)


def of_cost(found: Finding) -> Forecast | None:
    """That the cost of a result goes back to what it was; None where it fell, or there is no result."""
    numbers = dict(found.evidence.numbers)
    if found.direction == "down" or not numbers["results"]:
        return None
    level = "ad_account" if found.subject == found.account_id else "campaign"
    return Forecast(
        "cost_per_result_minor",
        1 / found.size.value,
        1 / found.size.high,
        1 / found.size.low,
        level=level,
        object_id=found.subject,
        baseline=numbers["spend"] / numbers["results"],
    )


def _rate(days: list[AdDay] | tuple[AdDay, ...]) -> float:
    shown = sum(day.impressions for day in days)
    return sum(day.clicks for day in days) / shown if shown else 0.0
