"""Advice finds what was planted, says nothing where there is nothing, and says how little it knows."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.analysis.comparisons import compare
from freehold.node.analysis.features import FORMAT, timing
from freehold.node.analysis.recommendations import recommend
from freehold.node.analysis.results import (
    AROUND,
    MINIMUM,
    RIPE_AFTER,
    Relative,
    Result,
    beside_all,
    beside_format,
    best,
    format_of,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PULL = {"reel": 2.0, "carousel": 1.2, "image": 1.0}
Plant = Callable[[Result], float]


def nothing(_result: Result) -> float:
    """No effect."""
    return 1.0


def posts(seed: int, count: int, plant: Plant = nothing, pull: dict[str, float] | None = None) -> list[Result]:
    """Posts over half a year with chance results, times what was planted."""
    chance, made = random.Random(seed), []  # noqa: S311 - the same posts every time
    for number in range(count):
        at = NOW - RIPE_AFTER - timedelta(days=180 * chance.random())
        kind = chance.choice(list(PULL))
        caption = "A look behind the counter. " + "#coffee " * chance.randint(0, 5) + chance.choice(["", "And you?"])
        value = 1000 * chance.lognormvariate(0, 0.5) * (pull or {}).get(kind, 1.0)
        post = Result(str(number), at, kind, value, caption)
        made.append(Result(str(number), at, kind, value * plant(post), caption))
    return made


@pytest.mark.parametrize(
    ("plant", "kind", "words"),
    [
        (lambda post: 2.0 if post.format == "reel" else 1.0, "format", "reel"),
        (lambda post: 2.0 if post.published_at.weekday() == 1 else 1.0, "posting_time", "Tuesday"),
        (lambda post: 2.0 if 18 <= post.published_at.hour < 21 else 1.0, "posting_time", "18:00-21:00"),
        (lambda post: 2.0 if "?" in post.caption else 1.0, "caption", "asks a question"),
    ],
)
def test_a_planted_effect_is_advised_with_its_numbers(plant: Plant, kind: str, words: str) -> None:
    """A group that does twice as well is the first advice, and the evidence is the sample's own arithmetic."""
    made = posts(3, 320, plant)

    first = recommend(made, "reach", NOW, 3).recommendations[0]
    shown = first.evidence.comparison

    assert (first.kind, shown.group) == (kind, words)
    assert words in first.advice
    assert first.effect == pytest.approx(2.0, rel=0.35)
    assert shown.posts + shown.others == 320
    assert shown.ratio is not None
    assert f"{shown.ratio.value:.2f}" in first.because
    assert f"{shown.posts} posts" in first.because


def test_a_format_that_does_worse_is_advised_against() -> None:
    """The advice goes both ways, what to do before what to leave."""
    found = recommend(posts(5, 300, lambda post: 0.4 if post.format == "image" else 1.0), "reach", NOW, 3)
    advice = [each.advice for each in found.recommendations]

    assert "Publish less of the format image." in advice
    verdicts = [each.evidence.comparison.verdict for each in found.recommendations]
    assert verdicts == sorted(verdicts)


def test_where_there_is_nothing_hardly_anything_is_found() -> None:
    """Of 200 accounts without any effect, each asked some thirty questions, at most 5 % get an advice."""
    false = sum(bool(recommend(posts(seed, 150), "reach", NOW, 3).recommendations) for seed in range(200))

    assert false <= 10


def changed(seed: int, count: int, growth: float) -> list[Result]:
    """Posts of an account that grows, and that some day began to publish reels, to ask and to leave hashtags away.

    Nothing of that has any effect: results rise with time alone.
    """
    chance, made = random.Random(seed), []  # noqa: S311 - the same posts every time
    day = chance.uniform(0.3, 0.7)
    for number in range(count):
        part = chance.random()
        late = part > day
        kind = chance.choices(list(PULL), [6, 2, 2] if late else [1, 3, 6])[0]
        caption = "#coffee " * (chance.randint(0, 1) if late else chance.randint(3, 6)) + ("And you?" if late else "")
        value = 1000 * growth**part * chance.lognormvariate(0, 0.5)
        made.append(Result(str(number), NOW - RIPE_AFTER - timedelta(days=180 * (1 - part)), kind, value, caption))
    return made


@pytest.mark.parametrize(("count", "growth"), [(60, 6.0), (150, 6.0), (150, 20.0)])
def test_an_account_that_grew_does_not_praise_what_it_began_meanwhile(count: int, growth: float) -> None:
    """Of 100 accounts whose results rose sixfold and more while their style changed, hardly any gets an advice.

    A rate of 5 % gives more than 10 of 100 in one of a hundred tries.
    """
    found = [recommend(changed(seed, count, growth), "reach", NOW, 3) for seed in range(100)]

    assert sum(bool(each.recommendations) for each in found) <= 10
    assert all(each.comparisons for each in found)


def test_the_verdict_is_that_of_the_test() -> None:
    """Where medians and ranks point to different sides it is the ranks that were tested, and they are told as well."""
    mine, others = [1.0] * 55 + [10.0] * 45, [1.01] * 51 + [0.1] * 49
    made = [
        Relative(Result(f"{kind} {number}", NOW, kind, value), 1.0, value)
        for kind, values in (("reel", mine), ("image", others))
        for number, value in enumerate(values)
    ]
    found = {each.group: each for each in compare([(FORMAT, made)])}

    reel, image = found["reel"], found["image"]
    assert reel.ratio is not None
    assert reel.others_ratio is not None
    assert reel.ratio.value < reel.others_ratio
    assert (reel.verdict, image.verdict) == ("better", "worse")
    assert reel.beats == pytest.approx(0.55 * 0.49 + 0.45)
    assert image.beats == pytest.approx(1 - 0.55 * 0.49 - 0.45)


def test_a_weekday_is_not_praised_for_its_format() -> None:
    """Reels that reach twice as many, all on Fridays, say that reels do better, and nothing about Fridays."""
    made = posts(9, 400, pull={"reel": 3.0})
    moved = [
        Result(post.post_id, post.published_at + timedelta(days=(4 - post.published_at.weekday()) % 7 - 7), *rest)
        if (rest := (post.format, post.value, post.caption))[0] == "reel"
        else post
        for post in made
    ]
    found = recommend(moved, "reach", NOW, 3).recommendations

    assert next(each.evidence.comparison.group for each in found if each.kind == "format") == "reel"
    assert not [each.advice for each in found if each.kind == "posting_time"]


@given(st.integers(0, MINIMUM - 1))
def test_too_few_posts_are_said_to_be_too_few(count: int) -> None:
    """Below the minimum there is no advice but a reason with the number."""
    found = recommend(posts(1, count), "reach", NOW, 3)

    assert not found.recommendations
    assert f"There are {count} posts" in found.why_none


def test_groups_below_the_minimum_are_named_and_not_judged() -> None:
    """Seven posts against many have no ratio, no chance and no verdict but that."""
    made = posts(2, 100)
    made = [post for post in made if post.format != "image"] + [post for post in made if post.format == "image"][:7]
    found = {each.group: each for each in compare([(FORMAT, beside_all(made, NOW).relative)])}

    assert found["image"].verdict == "too_few_posts"
    assert (found["image"].posts, found["image"].ratio, found["image"].corrected_chance) == (7, None, None)
    assert found["reel"].ratio is not None


def test_a_metric_that_is_usually_zero_says_so() -> None:
    """Where the usual result is zero nothing is a multiple of it."""
    made = [Result(post.post_id, post.published_at, post.format, 0.0, post.caption) for post in posts(4, 60)]

    assert "zero" in recommend(made, "saved", NOW, 3).why_none


def test_young_posts_are_left_out_and_counted() -> None:
    """A post of yesterday has not had its time."""
    young = [Result(f"young {number}", NOW - timedelta(days=1), "reel", 1.0) for number in range(5)]
    found = recommend([*posts(6, 40), *young], "reach", NOW, 3)

    assert (found.posts, found.unripe) == (40, 5)


def test_best_posts_are_those_far_above_their_own_format() -> None:
    """A picture three times as good as pictures usually are comes before a reel twice as good as reels."""
    made = [
        Result(f"{kind} {number}", NOW - timedelta(days=10, hours=number), kind, usual)
        for kind, usual in (("reel", 4000.0), ("image", 1000.0))
        for number in range(MINIMUM)
    ]
    made += [Result("fine image", NOW - timedelta(days=9), "image", 3000.0)]
    made += [Result("fine reel", NOW - timedelta(days=9), "reel", 8000.0)]

    first, second, *_ = best(beside_format(made, NOW), 5)

    assert (first.result.post_id, first.ratio) == ("fine image", 3.0)
    assert (second.result.post_id, second.ratio) == ("fine reel", 2.0)


@given(st.integers(0, 10_000), st.sampled_from([1, 2, 3, 4, 6, 8, 12]))
def test_every_post_is_in_one_group_of_each_feature(seed: int, length: int) -> None:
    """Groups and the others are always all posts that can be judged."""
    judged = beside_format(posts(seed, 60), NOW)

    for each in compare([(feature, judged.relative) for feature in timing(length)]):
        assert each.posts + each.others == len(judged.relative)


@given(st.integers(0, 1000))
def test_what_is_usual_is_the_median_of_the_posts_around(seed: int) -> None:
    """Eight before and eight after of the same format, without the post itself."""
    made = posts(seed, 90)
    for each in beside_format(made, NOW).relative:
        mine = sorted((post for post in made if post.format == each.result.format), key=lambda post: post.published_at)
        place = mine.index(each.result)
        if AROUND <= place < len(mine) - AROUND:
            around = mine[place - AROUND : place] + mine[place + 1 : place + AROUND + 1]
            assert each.usual == median(post.value for post in around)


def test_at_the_ends_growth_is_followed() -> None:
    """Results that rise by the same each day are usual all along, the first and the last ones too."""
    made = [Result(f"{day:03}", NOW - timedelta(days=200 - day), "reel", 100.0 + 10 * day) for day in range(100)]

    assert [each.ratio for each in beside_format(made, NOW).relative] == pytest.approx([1.0] * 100)


def test_formats_have_the_names_that_people_use() -> None:
    """Meta calls a reel a video; only the product type tells them apart."""
    assert format_of("VIDEO", "REELS") == "reel"
    assert format_of("VIDEO", "FEED") == "video"
    assert format_of("CAROUSEL_ALBUM", "FEED") == "carousel"
    assert format_of("IMAGE", "FEED") == "image"
    assert format_of("IMAGE", "STORY") == "story"
