"""Formats, hours and captions of the account's own posts against each other, and what to post next.

Comparisons of thousands of posts take some tenths of a second: they are made beside the loop that answers others.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from freehold.node.analysis import features, results
from freehold.node.analysis.comparisons import Comparison, Confidence, Verdict, compare
from freehold.node.analysis.recommendations import Recommendation, recommend
from freehold.node.analysis.results import MINIMUM, Judged
from freehold.node.mcp.instagram.arguments import AccountId, Days, PostMetric, SlotHours, TimeZone
from freehold.node.mcp.instagram.measured import HALF_A_YEAR, Posts, posts_of, rounded
from freehold.node.mcp.instagram.reading import Part
from freehold.node.mcp.tool import Answer, Arguments, Call

MOST_SMALL = 12
"""So many groups with too few posts are named, the largest first."""


class Group(Part):
    """A group of posts beside the others. `ratio` is its median result as a multiple of the usual, with a 95 %
    interval; `beats` how often one of it is above one of the others; `chance` how probable such a difference is by
    accident, corrected for all comparisons of this answer.
    """

    feature: str
    group: str
    posts: int
    others: int
    verdict: Verdict
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    others_ratio: float | None = None
    beats: float | None = None
    chance: float | None = None
    confidence: Confidence | None = None


class FormatsAsked(Arguments):
    """Of which account, judged by what, over how many days."""

    account_id: AccountId = None
    metric: PostMetric = "reach"
    days: Days = HALF_A_YEAR


class TimesAsked(FormatsAsked):
    """The same for posting times; `slot_hours` is how long a part of the day is."""

    format: Annotated[
        Literal["reel", "carousel", "image", "video"] | None, Field(description="posts of this format alone")
    ] = None
    slot_hours: SlotHours = 3
    time_zone: TimeZone = None


class RecommendAsked(FormatsAsked):
    """The same for advice."""

    slot_hours: SlotHours = 3
    time_zone: TimeZone = None


class Compared(Answer):
    """Groups of posts against each other, the best first. `too_young` posts are younger than 3 days and left out."""

    account_id: str
    metric: str
    time_zone: str
    posts: int
    too_young: int
    not_comparable: int
    groups: list[Group]
    too_small: list[Group]
    conclusion: str


class Advice(Part):
    """One advice. `effect` is the group's usual result beside that of the others, 1.3 being 30 % more."""

    kind: str
    advice: str
    because: str
    effect: float | None = None
    confidence: Confidence
    metric: str
    first: date
    last: date
    compared_with: str
    evidence: Group
    caveat: str


class Advised(Answer):
    """Advice that the numbers bear, the surest first, or why there is none."""

    account_id: str
    metric: str
    time_zone: str
    posts: int
    comparisons: int
    groups_too_small: int
    too_young: int
    not_comparable: int
    recommendations: list[Advice]
    why_none: str | None = None


async def format_performance(call: Call, asked: FormatsAsked) -> Compared:
    """Reels, carousels, pictures and videos of an account against each other, each post beside those of its time:
    medians, intervals, sample sizes, and whether they differ by more than chance. Says so below 8 posts.
    """
    posts = await posts_of(call, asked.account_id, asked.metric, asked.days)
    judged = results.beside_all(posts.results, call.now())
    return _compared(posts, asked.metric, judged, compare([(features.FORMAT, judged.relative)]))


async def best_posting_times(call: Call, asked: TimesAsked) -> Compared:
    """Weekdays, parts of the day and both together, each post against the median of its format at its time: which do
    better by more than chance, with sample sizes and intervals. Says so where there are too few posts (below 8).
    """
    posts = await posts_of(call, asked.account_id, asked.metric, asked.days, asked.time_zone)
    judged = results.beside_format(posts.results, call.now())
    if asked.format is not None:
        chosen = tuple(each for each in judged.relative if each.result.format == asked.format)
        judged = Judged(chosen, judged.unripe, judged.without_usual)
    questions = [(feature, judged.relative) for feature in features.timing(asked.slot_hours)]
    found = await asyncio.to_thread(compare, questions)
    return _compared(posts, asked.metric, judged, found)


async def recommend_content(call: Call, asked: RecommendAsked) -> Advised:
    """What to post next as far as the account's own posts show it: formats, posting times, captions. Every advice names
    its numbers and confidence. The chance that any of it is an accident is below 5 % in one answer, not over several.
    """
    posts = await posts_of(call, asked.account_id, asked.metric, asked.days, asked.time_zone)
    found = await asyncio.to_thread(recommend, posts.results, asked.metric, call.now(), asked.slot_hours)
    return Advised(
        source="computed",
        as_of=posts.as_of,
        account_id=posts.account_id,
        metric=asked.metric,
        time_zone=posts.zone,
        posts=found.posts,
        comparisons=found.comparisons,
        groups_too_small=found.groups_too_small,
        too_young=found.unripe,
        not_comparable=found.without_usual,
        recommendations=[_advice(each) for each in found.recommendations],
        why_none=found.why_none or None,
    )


def _advice(found: Recommendation) -> Advice:
    return Advice(
        kind=found.kind,
        advice=found.advice,
        because=found.because,
        effect=rounded(found.effect),
        confidence=found.confidence,
        metric=found.evidence.metric,
        first=found.evidence.first,
        last=found.evidence.last,
        compared_with=found.evidence.compared_with,
        evidence=_group(found.evidence.comparison),
        caveat=found.caveat,
    )


def _compared(posts: Posts, metric: str, judged: Judged, found: Sequence[Comparison]) -> Compared:
    tested = [each for each in found if each.chance is not None]
    small = sorted((each for each in found if each.chance is None), key=lambda each: -each.posts)
    return Compared(
        source="computed",
        as_of=posts.as_of,
        account_id=posts.account_id,
        metric=metric,
        time_zone=posts.zone,
        posts=len(judged.relative),
        too_young=judged.unripe,
        not_comparable=judged.without_usual,
        groups=[_group(each) for each in tested],
        too_small=[_group(each) for each in small[:MOST_SMALL]],
        conclusion=_conclusion(judged, tested),
    )


def _conclusion(judged: Judged, tested: Sequence[Comparison]) -> str:
    shown = [each for each in tested if each.verdict in {"better", "worse"}]
    if shown:
        return "; ".join(f"{each.group}: {each.verdict}" for each in shown)
    if not tested:
        return f"Too few posts: {len(judged.relative)} can be compared, and a group needs {MINIMUM} of them."
    return f"None of {len(tested)} groups differs from the others by more than chance."


def _group(comparison: Comparison) -> Group:
    ratio = comparison.ratio
    return Group(
        feature=comparison.feature,
        group=comparison.group,
        posts=comparison.posts,
        others=comparison.others,
        verdict=comparison.verdict,
        ratio=None if ratio is None else rounded(ratio.value),
        low=None if ratio is None else rounded(ratio.low),
        high=None if ratio is None else rounded(ratio.high),
        others_ratio=rounded(comparison.others_ratio),
        beats=rounded(comparison.beats),
        chance=None if comparison.corrected_chance is None else float(f"{comparison.corrected_chance:.2g}"),
        confidence=comparison.confidence,
    )
