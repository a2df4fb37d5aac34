"""Readers of answers: what is there is read, what is not the promised shape is `Unavailable` and nothing else."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.providers.calls import JSON, Unavailable
from freehold.providers.meta import (
    ad_insights,
    ad_library,
    ads,
    discovery,
    graph,
    hashtags,
    instagram,
    media,
    mentions,
    pages,
)

DAY = date(2026, 11, 22)
READERS: dict[str, Callable[[JSON], Any]] = {
    "profile": instagram.read_profile,
    "posts": instagram.read_posts,
    "post insights": instagram.read_post_insights,
    "series": instagram.read_series,
    "totals": partial(instagram.read_totals, day=DAY),
    "demographics": partial(instagram.read_demographics, day=DAY),
    "campaigns": ads.read_campaigns,
    "ad sets": ads.read_ad_sets,
    "ads": ads.read_ads,
    "ad account": ads.read_account,
    "ad insights": partial(ad_insights.read_days, currency="EUR"),
    "ad parts": partial(ad_insights.read_parts, currency="EUR", breakdowns=("age", "gender")),
    "campaign reach": partial(ad_insights.read_reach, level="campaign"),
    "order": ad_insights.read_order,
    "report": ad_insights.read_report,
    "page": pages.read_page,
    "page posts": pages.read_posts,
    "page insights": pages.read_insights,
    "archived ads": ad_library.read_ads,
    "somebody else": discovery.read_account,
    "hashtag": hashtags.read_search,
    "searched hashtags": hashtags.read_searched,
    "tagged posts": hashtags.read_media,
    "posts that tag": mentions.read_tagged,
    "a mention": mentions.read_mentioned,
    "one post": media.read_media,
    "what people did": media.read_actions,
    "publishing limit": media.read_publishing_limit,
    "cursor": graph.next_cursor,
}
NAMES = st.sampled_from([
    "data", "id", "name", "values", "value", "total_value", "breakdowns", "results", "dimension_keys",
    "dimension_values", "end_time", "timestamp", "insights", "like_count", "followers_count", "paging", "next",
    "cursors", "after", "campaign_id", "ad_id", "date_start", "spend", "actions", "action_type", "reach",
    "creative", "daily_budget", "created_time", "impressions", "username", "object_story_spec", "link_data", "currency",
    "age", "gender", "report_run_id", "async_status", "error_code", "date_stop", "frequency", "7d_click",
    "period", "shares", "reactions", "summary", "total_count", "business_discovery", "media", "media_count",
    "ad_snapshot_url", "target_locations", "ad_delivery_start_time", "ad_creative_bodies", "eu_total_reach",
    "owner", "mentioned_media", "config", "quota_usage", "quota_total", "quota_duration",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("name", READERS)
@given(answer=st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_answer_raises_anything_else(name: str, answer: JSON) -> None:
    """Whatever JSON comes: it is understood, or it is an outage."""
    with suppress(Unavailable):
        graph.understood(READERS[name], answer)


@pytest.mark.parametrize(
    "name",
    sorted(
        set(READERS)
        - {"profile", "page", "somebody else", "ad account", "order", "report", "cursor", "a mention", "one post"}
    ),
)
@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {}}, {"data": [None]}, {"data": "text"}])
def test_no_list_is_not_an_empty_list(name: str, answer: JSON) -> None:
    """Days without a list of rows are not days on which nothing happened."""
    with pytest.raises(Unavailable):
        graph.understood(READERS[name], answer)


@pytest.mark.parametrize("name", ["profile", "posts", "campaigns", "ads", "ad insights", "campaign reach"])
@pytest.mark.parametrize("wrong", [None, "", True, [], {}])
def test_a_row_without_its_id(name: str, wrong: object) -> None:
    """What cannot be told apart is not kept under a made-up id."""
    row = {"id": wrong, "campaign_id": wrong, "ad_id": wrong, "timestamp": "2026-11-22T10:00:00+0000"}
    with pytest.raises(Unavailable):
        graph.understood(READERS[name], row if name == "profile" else {"data": [row]})


def test_null_texts_and_hidden_counts() -> None:
    """A caption that is null is empty; counts that the owner hides are None."""
    row = {"id": "1", "caption": None, "like_count": None, "timestamp": "2026-11-22T10:00:00+0000"}
    ((post, insights),) = instagram.read_posts({"data": [row]})
    assert (post.caption, post.likes, post.comments, insights) == ("", None, None, [])
