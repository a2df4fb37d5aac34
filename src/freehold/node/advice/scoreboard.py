"""The scoreboard: every forecast that was followed to its end, beside what happened; misses stand like the rest."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from freehold.kernel.database import ReadSession
from freehold.node.advice.forecasts import Forecast
from freehold.node.advice.outcomes import Outcome, Verdict
from freehold.node.store.recommendations import queries
from freehold.node.store.recommendations.queries import Recommendation


@dataclass(frozen=True)
class Score:
    """One forecast and what happened, both as ratios."""

    recommendation_id: str
    kind: str
    title: str
    expected: float
    low: float
    high: float
    measured: float | None
    verdict: Verdict
    first: date
    last: date
    measured_at: datetime


@dataclass(frozen=True)
class Scoreboard:
    """How good the forecasts were: how many lay within their range, above and below it, or could not be measured.

    `usual_error` is how far the measured ratio was from the forecast in the median, 0.1 being a tenth of it; None
    before there is any. `waiting` are followed and not measured yet. The newest score comes first.
    """

    new: int
    accepted: int
    dismissed: int
    done: int
    waiting: int
    within: int
    above: int
    below: int
    not_measured: int
    usual_error: float | None
    scores: tuple[Score, ...]


async def scoreboard(session: ReadSession, account_ids: Collection[str] | None = None) -> Scoreboard:
    """What has been measured so far, of some assets or of all."""
    found = await queries.measured(session, account_ids)
    scores = tuple(_score(each) for each in found)
    counted = await queries.counts(session, account_ids)
    verdicts = Counter(each.verdict for each in scores)
    errors = [
        abs(each.measured / each.expected - 1) for each in scores if each.measured is not None and each.expected > 0
    ]
    return Scoreboard(
        **{name: counted.get(name, 0) for name in ("new", "accepted", "dismissed", "done", "waiting")},
        within=verdicts["within"],
        above=verdicts["above"],
        below=verdicts["below"],
        not_measured=verdicts["not_measured"],
        usual_error=round(median(errors), 4) if errors else None,
        scores=scores,
    )


def _score(measured: Recommendation) -> Score:
    assert measured.forecast is not None
    assert measured.outcome is not None
    assert measured.measured_at is not None
    forecast, outcome = Forecast.from_json(measured.forecast), Outcome.from_json(measured.outcome)
    return Score(
        recommendation_id=measured.recommendation_id,
        kind=measured.kind,
        title=measured.title,
        expected=forecast.value,
        low=forecast.low,
        high=forecast.high,
        measured=outcome.value,
        verdict=outcome.verdict,
        first=outcome.first,
        last=outcome.last,
        measured_at=measured.measured_at,
    )
