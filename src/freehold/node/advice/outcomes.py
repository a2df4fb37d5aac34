"""What came of advice that was followed: the same measure over the four weeks after, beside the forecast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from freehold.kernel.database import ReadSession
from freehold.node.advice import queries as rows
from freehold.node.advice.forecasts import FOLLOWED_DAYS, Forecast
from freehold.node.advice.periods import ARRIVING_DAYS, POSTS_DAYS
from freehold.node.advice.social_rows import PAGE_POSTS_METRIC, instagram_result, page_result
from freehold.node.analysis.features import FORMAT, WORDING, hashtags_of, timing
from freehold.node.analysis.inputs import Inputs
from freehold.node.analysis.lifts import WITH
from freehold.node.analysis.results import RIPE_AFTER, Result, beside_all, beside_format
from freehold.node.context import Node
from freehold.node.measures.catalogue import METRICS
from freehold.node.measures.queries import ad_groups
from freehold.node.measures.question import Question, Span, checked
from freehold.node.measures.zones import zone_of_posts
from freehold.node.store.instagram import queries as instagram
from freehold.node.store.recommendations import queries, upserts
from freehold.node.store.recommendations.queries import Recommendation

FEWEST_POSTS: Final = 4
"""Below so many posts of the group, or of others, nothing is said of a forecast."""

Verdict = Literal["within", "above", "below", "not_measured"]


@dataclass(frozen=True)
class Outcome:
    """What was measured from `first` to `last`, as a ratio like the forecast's, and whether it lies in its range.

    `sample` counts posts of the group, or rows of ads' days. Not measured is what had too little to say.
    """

    verdict: Verdict
    first: date
    last: date
    sample: int
    value: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        kept: dict[str, Any] = _OUTCOME.dump_python(self, mode="json")
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Outcome":
        """As it was stored."""
        return _OUTCOME.validate_python(kept)


_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


async def measure_due(node: Node) -> int:
    """Measure every forecast whose time is over; gives how many. What is written stays, misses included."""
    now, written = node.clock.now(), 0
    async with node.database.reading() as session:
        due = await queries.to_measure(session, now - timedelta(days=FOLLOWED_DAYS + ARRIVING_DAYS))
        zone = await zone_of_posts(session, node.settings.posts_timezone)
        found = [(each.recommendation_id, await measured(session, each, zone)) for each in due]
    for recommendation_id, outcome in found:
        async with node.database.writing() as session:
            written += await upserts.write_outcome(session, recommendation_id, outcome.as_json(), now)
    return written


async def measured(session: ReadSession, followed: Recommendation, zone: ZoneInfo) -> Outcome:
    """What came of one that is followed and has a forecast."""
    assert followed.forecast is not None
    assert followed.acted_at is not None
    forecast = Forecast.from_json(followed.forecast)
    first = followed.acted_at.astimezone(zone).date() + timedelta(days=1)
    span = Span(first, first + timedelta(days=FOLLOWED_DAYS - 1))
    if forecast.measure == "posts":
        value, sample = await _of_posts(session, followed.account_id, forecast, span, zone)
    else:
        value, sample = await _of_ads(session, followed.account_id, forecast, span)
    return Outcome(verdict_of(value, forecast), span.first, span.last, sample, value)


def verdict_of(value: float | None, forecast: Forecast) -> Verdict:
    """Where a measured ratio lies beside the forecast's range."""
    if value is None:
        return "not_measured"
    return "below" if value < forecast.low else "above" if value > forecast.high else "within"


async def _of_posts(
    session: ReadSession, account_id: str, forecast: Forecast, span: Span, zone: ZoneInfo
) -> tuple[float | None, int]:
    """The group's posts beside the others, of those of the span; earlier ones say what was usual."""
    before = Span(span.first - timedelta(days=POSTS_DAYS), span.last)
    return came_of(forecast, await _results(session, account_id, forecast.metric, before, zone), span)


def came_of(forecast: Forecast, results: Sequence[Result], span: Span) -> tuple[float | None, int]:
    """The usual result of the group's posts of the span beside that of its others, and how many the group has.

    Each post counts beside what was usual around it, as where the forecast was made: for formats among all posts, for
    everything else among those of its format. None where either side has fewer than `FEWEST_POSTS`.
    """
    is_mine = _grouping(forecast)
    beside = beside_all if forecast.feature == FORMAT.name else beside_format
    mine: list[float] = []
    others: list[float] = []
    gathered = datetime.combine(span.last + timedelta(days=1), time.max, UTC) + RIPE_AFTER
    for each in beside(results, gathered).relative:
        if span.first <= each.result.published_at.date() <= span.last:
            (mine if is_mine(each.result) else others).append(each.ratio)
    if min(len(mine), len(others)) < FEWEST_POSTS or not median(others):
        return None, len(mine)
    return median(mine) / median(others), len(mine)


async def _results(session: ReadSession, account_id: str, metric: str, span: Span, zone: ZoneInfo) -> list[Result]:
    since = datetime.combine(span.first, time.min, zone).astimezone(UTC)
    until = datetime.combine(span.last + timedelta(days=1), time.min, zone).astimezone(UTC) - timedelta(microseconds=1)
    if metric == PAGE_POSTS_METRIC:
        return [
            page_result(each, zone)
            for each in await rows.page_posts(session, account_id, metric, since)
            if each.published_at <= until
        ]
    return [
        instagram_result(each, zone) for each in await instagram.measured(session, account_id, metric, since, until)
    ]


def _grouping(forecast: Forecast) -> Callable[[Result], bool]:
    """Which posts the advice was about."""
    features = {each.name: each for each in (FORMAT, *WORDING, *timing(Inputs.slot_hours))}
    feature = features.get(forecast.feature)
    if feature is None:
        return lambda post: (forecast.feature in hashtags_of(post)) == (forecast.group == WITH)
    return lambda post: feature.of(post) == forecast.group


async def _of_ads(session: ReadSession, account_id: str, forecast: Forecast, span: Span) -> tuple[float | None, int]:
    """The metric of the object in these days beside what it was."""
    question = checked(
        Question((forecast.measure,), span, (account_id,), filters={forecast.level: (forecast.object_id,)})
    )
    groups = await ad_groups(session, question)
    sample = sum(group.rows for group in groups)
    value = METRICS[forecast.measure].value(groups[0].sums) if len(groups) == 1 else None
    return (value / forecast.baseline, sample) if value is not None and forecast.baseline else (None, sample)
