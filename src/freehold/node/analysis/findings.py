"""What one look at a client's numbers shows: findings with their evidence, and what could not be said for want of data.

Each kind of finding has a module that asks its questions and gives candidates with the chance of each. `judge` corrects
all of them together, and believes what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from freehold.node.analysis.comparisons import Confidence
from freehold.node.analysis.ranks import corrected

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
class Evidence:
    """What a finding rests on: the query, how many rows it gave, and every number that may be told, by its name."""

    query: Query
    rows: int
    numbers: tuple[tuple[str, float], ...]

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


@dataclass(frozen=True)
class Finding:
    """Something that may have happened to `subject` from `first` to `last`.

    `chance` is how probable as much is where nothing happened; `corrected_chance` the same for as many questions as
    were asked in one look, and None before `judge` has seen them all. `sample` counts what `grain` of the query names.
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
    corrected_chance: float | None = None

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


Answer = Finding | TooLittle


@dataclass(frozen=True)
class Look:
    """All that one look shows, the surest first; how many questions it tested; and which it could not."""

    findings: tuple[Finding, ...]
    tested: int
    too_little: tuple[TooLittle, ...]


def judge(answers: Iterable[Answer]) -> Look:
    """Corrects the chances of all findings together (Holm), and keeps those that chance does not explain.

    Give it the answers of every module at once: two looks at the same numbers are two chances of an accident.
    """
    given = list(answers)
    asked = [each for each in given if isinstance(each, Finding)]
    chances = corrected([each.chance for each in asked])
    judged = [replace(each, corrected_chance=chance) for each, chance in zip(asked, chances, strict=True)]
    shown = sorted((each for each in judged if each.confidence), key=_order)
    return Look(tuple(shown), len(asked), _sorted([each for each in given if isinstance(each, TooLittle)]))


def _order(finding: Finding) -> tuple[float, str, str, date]:
    return finding.corrected_chance or 0.0, finding.kind, finding.subject, finding.first


def _sorted(missing: Sequence[TooLittle]) -> tuple[TooLittle, ...]:
    return tuple(sorted(missing, key=lambda each: (each.kind, each.subject)))
