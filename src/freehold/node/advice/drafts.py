"""From what a look shows to advice: what to do, on which basis, how sure, how much effort, and what is expected."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from freehold.node.advice.basis import Basis
from freehold.node.advice.english import ENGLISH
from freehold.node.advice.forecasts import Forecast, of_cost, of_creative, of_fatigue, of_posts
from freehold.node.analysis.comparisons import Confidence
from freehold.node.analysis.findings import Contribution, Direction, Fact, Finding, Look
from freehold.node.analysis.inputs import Inputs

Effort = Literal["low", "medium", "high"]

OF_POSTS: Final = frozenset({"format", "posting_time", "caption", "hashtag"})
DEVELOPMENTS: Final = frozenset({"change", "change_point", "trend", "reach", "follower_growth"})
"""Kinds that may say the same of one metric; the surest of them is enough."""
LASTING: Final = OF_POSTS | {"creative", "ad_fatigue"}
"""Advice that, once dismissed, is not given again; all other kinds are about something that passes."""
EFFORT: Final[Mapping[str, Effort]] = {
    "format": "medium", "posting_time": "low", "caption": "low", "hashtag": "low", "creative": "low",
    "ad_fatigue": "medium", "cost_per_result": "medium", "pacing": "low", "spike": "low", "silent_week": "medium",
    "trend": "high", "change_point": "medium", "change": "medium", "follower_growth": "medium", "reach": "medium",
    "story_retention": "medium", "rival_new_ads": "low", "rival_long_running_ads": "low",
}  # fmt: skip
MONEY_NUMBERS: Final = frozenset(
    {"spend", "spend_before", "budget", "spent", "expected", "expected_low", "expected_high"}
)
SHARES: Final = frozenset({"stays", "stayed_before"})
OF_METRIC: Final = frozenset({"per_day", "per_day_before", "per_day_after", "expected_per_day"})
"""Numbers in the unit of the metric that is looked at."""
OTHERS: Final = "others"
_OPPOSITE: Final[Mapping[Direction, Direction]] = {"up": "down", "down": "up"}


@dataclass(frozen=True)
class Advice:
    """One piece of advice before it has words; of one `topic` one stands at a time, and none of its `opposite`.

    `opposite` is the topic of the same in the other direction, "" where there is no direction.
    """

    kind: str
    topic: str
    opposite: str
    account_id: str
    confidence: Confidence
    effort: Effort
    basis: Basis
    forecast: Forecast | None


def advised(
    look: Look, inputs: Inputs, names: Mapping[str, str], places: Mapping[str, Mapping[str, str]]
) -> list[Advice]:
    """What follows from a look, the surest first, each topic once. `names` are what people called ids, `places` the
    names of the campaign and ad set that an id belongs to.

    Facts come after what was tested. Of a rise and a fall of the same the surer is told. Of the ads of one ad set one
    is advised on: that one is better says of the others that they are worse.
    """
    accounts = {account.ad_account_id: account for account in inputs.ad_accounts}
    found: dict[str, Advice] = {}
    seen: set[str] = set()
    for each in shown(look):
        ad_set = dict(each.evidence.query.filters).get("ad_set_id", "") if each.kind == "creative" else ""
        if ad_set in seen:
            continue
        currency = accounts[each.account_id].currency if each.account_id in accounts else ""
        made = _advice(each, _forecast(each, inputs), currency, names, places.get(each.subject, {}))
        if made is not None and made.opposite not in found:
            found.setdefault(made.topic, made)
            seen |= {ad_set} - {""}
    return [_timed(each, inputs.zone) for each in found.values()]


def _timed(advice: Advice, zone: str) -> Advice:
    """The advice with the time zone that its hours are of, where it is about hours."""
    return replace(advice, basis=replace(advice.basis, zone=zone)) if advice.kind == "posting_time" else advice


def shown(look: Look) -> list[Finding | Fact]:
    """Everything that a look shows, in the order in which it is told."""
    return [*look.findings, *look.facts]


def subjects(look: Look) -> set[str]:
    """The ids whose names advice may tell."""
    drivers = {part.group for each in look.findings for part in each.evidence.drivers}
    return {each.subject for each in shown(look)} | drivers


def _advice(
    found: Finding | Fact,
    forecast: Forecast | None,
    currency: str,
    names: Mapping[str, str],
    place: Mapping[str, str],
) -> Advice | None:
    phrase = found.kind if found.direction is None else f"{found.kind}.{found.direction}"
    if phrase not in ENGLISH.phrases:
        return None
    numbers = dict(_numbers(found, forecast))
    driver = _driver(found)
    return Advice(
        kind=found.kind,
        topic=_topic(found, found.direction),
        opposite="" if found.direction is None else _topic(found, _OPPOSITE[found.direction]),
        account_id=found.account_id,
        confidence=(found.confidence or "moderate") if isinstance(found, Finding) else "high",
        effort=EFFORT[found.kind],
        basis=Basis(
            phrase=phrase,
            first=found.first,
            last=found.last,
            numbers=numbers,
            units=dict(_units(found, numbers, currency)),
            names={
                "name": names.get(found.subject, found.subject),
                **place,
                **({} if driver is None else {"driver": names.get(driver.group, driver.group)}),
            },
            labels=_labels(found),
            query=found.evidence.query,
            rows=found.evidence.rows,
            sample=found.sample,
            subject=found.subject,
            chance=found.corrected_chance if isinstance(found, Finding) else None,
            expected="" if forecast is None else forecast.measure,
            drivers=found.evidence.drivers,
        ),
        forecast=forecast,
    )


def _forecast(found: Finding | Fact, inputs: Inputs) -> Forecast | None:
    """What is expected of following it, where that can be measured."""
    if isinstance(found, Fact):
        return None
    if found.kind in OF_POSTS:
        return of_posts(found)
    if found.kind == "creative":
        return of_creative(found)
    if found.kind == "cost_per_result":
        return of_cost(found)
    mine = [each for each in inputs.ad_accounts if each.ad_account_id == found.account_id]
    return of_fatigue(found, mine[0]) if found.kind == "ad_fatigue" and mine else None


def _topic(found: Finding | Fact, direction: Direction | None) -> str:
    """A digest of what it is about. A spike is one of its day; developments of one metric are one topic."""
    kind = "development" if found.kind in DEVELOPMENTS else found.kind
    about = [kind, found.account_id, found.subject, direction or "", found.evidence.metric]
    if found.kind == "spike":
        about.append(found.first.isoformat())
    return hashlib.sha256("\n".join(about).encode()).hexdigest()[:32]


def _numbers(found: Finding | Fact, forecast: Forecast | None) -> Iterator[tuple[str, float]]:
    """Every number that may be told. Sums of people are none."""
    yield from ((name, number) for name, number in found.evidence.numbers if name not in {"total", "total_before"})
    yield "sample", float(found.sample)
    if isinstance(found, Finding):
        yield from (("size", found.size.value), ("size_low", found.size.low), ("size_high", found.size.high))
    if forecast is not None:
        yield from (("forecast", forecast.value), ("forecast_low", forecast.low), ("forecast_high", forecast.high))
    driver = _driver(found)
    if driver is not None:
        yield from (("driver_before", driver.before), ("driver_after", driver.after))


def _units(found: Finding | Fact, numbers: Iterable[str], currency: str) -> Iterator[tuple[str, str]]:
    """The units of numbers that are not counts."""
    money = f"minor_units:{currency}"
    of_money = found.evidence.metric in {"spend_minor", "cost_per_result"}
    for name in numbers:
        if name in SHARES:
            yield name, "share"
        elif name.startswith(("size", "forecast")) or name in {"per_week", "beats"}:
            yield name, "ratio"
        elif name in MONEY_NUMBERS or (of_money and (name in OF_METRIC or name.startswith("driver_"))):
            yield name, money


def _labels(found: Finding | Fact) -> dict[str, str]:
    """Which metric, and which group of posts."""
    return {"metric": found.evidence.metric, **({"group": found.subject} if found.kind in OF_POSTS else {})}


def _driver(found: Finding | Fact) -> Contribution | None:
    """The group that did most to a change in its direction, of the first dimension that has one with a name."""
    sign = 1 if found.direction == "up" else -1
    named = [part for part in found.evidence.drivers if part.group != OTHERS and sign * part.contribution > 0]
    first = [part for part in named if part.dimension == named[0].dimension]
    return max(first, key=lambda part: sign * part.contribution, default=None)
