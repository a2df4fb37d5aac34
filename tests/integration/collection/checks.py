"""What a node holds after a collection, and whether it is what the sandbox's world says."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select
from tests.integration.collection import oracle
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.node.collection.source import Run, Source
from freehold.node.store import tables
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_feed import count_until, followers_at
from freehold.sandbox.meta.world.instagram_posts import lifetime

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


async def check_ads(
    opened: OpenNode, meta: MetaSandbox, account_id: str, collected: Sequence[date] = tuple(DAYS)
) -> None:
    """Campaigns, ad sets and ads, each ad's days (those `collected`, the newest first), and each campaign's window."""
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
        for day in collected
        if (truth := oracle.ad_day(plan, ad, ad_set, day, NOW))
    }
    days = {(row["ad_id"], row["day"]): figures(row) for row in stored}
    assert days == wanted
    assert len(days) > 100
    assert {row["currency"] for row in stored} == {plan.currency}
    campaign_of = {ad: campaign for ad, (campaign, _) in made.ads.items()}
    check_campaigns(await rows(opened, tables.ad_campaign_reach), wanted, campaign_of, collected)
    check_results(stored, made.objectives)


def figures(row: Mapping[str, Any]) -> dict[str, object]:
    """The numbers of an ad's day."""
    names = ("impressions", "reach", "clicks", "link_clicks", "spend_minor")
    return {name: row[name] for name in names} | {
        name: json.loads(row[name]) for name in ("actions", "action_values_minor")
    }


def check_campaigns(
    found: list[dict[str, Any]],
    days: Mapping[tuple[str, date], Mapping[str, Any]],
    campaign_of: Mapping[str, str],
    collected: Sequence[date],
) -> None:
    """A campaign reached more people in the window than on any day, and fewer than on all days together."""
    assert {row["campaign_id"] for row in found} == {campaign_of[ad] for ad, _ in days}
    for row in found:
        mine = [truth for (ad, _), truth in days.items() if campaign_of[ad] == row["campaign_id"]]
        assert max(truth["reach"] for truth in mine) <= row["reach"] <= sum(truth["reach"] for truth in mine)
        assert (row["first_day"], row["last_day"]) == (collected[-1], collected[0])


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


def source(opened: OpenNode, account_id: str) -> Source:
    """What a stream of collection works with, in a run of its own."""
    node = opened.node
    return Source(
        asset_id=account_id,
        currency="",
        version="v26.0",
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        progress=lambda _doing, _calls: None,
        run=Run(secrets.token_hex(8), node.clock.now()),
    )
