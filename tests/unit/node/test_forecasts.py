"""Forecasts of posts: as often right as their range says, where what was found goes on."""

from datetime import UTC, datetime, timedelta
from random import Random

from freehold.node.advice.forecasts import FOLLOWED_DAYS, Forecast, of_posts
from freehold.node.advice.outcomes import came_of, verdict_of
from freehold.node.analysis.findings import Finding
from freehold.node.analysis.inputs import AccountRows
from freehold.node.analysis.lifts import lifts
from freehold.node.analysis.results import RIPE_AFTER, Result
from freehold.node.measures.question import Span

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
SEEN = 180
LIFT = 1.8
"""How many times the reach of others reels get, before and after."""


def posts(random: Random) -> list[Result]:
    """Four posts in five days, a third of them reels, for as long as is looked at and then followed."""
    found = []
    for number in range((SEEN + FOLLOWED_DAYS) * 4 // 5):
        at = BEGIN + timedelta(days=number * 5 / 4)
        kind = random.choice(["image", "carousel", "reel"])
        reach = 1000 * random.lognormvariate(0, 0.5) * (LIFT if kind == "reel" else 1.0)
        found.append(Result(str(number), at, kind, reach, random.choice(["New?", "New"])))
    return found


def verdict(seed: int) -> str:
    """What comes of the forecast for reels."""
    every = posts(Random(seed))  # noqa: S311 - the same posts each time
    seen = BEGIN + timedelta(days=SEEN)
    known = tuple(each for each in every if each.published_at < seen)
    (found,) = [
        each
        for each in lifts(AccountRows("account", posts=known), seen + RIPE_AFTER, 3)
        if isinstance(each, Finding) and (each.kind, each.subject) == ("format", "reel")
    ]
    forecast = of_posts(found)
    assert forecast is not None
    span = Span(seen.date(), seen.date() + timedelta(days=FOLLOWED_DAYS - 1))
    return verdict_of(came_of(forecast, every, span)[0], forecast)


def test_what_goes_on_lies_in_the_range() -> None:
    """Of 100 worlds in which reels go on doing so much better at most ten are misses, and most can be measured."""
    verdicts = [verdict(seed) for seed in range(100)]

    assert sum(each in {"above", "below"} for each in verdicts) <= 10
    assert verdicts.count("within") >= 80


def test_other_groups_are_measured_within_their_formats() -> None:
    """Questions do no better; that more or fewer of them are reels lately does not make it look so."""
    span = Span(BEGIN.date() + timedelta(days=SEEN), BEGIN.date() + timedelta(days=SEEN + FOLLOWED_DAYS - 1))
    at, lately = BEGIN + timedelta(days=SEEN), []
    for number in range(24):
        kind = "reel" if number % 4 == 0 else "image"
        asks = (number % 4 == 0) is (number % 5 != 0)
        lately.append(
            Result(f"later {number}", at + timedelta(days=number), kind, 3000.0 if kind == "reel" else 1000.0,
                   "New?" if asks else "New")
        )  # fmt: skip
    earlier = [
        Result(str(number), BEGIN + timedelta(days=number), kind, 3000.0 if kind == "reel" else 1000.0, "New")
        for number, kind in enumerate(["reel", "image"] * 45)
    ]
    forecast = Forecast("posts", 1.5, 1.2, 1.9, feature="question", group="asks a question", metric="reach")

    assert came_of(forecast, [*earlier, *lately], span)[0] == 1.0
