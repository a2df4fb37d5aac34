"""Who the account's people are, as of today, and when they are online: most of it cannot be read later.

Followers are asked for every day by each breakdown. Those who engaged, for each breakdown once a week, each on a day of
its own, so that no day has all four.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from freehold.node.collection.breakdowns import covered_as
from freehold.node.collection.days import (
    FEW,
    ONLY_NOW,
    followers,
    is_open,
    known_days,
    marks,
    note_empty,
    with_unsettled,
)
from freehold.node.collection.refusals import missing, reason_of
from freehold.node.collection.series import has_few_followers
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.runs.places import Place
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.node.store.instagram.upserts import save_instagram_insights
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import instagram, spec

FOLLOWERS, ENGAGED = spec.DEMOGRAPHICS
ONLINE = "online_followers"
WEEK = timedelta(days=7)
TOO_FEW = {FOLLOWERS: FEW, ENGAGED: "Meta tells this only of 100 people and more who engaged"}
ONLINE_KEPT = f"Meta keeps {spec.FOLLOWER_CHANGE_DAYS} days of when followers are online"


async def read_demographics(source: Source, window: Window) -> None:
    """Who the followers are by age, gender, country and city, unless it was read today."""
    await _note_past(source, window, FOLLOWERS)
    if not window.is_current:
        return
    known = await known_days(source, window.today, window.today)
    due = [
        breakdown
        for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS
        if is_open(source, window, known, covered_as(FOLLOWERS, breakdown), window.today)
    ]
    if await has_few_followers(source):
        await note_empty(source, known, [covered_as(FOLLOWERS, each) for each in due], [window.today], FEW)
        return
    await _read(source, window.today, FOLLOWERS, due)


async def read_engaged_audience(source: Source, window: Window) -> None:
    """Who engaged in the last 30 days: each breakdown when it has not been read for a week, or on its weekday."""
    if not window.is_current:
        return
    known = await known_days(source, window.today - WEEK, window.today)
    due = []
    for place, breakdown in enumerate(spec.DEMOGRAPHIC_BREAKDOWNS):
        read = [day for (metric, day), mark in known.items() if _was_read(metric, mark.state, breakdown)]
        its_day = window.today.toordinal() % 7 == place
        if not read or max(read) <= window.today - WEEK or (its_day and window.today not in read):
            due.append(breakdown)
    await _read(source, window.today, ENGAGED, due)


async def read_online_followers(source: Source, window: Window) -> None:
    """How many followers were online in each hour of each day, of all days that are due in one call."""
    oldest, window = window.today - timedelta(days=spec.FOLLOWER_CHANGE_DAYS), with_unsettled(window)
    known, days = await known_days(source, window.first, window.last), window.days()
    await note_empty(source, known, [ONLINE], [day for day in days if day < oldest], ONLINE_KEPT)
    due = [day for day in days if day >= oldest and is_open(source, window, known, ONLINE, day)]
    if await has_few_followers(source):
        await note_empty(source, known, [ONLINE], due, FEW)
        return
    for first, last in instagram.windows(due):
        await _read_online(source, window, [day for day in due if first <= day <= last])


async def _read_online(source: Source, window: Window, days: list[date]) -> None:
    call = instagram.online_followers_call(source.version, source.asset_id, days[-1], days[0])
    try:
        answer = await source.read(call, instagram.read_online_followers, priority_of(window, days[0]))
    except (Rejected, Unavailable) as error:
        await source.note(missing(source.asset_id, {ONLINE: reason_of(error)}, days))
        return
    now, found = source.clock.now(), [insight for insight in answer if insight.day in days]
    present = {insight.day for insight in found if insight.day}
    place = Place(f"{ONLINE}:{days[-1]}:{days[0]}", finished=True)
    async with source.saving(place) as session:
        await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, days[0], now)
        await save_coverage(session, marks(source.asset_id, ONLINE, days, present, now), now)


async def _read(source: Source, today: date, metric: str, breakdowns: Iterable[str]) -> None:
    """Ask for each breakdown by itself, and write it down with what came of it."""
    count = await followers(source)
    for breakdown in breakdowns:
        call = instagram.demographics_call(source.version, source.asset_id, metric, breakdown)
        name = covered_as(metric, breakdown)
        try:
            found = await source.read(call, partial(instagram.read_demographics, day=today))
        except (Rejected, Unavailable) as error:
            await source.note(missing(source.asset_id, {name: reason_of(error)}, [today]))
            continue
        enough = metric == FOLLOWERS and count is not None and count >= spec.FEW_FOLLOWERS
        now = source.clock.now()
        async with source.saving(Place(f"{name}:{today}", finished=True)) as session:
            await save_instagram_insights(session, source.asset_id, ("account", source.asset_id), found, today, now)
            mark = Coverage(source.asset_id, name, today, "complete")
            if not found and enough:
                mark = Coverage(source.asset_id, name, today, "missing", "Meta gave nothing")
            elif not found:
                mark = Coverage(source.asset_id, name, today, "empty", TOO_FEW[metric])
            await save_coverage(session, [mark], now)


async def _note_past(source: Source, window: Window, metric: str) -> None:
    """Days on which it was not read are lost: it is told only as it stands now."""
    known = await known_days(source, window.first, window.last)
    names = [covered_as(metric, breakdown) for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS]
    await note_empty(source, known, names, [day for day in window.days() if day < window.today], ONLY_NOW)


def _was_read(metric: str, state: str, breakdown: str) -> bool:
    return metric == covered_as(ENGAGED, breakdown) and state != "missing"
