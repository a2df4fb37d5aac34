"""The numbers in account insights, taken from the truth about the account's days."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import product as pairs
from typing import Any

from freehold.sandbox.meta.graph import JSON
from freehold.sandbox.meta.instagram.account_metrics import LIVING_TIMEFRAMES
from freehold.sandbox.meta.world import instagram_account as truth
from freehold.sandbox.meta.world.instagram_account import AccountDay
from freehold.sandbox.meta.world.instagram_audience import online_followers, people_by
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_end, days_within, written
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at

TRAILING = {"day": 1, "week": 7, "days_28": 28}
SPLIT_AGE = 365 * DAY_SECONDS
"""Beyond this age a total is still there, but its split by who follows is empty."""
FEW_ENGAGED = 100
_PEOPLE_SPLITS = frozenset({"follow_type", "follower_type"})


class Window:
    """The days of a feed that a question is about, as they are shown at `now`."""

    def __init__(self, feed: Feed, since: int, until: int, now: int) -> None:
        self.feed, self.since, self.until, self.now = feed, since, until, now
        self.days = days_within(since, min(until, now))

    @cached_property
    def shown(self) -> list[AccountDay]:
        """The days that have numbers."""
        return self.trailing(self.days)

    def trailing(self, days: Iterable[int]) -> list[AccountDay]:
        """Other days of the same feed, as far as they have numbers."""
        found = (truth.shown_day(self.feed, day, self.now) for day in days)
        return [day for day in found if day is not None]


def daily_values(name: str, window: Window, period: str) -> list[JSON]:
    """One value for each day of the window that has numbers."""
    values = []
    for day in window.shown:
        if name == "follower_count":
            value: Any = day.follows
        elif name == "online_followers":
            value = online_followers(window.feed, day.day)
        else:
            length = TRAILING[period]
            value = truth.reach(window.feed, window.trailing(range(day.day - length + 1, day.day + 1)))
        values.append({"value": value, "end_time": written(day_end(day.day))})
    return values


def total_value(name: str, window: Window, breakdowns: tuple[str, ...], period: str) -> JSON | None:
    """The total over the window with its breakdown; None where the API shows no total."""
    days = window.shown
    if not days or (name == "follows_and_unfollows" and not breakdowns):
        return None
    if period != "day":
        last = days[-1].day
        days = window.trailing(range(last - TRAILING[period] + 1, last + 1))
    if name == "follows_and_unfollows":
        changes = {"FOLLOWER": sum(day.follows for day in days), "NON_FOLLOWER": sum(day.unfollows for day in days)}
        return {"breakdowns": [_broken(breakdowns, {(key,): count for key, count in changes.items()})]}
    total: JSON = {"value": _total(name, window.feed, days)}
    if breakdowns:
        total["breakdowns"] = [_broken(breakdowns, _split(name, window, days, breakdowns))]
    return total


def _total(name: str, feed: Feed, days: list[AccountDay]) -> int:
    if name == "reach":
        return truth.reach(feed, days)
    if name == "accounts_engaged":
        return truth.accounts_engaged(feed, days)
    if name in _OF_PROFILE:
        return sum(_OF_PROFILE[name](day) for day in days)
    return sum(day.total(name) for day in days)


_OF_PROFILE: Mapping[str, Callable[[AccountDay], int]] = {
    "profile_views": lambda day: day.profile_views,
    "website_clicks": lambda day: day.website_clicks,
    "profile_links_taps": lambda day: sum(day.buttons.values()),
}


def _split(
    name: str, window: Window, days: list[AccountDay], breakdowns: tuple[str, ...]
) -> dict[tuple[str, ...], int]:
    if breakdowns == ("contact_button_type",):
        return {(button,): sum(day.buttons[button] for day in days) for button in truth.BUTTONS}
    if _PEOPLE_SPLITS & set(breakdowns) and window.since < window.now - SPLIT_AGE:
        return {}
    axes = [truth.PEOPLE if breakdown in _PEOPLE_SPLITS else truth.PRODUCTS for breakdown in breakdowns]
    return {keys: _cell(name, window.feed, days, keys) for keys in pairs(*axes)}


def _cell(name: str, feed: Feed, days: list[AccountDay], keys: tuple[str, ...]) -> int:
    product = next((key for key in keys if key in truth.PRODUCTS), None)
    people = next((key for key in keys if key in truth.PEOPLE), None)
    if name == "reach":
        return truth.reach_by_people(feed, days, product)[people] if people else truth.reach(feed, days, product)
    if people is None:
        return sum(day.total(name, product) for day in days)
    kinds = truth.PRODUCTS if product is None else (product,)
    return sum(truth.by_people(kind, day.total("views", kind))[people] for day in days for kind in kinds)


def _broken(breakdowns: tuple[str, ...], cells: Mapping[tuple[str, ...], int]) -> JSON:
    """A breakdown as the API writes it; what did not occur is left out."""
    results = [{"dimension_values": list(keys), "value": count} for keys, count in cells.items() if count]
    return {"dimension_keys": list(breakdowns), "results": results}


def demographics(name: str, window: Window, breakdowns: tuple[str, ...], timeframe: str) -> JSON | None:
    """Followers, or people reached or engaged in a timeframe, by age, gender or place; None when there are too few."""
    if name == "follower_demographics":
        count = followers_at(window.feed, window.now)
    else:
        length = LIVING_TIMEFRAMES[timeframe]
        days = window.trailing(days_within(window.now - length * DAY_SECONDS, window.now))
        engaged = name == "engaged_audience_demographics"
        count = truth.accounts_engaged(window.feed, days) if engaged else truth.reach(window.feed, days)
        if count < FEW_ENGAGED:
            return None
    if not breakdowns:
        return {}
    cells = people_by(window.feed, breakdowns, count)
    if not timeframe:
        return {"total_value": {"breakdowns": [_broken(breakdowns, cells)]}}
    timed = {(timeframe.upper(), *keys): value for keys, value in cells.items()}
    return {"total_value": {"breakdowns": [_broken(("timeframe", *breakdowns), timed)]}}
