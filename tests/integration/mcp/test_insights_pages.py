"""Questions to what Facebook pages published: the answers are what the sandbox's own list of posts says."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, update
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.week import FIRST, LAST, WEEK, WEEK_BEFORE
from tests.meta_sandbox import CERAMICS_PAGE, MARA

from freehold.node.store.coverage.tables import coverage
from freehold.node.store.facebook.tables import facebook_posts
from freehold.providers.meta import graph


async def published(insights: Tools) -> list[dict[str, Any]]:
    """What the sandbox lists of the page's posts of both weeks, each with its `day` and `shared`."""
    meta, fields = insights.stage.meta, "id,created_time,status_type,shares,message"
    answer = await meta.get(f"{CERAMICS_PAGE}/posts", meta.token(MARA), fields=fields, limit=100)
    found = []
    for each in answer.body["data"]:
        day = datetime.fromisoformat(each["created_time"]).astimezone(graph.INSTAGRAM_DAY).date()
        if WEEK_BEFORE["since"] <= str(day) <= WEEK["until"]:
            found.append({**each, "day": day, "shared": each.get("shares", {}).get("count", 0)})
    return found


async def test_a_pages_posts_drive_a_change(insights: Tools) -> None:
    """Each post's part is its own count, those of the earlier week less; the parts add up, and words are others'."""
    posts = await published(insights)
    assert posts
    moved = {each["id"]: each["shared"] * (1 if each["day"] >= FIRST else -1) for each in posts}
    told = await insights.both("explain_change", metric="page_post_shares", period=WEEK, limit=25)
    splits = {each["dimension"]: each for each in told["splits"]}
    assert splits.keys() == {"format", "post"}
    drivers = {each["group"]: each["contribution"] for each in splits["post"]["drivers"]}
    assert drivers == moved
    assert told["change"] == sum(moved.values())
    assert (told["complete"], told["evidence"]["account_ids"]) == (True, [CERAMICS_PAGE])
    named = next(each for each in posts if each.get("message"))
    assert named["message"].startswith(told["names"]["post"][named["id"]]["untrusted_text"].rstrip("…"))


async def test_posts_of_a_page_are_counted_by_what_they_are(insights: Tools) -> None:
    """By type, in the days in which pages are read; what Meta does not tell of a post is no zero."""
    posts, expected = await published(insights), defaultdict[str, int](int)
    for each in posts:
        expected[each["status_type"]] += each["day"] >= FIRST
    asked: dict[str, Any] = {"metrics": ["page_posts", "page_post_reactions"], "period": WEEK}
    told = await insights.ask("query_metrics", **asked, dimensions=["format"])
    counted = {row["dimensions"]["format"]: row["values"]["page_posts"] for row in told["rows"]}
    assert counted == {kind: count for kind, count in expected.items() if count}
    assert told["evidence"]["time_zone"] == "America/Los_Angeles"
    async with insights.stage.node.database.writing() as session:
        await session.execute(update(facebook_posts).values(reactions=None))
    (row,) = (await insights.ask("query_metrics", **asked))["rows"]
    count = sum(expected.values())
    lacking = {"page_post_reactions": count}
    assert (row["values"], row["posts_not_read"]) == ({"page_posts": count, "page_post_reactions": None}, lacking)


async def test_a_day_that_was_not_over_when_it_was_listed_is_not_known(insights: Tools) -> None:
    """Nor one that never was."""
    async with insights.stage.node.database.writing() as session:
        of, day = coverage.c, datetime(FIRST.year, FIRST.month, FIRST.day, 20, tzinfo=UTC)
        listed = of.metric == "facebook_posts", of.subject_id == CERAMICS_PAGE
        await session.execute(update(coverage).where(*listed, of.day == FIRST).values(read_at=day))
        await session.execute(delete(coverage).where(*listed, of.day == LAST))
    told = await insights.ask("query_metrics", metrics=["page_posts"], period=WEEK)
    assert told["not_read"] == [
        {"since": str(each), "until": str(each), "account_ids": [CERAMICS_PAGE]} for each in (LAST, FIRST)
    ]
