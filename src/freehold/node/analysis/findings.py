"""What one look at a client's numbers shows: findings with their evidence, and what could not be said for want of data.

Each kind of finding has a module that asks its questions and gives candidates with the chance of each. `judge` corrects
all of them together, and believes what is left.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from freehold.node.analysis.comparisons import Confidence
from freehold.node.analysis.ranks import Median, corrected

Direction = Literal["up", "down"]
Grain = Literal["day", "week", "post", "total"]

DOUBT = 0.02
"""Findings are told unasked and every week, so that less doubt is left than where somebody asks."""
LITTLE_DOUBT = 0.005


@dataclass(frozen=True)
class Query:
    """The question whose answer is the evidence: a metric, what it is grouped by and kept to, the days, the grain."""

    metric: str
    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    first: date
    last: date
    grain: Grain


@dataclass(frozen=True)
class Contribution:
    """What one group of a dimension did to a change, in the unit of the metric; those of a dimension add up to it."""

    dimension: str
    group: str
    before: float
    after: float
    contribution: float


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on: the query, how many rows it gave, and every number that may be told, by its name.

    `drivers` say of a change which groups made it, the largest first in each dimension.
    """

    query: Query
    rows: int
    numbers: tuple[tuple[str, float], ...]
    drivers: tuple[Contribution, ...] = ()

    @property
    def metric(self) -> str:
        """The metric that was looked at."""
        return self.query.metric


@dataclass(frozen=True)
class Size:
    """How large an effect is, as a ratio: 1.3 is 30 % more, 0.5 is half. The range holds it in 95 of 100 cases."""

    value: float
    low: float
    high: float


def beside(mine: Median, others: float, count: int) -> Size:
    """A median beside that of `count` others, which is no better known: its interval is widened for both.

    As if both strayed alike. `mine` has to have an interval, and `others` to be above zero.
    """
    assert mine.low is not None
    assert mine.high is not None
    value, ends = mine.value / others, (mine.low / others, mine.high / others)
    if value <= 0:
        return Size(value, *ends)
    wider = math.sqrt(1 + mine.size / count)
    return Size(value, *(value * (end / value) ** wider for end in ends))


@dataclass(frozen=True)
class Finding:
    """Something that may have happened to `subject` from `first` to `last`.

    `subject` is an id, or for posts the group that differs: a format, a part of the week, a hashtag. `look` says which
    account it is of.
    `chance` is how probable as much is where nothing happened; `corrected_chance` the same for as many questions as
    were asked in one look, and None before `judge` has seen them all. `sample` counts what `grain` of the query names.
    `weight` is below 1 where many questions share one: parts of the week together take no more than one series.
    """

    kind: str
    subject: str
    first: date
    last: date
    direction: Direction
    size: Size
    sample: int
    chance: float
    evidence: Evidence
    weight: float = 1.0
    corrected_chance: float | None = None
    account_id: str = ""

    @property
    def confidence(self) -> Confidence | None:
        """How sure it is; None where chance explains it as well, or before the correction."""
        if self.corrected_chance is None or self.corrected_chance >= DOUBT:
            return None
        return "high" if self.corrected_chance < LITTLE_DOUBT else "moderate"


@dataclass(frozen=True)
class TooLittle:
    """A question that cannot be answered yet: how many were needed, how many are there, and of what."""

    kind: str
    subject: str
    needed: int
    found: int
    of: str
    account_id: str = ""


@dataclass(frozen=True)
class Fact:
    """Something that is so and needs no test: an ad that is there, a budget that its days will not spend.

    `sample` counts what it rests on, such as days or ads; `direction` is None where there is none.
    """

    kind: str
    subject: str
    first: date
    last: date
    direction: Direction | None
    sample: int
    evidence: Evidence
    account_id: str = ""


Answer = Finding | TooLittle | Fact


@dataclass(frozen=True)
class Look:
    """All that one look shows, the surest first; how many questions it tested; and which it could not."""

    findings: tuple[Finding, ...]
    tested: int
    too_little: tuple[TooLittle, ...]
    facts: tuple[Fact, ...] = ()


def sharing(answers: Sequence[Answer]) -> list[Answer]:
    """The same questions, which together weigh as much as one: an ad set of ten ads takes no more than one of two."""
    asked = sum(isinstance(each, Finding) for each in answers)
    return [replace(each, weight=1 / asked) if isinstance(each, Finding) else each for each in answers]


def judge(answers: Iterable[Answer]) -> Look:
    """Corrects the chances of all findings together (Holm, by weight), and keeps those that chance does not explain.

    Give it the answers of every module at once: two looks at the same numbers are two chances of an accident.
    """
    given = list(answers)
    asked = [each for each in given if isinstance(each, Finding)]
    chances = corrected([each.chance for each in asked], [each.weight for each in asked])
    judged = [replace(each, corrected_chance=chance) for each, chance in zip(asked, chances, strict=True)]
    shown = sorted((each for each in judged if each.confidence), key=_order)
    facts = sorted((each for each in given if isinstance(each, Fact)), key=_place)
    missing = sorted((each for each in given if isinstance(each, TooLittle)), key=_lacking)
    return Look(tuple(shown), len(asked), tuple(missing), tuple(facts))


def _order(finding: Finding) -> tuple[float, str, str, str, date, str]:
    return finding.corrected_chance or 0.0, *_place(finding), finding.evidence.metric


def _place(found: Finding | Fact) -> tuple[str, str, str, date]:
    return found.account_id, found.kind, found.subject, found.first


def _lacking(missing: TooLittle) -> tuple[str, str, str]:
    return missing.account_id, missing.kind, missing.subject
