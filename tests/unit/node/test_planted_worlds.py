"""Whole worlds of an account: what was planted in one is found, and in those without anything next to nothing is."""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import AccountRows, AdAccountRows, AdDay, CostDay, Daily, Inputs
from freehold.node.analysis.look import look
from freehold.node.analysis.results import Result

FIRST = date(2026, 1, 1)
DAYS = 365
LAST = FIRST + timedelta(days=DAYS - 1)
PERIOD = LAST - timedelta(days=27)
SEED = 8_000_000
"""Far from the seeds by which thresholds were chosen."""
SPIKE, SILENCE, LIFT, WEAR, WINNER, DEARER = 14.0, 0.05, 1.8, 0.45, 1.4, 1.5
"""A day of 14 times the usual; a week of 5 %; a format of 1.8 times; a rate that falls to 45 %; an ad of 1.4 times;
results that cost 1.5 times as much for four weeks."""


@dataclass
class World:
    """What one look is taken at: two daily series, posts, an ad set of three ads, and a campaign."""

    series: list[Daily]
    posts: list[Result] = field(default_factory=list)
    ads: dict[str, list[AdDay]] = field(default_factory=dict)
    costs: list[CostDay] = field(default_factory=list)

    def look(self) -> Look:
        """Every question of every kind, judged at once."""
        account = AccountRows("account", series=tuple(self.series), posts=tuple(self.posts))
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
    """Three posts a week for a year whose reach grows, with a heavy tail."""
    found = []
    for number in range(156):
        at = datetime(2026, 1, 1, random.randrange(8, 22), tzinfo=UTC) + timedelta(days=number * 7 / 3)
        reach = 1500 * math.exp(0.5 * number / 156 + random.gauss(0, 0.4)) * random.paretovariate(3)
        found.append(Result(str(number), at, random.choice(["image", "carousel", "reel"]), reach))
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
    return World([series(random, "views"), series(random, "interactions")], posts(random), ads, costs(random))


def planted(kind: str, seed: int) -> World:
    """The same with one thing that did happen."""
    world, random = empty(seed), Random(seed + 500_000)  # noqa: S311
    values = dict(world.series[0].values)
    start = PERIOD + timedelta(days=7)
    if kind == "spike":
        values[start] *= SPIKE
    if kind == "silent_week":
        values |= {day: values[day] * SILENCE for day in (start + timedelta(days=each) for each in range(7))}
    world.series[0] = Daily("views", "account", values)
    if kind == "format":
        lifted = [(each, LIFT if each.format == "reel" else 1.0) for each in world.posts]
        world.posts = [Result(each.post_id, each.published_at, each.format, each.value * lift) for each, lift in lifted]
    if kind == "ad_fatigue":
        world.ads["one"] = ad(random, wander(random, 60, 0.05, 0.6), wear=WEAR)
    if kind == "cost_per_result":
        world.costs = costs(random, DEARER)
    if kind == "creative":
        shared = wander(random, 60, 0.05, 0.6)
        world.ads = {name: ad(random, shared, lift=WINNER if name == "one" else 1.0) for name in world.ads}
    return world


@pytest.mark.parametrize(
    ("kind", "subject", "direction"),
    [
        ("spike", "account", "up"),
        ("silent_week", "account", "down"),
        ("format", "reel", "up"),
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

    assert all(look.tested > 14 for look in looks)
    assert sum(bool(look.findings) for look in looks) <= 10
