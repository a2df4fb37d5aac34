"""Posts of which no figures were read: they are posts, their figures are not known, and none of them counts as 0."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.week import WEEK, WEEK_BEFORE

from freehold.node.store.instagram.tables import instagram_insights, instagram_posts


async def posts(insights: Tools, week: dict[str, str]) -> list[str]:
    """The posts that a question about a week counts, by its own answer."""
    told = await insights.ask("query_metrics", metrics=["post_views"], dimensions=["post"], period=week, limit=500)
    return [row["dimensions"]["post"] for row in told["rows"]]


async def forget(insights: Tools, chosen: list[str]) -> None:
    """The figures of some posts were never read."""
    async with insights.stage.node.database.writing() as session:
        await session.execute(delete(instagram_insights).where(instagram_insights.c.subject_id.in_(chosen)))


async def test_an_average_is_that_of_the_posts_with_figures(insights: Tools) -> None:
    """Neither it nor a rate falls by posts whose figures are not known; the answer says how many these are."""
    metrics = ["posts", "post_views", "views_per_post", "engagement_rate"]
    kept, *lost = await posts(insights, WEEK)
    assert lost
    (alone,) = [
        row
        for row in (await insights.ask("query_metrics", metrics=metrics, dimensions=["post"], period=WEEK))["rows"]
        if row["dimensions"]["post"] == kept
    ]
    await forget(insights, lost)
    told = await insights.both("query_metrics", metrics=metrics, period=WEEK)
    (row,) = told["rows"]
    assert row["values"] == {**alone["values"], "posts": 1 + len(lost)}
    counted = dict.fromkeys(metrics[1:], len(lost))
    assert (row["posts_not_read"], told["posts_not_read"]) == (counted, counted)
    each = await insights.ask("query_metrics", metrics=["post_views"], dimensions=["post"], period=WEEK, limit=500)
    values = {row["dimensions"]["post"]: row["values"].get("post_views") for row in each["rows"]}
    assert values == {kept: alone["values"]["post_views"], **dict.fromkeys(lost)}
    assert "posts_not_read" not in await insights.ask("query_metrics", metrics=["posts"], period=WEEK)
    ranked = await insights.ask("top_posts", metric="post_views", period=WEEK)
    assert (ranked["posts_in_all"], [each["post"] for each in ranked["posts"]]) == (1, [kept])
    assert ranked["posts_not_read"] == {"post_views": len(lost)}


async def test_what_was_not_read_before_is_no_growth(insights: Tools) -> None:
    """Beside posts without figures no sum has a change; an average has one where some posts of both have figures."""
    asked: dict[str, Any] = {"metrics": ["post_views", "views_per_post", "posts"], "period": WEEK}
    before = await posts(insights, WEEK_BEFORE)
    await forget(insights, before[1:])
    told = await insights.ask("compare_periods", **asked)
    changes = told["rows"][0]["metrics"]
    assert changes["post_views"].keys() == {"now", "before"}
    assert all("change" in changes[name] for name in ("views_per_post", "posts"))
    assert told["posts_not_read_before"] == dict.fromkeys(asked["metrics"][:2], len(before) - 1)
    assert "posts_not_read" not in told
    assert any("no change of a sum" in note for note in told["notes"])
    await forget(insights, before)
    unknown = (await insights.ask("compare_periods", **asked))["rows"][0]["metrics"]
    assert [unknown[name].keys() for name in asked["metrics"][:2]] == [{"now"}, {"now"}]
    explained = await insights.ask("explain_change", metric="post_views", period=WEEK)
    assert "before" not in explained
    assert explained["posts_not_read_before"] == {"post_views": len(before)}
    assert any("not read are in no sum" in note for note in explained["notes"])
    beside = await insights.ask("explain_change", metric="account_views", period=WEEK)
    assert beside["posts_not_read_before"] == {"post_views": len(before)}


async def test_what_was_not_read_before_has_no_causes(insights: Tools) -> None:
    """Where some posts of a sum were not read its change is not told, nor whose it is; that of an average is."""
    before = await posts(insights, WEEK_BEFORE)
    await forget(insights, before[1:])
    explained = await insights.both("explain_change", metric="post_views", period=WEEK)
    assert {"now", "before"} <= explained.keys()
    assert not {"change", "ratio"} & explained.keys()
    beside = await insights.ask("explain_change", metric="account_views", period=WEEK)
    assert {"change", "ratio"} <= beside.keys()
    splits = [*explained["splits"], *beside["splits"]]
    assert [(each["drivers"], "change" in each) for each in splits] == [([], False)] * 4
    assert any("no change of a sum" in note for note in explained["notes"])
    average = await insights.ask("explain_change", metric="views_per_post", period=WEEK)
    assert {"change", "ratio"} <= average.keys()
    assert all(each["drivers"] for each in average["splits"])


@pytest.mark.parametrize("dimension", [None, "format"])
async def test_a_day_with_a_post_that_was_not_read_is_a_gap(insights: Tools, dimension: str | None) -> None:
    """As a line; bars are of the others, and their title says how many are left out."""
    lost = (await posts(insights, WEEK))[0]
    async with insights.stage.node.database.reading() as session:
        of = instagram_posts.c
        published = (await session.execute(select(of.published_at).where(of.post_id == lost))).scalar_one()
    await forget(insights, [lost])
    asked: dict[str, Any] = {"metric": "post_views", "period": WEEK, **({"dimension": dimension} if dimension else {})}
    drawn = await insights.ask("draw_chart", **asked)
    unknown = [point["since"] for each in drawn["series"] for point in each["points"] if "value" not in point]
    assert (len(unknown), drawn["posts_not_read"], drawn["complete"]) == (1, {"post_views": 1}, True)
    assert abs((datetime.fromisoformat(f"{unknown[0]}T12:00Z") - published).days) <= 1
    bars = await insights.ask("draw_chart", metric="post_views", period=WEEK, grain="total", dimension="account")
    assert ", 1 post not read" in bars["image"]["alt"]
