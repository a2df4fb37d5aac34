"""Cost per result against its own history: whether results have become dearer or cheaper than they used to be."""

import math
from collections.abc import Sequence
from datetime import date
from statistics import median

from freehold.node.analysis.drivers import drivers
from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import CostDay, Split
from freehold.node.analysis.lines import line_through
from freehold.node.analysis.tails import student, student_quantile

FEWEST_DAYS = 14
FEWEST_EARLIER = 56
FEWEST_RESULTS = 5
"""Below so many results on a usual day, one more or less would move the day's cost too far."""
HALF = 0.5
SHOWN = 0.5
"""So much of a change has to lie between the days whose groups are known; else these say nothing about it."""


def cost_per_result(
    subject: str, days: Sequence[CostDay], first: date, last: date, splits: Sequence[Split] = ()
) -> Answer:
    """The days from `first` to `last` beside all earlier ones, as a candidate for `judge`.

    Days without spend are left out. A day of few results strays further by their number alone: a period of less money
    is not sure because the days before it were. Size is the usual cost per result of the period beside that before.
    Late attribution makes the last days look dear: give only days that are settled. `splits` of cost per result and of
    the same subject say what drove it, where their own days show the change: they may begin after it.
    """
    told = sorted((each for each in days if each.spend > 0 and each.day <= last), key=lambda each: each.day)
    inside = [each for each in told if each.day >= first]
    earlier = len(told) - len(inside)
    if earlier < FEWEST_EARLIER:
        return TooLittle("cost_per_result", subject, FEWEST_EARLIER, earlier, "earlier days")
    if len(inside) < FEWEST_DAYS:
        return TooLittle("cost_per_result", subject, FEWEST_DAYS, len(inside), "days")
    if (usual := median(each.results for each in told)) < FEWEST_RESULTS:
        return TooLittle("cost_per_result", subject, FEWEST_RESULTS, math.floor(usual), "results a day")
    return _finding(subject, told, inside, splits)


def _finding(subject: str, told: Sequence[CostDay], inside: Sequence[CostDay], splits: Sequence[Split]) -> Finding:
    later = [float(each.day >= inside[0].day) for each in told]
    counts = [each.results + HALF for each in told]
    costs = [math.log(each.spend / count) for each, count in zip(told, counts, strict=True)]
    line = line_through(later, costs, [1 / count for count in counts])
    reach = student_quantile(line.freedom) * line.error
    direction: Direction = "up" if line.slope > 0 else "down"
    first, last = inside[0].day, inside[-1].day
    before = [each for each in told if each.day < first]
    numbers = (
        ("spend", float(sum(each.spend for each in inside))),
        ("results", float(sum(each.results for each in inside))),
        ("spend_before", float(sum(each.spend for each in before))),
        ("results_before", float(sum(each.results for each in before))),
    )
    mine = [
        each
        for each in splits
        if (each.metric, each.subject) == ("cost_per_result", subject) and _shows(each, told, first, line.slope)
    ]
    driven = drivers(mine, {each.day for each in before}, {each.day for each in inside})
    query = Query("cost_per_result", ("date",), (("subject", subject),), told[0].day, last, "day")
    return Finding(
        kind="cost_per_result",
        subject=subject,
        first=first,
        last=last,
        direction=direction,
        size=Size(*(math.exp(each) for each in (line.slope, line.slope - reach, line.slope + reach))),
        sample=len(inside),
        chance=min(1.0, 2 * student(abs(line.slope) / line.error, line.freedom)),
        evidence=Evidence(query, len(told), numbers, driven),
    )


def _shows(split: Split, told: Sequence[CostDay], first: date, change: float) -> bool:
    """Whether most of a change, as a logarithm, lies between the days of a split before `first` and those since."""
    known = {row.day for row in split.rows}
    costs = []
    for since in (False, True):
        days = [each for each in told if each.day in known and (each.day >= first) is since]
        spend, results = sum(each.spend for each in days), sum(each.results for each in days)
        if not results:
            return False
        costs.append(math.log(spend / results))
    return (costs[1] - costs[0]) * change >= SHOWN * change**2
