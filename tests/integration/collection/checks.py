"""What a node holds after a collection, and whether it is what the sandbox's world says."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select
from tests.integration.collection import ads_oracle, oracle
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.node.collection.source import Run, Source
from freehold.node.store import tables
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_feed import Feed, count_until, followers_at
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime

TODAY = date(2026, 11, 23)
DAYS = [TODAY - timedelta(days=back) for back in range(1, 91)]
RECENT_FROM = TODAY - timedelta(days=30)
CERAMICS_ASSETS = frozenset({CERAMICS_PAGE, CERAMICS, CERAMICS_ADS})


AMPLE = {"ceiling_per_hour": 2_000, "app_share_per_user": 2_000}
"""Settings for more than one collection an hour."""


FULL_ACCESS = {"tier": "standard_access", "score_maximum": 9_000, "headers_from_percent": 0.0}
"""The sandbox's limits for an app that Meta has reviewed: nothing is waited for, so time stands while ads are read."""


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
    """Profile, posts and values of the ceramics company's account, each as it was when it was read."""
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    (profile,) = await rows(opened, tables.instagram_accounts)
    at = int(profile["read_at"].timestamp())
    assert (profile["followers"], profile["posts"]) == (followers_at(feed, at), count_until(feed, "post", at))
    assert (profile["account_id"], profile["username"]) == (CERAMICS, feed.account.username)
    stored = {row["post_id"]: row for row in await rows(opened, tables.instagram_posts)}
    expected = {media_id(post): post for post in (*oracle.published(feed, NOW), *oracle.stories(feed, NOW))}
    assert stored.keys() == expected.keys()
    assert len(stored) > 20
    children = {
        row["child_id"]: (row["post_id"], row["media_type"]) for row in await rows(opened, tables.instagram_children)
    }
    assert children == {
        media_id(post, place): (post_id, kind)
        for post_id, post in expected.items()
        for place, kind in enumerate(post.children)
    }
    for post_id, post in expected.items():
        row = stored[post_id]
        truth = lifetime(post, int(row["read_at"].timestamp()))
        assert (row["likes"], row["comments"]) == (truth["likes"], truth["comments"])
        assert row["published_at"] == datetime.fromtimestamp(post.at, UTC)
        assert (row["media_type"], row["product_type"]) == (post.media_type, post.product_type)
    found = await rows(opened, tables.instagram_insights)
    check_lifetimes(feed, expected, [row for row in found if row["subject_kind"] != "account"])
    assert keyed([row for row in found if row["subject_kind"] == "account"]) == account_values(feed)


def check_lifetimes(feed: Feed, posts: Mapping[str, Post], found: list[dict[str, Any]]) -> None:
    """Every value that posts and stories have, and no other."""
    wanted = oracle.post_insights(feed, TODAY, NOW) | oracle.story_insights(feed, TODAY, NOW)
    assert keyed(found).keys() == wanted.keys()
    for row in found:
        assert row["value"] == lifetime(posts[row["subject_id"]], int(row["read_at"].timestamp()))[row["metric"]], row


def account_values(feed: Feed, days: Sequence[date] = tuple(DAYS)) -> dict[oracle.Key, float]:
    """Everything that there is of an account itself after a collection of days, the newest first."""
    wanted = oracle.account_insights(feed, list(days), NOW)
    wanted |= oracle.breakdowns(feed, days[0], NOW)
    wanted |= oracle.online(feed, [day for day in days if day >= RECENT_FROM])
    return wanted | oracle.demographics(feed, TODAY, NOW)


async def check_ads(
    opened: OpenNode, meta: MetaSandbox, account_id: str, collected: Sequence[date] = tuple(DAYS)
) -> None:
    """Structure, each ad's days (those `collected`, the newest first) and their parts, and reach of each window."""
    now = meta.clock.now()
    plan = oracle.plan_of(meta.sandbox, account_id)
    made = oracle.made(plan, now)
    await check_structure(opened, made)
    stored = await rows(opened, tables.ad_insights)
    wanted = ads_oracle.delivered(plan, made.ad_sets, collected, now)
    assert {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in stored} == {
        key: ads_oracle.day_row(of) for key, of in wanted.items()
    }
    assert len(stored) > 100
    assert {row["currency"] for row in stored} == {plan.currency}
    check_results(stored, made.objectives)
    recent = {key: of for key, of in wanted.items() if key[1] > collected[0] - timedelta(days=7)}
    found = await rows(opened, tables.ad_breakdowns)
    assert {part_key(row): figures(row, DELIVERY) for row in found} == ads_oracle.parts(plan, recent, now)
    check_results(found, made.objectives)
    windows = [(collected[0] - timedelta(days=days - 1), collected[0]) for days in (7, 28, 90)]
    people = ads_oracle.reached(account_id, wanted, [span for span in windows if span[0] >= collected[-1]])
    shown = {
        (row["level"], row["object_id"], row["first_day"], row["last_day"]): (row["reach"], row["impressions"])
        for row in await rows(opened, tables.ad_reach)
    }
    assert people
    assert {key: shown.get(key) for key in people} == people


async def check_structure(opened: OpenNode, made: oracle.Made) -> None:
    """Campaigns, ad sets, ads and creatives."""
    campaigns = {row["campaign_id"]: row["objective"] for row in await rows(opened, tables.ad_campaigns)}
    assert campaigns == made.objectives
    assert {row["ad_set_id"] for row in await rows(opened, tables.ad_sets)} == made.ad_sets
    found = await rows(opened, tables.ads)
    assert {row["ad_id"]: (row["campaign_id"], row["ad_set_id"]) for row in found} == made.ads
    creatives = {row["creative_id"]: row for row in await rows(opened, tables.ad_creatives)}
    assert creatives.keys() == {row["creative_id"] for row in found}
    assert all(row["title"] and row["body"] and row["link_url"] for row in creatives.values())


DELIVERY = (
    "impressions", "reach", "clicks", "link_clicks", "spend_minor", "actions", "action_values_minor",
)  # fmt: skip
EVERYTHING = (
    *DELIVERY, "frequency", "outbound_clicks", *ads_oracle.VIDEO, "actions_by_window", "action_values_by_window_minor",
)  # fmt: skip


def figures(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, object]:
    """The numbers of a row of ads' days or parts of them."""
    return {name: json.loads(row[name]) if name.startswith("action") else row[name] for name in names}


def part_key(row: Mapping[str, Any]) -> ads_oracle.Part:
    """What a row of a breakdown is of."""
    return row["ad_id"], row["day"], row["breakdown"], row["first_part"], row["second_part"]


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
        currency="EUR",
        version="v26.0",
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        run=Run(secrets.token_hex(8), node.clock.now()),
    )
