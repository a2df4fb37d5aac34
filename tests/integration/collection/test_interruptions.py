"""What goes wrong while collecting: the rest is whole, coverage tells the truth, and a later run completes it."""

from datetime import timedelta

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import oracle
from tests.integration.collection.checks import (
    AMPLE,
    CERAMICS_ASSETS,
    DAYS,
    FULL_ACCESS,
    TODAY,
    account_values,
    check_ads,
    check_instagram,
    connected,
    coverage,
    keyed,
    rows,
    source,
)
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, NOW, MetaSandbox

from freehold.node.collection.audience import read_online_followers
from freehold.node.collection.extras import read_extras
from freehold.node.collection.posts import read_posts
from freehold.node.collection.series import read_series
from freehold.node.collection.source import window
from freehold.node.collection.totals import read_totals
from freehold.node.store import tables
from freehold.providers.meta import graph, spec
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.people import instagram_id, page_id

BOOKS = instagram_id(5)


async def test_a_refused_series_leaves_the_rest(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A window of reach that is refused is missing with Meta's reason; everything else is whole.

    The newest window comes with the profile, so the refused one is that of the 30 days before.
    """
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", code=100, message="(#100) metric[0] is not for you")
    assert (await collect(opened.node)).failures == {}
    lost = [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    assert {(row["metric"], row["reason"]) for row in lost} == {("reach", "(#100) metric[0] is not for you")}
    days = {row["day"] for row in lost}
    assert days == set(DAYS[30:60])
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    values = keyed([row for row in await rows(opened, tables.instagram_insights) if row["subject_kind"] == "account"])
    assert values == {
        key: value for key, value in account_values(feed).items() if key[1:3] != ("reach", "day") or key[5] not in days
    }
    await check_ads(opened, meta, CERAMICS_ADS)


@pytest.mark.parametrize("code", [100, 10, 1])
async def test_a_profile_that_is_refused_together_with_series(
    make_node: MakeNode, meta: MetaSandbox, code: int
) -> None:
    """Each is then asked for by itself, and nothing is lost."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"/{CERAMICS}", code=code, count=3 if code == 1 else 1)
    assert (await collect(opened.node)).failures == {}
    await check_instagram(opened, meta)


async def test_a_refused_day_leaves_the_rest(make_node: MakeNode, meta: MetaSandbox) -> None:
    """One day's totals are missing, every other day is there, and the next run fills the gap."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=20, code=10, message="(#10) not this day")
    assert (await collect(opened.node)).failures == {}
    lost = [key for key, state in (await coverage(opened)).items() if state == "missing"]
    assert {(subject, metric) for subject, metric, _ in lost} == {(CERAMICS, each) for each in spec.ACCOUNT_TOTALS}
    values = keyed(await rows(opened, tables.instagram_insights))
    day = lost[0][2]
    assert (CERAMICS, "views", "day", "", "", day) not in values
    await collect(opened.node)
    await check_instagram(opened, meta)


async def test_posts_from_before_the_professional_account(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Such a post fails the page that nests its insights: the others keep theirs, and it is told to have none."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset({page_id(5), BOOKS}))) == 201
    feed, days = oracle.feed_of(meta.sandbox, BOOKS), window(NOW, 400)
    published = oracle.published(feed, NOW)
    old = {media_id(post) for post in published if post.at < feed.professional_since}
    assert 0 < len(old) < len(published)
    reading = source(opened, BOOKS)
    await read_posts(reading, days)
    await read_extras(reading, days)
    assert {row["post_id"] for row in await rows(opened, tables.instagram_posts)} == set(map(media_id, published))
    marks = [row for row in await rows(opened, tables.coverage) if row["state"] != "complete"]
    assert {row["subject_id"] for row in marks} == old
    assert {row["state"] for row in marks} == {"empty"}
    assert all("before the account was turned" in row["reason"] for row in marks)
    wanted = oracle.post_insights(feed, TODAY, NOW)
    values = keyed(await rows(opened, tables.instagram_insights))
    assert values == {key: value for key, value in wanted.items() if key[0] not in old}


async def test_too_much_data_is_asked_for_in_smaller_pieces(make_node: MakeNode, serve: Serve) -> None:
    """Pages of posts, of ads and of insights shrink until they are served; nothing is lost."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, **AMPLE)
    for path, count in ((f"{CERAMICS}/media", 2), (f"{CERAMICS_ADS}/ads", 2), (f"{CERAMICS_ADS}/insights", 1)):
        meta.fault("reduce_data", path=path, count=count)
    assert (await collect(opened.node)).failures == {}
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)


async def test_a_run_that_is_taken_up_again_does_not_ask_anew_for_what_meta_has_not_computed(
    make_node: MakeNode, serve: Serve
) -> None:
    """Half an hour after midnight yesterday is not there yet: a run asks for it once, the next one asks anew."""
    meta = await meta_sandbox.start(serve, graph.midnight(TODAY) + timedelta(minutes=30), limits=FULL_ACCESS)
    opened = await connected(make_node, meta)
    days = window(meta.clock.now(), 3)
    first = source(opened, CERAMICS)
    for reading in (read_totals, read_series, read_online_followers):
        await reading(first, days)
    asked = meta.sandbox.exact_calls.total()
    missing = [key for key, state in (await coverage(opened)).items() if state == "missing"]
    assert {day for _, _, day in missing} == {days.last}
    for reading in (read_totals, read_series, read_online_followers):
        await reading(first, days)
    assert meta.sandbox.exact_calls.total() == asked
    meta.clock.advance(timedelta(minutes=30))
    await read_totals(source(opened, CERAMICS), days)
    assert meta.sandbox.exact_calls.total() == asked + 1


@pytest.mark.parametrize("code", [4, 613, 80002])
async def test_a_throttle_in_the_middle(make_node: MakeNode, meta: MetaSandbox, code: int) -> None:
    """A short throttle is waited for; a long one stops the asset, and the next run completes it."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=30, code=code, status=403 if code == 4 else 400)
    done = await collect(opened.node)
    if code == 4:
        assert list(done.failures) == [CERAMICS]
        assert any(state == "complete" for state in (await coverage(opened)).values())
        meta.clock.advance(timedelta(hours=2))
        done = await collect(opened.node)
    assert done.failures == {}
    states = await coverage(opened)
    assert {states[CERAMICS, metric, day] for day in DAYS for metric in spec.ACCOUNT_TOTALS} == {"complete"}


async def test_a_token_that_ends_in_the_middle(make_node: MakeNode, meta: MetaSandbox) -> None:
    """What was read stays, nothing more is asked with the dead token, and a new grant completes the rest."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=30, code=190, subcode=460)
    done = await collect(opened.node)
    assert CERAMICS in done.failures
    calls = sum(meta.sandbox.calls.values())
    await collect(opened.node)
    assert sum(meta.sandbox.calls.values()) == calls
    states = await coverage(opened)
    days = [day for day in DAYS if states.get((CERAMICS, "views", day)) == "complete"]
    assert 0 < len(days) < len(DAYS)
    values = keyed(await rows(opened, tables.instagram_insights))
    wanted = oracle.account_insights(oracle.feed_of(meta.sandbox, CERAMICS), DAYS, NOW)
    assert all(values[key] == value for key, value in wanted.items() if key[1] == "views" and key[5] in days)
    meta.clock.advance(timedelta(seconds=1))
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    meta.clock.advance(-timedelta(seconds=1))
    assert (await collect(opened.node)).failures == {}
    await check_instagram(opened, meta)


@pytest.mark.parametrize("kind", ["drop", "malformed", "service_unavailable_in_ok"])
async def test_broken_answers_are_asked_for_again(make_node: MakeNode, meta: MetaSandbox, kind: str) -> None:
    """A connection that drops, or half an answer, now and then changes nothing in the end."""
    opened = await connected(make_node, meta)
    for skip in (0, 10, 40):
        meta.fault(kind, skip=skip)
    assert (await collect(opened.node)).failures == {}
    states = await coverage(opened)
    assert "missing" not in states.values()
