"""The account day by day: reach of days and of the weeks and months that end with them, and the change in followers.

A window of 30 days is a call, whatever number of days it holds; reach is never added up, so each union has its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from freehold.kernel.database import WriteSession
from freehold.node.collection.days import (
    FEW,
    TOO_OLD,
    followers,
    is_open,
    kept_days,
    known_days,
    marks,
    note_empty,
    with_unsettled,
)
from freehold.node.collection.refusals import Subject, missing, read_metrics
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.governor import Priority
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights
from freehold.providers.calls import ApiCall
from freehold.providers.meta import instagram, spec
from freehold.providers.meta.instagram import Insight

CHANGES_KEPT = f"Meta keeps {spec.FOLLOWER_CHANGE_DAYS} days of follower changes"


@dataclass(frozen=True)
class Span:
    """A window of one period to be asked for in one call; `days`, the newest first, are those that are due."""

    metrics: tuple[str, ...]
    days: tuple[date, ...]
    period: str
    priority: Priority

    def call(self, source: Source, metrics: Sequence[str]) -> ApiCall:
        """The call for the window."""
        first, last = self.days[-1], self.days[0]
        return instagram.series_call(source.version, source.asset_id, metrics, first, last, self.period)


def _has_its_turn(period: str, today: date) -> bool:
    """Whether a period is asked for today: days always, the others every second day."""
    turn = {name: place for place, name in enumerate(spec.TRAILING_PERIODS)}
    return period not in turn or today.toordinal() % len(turn) == turn[period]


def covered_as(metric: str, period: str) -> str:
    """Under which name coverage keeps a metric of a period."""
    return metric if period == "day" else f"{metric}_{period}"


async def due_spans(source: Source, window: Window) -> list[Span]:
    """What of the window is to be read: by period, the newest days first.

    The unions of a week and of 28 days are asked for on alternate days, while no more than a day of them is unread.
    """
    window = with_unsettled(window)
    known, found = await known_days(source, window.first, window.last), []
    days, oldest = kept_days(window), oldest_change(window)
    few = await has_few_followers(source)
    wanted = {"reach": days, "follower_count": [] if few else [day for day in days if day >= oldest]}
    for period in ("day", *spec.TRAILING_PERIODS):
        metrics = ("reach", "follower_count") if period == "day" else ("reach",)
        due = {
            metric: {day for day in wanted[metric] if is_open(source, window, known, covered_as(metric, period), day)}
            for metric in metrics
        }
        every = set().union(*due.values())
        read = {
            day for day in every if (mark := known.get((covered_as("reach", period), day))) and mark.state != "missing"
        }
        unread = every - read
        if len(unread) <= 1 and not _has_its_turn(period, window.today):
            continue
        recent = {day for day in every if day >= oldest}
        for chosen in (recent, every - recent):
            for first, last in instagram.windows(chosen):
                inside = tuple(day for day in days if first <= day <= last and day in chosen)
                asked = tuple(metric for metric in metrics if due[metric] & set(inside))
                found.append(Span(asked, inside, period, priority_of(window, last)))
    return found


async def read_series(source: Source, window: Window) -> None:
    """Reach and the change in followers; older changes than Meta keeps are told as such."""
    for span in await due_spans(source, window):
        await read_metrics(_subject(source, span), span.metrics, source.refusals)
    known, days = await known_days(source, window.first, window.last), window.days()
    gone = [day for day in days if day < oldest_change(window)]
    await note_empty(source, known, ["follower_count"], gone, CHANGES_KEPT)
    if await has_few_followers(source):
        await _note_few(source, [day for day in days if day not in gone])
    too_old = sorted(set(days) - set(kept_days(window)))
    names = [covered_as("reach", period) for period in ("day", *spec.TRAILING_PERIODS)]
    await note_empty(source, known, names, too_old, TOO_OLD)


def oldest_change(window: Window) -> date:
    """The first day whose change in followers Meta still has."""
    return window.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS)


async def has_few_followers(source: Source) -> bool:
    """Whether the account has too few followers for Meta to tell of them."""
    count = await followers(source)
    return count is not None and count < spec.FEW_FOLLOWERS


async def keep_span(
    session: WriteSession, source: Source, span: Span, answer: Iterable[Insight], metrics: Sequence[str], *, few: bool
) -> None:
    """Write what was answered of the due days, and coverage of all of them."""
    now = source.clock.now()
    found = [insight for insight in answer if insight.day in span.days and insight.metric in metrics]
    await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, span.days[0], now)
    for metric in metrics:
        present = {insight.day for insight in found if insight.metric == metric and insight.day}
        name, never = covered_as(metric, span.period), FEW if few and metric in spec.NEEDS_FOLLOWERS else ""
        await save_coverage(session, marks(source.asset_id, name, span.days, present, now, never=never), now)


def place_of(span: Span, metrics: Sequence[str]) -> Place:
    """The place of a span in a run."""
    return Place(f"series:{span.period}:{span.days[-1]}:{span.days[0]}:{','.join(metrics)}", finished=True)


def _subject(source: Source, span: Span) -> Subject:
    async def read(metrics: Sequence[str]) -> None:
        answer = await source.read(span.call(source, metrics), instagram.read_series, span.priority)
        few = await has_few_followers(source)
        floor = len(metrics) / len(span.metrics) if span.period == "day" else 0.0
        async with source.saving(place_of(span, metrics), floor) as session:
            await keep_span(session, source, span, answer, metrics, few=few)

    async def lose(reasons: dict[str, str]) -> None:
        named = {covered_as(metric, span.period): reason for metric, reason in reasons.items()}
        await source.note(missing(source.asset_id, named, span.days))

    return Subject(f"series of a {span.period}", f"{span.days[-1]}:{span.days[0]}", read, lose)


async def _note_few(source: Source, days: Sequence[date]) -> None:
    known = await known_days(source, min(days, default=date.max), max(days, default=date.min))
    found = [day for day in days if ("follower_count", day) not in known]
    await source.note(marks(source.asset_id, "follower_count", found, (), source.clock.now(), never=FEW))
