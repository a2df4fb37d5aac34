"""The first collection: what is stored is what the sandbox's world says, no more and no less, whatever goes wrong."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select
from tests.integration.collection import oracle
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, KENJI, MARA, NOW, MetaSandbox

from freehold.node.collection import instagram
from freehold.node.collection.first import collect
from freehold.node.collection.source import Source, window
from freehold.node.store import tables
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_feed import count_until, followers_at
from freehold.sandbox.meta.world.instagram_posts import lifetime
from freehold.sandbox.meta.world.people import ad_account_id, instagram_id, page_id

BOOKS = instagram_id(5)
TODAY = date(2026, 11, 23)
DAYS = [TODAY - timedelta(days=back) for back in range(1, 91)]
RECENT_FROM = TODAY - timedelta(days=30)
CERAMICS_ASSETS = frozenset({CERAMICS_PAGE, CERAMICS, CERAMICS_ADS})


async def rows(opened: OpenNode, table: Table) -> list[dict[str, Any]]:
    """Every row of a table."""
    async with opened.node.database.reading() as session:
        return [dict(row) for row in (await session.execute(select(table))).mappings()]


async def connected(make_node: MakeNode, meta: MetaSandbox, **chosen: Any) -> OpenNode:
    """A node that holds the grant of the ceramics company's person."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock, **chosen)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)) == 201
    return opened


def keyed(found: list[dict[str, Any]]) -> dict[oracle.Key, float]:
    """Instagram's values by what they are of."""
    return {
        (row["subject_id"], row["metric"], row["period"], row["breakdown"], row["part"], row["day"]): row["value"]
        for row in found
    }


async def coverage(opened: OpenNode) -> dict[tuple[str, str, date], str]:
    """State by subject, metric and day."""
    found = await rows(opened, tables.coverage)
    return {(row["subject_id"], row["metric"], row["day"]): row["state"] for row in found}


async def test_every_number_is_the_world_s(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """90 days of Instagram and ads, day by day, post by post and ad by ad, for at most 200 calls of one token."""
    opened = await connected(make_node, meta, database_url=database_url)
    done = await collect(opened.node)
    assert done.failures == {}
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)
    assert done.graph_calls == sum(meta.sandbox.calls.values())
    assert done.graph_calls <= 200
    assert {token for token, _, _ in meta.sandbox.calls} == {f"user:{MARA}"}


async def check_instagram(opened: OpenNode, meta: MetaSandbox) -> None:
    """Profile, posts and values of the ceramics company's account."""
    feed, at = oracle.feed_of(meta.sandbox, CERAMICS), int(NOW.timestamp())
    (profile,) = await rows(opened, tables.instagram_accounts)
    assert (profile["followers"], profile["posts"]) == (followers_at(feed, at), count_until(feed, "post", at))
    assert (profile["account_id"], profile["username"]) == (CERAMICS, feed.account.username)
    stored = {row["post_id"]: row for row in await rows(opened, tables.instagram_posts)}
    expected = {media_id(post): post for post in oracle.published(feed, DAYS[-1], NOW)}
    assert stored.keys() == expected.keys()
    assert len(stored) > 20
    for post_id, post in expected.items():
        row, truth = stored[post_id], lifetime(post, at)
        assert (row["likes"], row["comments"]) == (truth["likes"], truth["comments"])
        assert row["published_at"] == datetime.fromtimestamp(post.at, UTC)
        assert (row["media_type"], row["product_type"]) == (post.media_type, post.product_type)
    wanted = oracle.account_insights(feed, DAYS, NOW)
    wanted |= oracle.demographics(feed, TODAY, NOW)
    wanted |= oracle.post_insights(feed, DAYS[-1], RECENT_FROM, TODAY, NOW)
    assert keyed(await rows(opened, tables.instagram_insights)) == wanted


async def check_ads(opened: OpenNode, meta: MetaSandbox, account_id: str) -> None:
    """Campaigns, ad sets and ads, each ad's days, and each campaign's window."""
    plan = oracle.plan_of(meta.sandbox, account_id)
    made = oracle.made(plan, NOW)
    campaigns = {row["campaign_id"]: row["objective"] for row in await rows(opened, tables.ad_campaigns)}
    assert campaigns == made.objectives
    assert {row["ad_set_id"] for row in await rows(opened, tables.ad_sets)} == made.ad_sets
    ads = {row["ad_id"]: (row["campaign_id"], row["ad_set_id"]) for row in await rows(opened, tables.ads)}
    assert ads == made.ads
    stored = await rows(opened, tables.ad_insights)
    wanted = {
        (ad, day): truth
        for ad, (_, ad_set) in made.ads.items()
        for day in DAYS
        if (truth := oracle.ad_day(plan, ad, ad_set, day, NOW))
    }
    days = {(row["object_id"], row["first_day"]): _figures(row) for row in stored if row["level"] == "ad"}
    assert days == wanted
    assert len(days) > 100
    assert {row["currency"] for row in stored} == {plan.currency}
    campaign_of = {ad: campaign for ad, (campaign, _) in made.ads.items()}
    check_campaigns([row for row in stored if row["level"] == "campaign"], wanted, campaign_of)
    check_results(stored, made.objectives)


def _figures(row: Mapping[str, Any]) -> dict[str, object]:
    names = ("impressions", "reach", "clicks", "link_clicks", "spend_minor")
    return {name: row[name] for name in names} | {
        name: json.loads(row[name]) for name in ("actions", "action_values_minor")
    }


def check_campaigns(
    found: list[dict[str, Any]], days: Mapping[tuple[str, date], Mapping[str, Any]], campaign_of: Mapping[str, str]
) -> None:
    """A campaign's row over the window sums its ads' days, but for reach, which is smaller."""
    assert {row["object_id"] for row in found} == {campaign_of[ad] for ad, _ in days}
    for row in found:
        mine = [truth for (ad, _), truth in days.items() if campaign_of[ad] == row["object_id"]]
        for name in ("impressions", "clicks", "link_clicks", "spend_minor"):
            assert row[name] == sum(truth[name] for truth in mine)
        assert max(truth["reach"] for truth in mine) <= row["reach"] <= sum(truth["reach"] for truth in mine)
        assert (row["first_day"], row["last_day"]) == (DAYS[-1], DAYS[0])


RESULTS = {
    "OUTCOME_SALES": "purchase",
    "OUTCOME_LEADS": "lead",
    "OUTCOME_TRAFFIC": "link_click",
    "OUTCOME_ENGAGEMENT": "post_engagement",
}


def check_results(found: list[dict[str, Any]], objectives: Mapping[str, str]) -> None:
    """A result is what the campaign's objective is after."""
    for row in found:
        action = RESULTS.get(objectives[row["campaign_id"]])
        if action is not None:
            assert row["results"] == json.loads(row["actions"]).get(action, 0)
        elif objectives[row["campaign_id"]] == "OUTCOME_AWARENESS":
            assert row["results"] is None


async def test_money_without_decimals(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Yen have no minor units: what is stored is what was spent."""
    account = f"act_{ad_account_id(4)}"
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock)
    assert await opened.deliver(grant_of(meta, "rosa", KENJI, frozenset({account}))) == 201
    assert (await collect(opened.node)).failures == {}
    await check_ads(opened, meta, account)


async def everything(opened: OpenNode) -> dict[str, list[str]]:
    """All collected rows without the time at which they were read."""
    return {
        table.name: sorted(
            json.dumps({name: value for name, value in row.items() if name != "read_at"}, default=str)
            for row in await rows(opened, table)
        )
        for table in tables.TABLES
    }


async def test_a_second_run_changes_nothing(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """Rows stay as they are but for `read_at`, and days that are final are not asked for again."""
    opened = await connected(make_node, meta, database_url=database_url)
    first = await collect(opened.node)
    before = await everything(opened)
    second = await collect(opened.node)
    assert second.failures == {}
    assert await everything(opened) == before
    assert second.graph_calls < first.graph_calls - 80


async def test_what_is_not_offered_is_told(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Coverage says complete for days that are there, and empty for follower changes older than Meta keeps."""
    opened = await connected(make_node, meta)
    await collect(opened.node)
    states = await coverage(opened)
    for day in DAYS:
        assert states[CERAMICS, "reach", day] == states[CERAMICS, "account_totals", day] == "complete"
        assert states[CERAMICS_ADS, "ad_insights", day] == "complete"
        assert states[CERAMICS, "follower_count", day] == ("complete" if day >= RECENT_FROM else "empty")


async def test_a_refused_series_leaves_the_rest(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A window of reach that is refused is missing with Meta's reason; everything else is whole."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", code=100, message="(#100) metric[0] is not for you")
    assert (await collect(opened.node)).failures == {}
    lost = [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    assert {(row["metric"], row["reason"]) for row in lost} == {("reach", "(#100) metric[0] is not for you")}
    days = {row["day"] for row in lost}
    assert days == set(DAYS[:29])
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    values = keyed([row for row in await rows(opened, tables.instagram_insights) if row["subject_kind"] == "account"])
    wanted = oracle.account_insights(feed, DAYS, NOW) | oracle.demographics(feed, TODAY, NOW)
    assert values == {key: value for key, value in wanted.items() if key[1] != "reach" or key[5] not in days}
    await check_ads(opened, meta, CERAMICS_ADS)


async def test_a_refused_day_leaves_the_rest(make_node: MakeNode, meta: MetaSandbox) -> None:
    """One day's totals are missing, every other day is there, and the next run fills the gap."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=20, code=100, message="(#100) not this day")
    assert (await collect(opened.node)).failures == {}
    lost = [key for key, state in (await coverage(opened)).items() if state == "missing"]
    assert [(subject, metric) for subject, metric, _ in lost] == [(CERAMICS, "account_totals")]
    values = keyed(await rows(opened, tables.instagram_insights))
    day = lost[0][2]
    assert (CERAMICS, "views", "day", "", "", day) not in values
    await collect(opened.node)
    await check_instagram(opened, meta)


async def test_posts_from_before_the_professional_account(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Such a post fails the page that nests its insights: the others keep theirs, and it is told as missing."""
    opened: OpenNode = await make_node(graph_url=meta.url, clock=meta.clock)
    assert await opened.deliver(grant_of(meta, "rosa", MARA, frozenset({page_id(5), BOOKS}))) == 201
    feed, days = oracle.feed_of(meta.sandbox, BOOKS), window(NOW, 400)
    published = oracle.published(feed, days.first, NOW)
    old = {media_id(post) for post in published if post.at < feed.professional_since}
    assert 0 < len(old) < len(published)
    await instagram.read_posts(source(opened, BOOKS), days)
    assert {row["post_id"] for row in await rows(opened, tables.instagram_posts)} == set(map(media_id, published))
    states = await coverage(opened)
    assert {key[0] for key, state in states.items() if state == "missing"} == old
    wanted = oracle.post_insights(feed, days.first, RECENT_FROM, TODAY, NOW)
    values = keyed(await rows(opened, tables.instagram_insights))
    assert values == {key: value for key, value in wanted.items() if key[0] not in old}


def source(opened: OpenNode, account_id: str) -> Source:
    """What a stream of collection works with."""
    node = opened.node
    return Source(
        asset_id=account_id,
        currency="",
        version="v26.0",
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        progress=lambda _doing, _calls: None,
    )


async def test_too_much_data_is_asked_for_in_smaller_pieces(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Pages of posts, of ads and of insights shrink until they are served; nothing is lost."""
    opened = await connected(make_node, meta)
    for path in (f"{CERAMICS}/media", f"{CERAMICS_ADS}/ads", f"{CERAMICS_ADS}/insights"):
        meta.fault("reduce_data", path=path, count=2)
    assert (await collect(opened.node)).failures == {}
    await check_instagram(opened, meta)
    await check_ads(opened, meta, CERAMICS_ADS)


@pytest.mark.parametrize("code", [4, 613, 80002])
async def test_a_throttle_in_the_middle(make_node: MakeNode, meta: MetaSandbox, code: int) -> None:
    """A short throttle is waited for; a long one stops the asset, and the next run completes it."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=30, code=code, status=403 if code == 4 else 400)
    done = await collect(opened.node)
    if code != 613:
        assert list(done.failures) == [CERAMICS]
        assert any(state == "complete" for state in (await coverage(opened)).values())
        meta.clock.advance(timedelta(hours=2))
        done = await collect(opened.node)
    assert done.failures == {}
    states = await coverage(opened)
    assert all(states[CERAMICS, "account_totals", day] == "complete" for day in DAYS)


async def test_a_token_that_ends_in_the_middle(make_node: MakeNode, meta: MetaSandbox) -> None:
    """What was read stays, nothing more is asked with the dead token, and a new grant completes the rest."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"{CERAMICS}/insights", skip=30, code=190, subcode=460)
    done = await collect(opened.node)
    assert CERAMICS in done.failures
    calls = sum(meta.sandbox.calls.values())
    await collect(opened.node)
    assert sum(meta.sandbox.calls.values()) == calls
    states = await coverage(opened)
    days = [day for day in DAYS if states.get((CERAMICS, "account_totals", day)) == "complete"]
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


async def test_a_failed_asset_leaves_the_other(make_node: MakeNode, meta: MetaSandbox) -> None:
    """An Instagram account that cannot be read at all is named with its reason; the ads are whole."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"/{CERAMICS}", code=10, status=403, message="(#10) no permission", count=1000)
    done = await collect(opened.node)
    assert done.failures == {CERAMICS: "(#10) no permission"}
    assert await rows(opened, tables.instagram_posts) == []
    await check_ads(opened, meta, CERAMICS_ADS)
