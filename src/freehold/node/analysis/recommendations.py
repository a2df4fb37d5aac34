"""What to post next, as far as the account's own posts show it: each advice with the numbers that it rests on.

Deterministic: the same posts give the same advice. Nothing is advised that chance explains as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from freehold.node.analysis.comparisons import Comparison, Confidence, compare
from freehold.node.analysis.features import FORMAT, WORDING, timing
from freehold.node.analysis.results import MINIMUM, Judged, Result, beside_all, beside_format

OBSERVED = (
    "This is what was observed, not an experiment: what the posts were about may differ between the groups as well."
)
_KINDS = {"weekday": "posting_time", "hours": "posting_time", "weekday_and_hours": "posting_time"}
_WORDS = {
    "format": ("Publish more of the format {group}.", "Publish less of the format {group}."),
    "weekday": ("Publish on {group} more often.", "Publish on {group} less often."),
    "hours": ("Publish between {group} more often.", "Publish between {group} less often."),
    "weekday_and_hours": ("Publish on {group} more often.", "Publish on {group} less often."),
}
_CAPTIONS = ("Write more captions like these: {group}.", "Write fewer captions like these: {group}.")


@dataclass(frozen=True)
class Evidence:
    """What an advice rests on: which posts, measured by what, in which time."""

    metric: str
    first: date
    last: date
    comparison: Comparison
    compared_with: str


@dataclass(frozen=True)
class Recommendation:
    """One advice. `effect` is the group's usual result beside that of the other posts, 1.3 being 30 % more.

    It is None where the others usually have nothing.
    """

    kind: str
    advice: str
    because: str
    effect: float | None
    confidence: Confidence
    evidence: Evidence
    caveat: str = OBSERVED


@dataclass(frozen=True)
class Recommended:
    """All advice, the surest and largest first; how much was looked at; and why there is none, where there is none."""

    recommendations: tuple[Recommendation, ...]
    posts: int
    comparisons: int
    groups_too_small: int
    unripe: int
    without_usual: int
    why_none: str


def recommend(results: Sequence[Result], metric: str, now: datetime, slot_hours: int) -> Recommended:
    """What the posts of a time say about formats, posting times and captions, judged by one metric."""
    formats, others = beside_all(results, now), beside_format(results, now)
    questions = [(FORMAT, formats.relative), *((each, others.relative) for each in (*timing(slot_hours), *WORDING))]
    found = compare(questions)
    advised = [
        _recommendation(each, metric, formats if each.feature == FORMAT.name else others)
        for each in found
        if each.verdict in {"better", "worse"}
    ]
    tested = sum(each.chance is not None for each in found)
    return Recommended(
        recommendations=tuple(sorted(advised, key=_order)),
        posts=len(formats.relative),
        comparisons=tested,
        groups_too_small=len(found) - tested,
        unripe=formats.unripe,
        without_usual=others.without_usual,
        why_none="" if advised else _why_none(len(results) - formats.unripe, formats, tested),
    )


def _recommendation(comparison: Comparison, metric: str, judged: Judged) -> Recommendation:
    days = [each.result.published_at.date() for each in judged.relative]
    better = comparison.verdict == "better"
    more, less = _WORDS.get(comparison.feature, _CAPTIONS)
    of = "all posts" if comparison.feature == FORMAT.name else "posts of the same format"
    return Recommendation(
        kind=_KINDS.get(comparison.feature, "format" if comparison.feature == FORMAT.name else "caption"),
        advice=(more if better else less).format(group=comparison.group),
        because=_because(comparison, metric, of),
        effect=_effect(comparison),
        confidence=comparison.confidence or "moderate",
        evidence=Evidence(metric, min(days), max(days), comparison, of),
    )


def _because(comparison: Comparison, metric: str, of: str) -> str:
    """The numbers in one sentence."""
    ratio = comparison.ratio
    if ratio is None or comparison.others_ratio is None or comparison.beats is None:
        return ""
    interval = "" if ratio.low is None else f" (95 % interval {ratio.low:.2f} to {ratio.high:.2f})"
    return (
        f"The {comparison.posts} posts of the group “{comparison.group}” had a median {metric} of {ratio.value:.2f} "
        f"times what was usual of {of} at their time{interval}; the {comparison.others} others had "
        f"{comparison.others_ratio:.2f} times. One of the group was above one of the others in "
        f"{comparison.beats:.0%} of all pairs."
    )


def _effect(comparison: Comparison) -> float | None:
    if comparison.ratio is None or not comparison.others_ratio:
        return None
    return comparison.ratio.value / comparison.others_ratio


def _order(recommendation: Recommendation) -> tuple[bool, float, str]:
    """What to try before what to leave; the surest first."""
    comparison = recommendation.evidence.comparison
    return comparison.verdict == "worse", comparison.corrected_chance or 0.0, recommendation.advice


def _why_none(old: int, formats: Judged, tested: int) -> str:
    if old < MINIMUM:
        return f"There are {old} posts that are old enough; from {MINIMUM} on something can be said."
    if not formats.relative:
        return "The usual result by this metric is zero: there is nothing to compare with. Choose another metric."
    if not tested:
        return f"No group of posts and its counterpart have {MINIMUM} posts each: nothing can be compared yet."
    return f"None of {tested} comparisons shows a difference that chance does not explain."
