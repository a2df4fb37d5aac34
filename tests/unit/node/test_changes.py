"""Periods beside the ones before: days, windows of reach and sequences of stories, and what drove a change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from freehold.node.analysis.changes import change
from freehold.node.analysis.costs import cost_per_result
from freehold.node.analysis.drivers import MOST_NAMED, OTHERS, drivers
from freehold.node.analysis.findings import Fact, Finding, TooLittle
from freehold.node.analysis.inputs import CostDay, Daily, ReachWindow, Split, SplitRow
from freehold.node.analysis.pacing import Budget, budget_facts
from freehold.node.analysis.reach import reach_changes
from freehold.node.analysis.rivals import RivalAd, rival_facts
from freehold.node.analysis.stories import StoryResult, retention_change

LAST = date(2026, 6, 30)
FIRST = LAST - timedelta(days=27)


def days(now: float = 1.0, count: int = 56) -> dict[date, float]:
    """Some two months of days that differ a little; the last four weeks are `now` times the others."""
    found = {}
    for back in range(count):
        day = LAST - timedelta(days=back)
        found[day] = (100 + 40 * (day.weekday() > 4) + day.toordinal() * 7 % 11) * (now if day >= FIRST else 1.0)
    return found


def test_a_change_names_what_drove_it() -> None:
    """Views fell because reels did; the groups of each dimension add up to the change, the largest first."""
    values = days(0.6)
    rows = []
    for day, value in days().items():
        rows += [SplitRow(day, "reel", values[day] - 0.4 * value), SplitRow(day, "image", 0.4 * value)]
    foreign = Split("reach", "account", "format", (SplitRow(LAST, "reel", 1e9),))
    splits = (Split("views", "account", "format", tuple(rows)), foreign)
    found = change(Daily("views", "account", values), FIRST, LAST, splits)

    assert isinstance(found, Finding)
    assert (found.kind, found.direction, found.first, found.last) == ("change", "down", FIRST, LAST)
    assert found.size.low < found.size.value == pytest.approx(0.6, rel=0.02)
    assert found.chance < 1e-4
    numbers = dict(found.evidence.numbers)
    assert [each.group for each in found.evidence.drivers] == ["reel", "image"]
    total = sum(each.contribution for each in found.evidence.drivers)
    assert total == pytest.approx(numbers["total"] - numbers["total_before"])


def test_unknown_weekends_do_not_turn_a_rise_around() -> None:
    """Every day is 30 % higher and the period's weekends, the best days, are unknown: up, from like to like."""
    values = {day: value for day, value in days(1.3).items() if day < FIRST or day.weekday() < 5}
    rows = tuple(SplitRow(day, "reel", value) for day, value in days(1.3).items())
    found = change(Daily("views", "account", values), FIRST, LAST, [Split("views", "account", "format", rows)])

    assert isinstance(found, Finding)
    numbers = dict(found.evidence.numbers)
    assert (found.direction, found.sample) == ("up", 20)
    assert numbers["per_day"] / numbers["per_day_before"] == pytest.approx(1.3, rel=0.02)
    assert found.size.value == pytest.approx(1.3, rel=0.02)
    (reel,) = found.evidence.drivers
    assert reel.contribution == pytest.approx(numbers["total"] - numbers["total_before"])


def test_drivers_are_of_as_many_days_before_as_after() -> None:
    """Only half of the days before are known: what each group did is a fall, as the whole is."""
    gaps = [FIRST - timedelta(days=back) for back in range(1, 15)]
    values = {day: value for day, value in days(0.55).items() if day not in gaps}
    rows = tuple(SplitRow(day, "reel", value) for day, value in values.items())
    found = change(Daily("views", "account", values), FIRST, LAST, [Split("views", "account", "format", rows)])

    assert isinstance(found, Finding)
    assert (found.direction, found.sample) == ("down", 14)
    assert [each.contribution < 0 for each in found.evidence.drivers] == [True]


def test_a_split_of_fewer_days_than_the_whole_drives_nothing() -> None:
    """Where a day's groups were not read their part would be taken for a fall."""
    rows = tuple(SplitRow(day, "reel", value) for day, value in days(0.6).items() if day != LAST)
    found = change(Daily("views", "account", days(0.6)), FIRST, LAST, [Split("views", "account", "format", rows)])

    assert isinstance(found, Finding)
    assert found.evidence.drivers == ()


@pytest.mark.parametrize("now", [1.0, 1.08, 0.93])
def test_changes_of_less_than_a_tenth_are_not_told(now: float) -> None:
    """However alike the days are, a small change stays unsaid."""
    found = change(Daily("views", "account", days(now)), FIRST, LAST)

    assert isinstance(found, Finding)
    assert found.chance > 0.2


def test_only_whole_weeks_are_compared() -> None:
    """Of a month of 30 days the last four weeks are, so that both sides have as many weekends."""
    found = change(Daily("views", "account", days(0.5, 70)), LAST - timedelta(days=29), LAST)

    assert isinstance(found, Finding)
    assert (found.first, found.sample) == (FIRST, 28)
    assert found.size.value == pytest.approx(0.5, rel=0.02)


def test_what_stopped_altogether_is_told() -> None:
    """Four weeks of nothing after four of something: a ratio of zero, and no doubt."""
    found = change(Daily("views", "account", days(0.0)), FIRST, LAST)

    assert isinstance(found, Finding)
    assert (found.direction, found.size.value) == ("down", 0.0)
    assert found.chance < 1e-6


def test_too_few_days_are_said() -> None:
    """A period without days before it has nothing to be compared with."""
    found = change(Daily("views", "account", days(count=30)), FIRST, LAST, kind="follower_growth")

    assert isinstance(found, TooLittle)
    assert (found.kind, found.needed, found.found) == ("follower_growth", 14, 2)


def test_many_groups_are_few_and_the_rest() -> None:
    """Of twenty posts the five that did most are named, and the others together make up the rest."""
    before, after = FIRST - timedelta(days=1), FIRST
    rows = [
        SplitRow(day, f"post {number}", 10.0 + (day == after) * number)
        for number in range(20)
        for day in (before, after)
    ]
    found = drivers([Split("views", "account", "post", tuple(rows))], (before, before), (after, after))

    assert {each.group for each in found} == {*(f"post {number}" for number in range(15, 20)), OTHERS}
    assert len(found) == MOST_NAMED + 1
    assert sum(each.contribution for each in found) == sum(range(20))
    assert next(each for each in found if each.group == OTHERS).before == 150.0


def test_a_dearer_result_names_the_campaign_that_made_it_so() -> None:
    """Of two campaigns one costs twice as much per result as before: its rates, and nearly all of the change."""
    rows, costs = [], []
    for back in range(120):
        day = LAST - timedelta(days=back)
        dear = 2.0 if day >= FIRST else 1.0
        rows += [SplitRow(day, "one", 10_000 * dear, 20.0), SplitRow(day, "two", 10_000.0, 20.0 + back % 2)]
        costs.append(CostDay(day, round(10_000 * dear) + 10_000, 40 + back % 2))
    found = cost_per_result("act", costs, FIRST, LAST, [Split("cost_per_result", "act", "campaign", tuple(rows))])

    assert isinstance(found, Finding)
    one, two = found.evidence.drivers
    assert (one.group, one.before, one.after) == ("one", 500.0, 1000.0)
    numbers = dict(found.evidence.numbers)
    moved = numbers["spend"] / numbers["results"] - numbers["spend_before"] / numbers["results_before"]
    assert one.contribution + two.contribution == pytest.approx(moved)


@pytest.mark.parametrize(("since", "named"), [(28, True), (80, False)])
def test_who_is_known_of_lately_drives_nothing_that_happened_before(since: int, named: bool) -> None:
    """Of a campaign that became dear before the days whose groups are known these say nothing, and nobody is named."""
    rows, costs = [], []
    for back in range(400):
        day, dear = LAST - timedelta(days=back), 2.0 if back < since else 1.0
        rows += [SplitRow(day, "one", 10_000 * dear, 20.0), SplitRow(day, "two", 10_000.0, 20.0 + back % 2)]
        costs.append(CostDay(day, round(10_000 * dear) + 10_000, 40 + back % 2))
    lately = tuple(row for row in rows if row.day > LAST - timedelta(days=56))
    found = cost_per_result("act", costs, FIRST, LAST, [Split("cost_per_result", "act", "campaign", lately)])

    assert isinstance(found, Finding)
    assert (found.direction, found.size.value > 1.3) == ("up", True)
    assert [each.group for each in found.evidence.drivers[:1]] == (["one"] if named else [])


def windows(last: float) -> list[ReachWindow]:
    """Forty weeks and as many rolling weeks between them; the last week reaches `last` times as many people."""
    found = []
    for back in range(0, 40 * 7, 3 if last == 1.0 else 7):
        people = 5000 * (1 + (back // 7) % 5 / 50) * (last if back == 0 else 1.0)
        end = LAST - timedelta(days=back)
        found.append(ReachWindow("account", end - timedelta(days=6), end, people))
    return found


def test_reach_is_compared_by_windows_that_share_no_day() -> None:
    """Rolling windows count once in their length, and a week of half the people is told with both numbers."""
    (rolling,), (fell,) = (reach_changes(windows(each), FIRST, LAST) for each in (1.0, 0.5))

    assert isinstance(rolling, Finding)
    assert isinstance(fell, Finding)
    assert rolling.sample <= 40
    assert rolling.chance > 0.05
    assert (fell.direction, fell.first, fell.last) == ("down", LAST - timedelta(days=6), LAST)
    assert dict(fell.evidence.numbers)["reach"] == 2500.0
    assert fell.size.low < 0.5 < fell.size.high
    assert fell.chance < 1e-4


def test_a_few_windows_are_too_few() -> None:
    """One week says nothing yet; of windows of a month there will never be enough, and they are not asked about."""
    month, week = (ReachWindow("account", LAST - timedelta(days=days), LAST, 10.0) for days in (27, 6))
    (found,) = reach_changes([month, week], FIRST, LAST)

    assert isinstance(found, TooLittle)
    assert (found.found, found.of) == (1, "windows of 7 days")


def test_a_window_before_the_period_is_no_news() -> None:
    """A week of half the people that ended before the first day is not told as what happened since."""
    (found,) = reach_changes(windows(0.5), LAST + timedelta(days=1), LAST + timedelta(days=28))

    assert found == TooLittle("reach", "account", 1, 0, "windows of 7 days in the period")


def sequences(stays: float, back: int) -> list[StoryResult]:
    """Two weeks of sequences of two to five stories, of which `stays` see the next one, that end `back` days ago."""
    found = []
    for place in range(14):
        begin = LAST - timedelta(days=back + place)
        for number in range(2 + place % 4):
            at = datetime(begin.year, begin.month, begin.day, 9 + number, tzinfo=UTC)
            found.append(StoryResult(f"{begin}-{number}", at, 1000 * (stays + place / 1000) ** number))
    return found


def test_fewer_people_stay() -> None:
    """Seven of ten instead of nine see the next story, whatever the length of the sequences."""
    found = retention_change("account", [*sequences(0.7, 0), *sequences(0.9, 40)], FIRST, LAST)

    assert isinstance(found, Finding)
    assert (found.kind, found.direction, found.sample) == ("story_retention", "down", 14)
    assert dict(found.evidence.numbers)["stays"] == pytest.approx(0.7, abs=0.02)
    assert found.size.value == pytest.approx(0.7 / 0.9, rel=0.02)
    assert found.chance < 0.001


def test_stories_of_one_period_alone_are_too_few() -> None:
    """Nothing before, nothing to say."""
    assert isinstance(retention_change("account", sequences(0.7, 0), FIRST, LAST), TooLittle)


def test_rivals_ads_are_facts_with_their_evidence() -> None:
    """What began in the period and what has run for long, by advertiser, with counts, ids and the oldest one's days."""
    ads = [
        RivalAd("old", "Rival", LAST - timedelta(days=90)),
        RivalAd("new", "Rival", LAST - timedelta(days=3)),
        RivalAd("newer", "Other", LAST - timedelta(days=1)),
    ]
    found = [each for each in rival_facts(ads, FIRST, LAST) if isinstance(each, Fact)]

    assert [(each.kind, each.subject, each.sample) for each in found] == [
        ("rival_new_ads", "Other", 1),
        ("rival_new_ads", "Rival", 1),
        ("rival_long_running_ads", "Rival", 1),
    ]
    assert ("ad", "old") in found[2].evidence.query.filters
    assert dict(found[2].evidence.numbers) == {"ads": 1.0, "longest_days": 90.0}


@pytest.mark.parametrize(("amount", "direction"), [(10_000, "up"), (200_000, "down"), (56_000, None)])
def test_a_budget_is_told_where_it_will_be_missed(amount: int, direction: str | None) -> None:
    """A thousand a day for eight weeks: over a small budget, under a large one, and nothing where it fits."""
    budget = Budget("campaign", amount, "EUR", FIRST, FIRST + timedelta(days=55))
    found = budget_facts(budget, {FIRST + timedelta(days=each): 1000 for each in range(28)}, LAST + timedelta(days=1))

    assert [each.direction for each in found if isinstance(each, Fact)] == ([direction] if direction else [])
    assert all(isinstance(each, Fact) and dict(each.evidence.numbers)["expected"] == 56_000 for each in found)
