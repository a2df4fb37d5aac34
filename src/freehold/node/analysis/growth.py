"""How many people began to follow: whether more than before, and on which days unusually many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from freehold.node.analysis.comparisons import DOUBT
from freehold.node.analysis.ranks import Median, median_of
from freehold.node.analysis.results import MINIMUM
from freehold.node.analysis.shifts import shift_chance

UNUSUAL = 3.5
"""So many robust deviations from the median make a day unusual (Iglewicz and Hoaglin)."""
TO_DEVIATION = 0.6745
"""The median distance from the median of a normal distribution, in its standard deviations."""


@dataclass(frozen=True)
class Growth:
    """New followers over a window of days; a day that is not known counts for nothing.

    `new` is the sum over `known` days. `differs` says whether the days differ from as many days before by more than
    chance and the likeness of neighbouring days explain; None where either side has too few known days.
    """

    first: date
    last: date
    new: float
    known: int
    missing: int
    per_day: Median | None
    per_day_before: Median | None
    differs: bool | None
    unusual: tuple[tuple[date, float], ...]


def growth(new: Mapping[date, float], first: date, last: date) -> Growth:
    """New followers from `first` to `last`, beside the same number of days before them."""
    length = (last - first).days + 1
    days = {day: value for day, value in sorted(new.items()) if first <= day <= last}
    before = [value for day, value in sorted(new.items()) if first - timedelta(days=length) <= day < first]
    chance = shift_chance(before, [*days.values()])
    return Growth(
        first=first,
        last=last,
        new=sum(days.values()),
        known=len(days),
        missing=length - len(days),
        per_day=_enough([*days.values()]),
        per_day_before=_enough(before),
        differs=None if chance is None else chance < DOUBT,
        unusual=tuple(_unusual(days)),
    )


def _unusual(days: Mapping[date, float]) -> list[tuple[date, float]]:
    """Days far above the median, in their order."""
    if len(days) < MINIMUM:
        return []
    middle = median(days.values())
    spread = median(abs(value - middle) for value in days.values())
    if spread == 0:
        return []
    return [(day, value) for day, value in sorted(days.items()) if TO_DEVIATION * (value - middle) / spread > UNUSUAL]


def _enough(values: Sequence[float]) -> Median | None:
    return median_of(values) if len(values) >= MINIMUM else None
