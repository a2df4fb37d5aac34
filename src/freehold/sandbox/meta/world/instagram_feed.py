"""When an Instagram account publishes, and how many followers it has: closed forms, so that any moment is cheap.

Posts lie on a line of "slots": the m-th slot's place on that line is `m * spacing` plus chance, and the line maps to
local days and to the hours at which people publish. Post n is the n-th ever published; by the epoch there are
exactly `account.posts` of them. Stories lie on a line of their own.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_of, day_start
from freehold.sandbox.meta.world.people import InstagramAccount
from freehold.sandbox.meta.world.randomness import draws

Line = Literal["post", "story"]

HOUR_WEIGHTS = (0, 0, 0, 0, 0, 1, 3, 6, 9, 8, 6, 7, 10, 8, 5, 5, 6, 8, 11, 12, 10, 7, 4, 1)
"""How often people publish in each local hour."""
_TOTAL = sum(HOUR_WEIGHTS)
_CUMULATED = tuple(sum(HOUR_WEIGHTS[:hour]) / _TOTAL for hour in range(25))
YEAR = 365.25


@dataclass(frozen=True, eq=False)
class Feed:
    """One account's way of publishing and growing. Feeds are compared by identity: `feed_of` gives the one there is."""

    seed: int
    account: InstagramAccount
    epoch: int
    """The epoch, as an instant."""
    zone: ZoneInfo
    first_local_day: int
    """The local day of the epoch: the origin of both lines."""
    post_spacing: float
    story_spacing: float
    growth: float
    """Growth of the followers in a year, as an exponent."""
    professional_since: int
    """The instant at which the account became a professional one; posts before it have no insights."""


@lru_cache(maxsize=1024)
def feed_of(seed: int, epoch: datetime, account: InstagramAccount) -> Feed:
    """The feed of an account in the world with this seed and epoch."""
    chance = draws(seed, "feed", account.id)
    zone = ZoneInfo(account.timezone_name)
    instant = int(epoch.timestamp())
    spacing = min(7.0, max(1 / 3, 900 / max(1, account.posts)))
    life = account.posts * spacing * DAY_SECONDS
    return Feed(
        seed=seed,
        account=account,
        epoch=instant,
        zone=zone,
        first_local_day=epoch.astimezone(zone).toordinal(),
        post_spacing=spacing,
        story_spacing=0.3 + 0.9 * chance[0],
        growth=0.10 + 0.35 * chance[1],
        professional_since=0 if account.always_professional else instant - int(life * (0.70 + 0.28 * chance[2])),
    )


def _spacing(feed: Feed, line: Line) -> float:
    return feed.post_spacing if line == "post" else feed.story_spacing


def _place(feed: Feed, line: Line, slot: int) -> float:
    spacing = _spacing(feed, line)
    return spacing * (slot + 0.98 * draws(feed.seed, "slot", feed.account.id, line, slot)[0])


def _instant(feed: Feed, place: float) -> int:
    """The instant at a place of a line: its whole part counts local days, the rest goes through the hours."""
    day = math.floor(place)
    share = place - day
    hour = next(hour for hour in range(24) if share < _CUMULATED[hour + 1])
    seconds = 3600 * (hour + (share - _CUMULATED[hour]) / (_CUMULATED[hour + 1] - _CUMULATED[hour]))
    local = date.fromordinal(feed.first_local_day + day)
    wall = datetime(local.year, local.month, local.day, tzinfo=feed.zone) + timedelta(seconds=int(seconds))
    return int(wall.timestamp())


def _slots_until(feed: Feed, line: Line, instant: int) -> int:
    """The number of the first slot after an instant."""
    local = datetime.fromtimestamp(instant, feed.zone)
    hour = local.hour + local.minute / 60 + local.second / 3600
    whole = int(hour)
    share = _CUMULATED[whole] + (hour - whole) * (_CUMULATED[whole + 1] - _CUMULATED[whole])
    slot = math.floor((local.toordinal() - feed.first_local_day + share) / _spacing(feed, line)) - 1
    while _instant(feed, _place(feed, line, slot)) <= instant:
        slot += 1
    return slot


@lru_cache(maxsize=4096)
def _slots_at_epoch(feed: Feed, line: Line) -> int:
    return _slots_until(feed, line, feed.epoch)


def _published_at_epoch(feed: Feed, line: Line) -> int:
    if line == "post":
        return feed.account.posts
    return int(feed.account.posts * 0.8 * feed.post_spacing / feed.story_spacing)


@lru_cache(maxsize=65_536)
def published_at(feed: Feed, line: Line, number: int) -> int:
    """The instant at which post (or story) `number` is published, counted from 0."""
    slot = number + _slots_at_epoch(feed, line) - _published_at_epoch(feed, line)
    return _instant(feed, _place(feed, line, slot))


def count_until(feed: Feed, line: Line, instant: int) -> int:
    """How many posts (or stories) have been published by an instant."""
    count = _slots_until(feed, line, instant) - _slots_at_epoch(feed, line) + _published_at_epoch(feed, line)
    return max(0, count)


def trend(feed: Feed, day: float) -> float:
    """Followers without the noise of single days: never falling."""
    return feed.account.size * math.exp(feed.growth * (day - day_of(feed.epoch)) / YEAR)


@lru_cache(maxsize=65_536)
def followers_at_start(feed: Feed, day: int) -> int:
    """Followers at the start of a day; exactly `size` on the day of the epoch."""
    if day == day_of(feed.epoch):
        return feed.account.size
    noise = draws(feed.seed, "followers", feed.account.id, day)[0] - 0.5
    return max(0, round(trend(feed, day) * (1.0 + 0.0006 * noise)))


def follows_and_unfollows(feed: Feed, day: int) -> tuple[int, int]:
    """New and lost followers of a day; their difference is the change of the total."""
    start, end = followers_at_start(feed, day), followers_at_start(feed, day + 1)
    churn = draws(feed.seed, "churn", feed.account.id, day)
    lost = max(int(start * 0.0004 * (0.6 + 0.8 * churn[0]) + churn[1]), start - end)
    return end - start + lost, lost


def followers_at(feed: Feed, instant: int) -> int:
    """The running total of followers, as the profile shows it."""
    day = day_of(instant)
    start, end = followers_at_start(feed, day), followers_at_start(feed, day + 1)
    return start + int((end - start) * (instant - day_start(day)) / (day_start(day + 1) - day_start(day)))


def pool(feed: Feed, day: int) -> float:
    """The people that the account's content can come to on a day: reach saturates towards it."""
    return 3.0 * trend(feed, day) + 500.0
