"""Formats of posts as findings: which does better or worse than the account's other posts."""

from collections.abc import Sequence
from datetime import datetime

from freehold.node.analysis.comparisons import Comparison, compare
from freehold.node.analysis.features import FORMAT
from freehold.node.analysis.findings import Answer, Direction, Evidence, Finding, Query, Size, TooLittle
from freehold.node.analysis.results import MINIMUM, Judged, Result, beside_all


def format_lifts(results: Sequence[Result], metric: str, now: datetime) -> list[Answer]:
    """Every format beside the other posts, by ranks, as candidates for `judge`.

    Size is the format's usual result beside that of the others. Posts of one result each: reach of a post in its own
    window, never summed.
    """
    judged = beside_all(results, now)
    if not judged.relative:
        return [TooLittle("format", "all posts", MINIMUM, len(results) - judged.unripe, "posts")]
    return [_answer(each, judged, metric) for each in compare([(FORMAT, judged.relative)])]


def _answer(comparison: Comparison, judged: Judged, metric: str) -> Answer:
    ratio, others = comparison.ratio, comparison.others_ratio
    if ratio is None or comparison.chance is None or not others:
        few = min(comparison.posts, comparison.others)
        return TooLittle("format", comparison.group, MINIMUM, few, "posts of it and of others")
    days = [each.result.published_at.date() for each in judged.relative]
    first, last = min(days), max(days)
    low, high = ratio.low or min(_ratios(comparison, judged)), ratio.high or max(_ratios(comparison, judged))
    direction: Direction = "up" if ratio.value >= others else "down"
    usual = judged.relative[0].usual
    numbers = (
        ("usual", usual * ratio.value),
        ("usual_of_others", usual * others),
        ("others", float(comparison.others)),
    )
    return Finding(
        kind="format",
        subject=comparison.group,
        first=first,
        last=last,
        direction=direction,
        size=Size(ratio.value / others, low / others, high / others),
        sample=comparison.posts,
        chance=comparison.chance,
        evidence=Evidence(Query(metric, ("format",), (), first, last, "post"), len(judged.relative), numbers),
    )


def _ratios(comparison: Comparison, judged: Judged) -> list[float]:
    """The results of the group; they are its range where there are too few for an interval."""
    return [each.ratio for each in judged.relative if each.result.format == comparison.group]
