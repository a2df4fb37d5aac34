"""Whole worlds of a client's accounts, in which nothing happens that has a reason, or one thing that does.

In each of them some days were never collected, one account has not been read for two weeks, and an ad account has
campaigns of two objectives, from one of which money moves to the other in the period.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random

from freehold.node.advice.ad_rows import cost_days, splits
from freehold.node.advice.periods import Periods
from freehold.node.advice.queries import AdSums
from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import (
    AccountRows,
    AdAccountRows,
    AdDay,
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
PERIODS = Periods(datetime(2027, 1, 10, tzinfo=UTC), PERIOD, LAST)
TAGS = ("#slow", "#home", "#made", "#light", "#green")
NOT_READ = 16
"""So many days, the last ones, of the account that could not be read."""
PRICES = {"leads": 500, "sales": 2500}
"""What a result of each campaign costs, in minor units."""
SPEND = {"leads": 30_000, "sales": 20_000}
POSITIONS = {"reels": 0.6, "feed": 0.4}
"""Which part of a campaign's money each position takes."""
MOVED = {"leads": 0.5, "sales": 1.6}
"""How many times its money each campaign has in the period. Leads and sales added up would cost half as much again."""

SPIKE, SILENCE, TREND, STEP, CHANGE = 18.0, 0.05, 2.5, 0.5, 0.55
"""A day of 18 times the usual; a week of 5 %; growth to 2.5 times in 16 weeks; half since seven weeks ago; 55 %
in the last four weeks, all of it missing from reels, and there from one post."""
FORMAT, SLOT, CAPTION, HASHTAG = 1.8, 2.2, 1.6, 1.8
"""How many times the reach of other posts those get that are reels, of Tuesdays, questions, or have one hashtag."""
FOLLOWERS, STORIES, REACH = 2.2, 0.88, 0.4
"""New followers; the share that stays from story to story, beside the usual one; people reached in the last week."""
WEAR, WINNER, DEARER = 0.45, 1.4, 1.5
"""A rate that falls to 45 %; an ad of 1.4 times; results that cost 1.5 times as much since the period began."""
PLACE_DEARER = 2.7
"""So many times as much those results cost that one campaign has at one position; those of both campaigns together cost
`DEARER` times as much then."""


@dataclass
class World:
    """What one look is taken at: accounts with daily series, posts and stories; an ad set of three ads; campaigns.

    `growth` is what views grow by in a year by themselves, as a logarithm. `sums` are by campaign and position. What
    was never collected is in a world, too: `inputs` leaves it out.
    """

    views: Daily
    interactions: Daily
    posts: list[Result]
    stories: list[StoryResult]
    followers: dict[date, float]
    reach: list[ReachWindow]
    ads: dict[str, list[AdDay]]
    sums: dict[tuple[str, str], list[AdSums]]
    objectives: dict[str, str]
    gaps: frozenset[date]
    growth: float
    splits: tuple[Split, ...] = ()

    def inputs(self) -> Inputs:
        """All that was collected."""
        account = AccountRows(
            "account",
            series=(known(self.views, self.gaps),),
            new_followers={day: value for day, value in self.followers.items() if day not in self.gaps},
            posts=tuple(self.posts),
            stories=tuple(self.stories),
            reach=tuple(each for each in self.reach if each.last not in self.gaps),
            splits=tuple(
                replace(split, rows=tuple(row for row in split.rows if row.day not in self.gaps))
                for split in self.splits
            ),
        )
        not_read = {LAST - timedelta(days=back) for back in range(NOT_READ)}
        silent = AccountRows("unread", series=(known(self.interactions, self.gaps | not_read),))
        return Inputs(PERIOD, LAST, PERIODS.now, (account, silent), (self.paid(),))

    def paid(self) -> AdAccountRows:
        """The ad account, from its rows as they are stored."""
        campaigns, positions = (together(self.sums, level, self.gaps) for level in (0, 1))
        ads = {name: tuple(each for each in days if each.day not in self.gaps) for name, days in self.ads.items()}
        return AdAccountRows(
            "act",
            "EUR",
            costs=cost_days("act", campaigns, PERIODS, self.objectives),
            ad_sets={"ad-set": ads},
            splits=(
                *splits("act", "campaign", campaigns, PERIODS),
                *splits("act", "position", positions, PERIODS),
            ),
        )

    def look(self) -> Look:
        """Every question of every kind, judged at once."""
        return look(self.inputs())


def known(series: Daily, gaps: Collection[date]) -> Daily:
    """A series as far as it was collected."""
    return replace(series, values={day: value for day, value in series.values.items() if day not in gaps})


def together(sums: dict[tuple[str, str], list[AdSums]], level: int, gaps: Collection[date]) -> list[AdSums]:
    """The days of each campaign (level 0) or position (1) that were collected."""
    found: dict[tuple[str, date], AdSums] = {}
    for names, rows in sums.items():
        for row in rows:
            if row.day not in gaps:
                had = found.get((names[level], row.day), AdSums(names[level], row.day, 0, 0, 0, 0, 0, 0))
                spend, results = had.spend + row.spend, (had.results or 0) + (row.results or 0)
                found[names[level], row.day] = had._replace(spend=spend, resulting_spend=spend, results=results)
    return [*found.values()]


def wander(random: Random, days: int, step: float, memory: float) -> list[float]:
    """Numbers around zero that resemble their neighbours."""
    found = [random.gauss(0, step)]
    for _ in range(days - 1):
        found.append(memory * found[-1] + random.gauss(0, step))
    return found


def series(random: Random, name: str, account: str) -> tuple[Daily, float]:
    """A year with a trend, a week, weather that lasts, and one day in thirty that goes around; and the trend."""
    growth, season = random.uniform(-0.5, 0.8), [random.gauss(0, 0.25) for _ in range(7)]
    drift = wander(random, DAYS, 0.08, 0.6)
    values = {}
    for place in range(DAYS):
        viral = random.expovariate(4) if random.random() < 1 / 30 else 0.0
        above = growth * place / DAYS + season[place % 7] + drift[place] + random.gauss(0, 0.15) + viral
        values[FIRST + timedelta(days=place)] = float(round(2000 * math.exp(above)))
    return Daily(name, account, values), growth


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


def sums(
    random: Random,
    moved: dict[str, float] | None = None,
    dearer: Callable[[str, str], float] = lambda _campaign, _position: 1.0,
) -> dict[tuple[str, str], list[AdSums]]:
    """Half a year of two campaigns, of about 60 and 8 results a day, at two positions.

    In the period each has `moved` times its money, and its results cost `dearer` times as much.
    """
    found: dict[tuple[str, str], list[AdSums]] = {}
    for campaign, price in PRICES.items():
        weather = wander(random, 182, 0.08, 0.6)
        for position, part in POSITIONS.items():
            rows = found[campaign, position] = []
            for place, drift in enumerate(weather):
                day = LAST - timedelta(days=181 - place)
                more, cost = ((moved or MOVED)[campaign], dearer(campaign, position)) if day >= PERIOD else (1.0, 1.0)
                spend = round(SPEND[campaign] * part * more * math.exp(random.gauss(0, 0.1)))
                wanted = spend / price / math.exp(drift) / cost
                results = max(0, round(random.gauss(wanted, math.sqrt(wanted))))
                rows.append(AdSums(campaign, day, spend, spend, results, 0, 0, 0))
    return found


def gaps(random: Random) -> frozenset[date]:
    """Days that were never collected: about one in thirty, and four in a row; never that of an event or the last."""
    single = {FIRST + timedelta(days=place) for place in range(DAYS) if random.random() < 1 / 30}
    first = FIRST + timedelta(days=random.randrange(DAYS - 4))
    return frozenset(single | {first + timedelta(days=each) for each in range(4)}) - {EVENT, LAST}


@lru_cache(maxsize=256)
def _empty(seed: int) -> World:
    random = Random(seed)  # noqa: S311
    shared = wander(random, 60, 0.05, 0.6)
    ads = {name: ad(random, shared) for name in ("one", "two", "three")}
    (views, growth), (interactions, _) = series(random, "views", "account"), series(random, "interactions", "unread")
    return World(
        views=views,
        growth=growth,
        interactions=interactions,
        posts=posts(random),
        stories=stories(random),
        followers=followers(random),
        reach=reach(random),
        ads=ads,
        sums=sums(random),
        objectives={"leads": "OUTCOME_LEADS", "sales": "OUTCOME_SALES"},
        gaps=gaps(random),
    )


def empty(seed: int) -> World:
    """A world in which nothing happens that has a reason."""
    return replace(_empty(seed))


def planted(kind: str, seed: int) -> World:
    """The same with one thing that did happen."""
    world, random = empty(seed), Random(seed + 500_000)  # noqa: S311
    PLANTS[kind](world, random)
    return world


def multiply(world: World, factor_of: Callable[[date], float]) -> None:
    """Have some days of views be more or fewer."""
    values = {day: value * factor_of(day) for day, value in world.views.values.items()}
    world.views = replace(world.views, values=values)


def plant_change(world: World, random: Random) -> None:
    """Four weeks of fewer views, all of them missing from reels, and there from one post that was seen for long."""
    was = world.views.values
    multiply(world, lambda day: CHANGE if day >= PERIOD else 1.0)
    formats, by_post = [], []
    for place, back in enumerate(reversed(range(56))):
        day = LAST - timedelta(days=back)
        lost = was[day] - world.views.values[day]
        shares = parts(random, {"reel": 0.65, "image": 0.2, "story": 0.15})
        formats += [SplitRow(day, name, was[day] * share - lost * (name == "reel")) for name, share in shares.items()]
        lately = {f"post {place // 2 + each}": 0.5 / (1 + each) for each in range(6)}
        by_post += [
            SplitRow(day, name, was[day] * share - lost * (name == "evergreen"))
            for name, share in parts(random, {"evergreen": 2.0, **lately}).items()
        ]
    world.splits = tuple(
        Split("views", "account", dimension, tuple(rows))
        for dimension, rows in (("format", formats), ("post", by_post))
    )


def parts(random: Random, usual: dict[str, float]) -> dict[str, float]:
    """Shares of a day that are about the usual ones."""
    drawn = {name: share * math.exp(random.gauss(0, 0.1)) for name, share in usual.items()}
    return {name: share / sum(drawn.values()) for name, share in drawn.items()}


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
    world.ads = {**world.ads, "one": ad(random, wander(random, 60, 0.05, 0.6), wear=WEAR)}


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
    """Leads cost more in the period, in which money moves to the sales beside them."""
    world.sums = sums(random, dearer=lambda campaign, _: DEARER if campaign == "leads" else 1.0)


def plant_dear_place(world: World, random: Random) -> None:
    """Both campaigns are after the same, at the same price; of the first one the results of one position are dearer."""
    world.objectives = dict.fromkeys(world.objectives, "OUTCOME_LEADS")
    dear = ("leads", "reels")
    world.sums = sums(random, dict.fromkeys(MOVED, 1.0), lambda *place: PLACE_DEARER if place == dear else 1.0)


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
    "dear_place": plant_dear_place,
}
