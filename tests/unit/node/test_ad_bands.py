"""What is usual, and what of today is outside it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from freehold.node.ad_bands.bands import Band, band_of, judge_cost, judge_spend
from freehold.node.ad_bands.measure import elapsed

USUAL = Band(100.0, 50.0, 150.0)


def test_a_quiet_week_still_leaves_room() -> None:
    """Half of what is usual, to both sides."""
    assert band_of([100.0] * 7) == Band(100.0, 50.0, 150.0)


def test_a_restless_week_widens_the_band() -> None:
    """Three times the typical distance from the median, where that is more."""
    band = band_of([60.0, 80.0, 100.0, 120.0, 140.0])
    assert band is not None
    assert band.high == pytest.approx(100 + 3 * 1.4826 * 20)
    assert band.low == pytest.approx(100 - 3 * 1.4826 * 20)


def test_one_wild_day_does_not_move_it() -> None:
    """As it would move a mean."""
    assert band_of([100.0] * 9 + [10_000.0]) == Band(100.0, 50.0, 150.0)


@pytest.mark.parametrize("values", [[], [100.0] * 4, [0.0] * 14])
def test_where_nothing_is_usual_there_is_no_band(values: list[float]) -> None:
    """Too few days, or days without any spend."""
    assert band_of(values) is None


@pytest.mark.parametrize(
    ("spend", "elapsed", "state"),
    [
        (151, 0.3, "above"),
        (150, 0.3, "within"),
        (0, 0.5, "within"),
        (24, 0.8, "below"),
        (25, 0.8, "within"),
    ],
)
def test_spend_is_judged_as_early_as_it_can_be(spend: int, elapsed: float, state: str) -> None:
    """Too much at any time; too little only late in the day."""
    assert judge_spend(spend, elapsed, USUAL) == state


@pytest.mark.parametrize(
    ("spend", "results", "state"),
    [
        (150, 0, "within"),
        (151, 0, "above"),
        (600, 3, "within"),
        (601, 3, "above"),
        (245, 5, "below"),
        (160, 4, "within"),
    ],
)
def test_cost_is_judged_as_if_one_more_result_came(spend: int, results: int, state: str) -> None:
    """No alarm in a morning without results; a low cost counts only with enough of them."""
    assert judge_cost(spend, results, USUAL) == state


@pytest.mark.parametrize(("day", "hours"), [("2026-06-15", 24), ("2026-10-25", 25), ("2026-03-29", 23)])
def test_a_day_on_which_clocks_change_is_measured_by_its_hours(day: str, hours: int) -> None:
    """Half an hour before midnight, half an hour of the day is left, however long it is; it began with nothing."""
    berlin = ZoneInfo("Europe/Berlin")
    for local, passed in (("00:00", 0.0), ("23:30", hours - 0.5)):
        read_at = datetime.fromisoformat(f"{day}T{local}").replace(tzinfo=berlin)
        assert elapsed(read_at.astimezone(ZoneInfo("UTC")), berlin) == pytest.approx(passed / hours)


def test_without_a_band_nothing_is_judged() -> None:
    """Neither way."""
    assert (judge_spend(10**9, 1.0, None), judge_cost(10**9, 0, None)) == ("unknown", "unknown")
