"""Creating, changing and deleting ads as callers do it, with Meta's refusals; audiences and the ads archive."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.ads.surface import surface
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call, Caller, read_edge, read_node
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.people import page_id, person_id
from freehold.sandbox.settings import SandboxSettings

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CERAMICS = "act_88800000000001"
SCOPES = frozenset({"ads_read", "ads_management"})
CAMPAIGN: dict[str, object] = {
    "name": "Test",
    "objective": "OUTCOME_TRAFFIC",
    "special_ad_categories": [],
    "is_adset_budget_sharing_enabled": "false",
    "status": "ACTIVE",
}
AMERICA = {"geo_locations": {"countries": ["US"]}}
AD_SET: dict[str, object] = {
    "name": "Set",
    "optimization_goal": "LINK_CLICKS",
    "billing_event": "IMPRESSIONS",
    "daily_budget": "5000",
    "targeting": AMERICA,
    "status": "ACTIVE",
}
STORY = {"page_id": page_id(1), "link_data": {"link": "https://shop.example/", "message": "Hello"}}
Ask = Callable[..., JSON]


def asking(sandbox: Sandbox, scopes: frozenset[str] = SCOPES, person: int = 6) -> Ask:
    """Call a node, an edge or a root; parameters become text as a client's form does."""
    everything = frozenset(account.id for account in sandbox.world.ad_accounts)
    caller = Caller("USER", "1", person_id(person), scopes, everything)

    def ask(path: str, method: str = "GET", **params: object) -> JSON:
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        call = Call(sandbox, caller, method, "v26.0", f"/v26.0/{path}", texts, sandbox.now(), "http://127.0.0.1:1")
        name, _, edge = path.partition("/")
        if name in surface().roots:
            return surface().roots[name](call)
        found = surface().find(call, name)
        if found is None:
            raise LookupError(name)
        if edge:
            hung = found.node.edges[edge]
            return read_edge(call, hung, found.value) if method == "GET" else required(hung.create)(call, found.value)
        acts = {"GET": lambda call, _: read_node(call, found), "POST": found.node.update, "DELETE": found.node.delete}
        return required(acts[method])(call, found.value)

    return ask


def required(act: Callable[[Call, Any], JSON] | None) -> Callable[[Call, Any], JSON]:
    """An act that the node has."""
    assert act is not None
    return act


@pytest.fixture
def clock() -> MovableClock:
    """Stands at the epoch until moved."""
    return MovableClock(EPOCH)


@pytest.fixture
def sandbox(clock: MovableClock) -> Sandbox:
    """The cast, at the epoch."""
    return new_sandbox(SandboxSettings(seed=7), clock)


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """A caller who may manage every ad account."""
    return asking(sandbox)


@pytest.fixture
def campaign(ask: Ask) -> str:
    """A campaign without a budget of its own."""
    return str(ask(f"{CERAMICS}/campaigns", "POST", **CAMPAIGN)["id"])


@pytest.fixture
def ad_set(ask: Ask, campaign: str) -> str:
    """An ad set with a budget."""
    return str(ask(f"{CERAMICS}/adsets", "POST", **AD_SET, campaign_id=campaign)["id"])


@pytest.fixture
def ad(ask: Ask, ad_set: str) -> str:
    """An ad with an inline creative."""
    creative = {"name": "Hello", "object_story_spec": STORY}
    return str(ask(f"{CERAMICS}/ads", "POST", name="Ad", adset_id=ad_set, creative=creative, status="ACTIVE")["id"])


def refused(ask: Ask, path: str, method: str = "POST", /, **params: object) -> tuple[int, int | None]:
    """Code and subcode of the refusal."""
    with pytest.raises(GraphError) as caught:
        ask(path, method, **params)
    return caught.value.code, caught.value.subcode


def without(values: dict[str, object], *names: str, **changed: object) -> dict[str, object]:
    """Parameters with some taken away and others changed."""
    return {name: value for name, value in values.items() if name not in names} | changed


@pytest.mark.parametrize(
    ("values", "subcode"),
    [
        (without(CAMPAIGN, "special_ad_categories"), None),
        (without(CAMPAIGN, "is_adset_budget_sharing_enabled"), 4834011),
        (without(CAMPAIGN, objective="CONVERSIONS"), None),
        (without(CAMPAIGN, objective="WORLD_PEACE"), None),
        (without(CAMPAIGN, daily_budget="99"), 1885272),
        (without(CAMPAIGN, daily_budget="5000", lifetime_budget="9000"), None),
        (without(CAMPAIGN, bid_strategy="COST_CAP"), None),
        (without(CAMPAIGN, spend_cap="100"), 1885650),
        (without(CAMPAIGN, status="ARCHIVED"), None),
        (without(CAMPAIGN, special_ad_categories=["PETS"]), None),
        (without(CAMPAIGN, "name"), None),
    ],
)
def test_campaigns_that_meta_refuses(ask: Ask, values: dict[str, object], subcode: int | None) -> None:
    """Each missing, unknown or too small value is error 100 with its subcode, and nothing is kept."""
    before = ask(f"{CERAMICS}/campaigns", summary="true")["summary"]
    assert refused(ask, f"{CERAMICS}/campaigns", **values) == (100, subcode)
    assert ask(f"{CERAMICS}/campaigns", summary="true")["summary"] == before


@pytest.mark.parametrize(
    ("values", "subcode"),
    [
        (without(AD_SET, "daily_budget"), None),
        (without(AD_SET, daily_budget="10"), 1885272),
        (without(AD_SET, "daily_budget", lifetime_budget="90000"), None),
        (without(AD_SET, optimization_goal="APP_INSTALLS"), None),
        (without(AD_SET, billing_event="CLICKS"), None),
        (without(AD_SET, "targeting"), None),
        (without(AD_SET, targeting={"age_min": 18}), None),
        (without(AD_SET, targeting={"geo_locations": {"countries": ["US"], "location_types": ["home"]}}), 1870199),
        (without(AD_SET, targeting={**AMERICA, "messenger_positions": ["story"]}), 1487694),
        (without(AD_SET, targeting={"geo_locations": {"countries": ["FR"]}}), 3858079),
        (without(AD_SET, bid_strategy="COST_CAP"), None),
        (without(AD_SET, attribution_spec=[{"event_type": "CLICK_THROUGH", "window_days": 7}]), None),
        (without(AD_SET, end_time="2026-11-24T01:00:00-0800"), None),
        (without(AD_SET, name="x" * 401), None),
        (without(AD_SET, campaign_id="1202500000009999"), None),
    ],
)
def test_ad_sets_that_meta_refuses(ask: Ask, campaign: str, values: dict[str, object], subcode: int | None) -> None:
    """Budgets, goals, targeting, the payer in the EU, bids, attribution and duration."""
    assert refused(ask, f"{CERAMICS}/adsets", **{"campaign_id": campaign, **values}) == (100, subcode)


def test_a_goal_needs_the_object_that_it_promotes(ask: Ask) -> None:
    """Sales by conversions without a pixel: 100/1815430; with it, the ad set is made."""
    selling = ask(f"{CERAMICS}/campaigns", "POST", **without(CAMPAIGN, objective="OUTCOME_SALES"))["id"]
    values = without(AD_SET, optimization_goal="OFFSITE_CONVERSIONS", campaign_id=selling)
    assert refused(ask, f"{CERAMICS}/adsets", **values) == (100, 1815430)
    pixel = {"pixel_id": "1", "custom_event_type": "PURCHASE"}
    made = ask(f"{CERAMICS}/adsets", "POST", **values, promoted_object=pixel, fields="attribution_spec")
    assert [spec["window_days"] for spec in made["attribution_spec"]] == [7, 1]


def test_a_budget_stands_in_one_place(ask: Ask, campaign: str, ad_set: str) -> None:
    """On the campaign or on its ad sets, never on both: 100/1885621."""
    assert ad_set
    rich = ask(f"{CERAMICS}/campaigns", "POST", **CAMPAIGN, daily_budget="9000")["id"]
    assert refused(ask, f"{CERAMICS}/adsets", **AD_SET, campaign_id=rich) == (100, 1885621)
    assert refused(ask, campaign, daily_budget="9000") == (100, 1885621)


def test_some_error_data_is_json_in_text(ask: Ask, campaign: str) -> None:
    """The refusal for a missing payer carries its blame as a string."""
    with pytest.raises(GraphError) as caught:
        ask(
            f"{CERAMICS}/adsets",
            "POST",
            **without(AD_SET, campaign_id=campaign, targeting={"geo_locations": {"countries": ["DE"]}}),
        )
    assert json.loads(caught.value.error_data) == {"blame_field_specs": [["dsa_payor"]]}


def test_validate_only_keeps_nothing(ask: Ask) -> None:
    """It answers success, or the refusal that the real call would get."""
    before = ask(f"{CERAMICS}/campaigns", summary="true")["summary"]
    options = {"execution_options": ["validate_only"]}
    assert ask(f"{CERAMICS}/campaigns", "POST", **CAMPAIGN, **options) == {"success": True}
    assert refused(ask, f"{CERAMICS}/campaigns", **without(CAMPAIGN, daily_budget="1"), **options) == (100, 1885272)
    assert ask(f"{CERAMICS}/campaigns", summary="true")["summary"] == before


def test_writing_needs_its_permission(sandbox: Sandbox) -> None:
    """ads_read alone is error 294."""
    reader = asking(sandbox, scopes=frozenset({"ads_read"}))
    assert refused(reader, f"{CERAMICS}/campaigns", **CAMPAIGN)[0] == 294


def test_an_ad_is_reviewed_runs_and_delivers(ask: Ask, ad: str, clock: MovableClock) -> None:
    """New ads wait in review; then they spend about their budget, within days that lie after their creation."""
    assert ask(ad, fields="effective_status")["effective_status"] == "PENDING_REVIEW"
    clock.advance(timedelta(days=4))
    assert ask(ad, fields="effective_status")["effective_status"] == "ACTIVE"
    rows = ask(f"{ad}/insights", time_increment="1", fields="spend", date_preset="last_30d")["data"]
    assert [row["date_start"] for row in rows] == [f"2026-11-{day}" for day in (23, 24, 25, 26)]
    assert all(15 < float(row["spend"]) < 65 for row in rows)


def test_pausing_the_campaign_stops_its_ads(ask: Ask, campaign: str, ad_set: str, ad: str, clock: MovableClock) -> None:
    """Everything below shows CAMPAIGN_PAUSED and delivers nothing from then on."""
    clock.advance(timedelta(days=2))
    assert ask(campaign, "POST", status="PAUSED") == {"success": True}
    clock.advance(timedelta(days=3))
    for object_id in (ad_set, ad):
        assert ask(object_id, fields="effective_status")["effective_status"] == "CAMPAIGN_PAUSED"
    rows = ask(f"{ad}/insights", time_increment="1", date_preset="last_7d")["data"]
    assert rows[-1]["date_start"] == "2026-11-25"


def test_a_changed_budget_is_spent_from_the_next_day(ask: Ask, ad_set: str, ad: str, clock: MovableClock) -> None:
    """Ten times the budget: about ten times the spend."""
    clock.advance(timedelta(days=9))
    ask(ad_set, "POST", daily_budget="50000")
    clock.advance(timedelta(days=3))
    rows = ask(f"{ad}/insights", time_increment="1", fields="spend", date_preset="last_14d")["data"]
    spent = {row["date_start"]: float(row["spend"]) for row in rows}
    assert spent["2026-12-03"] > 6 * spent["2026-12-01"]


def test_a_budget_changes_four_times_an_hour(ask: Ask, ad_set: str, clock: MovableClock) -> None:
    """The fifth change is error 613/1487632; an hour later it goes through."""
    for amount in range(6000, 6400, 100):
        ask(ad_set, "POST", daily_budget=str(amount))
    assert refused(ask, ad_set, daily_budget="9000") == (613, 1487632)
    clock.advance(timedelta(hours=1, seconds=1))
    assert ask(ad_set, "POST", daily_budget="9000", fields="daily_budget")["daily_budget"] == "9000"


def test_seeded_ads_can_be_changed_and_deleted(ask: Ask) -> None:
    """A deleted ad leaves the list, is found under its status, and can still be read."""
    ad_id = ask(f"{CERAMICS}/ads", effective_status=["ACTIVE"], limit="1")["data"][0]["id"]
    ask(ad_id, "POST", name="Renamed")
    assert ask(ad_id, fields="name")["name"] == "Renamed"
    assert ask(ad_id, "DELETE") == {"success": True}
    listed = ask(f"{CERAMICS}/ads", limit="500")["data"]
    deleted = ask(f"{CERAMICS}/ads", effective_status=["DELETED"])["data"]
    assert ad_id not in {row["id"] for row in listed}
    assert [row["id"] for row in deleted] == [ad_id]
    assert ask(ad_id, fields="status")["status"] == "DELETED"


def test_pausing_an_ad_leaves_its_past(ask: Ask, clock: MovableClock) -> None:
    """What it delivered before stays as it was, and the rest of its ad set takes its share of the budget."""
    ad_id = ask(f"{CERAMICS}/ads", effective_status=["ACTIVE"], limit="1")["data"][0]["id"]
    asked = {"time_increment": "1", "fields": "impressions,spend", "date_preset": "last_14d"}
    before = ask(f"{ad_id}/insights", **asked)["data"]
    ask(ad_id, "POST", status="PAUSED")
    assert ask(f"{ad_id}/insights", **asked)["data"] == before
    clock.advance(timedelta(days=2))
    assert ask(f"{ad_id}/insights", date_preset="yesterday")["data"] == []


@pytest.mark.parametrize(
    ("values", "subcode"),
    [
        ({"object_story_spec": STORY, "instagram_actor_id": "1"}, 2446149),
        ({"object_story_id": "1_2", "instagram_story_id": "1"}, 2238055),
        ({"object_story_spec": {"link_data": {"link": "https://shop.example/"}}}, None),
        ({"object_story_spec": {"page_id": "1", "link_data": {"message": "no link"}}}, None),
        ({"name": "Empty"}, None),
    ],
)
def test_creatives_that_meta_refuses(ask: Ask, values: dict[str, object], subcode: int | None) -> None:
    """Retired Instagram parameters, and stories without page, link or content."""
    assert refused(ask, f"{CERAMICS}/adcreatives", **values) == (100, subcode)


def test_an_ad_needs_its_ad_set_and_creative(ask: Ask, ad_set: str) -> None:
    """Both must be there and belong to the account."""
    assert refused(ask, f"{CERAMICS}/ads", name="Ad", adset_id=ad_set) == (100, None)
    assert refused(ask, f"{CERAMICS}/ads", name="Ad", creative={"creative_id": "1"}, adset_id=ad_set) == (100, None)
    assert refused(ask, f"{CERAMICS}/ads", name="Ad", creative={"object_story_spec": STORY}) == (100, None)


def test_images_are_kept_by_their_hash(ask: Ask) -> None:
    """As base64 `bytes` or as a file under any name."""
    content = base64.b64encode(b"picture").decode()
    first = ask(f"{CERAMICS}/adimages", "POST", bytes=content)["images"]["bytes"]["hash"]
    second = ask(f"{CERAMICS}/adimages", "POST", **{"photo.png": "picture"})["images"]["photo.png"]["hash"]
    assert first == second
    assert ask(f"{CERAMICS}/adimages", fields="hash")["data"][0]["hash"] == first


def test_activities_tell_what_was_done(ask: Ask, ad_set: str) -> None:
    """Newest first, with what a value was before."""
    ask(ad_set, "POST", daily_budget="7000")
    newest = ask(f"{CERAMICS}/activities", limit="1")["data"][0]
    assert (newest["event_type"], newest["object_id"]) == ("update_ad_set_budget", ad_set)
    assert json.loads(newest["extra_data"]) == {"old_value": 5000, "new_value": 7000}


def test_targeting_is_searched_and_estimated(ask: Ask) -> None:
    """Interests have ids that estimates take; a narrower audience is smaller; custom audiences hide the number."""
    found = ask("search", type="adinterest", q="pott")["data"][0]
    assert found["name"] == "Pottery"
    assert ask(f"{CERAMICS}/targetingsearch", q="coffee")["data"][0]["type"] == "interests"
    city = ask("search", type="adgeolocation", q="Berl", location_types=["city"])["data"][0]
    assert (city["name"], city["country_code"]) == ("Berlin", "DE")
    wide = ask(f"{CERAMICS}/reachestimate", targeting_spec=AMERICA)["data"]
    narrow = ask(f"{CERAMICS}/reachestimate", targeting_spec={**AMERICA, "interests": [{"id": found["id"]}]})["data"]
    assert 0 < narrow["users_upper_bound"] < wide["users_lower_bound"]
    hidden = ask(f"{CERAMICS}/reachestimate", targeting_spec={**AMERICA, "custom_audiences": [{"id": "1"}]})["data"]
    assert hidden["users_lower_bound"] == hidden["users_upper_bound"] == -1
    assert refused(ask, f"{CERAMICS}/reachestimate", "GET") == (100, None)
    assert refused(ask, "search", "GET", type="adcolour", q="x") == (100, None)


def test_delivery_estimates_have_the_fields_of_this_version(ask: Ask) -> None:
    """Daily outcomes and daily actives are gone."""
    (row,) = ask(f"{CERAMICS}/delivery_estimate", targeting_spec=AMERICA, optimization_goal="REACH")["data"]
    assert set(row) == {
        "estimate_ready",
        "estimate_mau_lower_bound",
        "estimate_mau_upper_bound",
        "targeting_optimization_types",
    }


def test_the_archive_holds_what_europe_saw(ask: Ask) -> None:
    """A roaster in Berlin is there; a page that advertises in the United States alone is not."""
    berlin = ask(
        "ads_archive", ad_reached_countries=["DE"], search_page_ids=[page_id(10)], fields="page_name,eu_total_reach"
    )
    assert {row["page_name"] for row in berlin["data"]} == {"Slate Coffee Works"}
    assert all(row["eu_total_reach"] > 0 for row in berlin["data"])
    assert set(berlin.get("paging", {"cursors": {"after": ""}})["cursors"]) == {"after"}
    for countries in (["US"], "ALL"):
        assert ask("ads_archive", ad_reached_countries=countries, search_page_ids=[page_id(9)])["data"] == []


def test_the_archive_is_for_confirmed_people(sandbox: Sandbox, ask: Ask) -> None:
    """Someone without a role on the app is refused; countries and terms are required."""
    outsider = asking(sandbox, person=8)
    assert refused(outsider, "ads_archive", "GET", ad_reached_countries=["DE"], search_terms="coffee")[0] == 10
    assert refused(ask, "ads_archive", "GET", search_terms="coffee") == (100, None)
    assert refused(ask, "ads_archive", "GET", ad_reached_countries=["DE"]) == (100, None)


def test_the_archive_shows_what_runs_unless_asked(ask: Ask) -> None:
    """ACTIVE is the default; stopped ads carry the day on which they stopped."""
    asked: dict[str, object] = {"ad_reached_countries": ["DE", "GB"], "search_terms": "northwind", "limit": "500"}
    running = ask("ads_archive", **asked, fields="ad_delivery_stop_time")["data"]
    stopped = ask("ads_archive", **asked, ad_active_status="INACTIVE", fields="ad_delivery_stop_time")["data"]
    assert running
    assert all("ad_delivery_stop_time" not in row for row in running)
    assert all("ad_delivery_stop_time" in row for row in stopped)


def test_a_campaign_is_copied_with_everything_in_it(ask: Ask, campaign: str, ad: str) -> None:
    """A deep copy has its own ad sets and ads, paused unless asked otherwise."""
    copied = ask(f"{campaign}/copies", "POST", deep_copy="true")
    made = ask(copied["copied_campaign_id"], fields="status,source_campaign_id,ads{source_ad_id}")
    assert (made["status"], made["source_campaign_id"]) == ("PAUSED", campaign)
    assert [row["source_ad_id"] for row in made["ads"]["data"]] == [ad]


def test_restricted_categories_choose_their_audience_explicitly(ask: Ask) -> None:
    """With housing, employment or finance, advantage_audience must be sent."""
    housing = ask(f"{CERAMICS}/campaigns", "POST", **without(CAMPAIGN, special_ad_categories=["HOUSING"]))["id"]
    values = without(AD_SET, campaign_id=housing)
    assert refused(ask, f"{CERAMICS}/adsets", **values) == (100, None)
    chosen = {**AMERICA, "targeting_automation": {"advantage_audience": 0}}
    assert ask(f"{CERAMICS}/adsets", "POST", **without(values, targeting=chosen))["success"]


def test_nothing_is_added_to_what_is_deleted(ask: Ask, campaign: str, ad_set: str) -> None:
    """A deleted campaign takes no ad sets, and what is in it shows DELETED."""
    ask(campaign, "DELETE")
    assert refused(ask, f"{CERAMICS}/adsets", **AD_SET, campaign_id=campaign) == (100, None)
    assert ask(ad_set, fields="effective_status")["effective_status"] == "DELETED"


def test_an_ad_set_that_is_given_an_end_stops(ask: Ask, clock: MovableClock) -> None:
    """It delivers on the day of its end and no longer."""
    set_id = ask(f"{CERAMICS}/adsets", effective_status=["ACTIVE"], limit="1")["data"][0]["id"]
    ask(set_id, "POST", end_time="2026-11-25T12:00:00-0800")
    clock.advance(timedelta(days=5))
    rows = ask(f"{set_id}/insights", time_increment="1", date_preset="last_7d")["data"]
    assert rows[-1]["date_start"] == "2026-11-25"


def test_an_id_that_was_never_given_out_finds_nothing(ask: Ask) -> None:
    """Whatever its digits, an id names an object only once it has been created."""
    for kind in (5, 6, 7, 8, 9):
        with pytest.raises(LookupError):
            ask(f"1202{kind}00000000101")
