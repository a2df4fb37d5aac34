"""The days of Meta's organic insights: from midnight to midnight in Los Angeles, whatever the account's own time zone.

A day is a proleptic ordinal (`date.toordinal`). Its bucket's `end_time` is the midnight after it, so 07:00 UTC in
summer and 08:00 UTC in winter. Instants are whole Unix seconds.
"""

import math
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

META_ZONE = ZoneInfo("America/Los_Angeles")
DAY_SECONDS = 86_400
ABSENT_SECONDS = 3 * 3600
"""How long after its end a day's numbers are not there at all."""
FINAL_SECONDS = 48 * 3600
"""How long after its end a day's numbers may still grow."""
WEEK = (0.97, 0.99, 1.03, 1.05, 0.98, 0.93, 1.05)


@lru_cache(maxsize=8192)
def day_start(day: int) -> int:
    """The instant at which a day begins."""
    when = date.fromordinal(day)
    return int(datetime(when.year, when.month, when.day, tzinfo=META_ZONE).timestamp())


def day_end(day: int) -> int:
    """The instant at which a day ends: the `end_time` of its bucket."""
    return day_start(day + 1)


def day_of(instant: float) -> int:
    """The day that an instant belongs to."""
    return datetime.fromtimestamp(instant, META_ZONE).toordinal()


def days_within(since: int, until: int) -> range:
    """The days of a window, ends included: those whose noon lies in it, so that any convention of midnights fits."""
    first = day_of(since)
    if _noon(first) < since:
        first += 1
    last = day_of(until)
    if _noon(last) > until:
        last -= 1
    return range(first, max(first, last + 1))


def _noon(day: int) -> int:
    return (day_start(day) + day_start(day + 1)) // 2


def written(instant: float) -> str:
    """An instant as the Graph API writes it: `2026-11-20T08:00:00+0000`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(instant))).strftime("%Y-%m-%dT%H:%M:%S+0000")


def settled(day: int, now: int) -> float | None:
    """How much of a day's final numbers is shown at `now`; None while there is nothing, 1 once they are final."""
    age = now - day_end(day)
    if age < ABSENT_SECONDS:
        return None
    if age < DAY_SECONDS:
        return 0.92
    return 0.98 if age < FINAL_SECONDS else 1.0


def rhythm(day: int) -> float:
    """Attention on a day: a weekly rhythm under a yearly one, which peaks in November and is lowest in July."""
    year = math.cos(2 * math.pi * ((day % 365.25) / 365.25 - 0.89))
    return WEEK[(day - 1) % 7] * (1.0 + 0.12 * year)
