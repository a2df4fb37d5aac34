"""What is refused or broken costs only itself, and is read as soon as it is there."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from tests.conftest import Serve
from tests.integration.collection import altered
from tests.integration.collection.altered import Answer, refusal
from tests.integration.collection.checks import TODAY, connected, coverage, rows, source
from tests.integration.collection.collecting import collect, failed_assets
from tests.integration.conftest import MakeNode
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, NOW

from freehold.node.collection import ads, instagram
from freehold.node.collection.ad_days import read_ad_days
from freehold.node.collection.collect import read_streams
from freehold.node.collection.extras import read_extras
from freehold.node.collection.posts import read_posts
from freehold.node.collection.source import OutageError, window
from freehold.node.collection.totals import read_totals
from freehold.node.store import tables
from freehold.providers.calls import ProviderError
from freehold.providers.meta import spec
from freehold.providers.meta.instagram import totals_call

TOTALS = f"/{CERAMICS}/insights"
WEEK = window(NOW, 7)


def has(params: Mapping[str, str], metric: str) -> bool:
    """Whether a call asks for a metric."""
    return metric in params.get("metric", "").split(",")


async def test_a_metric_that_is_refused_for_a_while(make_node: MakeNode, serve: Serve) -> None:
    """It is missing while Meta refuses it, by few calls, and every final day has it once Meta gives it again."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    meta.clock.advance(timedelta(days=5))
    before.rule = lambda _path, params: refusal("(#100) not now") if has(params, "shares") else None
    await read_totals(source(opened, CERAMICS), WEEK)
    states = await coverage(opened)
    for day in WEEK.days():
        assert {each for each in spec.ACCOUNT_TOTALS if states[CERAMICS, each, day] == "missing"} == {"shares"}
    assert len(before.asked) < 25
    before.rule, before.asked = None, []
    await read_totals(source(opened, CERAMICS), WEEK)
    assert before.metrics(TOTALS) == [["shares"]] * 7
    assert set((await coverage(opened)).values()) == {"complete"}
    await read_totals(source(opened, CERAMICS), WEEK)
    assert len(before.asked) == 7


async def test_a_metric_that_one_day_refuses(make_node: MakeNode, serve: Serve) -> None:
    """A refusal of the newest day says nothing of the other days."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    newest = str(totals_call("v", CERAMICS, WEEK.last).params["since"])
    before.rule = lambda _path, params: (
        refusal("(#100) not this day") if has(params, "shares") and params.get("since") == newest else None
    )
    await read_totals(source(opened, CERAMICS), WEEK)
    lost = {key for key, state in (await coverage(opened)).items() if state == "missing"}
    assert lost == {(CERAMICS, "shares", WEEK.last)}


@pytest.mark.parametrize(("refusing", "lost"), [(1, 1), (2, None)])
async def test_a_metric_that_posts_refuse(make_node: MakeNode, serve: Serve, refusing: int, lost: int | None) -> None:
    """One post's refusal costs that post's value; when a second of its kind refuses it too, the kind is not asked."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    chosen = window(NOW, 90)
    await read_posts(source(opened, CERAMICS), chosen)
    posts = sorted(await rows(opened, tables.instagram_posts), key=lambda row: row["published_at"], reverse=True)
    posts = [row for row in posts if row["published_at"] > NOW - timedelta(days=29)]
    reels = [row["post_id"] for row in posts if row["product_type"] == "REELS"]
    bad = reels[:refusing]

    def rule(path: str, params: Mapping[str, str]) -> Answer | None:
        if path.endswith("/media") and "insights" in params["fields"]:
            return refusal("(#100) not this post")
        return refusal("(#100) not this post") if has(params, "saved") and path.split("/")[-2] in bad else None

    before.rule = rule
    await opened.node.database.engine.dispose()
    meta.clock.advance(timedelta(days=1))
    await read_posts(source(opened, CERAMICS), window(NOW + timedelta(days=1), 90))
    states = {key[0]: state for key, state in (await coverage(opened)).items() if key[1] == "saved" and key[2] > TODAY}
    missing = {post for post, state in states.items() if state == "missing"}
    assert missing == (set(bad) if lost else set(reels))


BROKEN = ['{"data":[{}]}', '{"data":null}', "{}", '{"data":[null]}', '{"data":[{"name":"views","values":5}]}', "[]"]


@pytest.mark.parametrize("body", BROKEN)
async def test_answers_that_cannot_be_understood(make_node: MakeNode, serve: Serve, body: str) -> None:
    """Rows without what they need end nothing and count as nothing: every day of them is missing.

    The ad account itself is no list, and is read.
    """
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    broken = ("insights", "media", "stories", "posts", "ads", "adsets", "campaigns")
    before.rule = lambda path, params: (
        (200, body) if path.endswith(broken) or "insights" in params.get("fields", "") else None
    )
    done = await collect(opened.node, 3)
    assert failed_assets(done) == {CERAMICS, CERAMICS_PAGE, CERAMICS_ADS}
    found = await rows(opened, tables.coverage)
    assert found
    assert {row["metric"] for row in found if row["state"] == "complete"} <= {"ad_account"}


async def test_a_day_that_cannot_be_read(make_node: MakeNode, serve: Serve) -> None:
    """A window of series, a demographic, a day and an ads window that the provider fails at leave the rest alone."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    day = str(totals_call("v", CERAMICS, WEEK.days()[3]).params["since"])

    def rule(_path: str, params: Mapping[str, str]) -> Answer | None:
        bad = params.get("metric_type") == "total_value" and params.get("since") == day
        bad = bad or "follower_count" in str(params) or params.get("breakdown") == "city"
        return (503, "") if bad or params.get("level") == "campaign" else None

    before.rule = rule
    assert (await collect(opened.node, 7)).failures == {}
    lost = {key[1:] for key, state in (await coverage(opened)).items() if state == "missing"}
    assert {metric for metric, on in lost if on == WEEK.days()[3]} >= set(spec.ACCOUNT_TOTALS)
    assert {metric for metric, _ in lost} == {
        *spec.ACCOUNT_TOTALS, "reach", "follower_count", "follower_demographics_by_city",
        "engaged_audience_demographics_by_city",
        *(f"ad_reach:campaign:{days}d" for days in (7, 28, 31, 90)),
    }  # fmt: skip
    assert {on for metric, on in lost if metric == "views"} == {WEEK.days()[3]}
    assert await rows(opened, tables.instagram_posts)


async def test_an_outage_ends_the_asset(make_node: MakeNode, serve: Serve) -> None:
    """When call after call fails, the rest is left for a later run."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    before.rule = lambda _path, _params: (503, "")
    with pytest.raises((OutageError, BaseExceptionGroup)):
        await read_streams(source(opened, CERAMICS), window(NOW, 90), instagram.STREAMS)
    assert len(before.asked) < 60
    with pytest.raises(ProviderError):
        await read_streams(source(opened, CERAMICS_ADS), window(NOW, 90), ads.STREAMS)


async def test_extras_are_read_often_only_while_posts_are_young(make_node: MakeNode, serve: Serve) -> None:
    """Of a post of this week at every run, of an older one when three days have passed."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    await read_posts(source(opened, CERAMICS), window(NOW, 90))

    async def asked(days: int) -> set[str]:
        before.asked = []
        meta.clock.advance(timedelta(days=days))
        now = meta.clock.now()
        await read_extras(source(opened, CERAMICS), window(now, 90))
        return {path.split("/")[-2] for path, _ in before.asked}

    everything, young, later = await asked(0), await asked(1), await asked(3)
    published = {row["post_id"]: row["published_at"] for row in await rows(opened, tables.instagram_posts)}
    assert everything == {each for each, at in published.items() if at >= NOW - timedelta(days=30)}
    assert young == {each for each, at in published.items() if at > NOW - timedelta(days=6)}
    assert later == {each for each in everything if published[each] > NOW - timedelta(days=26)}
    assert len(young) < len(later) <= len(everything)


async def test_a_refusal_does_not_undo_what_was_read(make_node: MakeNode, serve: Serve) -> None:
    """A day that is there stays complete, as of the time at which it was read."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    await read_ad_days(source(opened, CERAMICS_ADS), WEEK)
    first = await rows(opened, tables.coverage)
    meta.clock.advance(timedelta(hours=1))
    before.rule = lambda _path, _params: refusal("(#10) no", 10)
    await read_ad_days(source(opened, CERAMICS_ADS), WEEK)
    assert await rows(opened, tables.coverage) == first
    assert {row["state"] for row in first} == {"complete"}
