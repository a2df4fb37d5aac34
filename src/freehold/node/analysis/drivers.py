"""What drove a change between two periods: the part of each post, format, campaign or placement; the parts add up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from freehold.node.analysis.findings import Contribution
from freehold.node.analysis.inputs import Split, SplitRow

MOST_NAMED = 5
"""So many groups of a dimension are named; the rest are together, so that the parts still add up."""
OTHERS = "others"


@dataclass(frozen=True)
class Part:
    """What one group did to a total. `before` and `after` are its own values, `contribution` is their difference."""

    group: str
    before: float
    after: float
    contribution: float


@dataclass(frozen=True)
class RatePart:
    """What one group did to a rate such as cost per result.

    `rate` is the share of its own rate having moved, `mix` that of its weight among the groups; both are in the
    rate's unit.
    """

    group: str
    rate: float
    mix: float

    @property
    def contribution(self) -> float:
        """Both together."""
        return self.rate + self.mix


@dataclass(frozen=True)
class Ratio:
    """What a rate is made of: spend and results for cost per result, clicks and impressions for click-through rate."""

    above: float
    below: float


def parts_of_total(before: Mapping[str, float], after: Mapping[str, float]) -> list[Part]:
    """The change of a sum by group, the largest first. For what may be added: views and spend, never reach."""
    groups = {*before, *after}
    found = [Part(group, old := before.get(group, 0.0), new := after.get(group, 0.0), new - old) for group in groups]
    return sorted(found, key=lambda each: (-abs(each.contribution), each.group))


def parts_of_rate(before: Mapping[str, Ratio], after: Mapping[str, Ratio]) -> list[RatePart]:
    """The change of a rate by group, the largest first; [] where either period has nothing to divide by.

    By the middle of both periods, so that neither order of them is preferred. A group that had nothing in one
    of them has the rate of the other: it changed the mix alone.
    """
    whole, later = sum(each.below for each in before.values()), sum(each.below for each in after.values())
    if whole <= 0 or later <= 0:
        return []
    middle = (_rate(_sum(before)) + _rate(_sum(after))) / 2
    found = [
        _rate_part(group, before.get(group, Ratio(0, 0)), after.get(group, Ratio(0, 0)), (whole, later), middle)
        for group in {*before, *after}
    ]
    return sorted(found, key=lambda each: (-abs(each.contribution), each.group))


def _rate_part(group: str, old: Ratio, new: Ratio, wholes: tuple[float, float], middle: float) -> RatePart:
    weight, later = old.below / wholes[0], new.below / wholes[1]
    rate, moved = _rate(old if old.below else new), _rate(new if new.below else old)
    loose = (new.above if not new.below else 0) / wholes[1] - (old.above if not old.below else 0) / wholes[0]
    return RatePart(
        group, (moved - rate) * (weight + later) / 2 + loose, (later - weight) * ((rate + moved) / 2 - middle)
    )


def _rate(ratio: Ratio) -> float:
    return ratio.above / ratio.below if ratio.below else 0.0


def _sum(ratios: Mapping[str, Ratio]) -> Ratio:
    return Ratio(sum(each.above for each in ratios.values()), sum(each.below for each in ratios.values()))


def drivers(splits: Sequence[Split], before: Collection[date], after: Collection[date]) -> tuple[Contribution, ...]:
    """What each group did to the change from some days to others, dimension by dimension.

    Of rates with the rates of the group in both; of totals with its sums: give as many days on both sides.
    """
    return tuple(part for split in splits for part in _of_split(split, before, after))


def _of_split(split: Split, before: Collection[date], after: Collection[date]) -> list[Contribution]:
    old, new = _sums(split.rows, before), _sums(split.rows, after)
    named = [each.group for each in _contributions(split, old, new)[:MOST_NAMED]]
    return _contributions(split, _merged(old, named), _merged(new, named))


def _contributions(split: Split, old: Mapping[str, Ratio], new: Mapping[str, Ratio]) -> list[Contribution]:
    """Of all groups, the largest first."""
    if any(each.below is None for each in split.rows):
        totals = [{group: ratio.above for group, ratio in side.items()} for side in (old, new)]
        parts = parts_of_total(*totals)
        return [Contribution(split.dimension, each.group, each.before, each.after, each.contribution) for each in parts]
    nothing = Ratio(0, 0)
    return [
        Contribution(
            split.dimension,
            each.group,
            _rate(old.get(each.group, nothing)),
            _rate(new.get(each.group, nothing)),
            each.contribution,
        )
        for each in parts_of_rate(old, new)
    ]


def _sums(rows: Iterable[SplitRow], days: Collection[date]) -> dict[str, Ratio]:
    """What each group had in all of the days."""
    sums: dict[str, Ratio] = {}
    for each in rows:
        if each.day in days:
            had = sums.get(each.group, Ratio(0, 0))
            sums[each.group] = Ratio(had.above + each.value, had.below + (each.below or 0.0))
    return sums


def _merged(groups: Mapping[str, Ratio], named: Sequence[str]) -> dict[str, Ratio]:
    """The same with all groups but the named ones in one."""
    rest = {group: ratio for group, ratio in groups.items() if group not in named}
    kept = {group: ratio for group, ratio in groups.items() if group in named}
    return kept | ({OTHERS: _sum(rest)} if rest else {})
