"""Findings: their statistics against tables, what they do not depend on, and what is said with too little data."""

import math
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.analysis.anomalies import anomalies
from freehold.node.analysis.creatives import creatives
from freehold.node.analysis.drivers import Ratio, parts_of_rate, parts_of_total
from freehold.node.analysis.fatigue import fatigue
from freehold.node.analysis.findings import Evidence, Finding, Query, Size, TooLittle, beside, judge
from freehold.node.analysis.inputs import AccountRows, AdAccountRows, AdDay, Daily, Inputs
from freehold.node.analysis.lifts import lifts
from freehold.node.analysis.look import look
from freehold.node.analysis.ranks import Median
from freehold.node.analysis.results import Result
from freehold.node.analysis.tails import beyond, effective_size, spread_of, student, student_quantile, times

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=299)
PERIOD = LAST - timedelta(days=27)
GROUPS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10_000), min_size=1)
RATIOS = st.dictionaries(
    st.sampled_from("abcdef"), st.builds(Ratio, st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1
)


def candidate(chance: float, subject: str = "one") -> Finding:
    """A finding that is not judged yet."""
    evidence = Evidence(Query("views", ("date",), (), FIRST, LAST, "day"), 1, ())
    return Finding("spike", subject, FIRST, LAST, "up", Size(2, 1.5, 3), 30, chance, evidence)


def daily(scale: float = 1.0) -> Daily:
    """Ten months of days with a week and one day of twenty times the usual."""
    random = Random(5)  # noqa: S311
    values = {
        FIRST + timedelta(days=place): scale * (100 + 40 * (place % 7)) * math.exp(random.gauss(0, 0.15))
        for place in range(300)
    }
    values[PERIOD + timedelta(days=3)] = 20 * scale * 180
    return Daily("views", "account", values)


def spike(series: Daily) -> Finding:
    """The candidate of the highest day."""
    found = anomalies(series, PERIOD, LAST)[0]
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize(("distance", "freedom"), [(12.706, 1), (4.303, 2), (2.571, 5), (2.228, 10), (2.042, 30)])
def test_student_is_that_of_the_tables(distance: float, freedom: int) -> None:
    """2.5 % lie above the tabled distance, as many below its negative, and the quantile gives it back."""
    assert student(distance, freedom) == pytest.approx(0.025, abs=2e-5)
    assert student(-distance, freedom) == pytest.approx(0.975, abs=2e-5)
    assert student_quantile(freedom) == pytest.approx(distance, abs=1e-3)


def test_a_tail_is_as_heavy_as_its_past() -> None:
    """The same distance is less surprising after numbers that strayed further; after too few nothing is."""
    random = Random(1)  # noqa: S311
    calm = [random.gauss(0, 1) for _ in range(300)]
    wild = [random.expovariate(0.5) for _ in range(300)]

    assert beyond(9, calm) < 0.0001
    assert beyond(9, wild) > 0.005
    assert beyond(1000, calm[:8]) == 1.0


def test_numbers_like_their_neighbours_are_worth_fewer() -> None:
    """Of independent numbers most count; of a wandering one a small part."""
    random = Random(2)  # noqa: S311
    free = [random.gauss(0, 1) for _ in range(400)]
    bound = [free[0]]
    for each in free[1:]:
        bound.append(0.9 * bound[-1] + each)

    assert effective_size(free) > 250
    assert effective_size(bound) < 60


def test_one_look_is_corrected_as_a_whole() -> None:
    """A chance that suffices alone does not among many questions, and the surest comes first."""
    alone = judge([candidate(0.004)])
    many = judge([candidate(0.004), candidate(0.0001, "two"), *(candidate(0.5) for _ in range(20))])

    assert [each.confidence for each in alone.findings] == ["high"]
    assert [each.subject for each in many.findings] == ["two"]
    assert many.findings[0].corrected_chance == pytest.approx(0.0022)
    assert many.tested == 22


def test_too_little_data_is_said() -> None:
    """Each kind answers with what it needs and what there is, and a look passes that on."""
    young = Daily("views", "account", {LAST - timedelta(days=each): 5.0 for each in range(40)})
    ad = [AdDay(FIRST, 100, 1, 1.0)]
    now = datetime(2026, 6, 1, tzinfo=UTC)
    look = judge(
        [*anomalies(young, PERIOD, LAST), fatigue("ad", ad), *creatives("set", {"ad": ad, "other": ad}),
         *lifts(AccountRows("account"), now, 3)]
    )  # fmt: skip

    assert look.findings == ()
    assert look.tested == 0
    assert {each.kind for each in look.too_little} == {
        "spike",
        "silent_week",
        "ad_fatigue",
        "creative",
        "format",
        "posting_time",
        "caption",
        "hashtag",
    }
    assert all(isinstance(each, TooLittle) and each.found < each.needed for each in look.too_little)


def test_a_seen_ad_that_nobody_saw_twice_is_not_judged() -> None:
    """Fatigue needs a frequency that grew."""
    days = [AdDay(FIRST + timedelta(days=each), 1000, 10, 1.1) for each in range(30)]

    assert isinstance(fatigue("ad", days), TooLittle)


@pytest.mark.parametrize("scale", [0.01, 3.0, 1e6])
def test_scaling_a_series_scales_the_finding(scale: float) -> None:
    """The ratio and the chance stay; the numbers of the evidence grow with the series."""
    one, scaled = spike(daily()), spike(daily(scale))

    assert scaled.size.value == pytest.approx(one.size.value)
    assert scaled.chance == pytest.approx(one.chance)
    assert dict(scaled.evidence.numbers)["per_day"] == pytest.approx(scale * dict(one.evidence.numbers)["per_day"])


def test_a_spike_names_its_day_and_size() -> None:
    """The day that was planted, about twenty times what was expected, with a range around it."""
    found = spike(daily())

    assert found.first == found.last == PERIOD + timedelta(days=3)
    assert found.size.low < 20 < found.size.high
    assert found.size.value == pytest.approx(20, rel=0.4)


def quiet(*missing: int) -> Finding | TooLittle:
    """The candidate of the lowest week where the last one has a twentieth of the usual; days of it are `missing`."""
    values = {day: value for day, value in daily().values.items() if (LAST - day).days not in missing}
    last_week = {day: value / 20 for day, value in values.items() if day > LAST - timedelta(days=7)}
    found = anomalies(Daily("views", "account", values | last_week), PERIOD, LAST)[1]
    assert isinstance(found, Finding | TooLittle)
    return found


@pytest.mark.parametrize("missing", [(), (2,), (1, 5)])
def test_a_week_is_silent_though_days_of_it_are_unknown(missing: tuple[int, ...]) -> None:
    """A twentieth of the usual, told as that; up to two days that were not collected do not hide it."""
    found = quiet(*missing)

    assert isinstance(found, Finding)
    assert (found.first, found.last, found.direction) == (LAST - timedelta(days=6), LAST, "down")
    assert found.size.low < 1 / 20 < found.size.high
    assert found.size.value == pytest.approx(1 / 20, rel=0.15)
    numbers = dict(found.evidence.numbers)
    assert found.size.value == pytest.approx(numbers["per_day"] / numbers["expected_per_day"])


def test_a_week_that_was_hardly_collected_is_not_silent() -> None:
    """Three days of it are unknown: what the others had says nothing about it."""
    found = quiet(1, 3, 5)

    assert isinstance(found, Finding)
    assert found.last < LAST - timedelta(days=6)
    assert found.chance > 0.1


def test_what_was_next_to_nothing_has_no_huge_multiples() -> None:
    """Beside nothing a value is told as a multiple of the floor, and more than expected is more than once."""
    assert times(100, 50, 5) == 2
    assert times(100, 0, 5) == 21
    assert times(1, 0, 5) > 1 > times(1, 2, 5)


def test_a_range_holds_the_next_one_of_as_many() -> None:
    """Of 44 numbers it takes the outermost to leave out one in twenty; of 79 the next ones do."""
    assert spread_of(range(44)) == (0, 43)
    assert spread_of(range(79)) == (1, 77)


def test_a_range_is_wider_beside_few_others() -> None:
    """Two medians of as many posts: neither is better known. Beside very many the other one is certain."""
    mine = Median(2.0, 1.0, 4.0, 0.95, 20)
    even, sure = beside(mine, 1.0, 20), beside(mine, 1.0, 10**9)

    assert (sure.value, sure.low, sure.high) == pytest.approx((2.0, 1.0, 4.0))
    assert math.log(even.high / even.low) == pytest.approx(math.sqrt(2) * math.log(4))
    assert beside(Median(0.0, 0.0, 3.0, 0.95, 20), 1.5, 20) == Size(0.0, 0.0, 2.0)


@given(st.randoms(use_true_random=False))
def test_the_order_of_input_does_not_matter(random: Random) -> None:
    """Days, ads and answers may come in any order."""
    ads = {name: [AdDay(FIRST + timedelta(days=each), 1000, 9 + each % 5 + 6 * (name == "a"), 1 + each / 10)
                  for each in range(30)] for name in "abc"}  # fmt: skip
    shuffled = {name: random.sample(days, len(days)) for name, days in random.sample([*ads.items()], 3)}
    answers = [*creatives("set", ads), *(fatigue(name, days) for name, days in ads.items())]
    others = [*creatives("set", shuffled), *(fatigue(name, days) for name, days in shuffled.items())]

    assert judge(answers).findings
    assert judge(random.sample(others, len(others))) == judge(answers)


@given(GROUPS, GROUPS)
def test_parts_of_a_total_add_up(before: dict[str, float], after: dict[str, float]) -> None:
    """The contributions of all groups are the change, whether a group is new, gone or both."""
    parts = parts_of_total(before, after)

    assert sum(each.contribution for each in parts) == sum(after.values()) - sum(before.values())
    assert {each.group for each in parts} == {*before, *after}


@given(RATIOS, RATIOS)
def test_parts_of_a_rate_add_up(before: dict[str, Ratio], after: dict[str, Ratio]) -> None:
    """Rate and mix of all groups are the change of the whole rate, spend without results among them."""
    parts = parts_of_rate(before, after)
    below = [sum(each.below for each in ratios.values()) for ratios in (before, after)]
    above = [sum(each.above for each in ratios.values()) for ratios in (before, after)]

    assert bool(parts) == all(below)
    if parts:
        change = above[1] / below[1] - above[0] / below[0]
        assert sum(each.contribution for each in parts) == pytest.approx(change, abs=1e-6, rel=1e-6)


def test_a_shift_among_groups_is_mix() -> None:
    """Where no group's own rate moved, the whole change is mix; the dearer group that grew raised it."""
    before = {"feed": Ratio(100, 100), "reels": Ratio(300, 100)}
    after = {"feed": Ratio(50, 50), "reels": Ratio(450, 150)}
    parts = {each.group: each for each in parts_of_rate(before, after)}

    assert [parts[each].rate for each in ("feed", "reels")] == [0, 0]
    assert sum(each.mix for each in parts.values()) == pytest.approx(0.5)
    assert parts["reels"].mix > 0


def test_spend_that_rises_is_no_success() -> None:
    """People set it themselves: twice as much since four weeks is told of clicks, and not of money."""
    values = {day: value * (2 if day >= PERIOD else 1) for day, value in daily().values.items()}
    series = tuple(Daily(metric, "act", values) for metric in ("spend_minor", "link_clicks"))
    now = datetime.combine(LAST, datetime.min.time(), UTC)
    found = look(Inputs(PERIOD, LAST, now, (), (AdAccountRows("act", "EUR", series=series),))).findings

    developments = [each for each in found if each.kind in {"trend", "change_point", "change"}]
    assert {each.evidence.metric for each in developments} == {"link_clicks"}


def test_a_format_that_usually_reaches_nobody_is_the_one_that_is_told() -> None:
    """Nothing is a multiple of nothing: of two formats the worse one is beside the better one, not the other way."""
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    formats = ("reel", "reel", "image")
    posts = tuple(
        Result(str(place), begin + timedelta(days=place), kind, 900.0 + place if kind == "reel" else 0.0, "")
        for place, kind in enumerate(formats * 16)
    )
    found = lifts(AccountRows("account", posts=posts), begin + timedelta(days=200), 3)

    (told,) = [each for each in found if each.kind == "format"]
    assert isinstance(told, Finding)
    assert (told.subject, told.direction, told.size.value, told.sample) == ("image", "down", 0.0, 16)


def test_what_posts_usually_reach_is_what_they_reached() -> None:
    """The median of the posts themselves, of both sides, however the account grew meanwhile."""
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    formats = ["reel", "reel", "image", "image", "reel", "image", "image"] * 8
    posts = tuple(
        Result(str(place), begin + timedelta(days=place), kind, (200 + 7 * place) * (3.0 if kind == "reel" else 1.0))
        for place, kind in enumerate(formats)
    )
    (told,) = [
        each
        for each in lifts(AccountRows("account", posts=posts), begin + timedelta(days=200), 3)
        if isinstance(each, Finding) and each.kind == "format"
    ]
    numbers = dict(told.evidence.numbers)
    assert told.subject == "reel"
    assert numbers["usual"] == median(post.value for post in posts if post.format == "reel")
    assert numbers["usual_of_others"] == median(post.value for post in posts if post.format == "image")
