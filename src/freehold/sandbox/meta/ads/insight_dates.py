"""The days a report covers: presets, ranges, increments, and how far back Meta keeps what."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from freehold.sandbox.meta.ads.parameters import refusal, structure
from freehold.sandbox.meta.errors import GraphError

RETENTION_MONTHS = 37
UNIQUE_MONTHS = 13
LONGEST_INCREMENT = 90
LAST_DAYS = {f"last_{count}d": count for count in (3, 7, 14, 28, 30, 90)}
PRESETS = frozenset(
    {
        *LAST_DAYS,
        "today",
        "yesterday",
        "this_month",
        "last_month",
        "this_quarter",
        "last_quarter",
        "this_year",
        "last_year",
        "this_week_mon_today",
        "this_week_sun_today",
        "last_week_mon_sun",
        "last_week_sun_sat",
        "maximum",
        "data_maximum",
    }
)
DEFAULT_PRESET = "last_30d"


@dataclass(frozen=True)
class Window:
    """The days of one row, both included, as ordinals in the account's time zone."""

    since: int
    until: int


def months_before(day: int, months: int) -> int:
    """The same day of the month so many months earlier (its last day where the month is shorter)."""
    then = date.fromordinal(day)
    year, month = divmod(then.year * 12 + then.month - 1 - months, 12)
    return date(year, month + 1, min(then.day, monthrange(year, month + 1)[1])).toordinal()


def windows(params: Mapping[str, str], today: int) -> tuple[Window, ...]:
    """One window for each row that an object delivering every day would have; raises error 3018 beyond retention."""
    ranges = structure(params, "time_ranges")
    if ranges:
        if not isinstance(ranges, list):
            raise refusal("Param time_ranges must be an array", blame="time_ranges")
        return tuple(_kept(_range(item, "time_ranges"), today) for item in ranges)
    return tuple(_increments(_kept(check_range(params, today), today), _increment(params)))


def check_range(params: Mapping[str, str], today: int) -> Window:
    """The days that `time_range`, or else `date_preset`, names."""
    given = structure(params, "time_range")
    if given is not None:
        return _range(given, "time_range")
    preset = params.get("date_preset") or DEFAULT_PRESET
    if preset not in PRESETS:
        raise refusal(
            f"(#100) date_preset must be one of the following values: {', '.join(sorted(PRESETS))}", blame="date_preset"
        )
    return _preset(preset, today)


def _range(given: object, name: str) -> Window:
    if not isinstance(given, dict) or not {"since", "until"} <= given.keys():
        raise refusal(f"Param {name} must have since and until", blame=name)
    try:
        found = Window(
            date.fromisoformat(str(given["since"])).toordinal(), date.fromisoformat(str(given["until"])).toordinal()
        )
    except ValueError:
        raise refusal(f"Param {name} must hold dates written YYYY-MM-DD", blame=name) from None
    if found.since > found.until:
        raise refusal(f"Param {name}: since must not be after until", blame=name)
    return found


def _kept(window: Window, today: int) -> Window:
    if window.since < months_before(today, RETENTION_MONTHS):
        raise GraphError(
            "(#3018) The start date of the time range cannot be beyond 37 months from the current date",
            code=3018,
        )
    return window


def _preset(preset: str, today: int) -> Window:
    if preset in LAST_DAYS:
        return Window(today - LAST_DAYS[preset], today - 1)
    if preset in {"maximum", "data_maximum"}:
        return Window(months_before(today, RETENTION_MONTHS), today)
    if preset in {"today", "yesterday"}:
        day = today - (preset == "yesterday")
        return Window(day, day)
    return _calendar(preset, date.fromordinal(today))


def _calendar(preset: str, today: date) -> Window:
    if "_week_" in preset:
        past = today.weekday() if "mon" in preset else (today.weekday() + 1) % 7
        monday = today.toordinal() - past
        return Window(monday, today.toordinal()) if preset.startswith("this") else Window(monday - 7, monday - 1)
    first_month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[preset.split("_")[1]]
    first = date(today.year, first_month, 1)
    if preset.startswith("this"):
        return Window(first.toordinal(), today.toordinal())
    months = {"month": 1, "quarter": 3, "year": 12}[preset.split("_")[1]]
    return Window(months_before(first.toordinal(), months), first.toordinal() - 1)


def _increment(params: Mapping[str, str]) -> int | str:
    text = (params.get("time_increment") or "all_days").strip('"')
    if text in {"all_days", "monthly"}:
        return text
    if not text.isdigit() or not 1 <= int(text) <= LONGEST_INCREMENT:
        raise refusal(
            f"(#100) time_increment must be all_days, monthly or between 1 and {LONGEST_INCREMENT}",
            blame="time_increment",
        )
    return int(text)


def _increments(whole: Window, increment: int | str) -> list[Window]:
    if increment == "all_days":
        return [whole]
    if isinstance(increment, int):
        return [
            Window(since, min(since + increment - 1, whole.until))
            for since in range(whole.since, whole.until + 1, increment)
        ]
    found, since = [], whole.since
    while since <= whole.until:
        day = date.fromordinal(since)
        last = day.replace(day=monthrange(day.year, day.month)[1]).toordinal()
        found.append(Window(since, min(last, whole.until)))
        since = last + 1
    return found


def day_text(day: int) -> str:
    """A day as Meta writes it."""
    return (date(1, 1, 1) + timedelta(days=day - 1)).isoformat()
