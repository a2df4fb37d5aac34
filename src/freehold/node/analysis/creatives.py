"""Creatives that win: an ad's click-through rate against that of the other ads shown beside it on the same days."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import fmean

from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import AdDay
from freehold.node.analysis.tails import effective_size, student, student_quantile

FEWEST_DAYS = 14
HALF = 0.5


def creatives(ad_set_id: str, ads: Mapping[str, Sequence[AdDay]]) -> list[Answer]:
    """Every ad of one ad set against the others together, as candidates for `judge`.

    Paired by day, for what moves all ads on a day says nothing about one. Clicks are no coin tosses: their spread is
    taken from the days. Size is the ad's rate beside that of the others.
    """
    return [_against(ad_set_id, ad_id, ads) for ad_id in sorted(ads)] if len(ads) > 1 else []


def _against(ad_set_id: str, ad_id: str, ads: Mapping[str, Sequence[AdDay]]) -> Answer:
    mine = {each.day: each for each in ads[ad_id] if each.impressions > 0}
    others = _together([each for other, days in ads.items() if other != ad_id for each in days])
    both = sorted(day for day in mine if others.get(day, (0, 0))[0] > 0)
    if len(both) < FEWEST_DAYS:
        return TooLittle("creative", ad_id, FEWEST_DAYS, len(both), "days beside other ads")
    ratios = [_logarithm(mine[day].impressions, mine[day].clicks) - _logarithm(*others[day]) for day in both]
    clicks, impressions = sum(mine[day].clicks for day in both), sum(mine[day].impressions for day in both)
    beside = [sum(others[day][place] for day in both) for place in (0, 1)]
    numbers = (("clicks", clicks), ("impressions", impressions), ("clicks_of_others", beside[1]))
    query = Query("click_through_rate", ("date", "ad_id"), (("ad_set_id", ad_set_id),), both[0], both[-1], "day")
    evidence = Evidence(query, len(both), (*numbers, ("impressions_of_others", beside[0])))
    return _finding(ad_id, ratios, evidence)


def _finding(ad_id: str, ratios: Sequence[float], evidence: Evidence) -> Finding:
    middle = fmean(ratios)
    residuals = [each - middle for each in ratios]
    freedom = max(1, math.floor(effective_size(residuals)) - 1)
    spread = sum(each * each for each in residuals) / len(ratios)
    error = max(1e-12, math.sqrt(spread / freedom))
    reach = student_quantile(freedom) * error
    direction: Direction = "up" if middle > 0 else "down"
    return Finding(
        kind="creative",
        subject=ad_id,
        first=evidence.query.first,
        last=evidence.query.last,
        direction=direction,
        size=Size(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach)),
        sample=len(ratios),
        chance=min(1.0, 2 * student(abs(middle) / error, freedom)),
        evidence=evidence,
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
