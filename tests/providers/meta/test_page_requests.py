"""Everything that our calls ask of Facebook pages exists, by Meta's v25 description and its SDK, and is still given."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.insightsresult import InsightsResult
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from tests.meta_sandbox import CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.providers.calls import ApiCall
from freehold.providers.meta import page_spec, pages
from freehold.sandbox.meta import fields as expansion

SPECIFIED = Path(__file__).parents[3].parent / "shared" / "data" / "meta-specs-v25"
needs_description = pytest.mark.skipif(not SPECIFIED.is_dir(), reason=f"no description of v25.0 in {SPECIFIED}")

VERSION = "v26.0"
FIRST, LAST = date(2026, 8, 26), date(2026, 11, 22)
SINCE = datetime(2026, 8, 26, tzinfo=UTC)
PAGE_CALL = pages.page_call(VERSION, CERAMICS_PAGE)
POSTS_CALL = pages.posts_call(VERSION, CERAMICS_PAGE, since=SINCE, until=NOW, limit=5, after="x")
INSIGHTS = [
    pages.page_insights_call(VERSION, CERAMICS_PAGE, period, metrics, FIRST, LAST)
    for period, metrics in page_spec.PERIODS.items()
]
PAGING = {"limit", "after", "fields", "since", "until"}
"""What every list takes, by its place or by time."""
COUNTED_EDGES = {"reactions", "comments", "insights"}


def values(table: Any) -> set[str]:
    """The names in one of the SDK's tables."""
    return {value for name, value in vars(table).items() if not name.startswith("_")}


def names(call: ApiCall) -> set[str]:
    """The outermost fields that a call asks for."""
    return {selection.name for selection in expansion.parse(call.params["fields"])}


def described() -> Any:
    """Meta's description of a page."""
    return json.loads((SPECIFIED / "Page.json").read_text())


def parameters(edge: str) -> set[str]:
    """The parameters that reading an edge of a page takes."""
    (api,) = (api for api in described()["apis"] if (api["method"], api.get("endpoint")) == ("GET", edge))
    return {parameter["name"] for parameter in api["params"]}


@needs_description
def test_fields_of_pages_exist() -> None:
    """Each is in the description and in the SDK."""
    assert names(PAGE_CALL) <= {field["name"] for field in described()["fields"]}
    assert names(PAGE_CALL) <= values(Page.Field)


def test_fields_of_posts_exist() -> None:
    """Each is a field in the SDK, or one of its edges."""
    assert names(POSTS_CALL) - COUNTED_EDGES <= values(PagePost.Field)
    assert names(POSTS_CALL) >= COUNTED_EDGES
    assert all(hasattr(PagePost, f"get_{edge}") for edge in COUNTED_EDGES)


@needs_description
def test_lists_and_insights_use_parameters_that_exist() -> None:
    """Beside those of paging."""
    assert POSTS_CALL.params.keys() - PAGING <= parameters("posts")
    for call in INSIGHTS:
        assert call.params.keys() <= parameters("insights")


def test_periods_exist() -> None:
    """Each is one of the SDK's."""
    assert page_spec.PERIODS.keys() <= values(InsightsResult.Period)


def test_no_metric_is_retired() -> None:
    """Nothing is asked for that v26.0 took away, and for each of those something is asked for in its place."""
    asked = {*page_spec.PAGE_METRICS, *page_spec.POST_METRICS}
    assert not asked & page_spec.RETIRED.keys()
    assert {retired.instead for retired in page_spec.RETIRED.values()} <= asked


def test_windows_are_within_the_limit() -> None:
    """No call asks for more than 90 days, also where the clocks change."""
    for call in INSIGHTS:
        assert (LAST - FIRST).days + 1 == page_spec.MAX_WINDOW_DAYS
        assert int(call.params["until"]) - int(call.params["since"]) <= 90 * 86_400


async def test_the_sandbox_takes_every_call(meta: MetaSandbox) -> None:
    """Each call as the client makes it is answered to the page's own token, which is the one that it asks for."""
    meta.token()
    token = meta.sandbox.grants.page_token(MARA, CERAMICS_PAGE, NOW, None)
    for call in (PAGE_CALL, POSTS_CALL, *INSIGHTS):
        params = {name: value for name, value in call.params.items() if name != "after"}
        answer = await meta.call(call.method, call.path, token, params=params)
        assert answer.status == 200, answer.text
        assert (call.asset_id, call.token) == (CERAMICS_PAGE, CERAMICS_PAGE)


async def test_retired_metrics_are_refused(meta: MetaSandbox) -> None:
    """The sandbox refuses what Meta has taken away, alone and beside living metrics."""
    for metric in page_spec.RETIRED:
        if metric.startswith("page_"):
            asked = f"page_media_view,{metric}"
            answer = await meta.get(f"{CERAMICS_PAGE}/insights", meta.token(), metric=asked, period="day")
            assert answer.error == (100, None)


def test_texts_are_kept_as_a_database_takes_them() -> None:
    """A character of code 0 or half a character, which JSON may hold, does not stop a page from being stored."""
    row = {"id": "1_2", "created_time": "2026-11-01T10:00:00+0000", "message": "a\x00b\ud83d"}
    ((post, _),) = pages.read_posts({"data": [row]})
    assert post.message == "ab?"


def test_reading_unknown_counts() -> None:
    """A count that Meta does not tell is unknown; shares that are left out are none."""
    row = {"id": "1_2", "created_time": "2026-11-01T10:00:00+0000"}
    ((post, insights),) = pages.read_posts({"data": [row]})
    assert (post.reactions, post.comments, post.shares, insights) == (None, None, 0, [])
