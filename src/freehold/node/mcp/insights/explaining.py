"""What drove a change between two periods: how much of it each campaign, placement, post or format made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.analysis.drivers import Part as Total
from freehold.node.analysis.drivers import RatePart, Ratio, parts_of_rate, parts_of_total
from freehold.node.mcp.insights.answering import (
    OF_POSTS,
    YOUNG_POSTS,
    Answered,
    Evidence,
    NotRead,
    Stored,
    both_answered,
    earliest,
    gathering,
    labels,
)
from freehold.node.mcp.insights.arguments import (
    AccountIds,
    Against,
    Asked,
    Filters,
    Name,
    earlier_of,
    question_of,
)
from freehold.node.mcp.instagram.reading import Number, Part
from freehold.node.mcp.meta_ads.periods import TimeRange
from freehold.node.mcp.tool import Arguments, Call, UntrustedText
from freehold.node.measures.catalogue import AD_OBJECTS, AD_PARTS, DIMENSIONS, Metric, Source, Unit
from freehold.node.measures.queries import Group
from freehold.node.measures.question import Question, checked

USUAL: Final[Mapping[Source, tuple[str, ...]]] = {
    "ad_days": ("campaign", "ad", "platform"),
    "account_days": ("account",),
    "posts": ("format", "post"),
    "page_posts": ("format", "post"),
}
"""By what a change is split where nothing is said."""
AT_ONCE: Final[Mapping[Source, Collection[str]]] = {
    "ad_days": AD_OBJECTS,
    "account_days": DIMENSIONS["account_days"],
    "posts": DIMENSIONS["posts"],
    "page_posts": DIMENSIONS["page_posts"],
}
"""Dimensions of which several make no more groups than the finest of them does: they are read once, and added up."""
POSTED: Final = {
    "account_views": "post_views",
    "account_interactions": "post_interactions",
    "account_likes": "post_likes",
    "account_comments": "post_comments",
    "account_saves": "post_saves",
    "account_shares": "post_shares",
}
"""What an account's days gathered, and the same of the posts that were published on them."""
UNKNOWN_DAYS: Final = "Days that are not known are in no sum, so no change is told where there are some."
LEFT_OUT: Final = "A split of which fewer days are known than of the whole is left out; name its dimension to see it."
UNKNOWN_POSTS: Final = (
    "Posts whose metric was not read are in no sum, so no change of a sum is told where there are some."
)
BESIDE: Final = "Posts are those published in each period, with all that they gathered since: they do not add up to it."


Sums = dict[str, float]
"""What was summed of a group, by part; a part of which nothing was read is absent."""


class ExplainAsked(Arguments):
    """Which change: of one metric, from an earlier period to a later one."""

    metric: Name
    period: TimeRange = "last_7d"
    against: Against = "previous"
    dimensions: Annotated[
        list[Name], Field(default_factory=list, max_length=4, description="by default what usually tells")
    ]
    filters: Filters
    account_ids: AccountIds = None
    limit: Annotated[int, Field(ge=1, le=25, description="of the largest parts of each dimension")] = 5


class Driver(Part):
    """What one group did: its value in both periods, and the part of the change that is its own.

    Of a rate, `by_rate` is what its own rate having moved did, and `by_mix` what its weight among the groups did.
    """

    group: str
    now: Number | None = None
    before: Number | None = None
    contribution: Number
    share: Number | None = None
    by_rate: Number | None = None
    by_mix: Number | None = None


class Split(Part):
    """The change by one dimension: the largest parts, and `others`, all that is left; together they are the change.
    Days of either period that are not known of a dimension are in `not_read`.
    """

    metric: str
    dimension: str
    now: Number | None = None
    before: Number | None = None
    change: Number | None = None
    drivers: list[Driver]
    others: Number
    groups: int
    complete: bool
    not_read: list[NotRead] | None = None
    rows_read: int
    rows_read_before: int


class ChangeExplained(Stored):
    """A change, and what it is made of, dimension by dimension. The parts of one dimension add up; those of several are
    the same change told again. Of periods of which days, or of a sum of which posts, are not known no change is told.
    """

    metric: str
    unit: Unit
    currency: str | None = None
    now: Number | None = None
    before: Number | None = None
    change: Number | None = None
    ratio: Number | None = None
    splits: list[Split]
    names: dict[str, dict[str, UntrustedText]]
    notes: list[str]
    complete: bool
    not_read: list[NotRead]
    not_read_before: list[NotRead]
    posts_not_read: dict[str, int] | None = None
    posts_not_read_before: dict[str, int] | None = None
    attribution: str | None = None
    evidence: Evidence
    evidence_before: Evidence


@dataclass(frozen=True)
class Both:
    """The same question's answers of the later and the earlier period."""

    now: Answered
    before: Answered

    @property
    def metric(self) -> Metric:
        """The one that was asked for."""
        return self.now.question.asked[0]

    @property
    def currency(self) -> str | None:
        """The one of all money in it. Raises `Problem` 422 where there are several, which nothing adds up."""
        found = {group.currency for side in (self.now, self.before) for group in side.groups if group.currency}
        if len(found) > 1 and self.metric.unit == "minor_units":
            told = f"The accounts count in {', '.join(sorted(found))}, which have no sum."
            raise Problem(422, "currencies_differ", told, "Name accounts of one currency in account_ids.")
        return found.pop() if self.metric.unit == "minor_units" and found else None

    @property
    def unread(self) -> set[tuple[str, date]]:
        """The days of both that are not known, each with the account that lacks it."""
        return self.now.unread.each | self.before.unread.each

    @property
    def complete(self) -> bool:
        """Whether every day of both is known."""
        return self.now.complete and self.before.complete

    def by(self, *dimensions: str) -> "Both":
        """The same, added up to some of the dimensions."""
        return Both(self.now.by(*dimensions), self.before.by(*dimensions))

    def values(self) -> tuple[float | None, float | None]:
        """The whole of both periods, now and before."""
        return _whole(self.metric, self.now.groups), _whole(self.metric, self.before.groups)

    def change(self) -> float | None:
        """From the earlier to the later; None where either is unknown, or not the whole."""
        whole = all(self.metric.whole(group.sums) for side in (self.now, self.before) for group in side.groups)
        now, before = self.values()
        if not (self.complete and whole) or now is None or before is None:
            return None
        return _rounded(now - before)


async def explain_change(call: Call, asked: ExplainAsked) -> ChangeExplained:
    """How much of a metric's change between two periods each campaign, ad, placement, format or post made. It says what
    moved, not why somebody moved it.
    """
    wanted = Asked(
        metrics=[asked.metric],
        period=asked.period,
        dimensions=[],
        filters=asked.filters,
        account_ids=asked.account_ids,
    )
    question, zone = await question_of(call, wanted, "total")
    whole, by = await _read(call, question, zone, asked)
    currency, (now, before) = whole.currency, whole.values()
    told = [each for each in by if asked.dimensions or each.unread <= whole.unread]
    beside = await _posted(call, asked, wanted)
    every, change, of_posts = (whole, *told, *beside), whole.change(), (*beside, whole)[0]
    splits = [_split(each, asked.limit) for each in (*told, *beside)]
    return ChangeExplained(
        source="stored",
        as_of=earliest(side.as_of for both in every for side in (both.now, both.before)),
        metric=asked.metric,
        unit=whole.metric.unit,
        currency=currency,
        now=now,
        before=before,
        change=change,
        ratio=round(change / before, 4) if change is not None and before else None,
        splits=splits,
        names=await labels(call, ({each.dimension: driver.group} for each in splits for driver in each.drivers)),
        notes=_notes(
            call,
            every,
            left_out=len(by) - len(told),
            posts=question.source in OF_POSTS or bool(beside),
            beside=bool(beside),
        ),
        complete=whole.complete,
        not_read=whole.now.gaps(),
        not_read_before=whole.before.gaps(),
        posts_not_read=of_posts.now.posts_not_read(),
        posts_not_read_before=of_posts.before.posts_not_read(),
        attribution=whole.now.attribution,
        evidence=whole.now.evidence,
        evidence_before=whole.before.evidence,
    )


async def _read(call: Call, question: Question, zone: str, asked: ExplainAsked) -> tuple[Both, list[Both]]:
    """Both periods as a whole, and by each dimension that is to be told."""
    names = _by(question, asked)
    at_once = tuple(name for name in names if name in AT_ONCE[question.source])
    finest = await _both(call, replace(question, dimensions=at_once), zone, asked.against)
    by = [
        finest.by(name)
        if name in at_once
        else await _both(call, replace(question, dimensions=(name,)), zone, asked.against)
        for name in names
    ]
    return finest.by(), by


async def _both(call: Call, question: Question, zone: str, against: Against) -> Both:
    earlier = checked(earlier_of(question, against))
    return Both(*await both_answered(call, checked(question), earlier, zone))


def _by(question: Question, asked: ExplainAsked) -> Sequence[str]:
    """Those that are asked for, or the usual ones that can be told beside the filters."""
    if asked.dimensions:
        return tuple(dict.fromkeys(asked.dimensions))
    told = [
        name
        for name in USUAL[question.source]
        if not question.breakdown or name not in AD_PARTS or AD_PARTS[name][0] == question.breakdown
    ]
    return told if question.source != "account_days" or len(question.accounts) > 1 else ()


async def _posted(call: Call, asked: ExplainAsked, wanted: Asked) -> list[Both]:
    """What the posts of both periods gathered, beside a change of the account's own days."""
    if asked.metric not in POSTED or asked.dimensions:
        return []
    question, zone = await question_of(call, wanted.model_copy(update={"metrics": [POSTED[asked.metric]]}), "total")
    finest = await _both(call, replace(question, dimensions=USUAL["posts"]), zone, asked.against)
    return [finest.by(name) for name in USUAL["posts"]]


def _split(both: Both, limit: int) -> Split:
    (dimension,) = both.now.question.dimensions
    now, before = both.values()
    change = both.change()
    old, new = _by_group(both.before), _by_group(both.now)
    parts = _parts(both.metric, old, new) if change is not None else []
    return Split(
        metric=both.metric.name,
        dimension=dimension,
        now=now,
        before=before,
        change=change,
        drivers=[
            _driver(
                part, both.metric.value(new.get(part.group, {})), both.metric.value(old.get(part.group, {})), change
            )
            for part in parts[:limit]
        ],
        others=_rounded(sum(part.contribution for part in parts[limit:])),
        groups=len(parts),
        complete=both.complete,
        not_read=[*both.now.gaps(), *both.before.gaps()] or None,
        rows_read=both.now.evidence.rows_read,
        rows_read_before=both.before.evidence.rows_read,
    )


def _parts(metric: Metric, old: Mapping[str, Sums], new: Mapping[str, Sums]) -> Sequence[Total | RatePart]:
    """What each group did, the largest first."""
    first, *rest = metric.parts
    if not rest:
        before, after = ({key: sums[first] for key, sums in side.items() if first in sums} for side in (old, new))
        return parts_of_total(before, after)
    earlier, later = (
        {key: Ratio(sums.get(first, 0) * metric.times, sums.get(rest[0], 0)) for key, sums in side.items()}
        for side in (old, new)
    )
    return parts_of_rate(earlier, later)


def _driver(part: Total | RatePart, now: float | None, before: float | None, change: float | None) -> Driver:
    rate = part if isinstance(part, RatePart) else None
    return Driver(
        group=part.group,
        now=now,
        before=before,
        contribution=_rounded(part.contribution),
        share=round(part.contribution / change, 4) if change else None,
        by_rate=None if rate is None else _rounded(rate.rate),
        by_mix=None if rate is None else _rounded(rate.mix),
    )


def _by_group(side: Answered) -> dict[str, Sums]:
    """The sums of each group of the one dimension; those of several currencies are one where no money is asked for."""
    found: dict[str, Sums] = {}
    for group in side.groups:
        sums = found.setdefault(group.dimensions[0], {})
        for part, value in group.sums.items():
            if value is not None:
                sums[part] = sums.get(part, 0) + value
    return found


def _whole(metric: Metric, groups: Sequence[Group]) -> float | None:
    """The metric of all groups together; None where nothing was read."""
    sums = {
        part: sum(known)
        if (known := [each for group in groups if (each := group.sums.get(part)) is not None])
        else None
        for part in metric.parts
    }
    return metric.value(sums)


def _notes(call: Call, every: Sequence[Both], *, left_out: int, posts: bool, beside: bool) -> list[str]:
    """What whoever reads the answer has to know; `beside` says whether posts stand beside an account's days."""
    young = gathering(call, every[0].now.question)
    return [
        *([] if all(each.complete for each in every) else [UNKNOWN_DAYS]),
        *([LEFT_OUT] if left_out else []),
        *([BESIDE] if beside else []),
        *([UNKNOWN_POSTS] if any(side.posts_not_read() for each in every for side in (each.now, each.before)) else []),
        *([YOUNG_POSTS] if posts and young else []),
    ]


def _rounded(value: float) -> float:
    return round(value, 6)
