"""People reached in windows as Meta counted them: whether the last one is unlike those before it.

Reach of days can never be added, for the same people are in several of them. So windows are compared with windows of
the same length that share no day with them. Windows longer than a week are not asked about: as many as it takes to know
what is usual would be years.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import fmean, median, stdev

from freehold.node.analysis.findings import Answer, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.inputs import ReachWindow
from freehold.node.analysis.tails import student, student_quantile

BEFORE = 6
"""The median of so many windows says what is usual after them."""
FEWEST_WINDOWS = 20
WEEK = 7
NEGLIGIBLE = 1e-12


def reach_changes(windows: Sequence[ReachWindow], first: date, last: date) -> list[Answer]:
    """For each subject and length the last window until `last` beside the `BEFORE` ones before, as candidates.

    One that ended before `first` is no news.
    How far such windows usually stray is told by the earlier ones; of many days each, they are near normal. Size is
    the ratio to the usual window.
    """
    found: dict[tuple[str, int], list[ReachWindow]] = defaultdict(list)
    for each in windows:
        length = (each.last - each.first).days + 1
        if each.last <= last and each.reach > 0 and length <= WEEK:
            found[each.subject, length].append(each)
    return [_answer(subject, days, _apart(found[subject, days]), first) for subject, days in sorted(found)]


def _apart(windows: Sequence[ReachWindow]) -> list[ReachWindow]:
    """The latest, and back from it those that share no day, in their order."""
    chosen: list[ReachWindow] = []
    for each in sorted(windows, key=lambda each: each.last, reverse=True):
        if not chosen or each.last < chosen[-1].first:
            chosen.append(each)
    return chosen[::-1]


def _answer(subject: str, days: int, windows: Sequence[ReachWindow], since: date) -> Answer:
    if windows[-1].last < since:
        return TooLittle("reach", subject, 1, 0, f"windows of {days} days in the period")
    if len(windows) < FEWEST_WINDOWS + BEFORE + 1:
        return TooLittle("reach", subject, FEWEST_WINDOWS + BEFORE + 1, len(windows), f"windows of {days} days")
    levels = [math.log(each.reach) for each in windows]
    strayed = [level - median(levels[place - BEFORE : place]) for place, level in enumerate(levels) if place >= BEFORE]
    *earlier, above = strayed
    usual, middle = math.exp(median(levels[-BEFORE - 1 : -1])), fmean(earlier)
    error = max(NEGLIGIBLE, stdev(earlier) * math.sqrt(1 + 1 / len(earlier)))
    freedom = len(earlier) - 1
    range_of = student_quantile(freedom) * error
    filters = (("subject", subject), ("window_days", str(days)))
    query = Query("reach", ("window",), filters, windows[0].first, windows[-1].last, "total")
    return Finding(
        kind="reach",
        subject=subject,
        first=windows[-1].first,
        last=windows[-1].last,
        direction="up" if above > 0 else "down",
        size=Size(*(math.exp(each) for each in (above, above - range_of, above + range_of))),
        sample=len(windows),
        chance=min(1.0, 2 * student(abs(above - middle) / error, freedom)),
        evidence=Evidence(query, len(windows), (("reach", windows[-1].reach), ("usual_reach", usual))),
    )
