"""The tool that tells what is recommended: in words, with the evidence, what is expected, and what came of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import Field

from freehold.node.assets import ticked_assets
from freehold.node.failures import asset_refused
from freehold.node.mcp.insights.answering import Stored, earliest
from freehold.node.mcp.instagram.reading import Number, Part
from freehold.node.mcp.tool import Arguments, Call, UntrustedText
from freehold.node.store.recommendations import queries
from freehold.node.store.recommendations.queries import STATUSES, Recommendation, Status

WHOLE: Final = 1000
"""From there on four digits are whole ones."""
_NUMBERS = ("value", "low", "high")


class RecommendationsAsked(Arguments):
    """Which recommendations are wanted."""

    statuses: Annotated[
        tuple[Status, ...],
        Field(min_length=1, max_length=len(STATUSES), description="new and accepted ones stand"),
    ] = ("new", "accepted")
    account_ids: Annotated[
        list[Annotated[str, Field(pattern=r"^(act_)?\d{1,40}$")]] | None,
        Field(min_length=1, max_length=50, description="by default whatever the key may see"),
    ] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Expected(Part):
    """What is expected of following it, as a ratio with its range (1.3 is 30 % more), and how that is measured."""

    measure: str
    value: Number
    low: Number
    high: Number


class Measured(Part):
    """What was measured over the days after, as a ratio like the forecast's; `verdict` says where it lies."""

    verdict: str
    value: Number | None
    first: date
    last: date
    sample: int


class Basis(Part):
    """What it rests on: the metric, the days, how many rows and samples, every number by name, and the chance that it
    is an accident (none for a plain fact).
    """

    metric: str
    dimensions: list[str]
    first: date
    last: date
    rows_read: int
    sample: int
    chance: Number | None
    numbers: dict[str, Number]
    units: dict[str, str]


class Advised(Part):
    """One recommendation. Title and text may quote names that people gave. `account_id` is empty for competitors."""

    recommendation_id: str
    kind: str
    account_id: str
    status: Status
    title: UntrustedText
    text: UntrustedText
    confidence: str
    effort: str
    made_at: datetime
    evidence: Basis
    expected: Expected | None = None
    outcome: Measured | None = None


class Recommendations(Stored):
    """Recommendations, the newest first."""

    recommendations: list[Advised]


async def recommendations(call: Call, asked: RecommendationsAsked) -> Recommendations:
    """What Freehold recommends from the stored numbers, each with its evidence, confidence, what is expected of it, and
    what came of those that were followed. Say the evidence with each; invent none. They are made once a week.
    """
    async with call.node.database.reading() as session:
        mine = {each.asset_id for each in await ticked_assets(session) if call.caller.may_use(each.asset_id)}
        if asked.account_ids is not None and not mine.issuperset(asked.account_ids):
            raise asset_refused()
        chosen = _chosen(call, asked, mine)
        found = await queries.listed(session, statuses=asked.statuses, account_ids=chosen, limit=asked.limit)
    return Recommendations(
        source="computed",
        as_of=earliest(each.found_at for each in found),
        recommendations=[_advised(each) for each in found],
    )


def _chosen(call: Call, asked: RecommendationsAsked, mine: set[str]) -> list[str]:
    """The accounts that are meant; what is about competitors goes to keys that are good for everything."""
    if asked.account_ids is not None:
        return list(asked.account_ids)
    return sorted(mine) + ([""] if call.caller.assets is None else [])


def _advised(kept: Recommendation) -> Advised:
    evidence = kept.evidence
    return Advised(
        recommendation_id=kept.recommendation_id,
        kind=kept.kind,
        account_id=kept.account_id,
        status=kept.status,
        title=UntrustedText(untrusted_text=kept.title),
        text=UntrustedText(untrusted_text=kept.text),
        confidence=kept.confidence,
        effort=kept.effort,
        made_at=kept.made_at,
        evidence=Basis(
            metric=evidence["query"]["metric"],
            dimensions=evidence["query"]["dimensions"],
            first=evidence["query"]["first"],
            last=evidence["query"]["last"],
            rows_read=evidence["rows"],
            sample=evidence["sample"],
            chance=None if evidence["chance"] is None else float(f"{evidence['chance']:.2g}"),
            numbers={name: _told(number) for name, number in evidence["numbers"].items()},
            units=evidence["units"],
        ),
        expected=None if kept.forecast is None else _expected(kept.forecast),
        outcome=None if kept.outcome is None else Measured.model_validate(kept.outcome),
    )


def _expected(forecast: Mapping[str, Any]) -> Expected:
    return Expected(measure=forecast["measure"], **{name: _told(forecast[name]) for name in _NUMBERS})


def _told(number: float) -> float:
    """Four digits that count, and every whole one: more would claim what no sample can, and fewer lose small rates."""
    return float(f"{number:.4g}") if abs(number) < WHOLE else round(number)
