"""What has changed since it was told: a day's figure in an earlier edition against the same day's figure now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from freehold.node.measures.question import Span
from freehold.node.reports.figures import Days

REACH_BACK: Final = timedelta(days=35)
"""So long is what was told of a day compared: Meta adds to results for 28 days, and an edition may be a week late."""
SMALLEST: Final = 0.01
"""A figure that moved by less than this part of it is told as it was."""
MOST: Final = 12

By = Mapping[str, Mapping[str, Days]]
"""Account -> figure -> day -> value."""


@dataclass(frozen=True)
class Earlier:
    """What earlier editions told: last of each day, and of the figures of the days before, when those were as young."""

    days: By = field(default_factory=dict)
    figures: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Restatement:
    """A figure of a day as it was told, and as it is now."""

    key: str
    day: date
    told: float
    now: float


def restated(told: Mapping[str, Days], now: Mapping[str, Days]) -> tuple[Restatement, ...]:
    """What moved of one account's days, the newest day first; at most a dozen, those that moved most."""
    moved = [
        Restatement(key, day, value, now[key][day])
        for key, days in told.items()
        for day, value in days.items()
        if day in now.get(key, {}) and _moved(value, now[key][day])
    ]
    most = sorted(moved, key=lambda each: -abs(each.now - each.told) / max(abs(each.told), 1))[:MOST]
    return tuple(sorted(most, key=lambda each: (-each.day.toordinal(), each.key)))


def _moved(told: float, now: float) -> bool:
    return abs(now - told) > SMALLEST * max(abs(told), abs(now))


def latest_told(documents: Iterable[Mapping[str, Any]], since: date) -> dict[str, dict[str, dict[date, float]]]:
    """What the figures of editions, the oldest first, told last of each day from `since` on."""
    found: dict[str, dict[str, dict[date, float]]] = {}
    for document in documents:
        for account, figures in document["told"].items():
            for key, days in figures.items():
                known = found.setdefault(account, {}).setdefault(key, {})
                known.update({day: value for text, value in days.items() if (day := date.fromisoformat(text)) >= since})
    return found


def as_told(documents: Iterable[Mapping[str, Any]], span: Span, age: int) -> dict[str, dict[str, float | None]]:
    """The figures of exactly these days, by account, as an edition told them when they were `age` days old, give or
    take one; what came later is no longer as young.
    """
    found: dict[str, dict[str, float | None]] = {}
    for document in documents:
        edition = document["edition"]
        first, last = (date.fromisoformat(edition[end]) for end in ("first", "last"))
        made = datetime.fromisoformat(edition["made_at"]).date()
        if Span(first, last) == span and abs((made - last).days - age) <= 1:
            for section in document["sections"]:
                figures = {each["key"]: each["now"] for each in section["figures"]}
                found.setdefault(section["account_id"], figures)
    return found


def telling(now: Mapping[str, Days], told: Mapping[str, Days], first: date, last: date) -> dict[str, dict[str, float]]:
    """What this edition tells of days: those of its period, and again those that an earlier one told."""
    return {
        key: {day.isoformat(): value for day, value in days.items() if first <= day <= last or day in told.get(key, {})}
        for key, days in now.items()
    }
