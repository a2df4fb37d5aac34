"""Stories that people leave, and followers who come."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.analysis.growth import growth
from freehold.node.analysis.results import MINIMUM
from freehold.node.analysis.stories import GAP, StoryResult, retention, sequences

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
FIRST = date(2026, 5, 1)


def told(count: int, shares: tuple[float, ...]) -> list[StoryResult]:
    """So many days of stories, of which each reaches a share of the day's first."""
    return [
        StoryResult(f"{day}-{place}", START + timedelta(days=day, minutes=20 * place), 1000.0 * share)
        for day in range(count)
        for place, share in enumerate(shares)
    ]


def test_a_planted_loss_from_story_to_story_is_found() -> None:
    """Every sequence loses a tenth and then a half: so do the medians, and the end is the last of them."""
    found = retention(told(10, (1.0, 0.9, 0.5)))

    assert [(place.position, place.sequences) for place in found.places] == [(2, 10), (3, 10)]
    assert [place.share.value for place in found.places if place.share] == [0.9, 0.5]
    assert found.finished is not None
    assert (found.finished.value, found.finished.low, found.finished.high) == (0.5, 0.5, 0.5)


def test_below_the_minimum_of_sequences_no_share_is_told() -> None:
    """Seven days of stories are counted, and nothing is said of them."""
    found = retention(told(MINIMUM - 1, (1.0, 0.8)))

    assert found.sequences == MINIMUM - 1
    assert found.places[0].share is None
    assert found.finished is None


def test_single_stories_and_empty_first_ones_have_no_retention() -> None:
    """There is nothing to stay for, or nobody who could."""
    assert retention(told(20, (1.0,))).sequences == 0
    assert retention(told(20, (0.0, 1.0))).sequences == 0


@given(st.lists(st.integers(0, 60 * 24 * 30), max_size=60))
def test_sequences_hold_every_story_once_in_order_without_long_gaps(minutes: list[int]) -> None:
    """Nothing is lost or doubled; the next sequence begins where the gap is longer."""
    stories = [StoryResult(str(place), START + timedelta(minutes=each), 1.0) for place, each in enumerate(minutes)]
    found = sequences(stories)

    assert sorted(each.story_id for sequence in found for each in sequence) == sorted(each.story_id for each in stories)
    times = [[each.published_at for each in sequence] for sequence in found]
    assert all(later - earlier <= GAP for row in times for earlier, later in itertools.pairwise(row))
    assert all(after[0] - before[-1] > GAP for before, after in itertools.pairwise(times))


def followers(rates: list[tuple[int, float]], seed: int = 1) -> dict[date, float]:
    """New followers a day: so many days of a rate each, with noise."""
    chance, days = random.Random(seed), [rate for count, rate in rates for _ in range(count)]  # noqa: S311
    return {FIRST + timedelta(days=place): round(rate * chance.uniform(0.8, 1.2)) for place, rate in enumerate(days)}


def test_growth_that_doubled_differs_and_one_that_did_not_does_not() -> None:
    """Thirty days against the thirty before."""
    first, last = FIRST + timedelta(days=30), FIRST + timedelta(days=59)

    assert growth(followers([(30, 50), (30, 100)]), first, last).differs is True
    assert growth(followers([(60, 50)]), first, last).differs is False


def alike(length: int, likeness: float, seed: int) -> dict[date, float]:
    """Twice so many days on which nothing happens, each alike the one before: a series of the first order."""
    chance, state, found = random.Random(seed), 0.0, {}  # noqa: S311 - the same series every time
    for place in range(-50, 2 * length):
        state = likeness * state + chance.gauss(0, (1 - likeness**2) ** 0.5)
        if place >= 0:
            found[FIRST + timedelta(days=place)] = float(round(50 * 1.3**state))
    return found


@pytest.mark.parametrize("length", [14, 28, 60])
@pytest.mark.parametrize("likeness", [0.0, 0.3, 0.6, 0.8])
def test_days_that_are_alike_are_not_taken_for_news(length: int, likeness: float) -> None:
    """Of 300 series in which nothing happens at most one in twenty is said to differ.

    That rate gives more than 24 of 300 in one of a hundred tries. A test that takes days for independent says it of
    ninety and more where neighbours are alike by 0.6.
    """
    first, last = FIRST + timedelta(days=length), FIRST + timedelta(days=2 * length - 1)
    false = sum(growth(alike(length, likeness, seed), first, last).differs is True for seed in range(300))

    assert false <= 24


def test_too_few_days_to_know_how_alike_they_are_are_not_judged() -> None:
    """Thirteen days on either side, whatever they hold."""
    series = followers([(13, 50), (13, 500)])

    assert growth(series, FIRST + timedelta(days=13), FIRST + timedelta(days=25)).differs is None


def test_growth_is_the_sum_of_the_days_that_are_known() -> None:
    """A day that is missing is counted as missing, not as zero."""
    series = followers([(30, 50)])
    lost = FIRST + timedelta(days=4)
    found = growth({day: value for day, value in series.items() if day != lost}, FIRST, FIRST + timedelta(days=29))

    assert (found.known, found.missing) == (29, 1)
    assert found.new == sum(series.values()) - series[lost]
    assert found.per_day_before is None
    assert found.differs is None


def test_a_day_far_above_the_others_is_unusual() -> None:
    """The day on which something went around, and no other."""
    series = followers([(30, 50)])
    day = FIRST + timedelta(days=12)

    found = growth(series | {day: 400.0}, FIRST, FIRST + timedelta(days=29))

    assert found.unusual == ((day, 400.0),)
    assert growth(series, FIRST, FIRST + timedelta(days=29)).unusual == ()
