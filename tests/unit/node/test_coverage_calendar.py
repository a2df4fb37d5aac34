"""The calendar of coverage: weeks as columns, one picture for metrics with the same days, readable without colour."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from freehold.cli.coverage import calendars_of, drawn, whole_days
from freehold.node.assets import ConnectedAsset
from freehold.node.store.coverage.queries import DayState

MONDAY = date(2026, 6, 1)
ASSET = ConnectedAsset("instagram_account", "17", "Lumen", None, None, "Europe/Berlin", "c", None)


def states(metric: str, signs: str) -> list[DayState]:
    """Days from a Monday on: c is complete, e is empty, m is missing; a blank was not read."""
    names = {"c": "complete", "e": "empty", "m": "missing"}
    return [
        DayState("17", metric, MONDAY + timedelta(days=place), names[sign], "code 2" if sign == "m" else "")
        for place, sign in enumerate(signs)
        if sign != " "
    ]


def test_metrics_with_the_same_days_share_a_picture() -> None:
    """Two that agree are drawn once, the third by itself."""
    found = [*states("likes", "ccm"), *states("reach", "ccm"), *states("views", "ccc")]

    assert [each.metrics for each in calendars_of([ASSET], found)] == [("likes", "reach"), ("views",)]


def test_weeks_are_columns() -> None:
    """The second week stands beside the first, each day in the row of its weekday."""
    (calendar,) = calendars_of([ASSET], states("reach", "cemcccc" + "mc"))

    lines = drawn(calendar, MONDAY, MONDAY + timedelta(days=9)).plain.splitlines()

    assert lines[2:6] == ["Mo ■✗", "Tu ·■", "We ✗ ", "Th ■ "]


def test_what_is_missing_is_counted_with_its_reason() -> None:
    """Counts of days, days that were not read, and why days are missing."""
    (calendar,) = calendars_of([ASSET], states("reach", "cem m"))

    told = drawn(calendar, MONDAY, MONDAY + timedelta(days=6)).plain

    assert "■ 1 complete  · 1 empty  ✗ 2 missing    3 not read" in told
    assert "2 x code 2" in told


def test_each_asset_ends_at_its_own_yesterday() -> None:
    """A day that is over in Auckland still runs in California, where Meta counts the days of Instagram."""
    now = datetime(2026, 6, 10, 20, tzinfo=UTC)
    abroad = replace(ASSET, kind="ad_account", timezone="Pacific/Auckland")

    assert whole_days(abroad, now, 3) == (date(2026, 6, 8), date(2026, 6, 10))
    assert whole_days(ASSET, now, 3) == (date(2026, 6, 7), date(2026, 6, 9))
