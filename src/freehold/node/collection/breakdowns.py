"""The account's totals over the last 30 days by kind of content, by who follows, and by contact button.

They are totals of their whole window (period `days_30`) and kept under its last day: the windows of two days overlap,
so nobody may add them up.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from freehold.node.collection.days import FEW, TOO_OLD, kept_days, known_days, marks, note_empty
from freehold.node.collection.refusals import Subject, missing, read_metrics
from freehold.node.collection.series import has_few_followers
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights
from freehold.providers.meta import instagram, spec


async def read_breakdowns(source: Source, window: Window) -> None:
    """The breakdowns of the 30 days that end with the window: a call for each, unless it was made for that day."""
    last = window.last
    known = await known_days(source, last, last)
    if last not in kept_days(window):
        names = [covered_as(metric, each) for each, metrics in spec.BREAKDOWNS.items() for metric in metrics]
        await note_empty(source, known, names, [last], TOO_OLD)
        return
    first = last - timedelta(days=spec.WINDOW_DAYS - 1)
    for breakdown, metrics in spec.BREAKDOWNS.items():
        states = {metric: known.get((covered_as(metric, breakdown), last)) for metric in metrics}
        due = tuple(metric for metric, state in states.items() if state is None or state.state == "missing")
        await read_metrics(_subject(source, window, first, breakdown, due), due, source.refusals)


def covered_as(metric: str, breakdown: str) -> str:
    """Under which name coverage keeps an account's metric by a breakdown."""
    return f"{metric}_by_{breakdown}"


def _subject(source: Source, window: Window, first: date, breakdown: str, due: Sequence[str]) -> Subject:
    last, account = window.last, source.asset_id

    async def read(metrics: Sequence[str]) -> None:
        call = instagram.breakdown_call(source.version, account, metrics, breakdown, first, last)
        found = await source.read(
            call, partial(instagram.read_breakdown, first=first, last=last), priority_of(window, last)
        )
        few, now = await has_few_followers(source), source.clock.now()
        given = {insight.metric for insight in found}
        place = Place(f"breakdown:{breakdown}:{last}:{','.join(metrics)}"[:200], finished=True)
        async with source.saving(place, len(metrics) / len(due)) as session:
            await save_instagram_insights(session, account, ("account", account), found, last, now)
            for metric in metrics:
                present = {last} if metric in given else set()
                never = FEW if few and metric in spec.NEEDS_FOLLOWERS else ""
                marked = marks(account, covered_as(metric, breakdown), [last], present, now, never=never)
                await save_coverage(session, marked, now)

    async def lose(reasons: dict[str, str]) -> None:
        named = {covered_as(metric, breakdown): reason for metric, reason in reasons.items()}
        await source.note(missing(account, named, [last]))

    return Subject(f"account by {breakdown}", last.isoformat(), read, lose)
