"""Whole worlds of an account: what was planted in one is found, and in those without anything next to nothing is."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import (
    AccountRows,
    AdAccountRows,
    AdDay,
    CostDay,
    Daily,
    Inputs,
    ReachWindow,
    Split,
    SplitRow,
)
from freehold.node.analysis.look import look
from freehold.node.analysis.results import Result
from freehold.node.analysis.stories import StoryResult

FIRST = date(2026, 1, 1)
DAYS = 365
LAST = FIRST + timedelta(days=DAYS - 1)
PERIOD = LAST - timedelta(days=27)
EVENT = PERIOD + timedelta(days=7)
TAGS = ("#slow", "#home", "#made", "#light", "#green")
SEED = 9_000_000
"""Far from the seeds by which thresholds were chosen."""
SPIKE, SILENCE, TREND, STEP, CHANGE = 18.0, 0.05, 2.5, 0.5, 0.6
"""A day of 18 times the usual; a week of 5 %; growth to 2.5 times in 16 weeks; half since seven weeks ago; 60 %
in the last four weeks, in which reels have become half."""
FORMAT, SLOT, CAPTION, HASHTAG = 1.8, 2.2, 1.6, 1.8
"""How many times the reach of other posts those get that are reels, of Tuesdays, questions, or have one hashtag."""
FOLLOWERS, STORIES, REACH = 2.2, 0.88, 0.4
"""New followers; the share that stays from story to story, beside the usual one; people reached in the last week."""
WEAR, WINNER, DEARER = 0.45, 1.4, 1.5
"""A rate that falls to 45 %; an ad of 1.4 times; results that cost 1.5 times as much for four weeks."""


@dataclass
class World:
    """What one look is taken at: an account with two daily series, posts and stories; an ad set of three ads."""

    series: list[Daily]
    posts: list[Result]
    stories: list[StoryResult]
    followers: dict[date, float]
    reach: list[ReachWindow]
    ads: dict[str, list[AdDay]]
    costs: list[CostDay]
    splits: list[Split] = field(default_factory=list)

    def look(self) -> Look:
        """Every question of every kind, judged at once."""
        account = AccountRows(
            "account",
            series=tuple(self.series),
            new_followers=self.followers,
            posts=tuple(self.posts),
            stories=tuple(self.stories),
            reach=tuple(self.reach),
            splits=tuple(self.splits),
        )
        ads = {ad_id: tuple(days) for ad_id, days in self.ads.items()}
        paid = AdAccountRows("act", "EUR", costs={"campaign": tuple(self.costs)}, ad_sets={"ad-set": ads})
        return look(Inputs(PERIOD, LAST, datetime(2027, 1, 10, tzinfo=UTC), (account,), (paid,)))


def wander(random: Random, days: int, step: float, memory: float) -> list[float]:
    """Numbers around zero that resemble their neighbours."""
    found = [random.gauss(0, step)]
    for _ in range(days - 1):
        found.append(memory * found[-1] + random.gauss(0, step))
    return found


def series(random: Random, name: str) -> Daily:
    """A year with a trend, a week, weather that lasts, and one day in thirty that goes around."""
    trend, season = random.uniform(-0.5, 0.8), [random.gauss(0, 0.25) for _ in range(7)]
    drift = wander(random, DAYS, 0.08, 0.6)
    values = {}
    for place in range(DAYS):
        viral = random.expovariate(4) if random.random() < 1 / 30 else 0.0
        above = trend * place / DAYS + season[place % 7] + drift[place] + random.gauss(0, 0.15) + viral
        values[FIRST + timedelta(days=place)] = float(round(2000 * math.exp(above)))
    return Daily(name, "account", values)


def posts(random: Random) -> list[Result]:
    """Three posts a week for a year whose reach grows, with a heavy tail, on any day and with captions of any kind."""
    found = []
    for number in range(156):
        at = datetime(2026, 1, 1, random.randrange(9, 21), tzinfo=UTC) + timedelta(
            days=number // 3 * 7 + random.randrange(7)
        )
        reach = 1500 * math.exp(0.5 * number / 156 + random.gauss(0, 0.4)) * random.paretovariate(3)
        tags = " ".join(tag for tag in TAGS if random.random() < 0.25)
        caption = random.choice(["New", "New?"]) + " " * random.choice([1, 150]) + tags
        found.append(Result(str(number), at, random.choice(["image", "carousel", "reel"]), reach, caption))
    return found


def stories(random: Random) -> list[StoryResult]:
    """Sequences of two to six stories on four days in five for half a year; of ten people about nine stay at each."""
    found = []
    for place in range(182):
        if random.random() < 0.2:
            continue
        reach, begin = 800 * math.exp(random.gauss(0, 0.3)), LAST - timedelta(days=181 - place)
        for number in range(random.randrange(2, 7)):
            at = datetime(begin.year, begin.month, begin.day, 9 + number, tzinfo=UTC)
            found.append(StoryResult(f"{place}-{number}", at, float(round(reach))))
            reach *= random.uniform(0.83, 0.97)
    return found


def followers(random: Random) -> dict[date, float]:
    """New followers of four months, between 0 and about 60 a day, more of them at weekends."""
    drift, found = wander(random, 120, 0.1, 0.6), {}
    for place, above in enumerate(drift):
        day = LAST - timedelta(days=119 - place)
        found[day] = float(round(20 * math.exp(above + 0.3 * (day.weekday() > 4) + random.gauss(0, 0.35))))
    return found


def reach(random: Random) -> list[ReachWindow]:
    """People reached in each week of a year, and in every four of them."""
    drift, found = wander(random, 52, 0.07, 0.5), []
    for place, above in enumerate(drift):
        last = LAST - timedelta(days=7 * (51 - place))
        viral = random.expovariate(5) if random.random() < 1 / 15 else 0.0
        people = 9000 * math.exp(above + 0.3 * place / 52 + random.gauss(0, 0.08) + viral)
        found.append(ReachWindow("account", last - timedelta(days=6), last, people))
        found.append(ReachWindow("account", last - timedelta(days=27), last, 2.5 * people))
    return found


def ad(random: Random, shared: list[float], wear: float = 1.0, lift: float = 1.0) -> list[AdDay]:
    """Sixty days of an ad whose frequency rises from 1 to about 5; the rate follows it only where `wear` is not 1."""
    own, found = wander(random, len(shared), 0.06, 0.5), []
    steepness = math.log(wear) / math.log(5)
    for place, common in enumerate(shared):
        frequency = 1 + 4 * place / (len(shared) - 1)
        impressions = round(5000 * math.exp(random.gauss(0, 0.2)))
        rate = 0.015 * lift * frequency**steepness * math.exp(common + own[place])
        clicks = max(0, round(random.gauss(impressions * rate, math.sqrt(impressions * rate))))
        found.append(AdDay(LAST - timedelta(days=len(shared) - 1 - place), impressions, clicks, frequency))
    return found


def costs(random: Random, dearer: float = 1.0) -> list[CostDay]:
    """Half a year of a campaign of about 30 results a day; `dearer` is what they cost in the period, 1.0 as before."""
    weather, found = wander(random, 182, 0.08, 0.6), []
    for place, drift in enumerate(weather):
        day = LAST - timedelta(days=181 - place)
        spend = round(15_000 * math.exp(random.gauss(0, 0.1)))
        wanted = spend / 500 / math.exp(drift) / (dearer if day >= PERIOD else 1.0)
        found.append(CostDay(day, spend, max(0, round(random.gauss(wanted, math.sqrt(wanted))))))
    return found


def empty(seed: int) -> World:
    """A world in which nothing happens that has a reason."""
    random = Random(seed)  # noqa: S311
    shared = wander(random, 60, 0.05, 0.6)
    ads = {name: ad(random, shared) for name in ("one", "two", "three")}
    series_of = [series(random, "views"), series(random, "interactions")]
    return World(series_of, posts(random), stories(random), followers(random), reach(random), ads, costs(random))


def planted(kind: str, seed: int) -> World:
    """The same with one thing that did happen."""
    world, random = empty(seed), Random(seed + 500_000)  # noqa: S311
    PLANTS[kind](world, random)
    return world


def multiply(world: World, factor_of: Callable[[date], float]) -> None:
    """Have some days of views be more or fewer."""
    values = {day: value * factor_of(day) for day, value in world.series[0].values.items()}
    world.series[0] = Daily("views", "account", values)


def plant_change(world: World, _random: Random) -> None:
    """Four weeks of fewer views, all of them missing from reels, which were half of the views."""
    was = world.series[0].values
    multiply(world, lambda day: CHANGE if day >= PERIOD else 1.0)
    now = world.series[0].values
    rows = []
    for day, value in was.items():
        rows += [SplitRow(day, "reel", now[day] - value / 2), SplitRow(day, "image", value / 2)]
    world.splits = [Split("views", "account", "format", tuple(rows))]


def plant_posts(having: Callable[[Result], bool], lift: float) -> Callable[[World, Random], None]:
    """Posts of some kind get `lift` times the reach."""

    def plant(world: World, _random: Random) -> None:
        world.posts = [replace(each, value=each.value * (lift if having(each) else 1)) for each in world.posts]

    return plant


def plant_stories(world: World, _random: Random) -> None:
    """In the period fewer people stay at each step."""
    world.stories = [
        replace(each, reach=each.reach * math.pow(STORIES, int(each.story_id.partition("-")[2])))
        if each.published_at.date() >= PERIOD
        else each
        for each in world.stories
    ]


def plant_reach(world: World, _random: Random) -> None:
    """The last week reaches fewer people."""
    world.reach = [
        replace(each, reach=each.reach * REACH) if (each.last, (each.last - each.first).days) == (LAST, 6) else each
        for each in world.reach
    ]


def plant_wear(world: World, random: Random) -> None:
    """One ad wears out."""
    world.ads["one"] = ad(random, wander(random, 60, 0.05, 0.6), wear=WEAR)


def plant_winner(world: World, random: Random) -> None:
    """One ad is clicked more often than those beside it."""
    shared = wander(random, 60, 0.05, 0.6)
    world.ads = {name: ad(random, shared, lift=WINNER if name == "one" else 1.0) for name in world.ads}


def plant_followers(world: World, _random: Random) -> None:
    """More new followers in the period."""
    world.followers = {
        day: float(round(value * (FOLLOWERS if day >= PERIOD else 1))) for day, value in world.followers.items()
    }


def plant_dearer(world: World, random: Random) -> None:
    """Results cost more in the period."""
    world.costs = costs(random, DEARER)


def growing(day: date) -> float:
    """Up to `TREND` times in the last 16 weeks."""
    return math.pow(TREND, max(0.0, 1 - (LAST - day).days / 111))


PLANTS: dict[str, Callable[[World, Random], None]] = {
    "spike": lambda world, _: multiply(world, lambda day: SPIKE if day == EVENT else 1.0),
    "silent_week": lambda world, _: multiply(
        world, lambda day: SILENCE if EVENT <= day < EVENT + timedelta(days=7) else 1.0
    ),
    "trend": lambda world, _: multiply(world, growing),
    "change_point": lambda world, _: multiply(world, lambda day: STEP if day > LAST - timedelta(days=49) else 1.0),
    "change": plant_change,
    "format": plant_posts(lambda each: each.format == "reel", FORMAT),
    "posting_time": plant_posts(lambda each: each.published_at.weekday() == 1, SLOT),
    "caption": plant_posts(lambda each: "?" in each.caption, CAPTION),
    "hashtag": plant_posts(lambda each: "#slow" in each.caption, HASHTAG),
    "follower_growth": plant_followers,
    "story_retention": plant_stories,
    "reach": plant_reach,
    "ad_fatigue": plant_wear,
    "creative": plant_winner,
    "cost_per_result": plant_dearer,
}


@pytest.mark.parametrize(
    ("kind", "subject", "direction"),
    [
        ("spike", "account", "up"),
        ("silent_week", "account", "down"),
        ("trend", "account", "up"),
        ("change_point", "account", "down"),
        ("change", "account", "down"),
        ("format", "reel", "up"),
        ("posting_time", "Tuesday", "up"),
        ("caption", "asks a question", "up"),
        ("hashtag", "#slow", "up"),
        ("follower_growth", "account", "up"),
        ("story_retention", "account", "down"),
        ("reach", "account", "down"),
        ("ad_fatigue", "one", "down"),
        ("creative", "one", "up"),
        ("cost_per_result", "campaign", "up"),
    ],
)
def test_what_was_planted_is_found(kind: str, subject: str, direction: str) -> None:
    """In at least 90 of 100 worlds a look names what was planted: its kind, its subject and its direction."""
    looks = [planted(kind, SEED + number).look() for number in range(100)]
    found = sum(
        any((each.kind, each.subject, each.direction) == (kind, subject, direction) for each in look.findings)
        for look in looks
    )

    assert found >= 90


def test_worlds_without_anything_show_next_to_nothing() -> None:
    """Of 200 worlds with a week, a trend, lasting weather and viral days at most 10 show any finding."""
    looks = [empty(SEED + 1000 + number).look() for number in range(200)]

    assert all(look.tested > 40 for look in looks)
    assert sum(bool(look.findings) for look in looks) <= 10
