"""Statistics of ranks against what they are defined as, counted out."""

import itertools
import math
import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.analysis.ranks import corrected, median_of, rank_sum

VALUES = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=60)
CHANCES = st.lists(st.floats(0, 1), max_size=30)


@given(VALUES)
def test_a_median_lies_in_its_interval_between_values_of_the_sample(values: list[float]) -> None:
    """An interval is made of values that were seen, and holds the median."""
    found = median_of(values)

    assert found.value == median(values)
    assert found.size == len(values)
    if found.low is not None and found.high is not None:
        assert found.low in values
        assert found.high in values
        assert found.low <= found.value <= found.high


def depth_of(size: int) -> int:
    """The place from either end at which an interval of 95 % begins, counted in whole numbers; 0: there is none."""
    depth, below, ways = 0, 0, 1
    while depth < size // 2:
        below += ways
        if 40 * below > 2**size:
            break
        ways = ways * (size - depth) // (depth + 1)
        depth += 1
    return depth


def test_an_interval_is_the_one_of_the_sign_test() -> None:
    """For every size up to thousands, as counted out in whole numbers; below six values there is none."""
    assert [depth_of(size) for size in (5, 6, 8, 9, 20, 100)] == [0, 1, 1, 2, 6, 40]
    for size in (*range(1, 400), 1_000, 5_000):
        found, depth = median_of([float(value) for value in range(1, size + 1)]), depth_of(size)
        assert (found.low, found.high) == ((depth, size - depth + 1) if depth else (None, None))


def test_an_interval_holds_the_true_median_as_often_as_it_says() -> None:
    """Of 2,000 samples of a skewed distribution, at least 95 % of the intervals hold its median."""
    chance = random.Random(7)  # noqa: S311 - the same sample every time
    held = 0
    for _ in range(2000):
        found = median_of([chance.lognormvariate(0, 1) for _ in range(15)])
        held += found.low is not None and found.high is not None and found.low <= 1.0 <= found.high

    assert held >= 1900


WAYS = [sum(way) for way in itertools.combinations(range(1, 17), 8)]
"""The rank sums of all 12,870 divisions of sixteen values into two groups of eight."""


@given(st.permutations(range(1, 17)))
def test_a_rank_sum_is_close_to_the_exact_one(order: list[int]) -> None:
    """For two groups of eight, the least that is ever compared, it is within 0.015 of what counting gives."""
    far = abs(sum(order[:8]) - 8 * 17 / 2)
    exact = sum(abs(way - 8 * 17 / 2) >= far for way in WAYS) / len(WAYS)

    assert rank_sum(order[:8], order[8:]).chance == pytest.approx(exact, abs=0.015)


@given(VALUES, VALUES)
def test_a_rank_sum_sees_order_alone(some: list[float], others: list[float]) -> None:
    """It is the same from both sides and on any scale that keeps the order, and a probability."""
    found = rank_sum(some, others)

    turned = rank_sum(others, some)
    scaled = rank_sum([math.sqrt(value) for value in some], [math.sqrt(value) for value in others])
    assert 0.0 <= found.chance <= 1.0
    assert (turned.chance, 1 - turned.beats) == pytest.approx((found.chance, found.beats))
    assert (scaled.chance, scaled.beats) == pytest.approx((found.chance, found.beats))


def test_groups_without_a_difference_of_order_do_not_differ() -> None:
    """Nothing, and the same value everywhere, are no evidence."""
    assert rank_sum([], [1.0, 2.0]).chance == 1.0
    assert rank_sum([5.0] * 9, [5.0] * 12).chance == 1.0


@given(CHANCES)
def test_a_correction_never_makes_anything_surer(chances: list[float]) -> None:
    """Each is at least what it was, at most 1, and in the same order as before."""
    found = corrected(chances)

    assert all(before <= after <= 1.0 for before, after in zip(chances, found, strict=True))
    for one, other in itertools.combinations(range(len(chances)), 2):
        if chances[one] < chances[other]:
            assert found[one] <= found[other]


def test_a_correction_is_holms() -> None:
    """The smallest times the number of questions, the next times one less, never below the one before."""
    assert corrected([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
