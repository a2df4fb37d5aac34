"""Creatives that win: an ad's click-through rate against that of the other ads shown beside it on the same days."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from freehold.node.analysis.findings import Answer, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import AdDay
from freehold.node.analysis.tails import effective_size, student, student_quantile

FEWEST_DAYS = 14
HALF = 0.5


@dataclass(frozen=True)
class _Pairs:
    """An ad beside others, day by day: logarithms of the ratio of their rates, and what these are made of."""

    ad_id: str
    days: tuple[date, ...]
    ratios: tuple[float, ...]
    numbers: tuple[tuple[str, float], ...]

    @property
    def middle(self) -> float:
        """The mean of the ratios."""
        return fmean(self.ratios) if self.ratios else 0.0


def creatives(ad_set_id: str, ads: Mapping[str, Sequence[AdDay]]) -> list[Answer]:
    """The best ad of a set beside all others, and the worst beside those that are left, as candidates for `judge`.

    The worst is not measured by the best, or every winner would make losers. Paired by day, for what moves all ads on a
    day says nothing about one. Clicks are no coin tosses: their spread is taken from the days. The chances allow for
    the choice. Size is the ad's rate beside that of the others.
    """
    if len(ads) <= 1:
        return []
    pairs, missing = _compared(ads)
    if not pairs:
        return missing
    best = pairs[-1]
    found: list[Answer] = [*missing, _finding(ad_set_id, best, len(ads))]
    rest = {ad_id: days for ad_id, days in ads.items() if ad_id != best.ad_id}
    if len(rest) > 1 and (left := _compared(rest)[0]):
        found.append(_finding(ad_set_id, left[0], len(ads) * len(rest)))
    return found


def _compared(ads: Mapping[str, Sequence[AdDay]]) -> tuple[list[_Pairs], list[Answer]]:
    """Every ad that ran beside others for long enough, the worst first; and those that did not."""
    pairs = [_beside(ad_id, ads) for ad_id in sorted(ads)]
    enough = sorted((each for each in pairs if len(each.days) >= FEWEST_DAYS), key=lambda each: each.middle)
    missing = [each for each in pairs if len(each.days) < FEWEST_DAYS]
    of = "days beside other ads"
    return enough, [TooLittle("creative", each.ad_id, FEWEST_DAYS, len(each.days), of) for each in missing]


def _beside(ad_id: str, ads: Mapping[str, Sequence[AdDay]]) -> _Pairs:
    mine = {each.day: each for each in ads[ad_id] if each.impressions > 0}
    others = _together([each for other, days in ads.items() if other != ad_id for each in days])
    both = sorted(day for day in mine if others.get(day, (0, 0))[0] > 0)
    ratios = [_logarithm(mine[day].impressions, mine[day].clicks) - _logarithm(*others[day]) for day in both]
    numbers = (
        ("clicks", float(sum(mine[day].clicks for day in both))),
        ("impressions", float(sum(mine[day].impressions for day in both))),
        ("clicks_of_others", float(sum(others[day][1] for day in both))),
        ("impressions_of_others", float(sum(others[day][0] for day in both))),
        ("others", float(len(ads) - 1)),
    )
    return _Pairs(ad_id, tuple(both), tuple(ratios), numbers)


def _finding(ad_set_id: str, pairs: _Pairs, tried: int) -> Finding:
    residuals = [each - pairs.middle for each in pairs.ratios]
    freedom = max(1, math.floor(effective_size(residuals)) - 1)
    spread = sum(each * each for each in residuals) / len(residuals)
    error = max(1e-12, math.sqrt(spread / freedom))
    reach = student_quantile(freedom) * error
    first, last = pairs.days[0], pairs.days[-1]
    query = Query("click_through_rate", ("date", "ad_id"), (("ad_set_id", ad_set_id),), first, last, "day")
    return Finding(
        kind="creative",
        subject=pairs.ad_id,
        first=first,
        last=last,
        direction="up" if pairs.middle > 0 else "down",
        size=Size(*(math.exp(each) for each in (pairs.middle, pairs.middle - reach, pairs.middle + reach))),
        sample=len(pairs.days),
        chance=min(1.0, 2 * tried * student(abs(pairs.middle) / error, freedom)),
        evidence=Evidence(query, len(pairs.days), pairs.numbers),
    )


def _together(days: Sequence[AdDay]) -> dict[date, tuple[int, int]]:
    """Impressions and clicks of all ads by day."""
    found: dict[date, tuple[int, int]] = {}
    for each in days:
        impressions, clicks = found.get(each.day, (0, 0))
        found[each.day] = impressions + each.impressions, clicks + each.clicks
    return found


def _logarithm(impressions: int, clicks: int) -> float:
    """Of the rate; half a click keeps days without one in the comparison."""
    return math.log((clicks + HALF) / (impressions + 1))
