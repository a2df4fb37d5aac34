"""Ad accounts, their objects and their insights as callers read them."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.ads import absent_fields, insight_fields
from freehold.sandbox.meta.ads.account_node import AD_ACCOUNT
from freehold.sandbox.meta.ads.accounts import account_plan, written
from freehold.sandbox.meta.ads.ad_nodes import TYPES
from freehold.sandbox.meta.ads.report_runs import REPORT_RUN
from freehold.sandbox.meta.ads.surface import surface
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call, Caller, read_edge, read_node
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world import ads
from freehold.sandbox.settings import SandboxSettings

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CERAMICS, STATIONERY, OUTDOOR = (f"act_88800000000{number:03d}" for number in (1, 4, 6))
SCOPES = frozenset({"ads_read"})
Ask = Callable[..., JSON]


def asking(sandbox: Sandbox, scopes: frozenset[str] = SCOPES, granted: frozenset[str] | None = None) -> Ask:
    """GET or POST a node or an edge; parameters become text as a client's form does."""
    everything = frozenset(account.id for account in sandbox.world.ad_accounts)
    caller = Caller("USER", "1", "2", scopes, everything if granted is None else granted)

    def ask(path: str, method: str = "GET", **params: object) -> JSON:
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        call = Call(sandbox, caller, method, "v26.0", f"/v26.0/{path}", texts, sandbox.now(), "http://127.0.0.1:1")
        name, _, edge = path.partition("/")
        found = surface().find(call, name)
        if found is None:
            raise LookupError(name)
        if not edge:
            return read_node(call, found)
        if method == "GET":
            return read_edge(call, found.node.edges[edge], found.value)
        create = found.node.edges[edge].create
        assert create is not None
        return create(call, found.value)

    return ask


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
    """A caller who was granted every ad account."""
    return asking(sandbox)


def every_page(ask: Ask, path: str, **params: object) -> list[JSON]:
    """All rows, following `next` as a client does."""
    found: list[JSON] = []
    answer = ask(path, **params)
    while True:
        found += answer["data"]
        following = answer.get("paging", {}).get("next")
        if not following:
            return found
        answer = ask(path, **dict(parse_qsl(urlsplit(following).query)))


def refused(ask: Ask, path: str, **params: object) -> tuple[int, int | None, int]:
    """Code, subcode and HTTP status of the refusal."""
    with pytest.raises(GraphError) as caught:
        ask(path, **params)
    return caught.value.code, caught.value.subcode, caught.value.status


def days(since: int, until: int) -> dict[str, str]:
    """A time range of days before the epoch."""
    return {
        name: (EPOCH.date() - timedelta(days=back)).isoformat() for name, back in (("since", since), ("until", until))
    }


def test_an_account_shows_itself(ask: Ask) -> None:
    """Money is text in minor units, the id carries `act_`, and without fields only the ids come."""
    assert ask(CERAMICS) == {"account_id": CERAMICS[4:], "id": CERAMICS}
    shown = ask(CERAMICS, fields="name,currency,timezone_name,account_status,amount_spent,balance,business,user_tasks")
    assert (shown["currency"], shown["timezone_name"], shown["account_status"]) == ("USD", "America/Los_Angeles", 1)
    assert int(shown["amount_spent"]) > 100_000
    assert shown["business"]["name"] == "Lumen Ceramics"


def test_another_grant_does_not_see_the_account(sandbox: Sandbox) -> None:
    """An account, and anything in it, exists only for callers whose grant covers it."""
    mine = asking(sandbox, granted=frozenset({STATIONERY}))
    campaign = asking(sandbox)(f"{CERAMICS}/campaigns", limit="1")["data"][0]["id"]
    for path in (CERAMICS, campaign):
        with pytest.raises(LookupError):
            mine(path)
    assert mine(STATIONERY)["id"] == STATIONERY


def test_a_grant_without_an_ads_permission_is_refused(sandbox: Sandbox) -> None:
    """Error 200, with status 403."""
    assert refused(asking(sandbox, scopes=frozenset()), CERAMICS) == (200, None, 403)


def test_lists_are_paged_counted_and_complete(ask: Ask) -> None:
    """Following `next` gives each ad once; `summary` counts them."""
    listed = every_page(ask, f"{CERAMICS}/ads", fields="id,name", limit="7")
    assert len({row["id"] for row in listed}) == len(listed)
    assert ask(f"{CERAMICS}/ads", summary="total_count", limit="1")["summary"]["total_count"] == len(listed)
    assert 50 <= len(listed) <= 90


def test_lists_can_be_filtered(ask: Ask) -> None:
    """By effective status, by a condition on the object, and by one on what it belongs to."""
    active = every_page(ask, f"{CERAMICS}/ads", fields="effective_status,campaign{name}", effective_status=["ACTIVE"])
    assert {row["effective_status"] for row in active} == {"ACTIVE"}
    condition = [{"field": "campaign.objective", "operator": "IN", "value": ["OUTCOME_SALES"]}]
    selling = every_page(ask, f"{CERAMICS}/ads", fields="campaign{objective}", filtering=condition)
    assert {row["campaign"]["objective"] for row in selling} == {"OUTCOME_SALES"}
    assert refused(ask, f"{CERAMICS}/ads", effective_status=["RUNNING"]) == (100, None, 400)


def test_fields_expand_to_what_hangs_on_an_object(ask: Ask) -> None:
    """A campaign with its ad sets, their ads and creatives, and insights with their own arguments."""
    fields = (
        "name,adsets.limit(1){name,targeting,ads.limit(1){name,creative{object_story_spec}}},"
        "insights.date_preset(last_7d).time_increment(1){impressions,spend}"
    )
    row = ask(f"{CERAMICS}/campaigns", fields=fields, limit="1", effective_status=["ACTIVE"])["data"][0]
    ad = row["adsets"]["data"][0]["ads"]["data"][0]
    assert ad["creative"]["object_story_spec"]["page_id"] == "10500000000000001"
    assert len(row["insights"]["data"]) == 7


def test_a_daily_row_is_the_truth(ask: Ask, sandbox: Sandbox) -> None:
    """Impressions, spend and actions of an ad's day equal what the world says, ad by ad and day by day."""
    plan = account_plan(sandbox.world, sandbox.world.ad_accounts[0])
    fields = "ad_id,impressions,spend,inline_link_clicks,actions"
    rows = every_page(
        ask, f"{CERAMICS}/insights", level="ad", time_increment="1", fields=fields, time_range=days(45, 40), limit="20"
    )
    assert rows
    for row in rows:
        day = date.fromisoformat(row["date_start"]).toordinal()
        truth = ads.ad_day(plan, row["ad_id"], day, EPOCH)
        assert row["date_start"] == row["date_stop"]
        assert int(row["impressions"]) == truth["impressions"]
        assert round(float(row["spend"]) * 100) == truth["spend"]
        actions = {action["action_type"]: int(action["value"]) for action in row.get("actions", ())}
        bought = truth["purchase.c1"] + truth["purchase.c7"] + truth["purchase.v1"]
        assert actions.get("purchase", 0) == bought
        assert actions.get("link_click", 0) == int(row["inline_link_clicks"]) == truth["link_clicks"]


def test_levels_and_increments_sum_to_one_another(ask: Ask) -> None:
    """Spend is the same however it is cut; reach is not: it lies between its largest part and their sum."""
    spans = {"fields": "spend,reach,impressions", "time_range": days(30, 1), "limit": "5000"}
    whole = ask(f"{CERAMICS}/insights", **spans)["data"][0]
    for level in ("campaign", "adset", "ad"):
        for increment in ("all_days", "monthly", "1", "7"):
            rows = every_page(ask, f"{CERAMICS}/insights", level=level, time_increment=increment, **spans)
            assert sum(int(row["impressions"]) for row in rows) == int(whole["impressions"])
            assert sum(round(float(row["spend"]) * 100) for row in rows) == round(float(whole["spend"]) * 100)
            reached = [int(row["reach"]) for row in rows]
            assert max(reached) <= int(whole["reach"]) < sum(reached)
    assert int(whole["reach"]) <= int(whole["impressions"])


@pytest.mark.parametrize(
    "breakdowns", ["age", "age,gender", "country", "region", "publisher_platform,platform_position", "device_platform"]
)
def test_breakdowns_sum_to_the_row_without_them(ask: Ask, breakdowns: str) -> None:
    """Each row names its segment, and the segments' impressions and spend add up."""
    spans = {"fields": "spend,impressions,reach", "time_range": days(14, 8)}
    whole = ask(f"{CERAMICS}/insights", **spans)["data"][0]
    rows = every_page(ask, f"{CERAMICS}/insights", breakdowns=breakdowns, limit="5", **spans)
    assert len({tuple(row[name] for name in breakdowns.split(",")) for row in rows}) == len(rows) > 1
    assert sum(int(row["impressions"]) for row in rows) == int(whole["impressions"])
    assert all(0 < int(row["reach"]) <= int(row["impressions"]) for row in rows)


def test_hours_have_no_reach(ask: Ask) -> None:
    """Rows by hour carry labels, and 0 for everything that counts people; today has only hours that have passed."""
    hourly = "hourly_stats_aggregated_by_advertiser_time_zone"
    rows = ask(f"{CERAMICS}/insights", breakdowns=hourly, date_preset="today", fields="spend,reach,frequency")["data"]
    assert [row[hourly] for row in rows] == [f"{hour:02d}:00:00 - {hour:02d}:59:59" for hour in range(7)]
    assert {row["reach"] for row in rows} == {"0"}


@pytest.mark.parametrize("breakdowns", ["impression_device", "platform_position", "age,country", "gender,region"])
def test_combinations_outside_the_matrix_are_refused(ask: Ask, breakdowns: str) -> None:
    """Error 2/1504041."""
    assert refused(ask, f"{CERAMICS}/insights", breakdowns=breakdowns) == (2, 1504041, 400)


def test_every_value_is_text(ask: Ask) -> None:
    """Scalars are strings, lists hold strings, and currencies without minor units have whole amounts."""
    fields = "impressions,reach,frequency,spend,cpm,cpc,ctr,actions,action_values,purchase_roas,cost_per_action_type"
    row = ask(f"{STATIONERY}/insights", fields=fields)["data"][0]
    assert all(isinstance(value, str | list) for value in row.values())
    assert row["spend"].isdigit()
    assert all(isinstance(item["value"], str) for value in row.values() if isinstance(value, list) for item in value)


def test_defaults_are_impressions_and_spend_of_thirty_days(ask: Ask) -> None:
    """Without parameters: one row of the account over the thirty days before today."""
    (row,) = ask(f"{CERAMICS}/insights")["data"]
    assert set(row) == {"account_id", "impressions", "spend", "date_start", "date_stop"}
    assert (row["date_start"], row["date_stop"]) == ("2026-10-24", "2026-11-22")


def test_windows_are_shown_where_asked_and_long_views_are_empty(ask: Ask) -> None:
    """`value` stays 7d_click + 1d_view; 7d_view and 28d_view give nothing."""
    asked = ["1d_click", "7d_click", "28d_click", "1d_view", "7d_view", "28d_view"]
    row = ask(f"{CERAMICS}/insights", fields="actions", action_attribution_windows=asked, time_range=days(90, 40))[
        "data"
    ][0]
    purchase = next(action for action in row["actions"] if action["action_type"] == "purchase")
    assert not {"7d_view", "28d_view"} & purchase.keys()
    assert int(purchase["value"]) == int(purchase["7d_click"]) + int(purchase["1d_view"])
    assert int(purchase["1d_click"]) < int(purchase["7d_click"]) < int(purchase["28d_click"])


def test_sort_and_filter_on_numbers(ask: Ask) -> None:
    """Rows come in the order asked, over pages, and only those that pass."""
    rows = every_page(
        ask,
        f"{CERAMICS}/insights",
        level="ad",
        fields="ad_name,spend",
        sort=["spend_descending"],
        filtering=[{"field": "spend", "operator": "GREATER_THAN", "value": 50}],
        limit="4",
    )
    spent = [float(row["spend"]) for row in rows]
    assert spent == sorted(spent, reverse=True)
    assert spent[-1] > 50
    assert len(rows) > 8


def test_before_leads_back(ask: Ask) -> None:
    """The previous page is the page that led here."""
    asked: dict[str, Any] = {"level": "ad", "time_increment": "1", "limit": "5"}
    first = ask(f"{CERAMICS}/insights", **asked)
    second = ask(f"{CERAMICS}/insights", **asked, after=first["paging"]["cursors"]["after"])
    back = ask(f"{CERAMICS}/insights", **asked, before=second["paging"]["cursors"]["before"])
    assert back["data"] == first["data"]
    assert "previous" not in first["paging"]
    assert "previous" in second["paging"]


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"time_range": {"since": "2023-10-01", "until": "2023-10-05"}}, (3018, None, 400)),
        ({"date_preset": "lifetime"}, (100, None, 400)),
        ({"fields": "impressions,video_plays"}, (100, None, 400)),
        ({"time_increment": "91"}, (100, None, 400)),
        ({"level": "page"}, (100, None, 400)),
        ({"filtering": [{"field": "spend", "operator": "ABOUT", "value": 1}]}, (100, None, 400)),
        ({"after": "abc"}, (100, None, 400)),
        (
            {"breakdowns": "age", "fields": "unique_clicks", "time_range": days(500, 480)},
            (3018, None, 400),
        ),
    ],
)
def test_what_meta_refuses_is_refused(
    ask: Ask, params: dict[str, object], refusal: tuple[int, int | None, int]
) -> None:
    """Start over 37 months ago, retired presets, unknown fields, levels and operators."""
    code, _, status = refused(ask, f"{CERAMICS}/insights", **params)
    assert (code, status) == ((2642, 400) if "after" in params else (refusal[0], refusal[2]))


def test_too_much_data_is_refused_in_two_ways(ask: Ask) -> None:
    """Rows beyond what a call may hold: 100/1487534. More than it may compute: HTTP 500, code 1."""
    asked = {"level": "ad", "date_preset": "maximum"}
    assert refused(ask, f"{OUTDOOR}/insights", time_increment="1", **asked) == (100, 1487534, 400)
    assert refused(ask, f"{OUTDOOR}/insights", breakdowns="age,gender", **asked) == (1, None, 500)


def test_a_page_of_a_large_account_computes_only_itself(ask: Ask) -> None:
    """Pages of 5 000 ads by 90 days follow one another without gaps or repeats."""
    asked = {"level": "ad", "time_increment": "1", "date_preset": "last_90d", "fields": "ad_id,spend", "limit": "250"}
    first = ask(f"{OUTDOOR}/insights", **asked)
    second = ask(f"{OUTDOOR}/insights", **asked, after=first["paging"]["cursors"]["after"])
    both = ask(f"{OUTDOOR}/insights", **{**asked, "limit": "500"})
    assert first["data"] + second["data"] == both["data"]
    assert len({(row["ad_id"], row["date_start"]) for row in both["data"]}) == 500


def test_a_report_is_ordered_awaited_and_read(ask: Ask, clock: MovableClock) -> None:
    """A run is done when it says completed and 100 %; its rows equal the synchronous ones of that instant."""
    asked = {"level": "ad", "date_preset": "last_7d", "fields": "ad_id,spend,impressions"}
    run_id = ask(f"{CERAMICS}/insights", "POST", **asked)["report_run_id"]
    assert ask(run_id)["async_status"] == "Job Not Started"
    assert refused(ask, f"{run_id}/insights")[0] == 100
    clock.advance(timedelta(seconds=0.95))
    almost = ask(run_id)
    assert almost["async_status"] == "Job Completed"
    assert almost["async_percent_completion"] < 100
    clock.advance(timedelta(minutes=1))
    assert ask(run_id, fields="async_status,async_percent_completion,is_running") == {
        "id": run_id,
        "async_status": "Job Completed",
        "async_percent_completion": 100,
        "is_running": False,
    }
    rows = every_page(ask, f"{run_id}/insights", limit="9")
    assert rows == every_page(ask, f"{CERAMICS}/insights", **asked)
    clock.advance(timedelta(days=31))
    with pytest.raises(LookupError):
        ask(run_id)


def test_reports_fail_on_command_and_for_their_size(ask: Ask, sandbox: Sandbox, clock: MovableClock) -> None:
    """A failed run carries its error: -2/2490547, or -3/1504045 when it is too large."""
    caller = Caller("USER", "1", "2")
    state = written(Call(sandbox, caller, "GET", "v26.0", "", {}, sandbox.now()))
    state.limits.fail_next_reports = 1
    failing = ask(f"{CERAMICS}/insights", "POST", level="ad")["report_run_id"]
    state.limits.max_async_cost = 10
    large = ask(f"{CERAMICS}/insights", "POST", level="ad")["report_run_id"]
    clock.advance(timedelta(minutes=1))
    shown = [ask(run_id) for run_id in (failing, large)]
    assert [(run["error_code"], run["error_subcode"]) for run in shown] == [(-2, 2490547), (-3, 1504045)]
    assert {run["async_status"] for run in shown} == {"Job Failed"}


def test_a_summary_is_the_whole_report(ask: Ask) -> None:
    """`summary` names fields of the whole; rows of the page do not limit it."""
    asked = {"level": "campaign", "fields": "spend,reach", "date_preset": "last_30d"}
    shown = ask(f"{CERAMICS}/insights", limit="1", summary="spend,reach", **asked)
    whole = ask(f"{CERAMICS}/insights", fields="spend,reach", date_preset="last_30d")["data"][0]
    assert shown["summary"] == {"spend": whole["spend"], "reach": whole["reach"]}


def test_actions_are_cut_by_device(ask: Ask) -> None:
    """Devices of each action add up to the action."""
    asked = {"fields": "actions", "date_preset": "last_7d"}
    whole = ask(f"{CERAMICS}/insights", **asked)["data"][0]["actions"]
    cut = ask(f"{CERAMICS}/insights", action_breakdowns=["action_type", "action_device"], **asked)["data"][0]["actions"]
    for action in whole:
        parts = [int(part["value"]) for part in cut if part["action_type"] == action["action_type"]]
        assert sum(parts) == int(action["value"])
    assert {part["action_device"] for part in cut} == {"iphone", "android_smartphone", "desktop"}


def test_a_summary_leaves_out_what_a_filter_on_numbers_does(ask: Ask) -> None:
    """The sum is of the rows that pass."""
    condition = [{"field": "spend", "operator": "GREATER_THAN", "value": 1000}]
    shown = ask(f"{CERAMICS}/insights", level="campaign", fields="spend", filtering=condition, summary="spend")
    passed = sum(round(float(row["spend"]) * 100) for row in shown["data"])
    assert round(float(shown["summary"]["spend"]) * 100) == passed


def test_overlapping_ranges_give_a_row_each(ask: Ask) -> None:
    """`time_ranges` wins over the range, the preset and the increment."""
    ranges = [days(20, 11), days(15, 6)]
    rows = ask(
        f"{CERAMICS}/insights", time_ranges=ranges, date_preset="today", time_increment="1", time_range=days(3, 1)
    )["data"]
    assert [{"since": row["date_start"], "until": row["date_stop"]} for row in rows] == ranges


SPECS = Path(__file__).resolve().parents[4] / "shared" / "data" / "meta-specs-v25"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("AdAccount", {*AD_ACCOUNT.fields, *AD_ACCOUNT.links}),
        *((node.name, {*node.fields, *node.links}) for node in TYPES.values()),
        ("AdReportRun", set(REPORT_RUN.fields)),
        ("AdsInsights", set(insight_fields.KNOWN)),
    ],
)
def test_no_field_of_metas_own_list_is_refused(name: str, known: set[str]) -> None:
    """Everything that Meta's specification names can be asked for, and nothing else is served."""
    if not SPECS.is_dir():
        pytest.skip("Meta's specifications are not beside this repository: no folder shared/data/meta-specs-v25")
    listed = {field["name"] for field in json.loads((SPECS / f"{name}.json").read_text())["fields"]}
    assert not listed - known
    served = known - listed - set(absent_fields.INSIGHTS.split())
    assert not served


def test_old_reach_by_breakdown_needs_a_report(ask: Ask, clock: MovableClock) -> None:
    """Beyond thirteen months, reach is left out of the answer unless the report is asynchronous."""
    asked = {"fields": "impressions,reach", "breakdowns": "age", "time_range": days(500, 480)}
    assert all("reach" not in row for row in ask(f"{OUTDOOR}/insights", **asked)["data"])
    run_id = ask(f"{OUTDOOR}/insights", "POST", **asked)["report_run_id"]
    clock.advance(timedelta(minutes=1))
    rows = ask(f"{run_id}/insights")["data"]
    assert len(rows) == 6
    assert all(int(row["reach"]) > 0 for row in rows)
