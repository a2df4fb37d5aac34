"""Everything that our calls ask of Meta exists: ads by the SDK's tables, Instagram by Meta's own v25 description."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.instagraminsightsresult import InstagramInsightsResult
from facebook_business.api import FacebookAdsApi
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, NOW, MetaSandbox

from freehold.node.collection.ad_breakdowns import parts_question
from freehold.node.collection.ad_days import days_question
from freehold.node.collection.ad_reach import LEVELS, reach_question
from freehold.node.collection.source import window
from freehold.providers.calls import ApiCall
from freehold.providers.meta import ad_insights, ads, instagram, spec
from freehold.sandbox.meta import fields as expansion

SPECIFIED = Path(__file__).parents[3].parent / "shared" / "data" / "meta-specs-v25"
needs_description = pytest.mark.skipif(not SPECIFIED.is_dir(), reason=f"no description of v25.0 in {SPECIFIED}")

VERSION = "v26.0"
FIRST, LAST = date(2026, 10, 24), date(2026, 11, 22)
POST_ID = "17900110000000001"
LISTS = {
    "campaigns": (ads.campaigns_call(VERSION, CERAMICS_ADS, limit=5, after="x"), Campaign, "get_campaigns"),
    "adsets": (ads.ad_sets_call(VERSION, CERAMICS_ADS, limit=5, after="x"), AdSet, "get_ad_sets"),
    "ads": (ads.ads_call(VERSION, CERAMICS_ADS, limit=5, after="x"), Ad, "get_ads"),
}
QUESTIONS = {
    "days": days_question((FIRST, LAST)),
    **{breakdown: parts_question(breakdown, (FIRST, LAST)) for breakdown in spec.AD_BREAKDOWNS},
    **{f"reach of {level}": reach_question(level, [(FIRST, LAST), (LAST, LAST)]) for level in LEVELS},
}
INSIGHTS = {
    name: ad_insights.insights_call(VERSION, CERAMICS_ADS, question, limit=5, after="x")
    for name, question in QUESTIONS.items()
}
PAGING = {"limit", "after", "fields"}
ADDED_IN_V26 = {
    "IGUser": {"collaborative_media_search", "mini_shop_storefront"},
    "IGMedia": {
        "audio_id",
        "is_ai_generated",
        "media_audio_type",
        "reposts_count",
        "saved_count",
        "shares_count",
        "total_comments_count",
        "total_like_count",
        "total_views_count",
    },
    "shadowigmediainsights_metric_enum_param": {"link_clicks"},
    "shadowiguserinsights_metric_enum_param": set[str](),
}
"""What v26.0 offers beside what v25.0 did."""
REMOVED_IN_V26 = {
    "shadowigmediainsights_metric_enum_param": {
        "clips_replays_count",
        "plays",
        "video_views",
        "content_views",
        "ig_reels_aggregated_all_plays_count",
        "impressions",
    },
    "shadowiguserinsights_metric_enum_param": set[str](),
}
"""What v25.0 lists and no version gives any more."""


def values(table: Any) -> set[str]:
    """The names in one of the SDK's tables."""
    return {value for name, value in vars(table).items() if not name.startswith("_")}


def names(call: ApiCall) -> set[str]:
    """The outermost fields that a call asks for."""
    return {selection.name for selection in expansion.parse(call.params["fields"])}


@pytest.fixture
def account() -> Any:
    """An ad account of the SDK; nothing is sent."""
    return AdAccount(CERAMICS_ADS, api=FacebookAdsApi(None))


@pytest.mark.parametrize("edge", LISTS)
def test_lists_ask_for_fields_that_exist(edge: str) -> None:
    """Each field of campaigns, ad sets and ads is one of the SDK's."""
    call, kind, _ = LISTS[edge]
    assert names(call) <= values(kind.Field)
    assert call.path == f"/{VERSION}/{CERAMICS_ADS}/{edge}"


@pytest.mark.parametrize("edge", LISTS)
def test_lists_use_parameters_that_exist(account: Any, edge: str) -> None:
    """Each parameter is one that the SDK knows of this edge, and each status one of its values."""
    call, kind, method = LISTS[edge]
    request = getattr(account, method)(pending=True)
    for name in call.params.keys() - PAGING:
        assert request._param_checker.is_valid_pair(name, json.loads(call.params[name])), name
    assert set(json.loads(call.params["effective_status"])) == values(kind.EffectiveStatus)


@pytest.mark.parametrize("which", INSIGHTS)
def test_insights_ask_for_fields_that_exist(which: str) -> None:
    """Each column is one of the SDK's."""
    assert names(INSIGHTS[which]) <= values(AdsInsights.Field)


@pytest.mark.parametrize("which", INSIGHTS)
def test_insights_use_parameters_that_exist(account: Any, which: str) -> None:
    """Level, windows, dates, breakdowns and increments are of the kinds that the SDK's tables allow."""
    params = INSIGHTS[which].params
    request = account.get_insights(pending=True)
    assert params["level"] in values(AdsInsights.Level)
    assert set(json.loads(params.get("action_attribution_windows", "[]"))) <= values(
        AdsInsights.ActionAttributionWindows
    )
    assert set(json.loads(params.get("breakdowns", "[]"))) <= values(AdsInsights.Breakdowns)
    for name in params.keys() - PAGING:
        value = params[name] if name in {"level", "time_increment"} else json.loads(params[name])
        assert request._param_checker.is_valid_pair(name, value), name


@pytest.mark.parametrize("which", QUESTIONS)
def test_a_report_is_ordered_with_the_same_question(which: str) -> None:
    """What is ordered is what would be asked at once, without a page."""
    order = ad_insights.order_call(VERSION, CERAMICS_ADS, QUESTIONS[which])
    assert (order.method, order.path) == ("POST", INSIGHTS[which].path)
    assert order.params == {
        name: text for name, text in INSIGHTS[which].params.items() if name not in {"limit", "after"}
    }


def test_reports_ask_for_fields_that_exist() -> None:
    """Each field of a report and of an account is one of the SDK's."""
    assert names(ad_insights.report_call(VERSION, CERAMICS_ADS, "1")) <= values(AdReportRun.Field)
    assert names(ads.account_call(VERSION, CERAMICS_ADS)) <= values(AdAccount.Field)
    assert set(spec.CREATIVE_FIELDS) <= values(AdCreative.Field)


def test_objectives_with_results_exist() -> None:
    """Each objective whose results we count is one that a campaign may have."""
    assert ad_insights.RESULT_ACTIONS.keys() <= values(Campaign.Objective)


# Instagram.

PROFILE_CALL = instagram.profile_call(VERSION, CERAMICS)
SINCE, UNTIL = NOW - timedelta(days=700), NOW
POSTS_CALL = instagram.posts_call(VERSION, CERAMICS, since=SINCE, until=UNTIL, limit=5, after="x")
STORIES_CALL = instagram.stories_call(VERSION, CERAMICS, ())
FRESH_CALL = instagram.fresh_call(VERSION, CERAMICS, since=SINCE, limit=5, of_stories=(), of_posts=())
ACCOUNT_INSIGHTS = [
    instagram.series_call(VERSION, CERAMICS, spec.ACCOUNT_SERIES, FIRST, LAST),
    *(instagram.series_call(VERSION, CERAMICS, ["reach"], FIRST, LAST, period) for period in spec.TRAILING_PERIODS),
    *(
        instagram.breakdown_call(VERSION, CERAMICS, metrics, breakdown, FIRST, LAST)
        for breakdown, metrics in spec.BREAKDOWNS.items()
    ),
    instagram.online_followers_call(VERSION, CERAMICS, FIRST, LAST),
    instagram.totals_call(VERSION, CERAMICS, LAST),
    *(
        instagram.demographics_call(VERSION, CERAMICS, metric, breakdown)
        for metric in spec.DEMOGRAPHICS
        for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS
    ),
]
POST_INSIGHTS = [
    instagram.post_insights_call(VERSION, CERAMICS, POST_ID, metrics)
    for metrics in (spec.POST_METRICS, spec.FEED_METRICS, spec.REELS_METRICS, spec.STORY_METRICS)
]


def described(name: str) -> Any:
    """One of Meta's descriptions."""
    return json.loads((SPECIFIED / f"{name}.json").read_text())


def enumerated(name: str) -> set[str]:
    """The values of an enumeration as of v26.0."""
    found: set[str] = next(set(item["values"]) for item in described("enum_types") if item["name"] == name)
    return (found | ADDED_IN_V26.get(name, set())) - REMOVED_IN_V26.get(name, set()) - spec.RETIRED.keys()


def parameters(kind: str, edge: str) -> set[str]:
    """The parameters that reading an edge takes."""
    apis = described(kind)["apis"]
    (api,) = (api for api in apis if (api["method"], api.get("endpoint")) == ("GET", edge))
    return {parameter["name"] for parameter in api["params"]}


@needs_description
@pytest.mark.parametrize(
    ("call", "kind"),
    [(PROFILE_CALL, "IGUser"), (FRESH_CALL, "IGUser"), (POSTS_CALL, "IGMedia"), (STORIES_CALL, "IGMedia")],
    ids=["profile", "fresh", "posts", "stories"],
)
def test_instagram_fields_exist(call: ApiCall, kind: str) -> None:
    """Fields of profiles and posts are in the description, in the SDK, or an edge."""
    fields = {field["name"] for field in described(kind)["fields"]} | ADDED_IN_V26[kind]
    edges = {api.get("endpoint") for api in described(kind)["apis"] if api["method"] == "GET"}
    assert names(call) <= fields | edges
    assert names(call) - edges <= values({"IGUser": IGUser, "IGMedia": IGMedia}[kind].Field)


@needs_description
def test_the_list_of_posts_uses_parameters_that_exist() -> None:
    """`since` and `until` beside those of paging."""
    assert POSTS_CALL.params.keys() - PAGING <= parameters("IGUser", "media")


@needs_description
@pytest.mark.parametrize("call", ACCOUNT_INSIGHTS, ids=lambda call: call.params["metric"][:30])
def test_account_insights_ask_for_what_exists(call: ApiCall) -> None:
    """Metrics, period, form, breakdown and timeframe are values of their enumerations."""
    assert call.params.keys() <= parameters("IGUser", "insights")
    for name in ("metric", "period", "metric_type", "breakdown", "timeframe"):
        asked = set(call.params.get(name, "").split(",")) - {""}
        assert asked <= enumerated(f"shadowiguserinsights_{name}_enum_param"), name
    assert not set(call.params["metric"].split(",")) & spec.RETIRED.keys()


@needs_description
@pytest.mark.parametrize("call", POST_INSIGHTS, ids=lambda call: call.params["metric"][:30])
def test_post_insights_ask_for_what_exists(call: ApiCall) -> None:
    """Metrics of posts are in the description as of v26.0."""
    assert call.params.keys() <= parameters("IGMedia", "insights")
    asked = set(call.params["metric"].split(","))
    assert asked <= enumerated("shadowigmediainsights_metric_enum_param")


@pytest.mark.parametrize("call", POST_INSIGHTS, ids=lambda call: call.params["metric"][:30])
def test_metrics_of_posts_are_the_sdk_s(call: ApiCall) -> None:
    """Meta's SDK lists each metric that we ask of a post."""
    assert set(call.params["metric"].split(",")) <= values(InstagramInsightsResult.Metric)


@needs_description
def test_the_nested_insights_of_posts_exist() -> None:
    """The metrics that come with a page of posts are metrics of posts."""
    nested = next(each for each in expansion.parse(POSTS_CALL.params["fields"]) if each.name == "insights")
    metrics = set(nested.arguments["metric"].split(","))
    assert metrics <= enumerated("shadowigmediainsights_metric_enum_param") & values(InstagramInsightsResult.Metric)


@needs_description
def test_the_lists_of_changes_are_true() -> None:
    """What is said to be new in v26.0 is not in the older description but in the SDK; what is gone was there."""
    for kind, table in (("IGUser", IGUser), ("IGMedia", IGMedia)):
        old = {field["name"] for field in described(kind)["fields"]}
        assert not ADDED_IN_V26[kind] & old
        assert ADDED_IN_V26[kind] <= values(table.Field)
    name = "shadowigmediainsights_metric_enum_param"
    old = next(set(item["values"]) for item in described("enum_types") if item["name"] == name)
    assert REMOVED_IN_V26[name] <= old
    assert not (REMOVED_IN_V26[name] - {"impressions"}) & values(InstagramInsightsResult.Metric)
    assert old - REMOVED_IN_V26[name] | ADDED_IN_V26[name] == values(InstagramInsightsResult.Metric) - {"impressions"}


def test_windows_are_within_the_limit() -> None:
    """No call asks for more than 30 days, also where the clocks change."""
    for call in ACCOUNT_INSIGHTS:
        if "since" in call.params:
            assert int(call.params["until"]) - int(call.params["since"]) <= 30 * 86_400
    (window_of_30, *_) = instagram.windows([date(2026, 11, 18) - timedelta(days=back) for back in range(40)])
    assert window_of_30 == (date(2026, 10, 20), date(2026, 11, 18))
    turned = instagram.series_call(VERSION, CERAMICS, ["reach"], *window_of_30)
    assert int(turned.params["until"]) - int(turned.params["since"]) == 30 * 86_400


@pytest.mark.parametrize(
    "call",
    [
        PROFILE_CALL,
        instagram.profile_call(VERSION, CERAMICS, ACCOUNT_INSIGHTS[0]),
        POSTS_CALL,
        STORIES_CALL,
        *ACCOUNT_INSIGHTS,
        *INSIGHTS.values(),
        *(call for call, _, _ in LISTS.values()),
    ],
    ids=lambda call: f"{call.path.rpartition('/')[2]} {call.params.get('metric', '')[:20]}".strip(),
)
async def test_the_sandbox_takes_every_call(meta: MetaSandbox, call: ApiCall) -> None:
    """Each call as the client makes it is answered, and concerns the asset that it names."""
    params = {name: value for name, value in call.params.items() if name != "after"}
    answer = await meta.call(call.method, call.path, meta.token(), params=params)
    assert answer.status == 200, answer.text
    assert call.asset_id in {CERAMICS, CERAMICS_ADS}
    assert window(NOW, 90).last == LAST
