"""Account insights: the matrix of metric, period, form and breakdown, its refusals, and numbers equal to the truth."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from freehold.kernel.clock import MovableClock
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call, Caller, read_edge
from freehold.sandbox.meta.instagram.account_metrics import METRICS
from freehold.sandbox.meta.instagram.surface import surface
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.instagram_account import PRODUCTS, account_day, reach
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_end, day_of, day_start, written
from freehold.sandbox.meta.world.instagram_feed import Feed, feed_of, follows_and_unfollows
from freehold.sandbox.meta.world.people import instagram_id
from freehold.sandbox.settings import SandboxSettings

EPOCH = datetime(2026, 9, 23, 15, 0, tzinfo=UTC)
NOW = int(EPOCH.timestamp())
TODAY = day_of(NOW)
CERAMICS, BOOKS = instagram_id(1), instagram_id(5)
SCOPES = frozenset({"instagram_basic", "instagram_manage_insights"})
Ask = Callable[..., JSON]


def asking(sandbox: Sandbox, scopes: frozenset[str] = SCOPES) -> Ask:
    """Calls to the insights of an account."""
    granted = frozenset(account.id for account in sandbox.world.instagram_accounts)
    caller = Caller("USER", "1", "2", scopes, granted)

    def ask(account_id: str, **params: object) -> JSON:
        texts = {name: str(value) for name, value in params.items()}
        path = f"/v26.0/{account_id}/insights"
        call = Call(sandbox, caller, "GET", "v26.0", path, texts, sandbox.now(), "http://127.0.0.1:1")
        found = surface().find(call, account_id)
        assert found is not None
        return read_edge(call, found.node.edges["insights"], found.value)

    return ask


@pytest.fixture
def sandbox() -> Sandbox:
    return new_sandbox(SandboxSettings(epoch=EPOCH), MovableClock(EPOCH))


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    return asking(sandbox)


@pytest.fixture
def feed(sandbox: Sandbox) -> Feed:
    account = sandbox.world.instagram(CERAMICS)
    assert account is not None
    return feed_of(sandbox.world.seed, sandbox.world.epoch, account)


def window(first: int, last: int) -> dict[str, int]:
    """From the start of one day to the end of another."""
    return {"since": day_start(first), "until": day_end(last) - 1}


def total(answer: JSON, metric: str) -> Any:
    return next(row["total_value"] for row in answer["data"] if row["name"] == metric)


def parts(answer: JSON, metric: str) -> dict[tuple[str, ...], int]:
    results = total(answer, metric)["breakdowns"][0]["results"]
    return {tuple(result["dimension_values"]): result["value"] for result in results}


def test_reach_comes_day_by_day_as_the_truth_has_it(ask: Ask, feed: Feed) -> None:
    """30 days in one call, each with the midnight that ends it."""
    first, last = TODAY - 32, TODAY - 3
    values = ask(CERAMICS, metric="reach", period="day", **window(first, last))["data"][0]["values"]
    assert values == [
        {"value": reach(feed, [account_day(feed, day)]), "end_time": written(day_end(day))}
        for day in range(first, last + 1)
    ]


def test_totals_of_a_window_are_the_sums_of_its_days(ask: Ask, feed: Feed) -> None:
    """Every additive metric."""
    days = [account_day(feed, day) for day in range(TODAY - 12, TODAY - 4)]
    names = ["views", "likes", "comments", "saves", "shares", "replies", "reposts", "total_interactions"]
    others = {"profile_views": "profile_views", "website_clicks": "website_clicks"}
    answer = ask(
        CERAMICS,
        metric=",".join([*names, *others, "profile_links_taps"]),
        period="day",
        metric_type="total_value",
        **window(TODAY - 12, TODAY - 5),
    )
    for name in names:
        assert total(answer, name) == {"value": sum(day.total(name) for day in days)}
    for name in others:
        assert total(answer, name) == {"value": sum(getattr(day, name) for day in days)}
    assert total(answer, "profile_links_taps")["value"] == sum(sum(day.buttons.values()) for day in days)


@pytest.mark.parametrize("metric", ["views", "likes", "comments", "saves", "shares", "total_interactions"])
def test_a_breakdown_adds_up_to_its_total(ask: Ask, metric: str) -> None:
    """By kind of content."""
    answer = ask(
        CERAMICS, metric=metric, period="day", metric_type="total_value", breakdown="media_product_type",
        **window(TODAY - 12, TODAY - 5),
    )  # fmt: skip
    found = parts(answer, metric)
    assert sum(found.values()) == total(answer, metric)["value"]
    assert set(found) <= {(product,) for product in PRODUCTS}


def test_reach_can_be_broken_down_twice(ask: Ask) -> None:
    """By kind of content and by who follows; each kind's people are its own."""
    both = ask(
        CERAMICS, metric="reach", period="day", metric_type="total_value", breakdown="media_product_type,follow_type",
        **window(TODAY - 12, TODAY - 5),
    )  # fmt: skip
    single = ask(
        CERAMICS, metric="reach", period="day", metric_type="total_value", breakdown="media_product_type",
        **window(TODAY - 12, TODAY - 5),
    )  # fmt: skip
    reels = sum(value for keys, value in parts(both, "reach").items() if keys[0] == "REEL")
    assert reels == parts(single, "reach")["REEL",]


@pytest.mark.parametrize("breakdown", ["follow_type", "follower_type"])
def test_views_split_by_followers(ask: Ask, breakdown: str) -> None:
    """Under both spellings; older than a year the split is empty and the total stays."""
    recent = ask(
        CERAMICS, metric="views", period="day", metric_type="total_value", breakdown=breakdown,
        **window(TODAY - 12, TODAY - 5),
    )  # fmt: skip
    old = ask(
        CERAMICS, metric="views", period="day", metric_type="total_value", breakdown=breakdown,
        **window(TODAY - 412, TODAY - 405),
    )  # fmt: skip
    assert sum(parts(recent, "views").values()) == total(recent, "views")["value"]
    assert parts(old, "views") == {}
    assert total(old, "views")["value"] > 0


def test_follows_and_unfollows_have_a_total_only_by_follow_type(ask: Ask, feed: Feed) -> None:
    """Without the breakdown the metric comes without any number."""
    bounds = window(TODAY - 12, TODAY - 5)
    bare = ask(CERAMICS, metric="follows_and_unfollows", period="day", metric_type="total_value", **bounds)
    split = ask(
        CERAMICS,
        metric="follows_and_unfollows",
        period="day",
        metric_type="total_value",
        breakdown="follow_type",
        **bounds,
    )
    changes = [follows_and_unfollows(feed, day) for day in range(TODAY - 12, TODAY - 4)]
    assert "total_value" not in bare["data"][0]
    assert "value" not in total(split, "follows_and_unfollows")
    assert parts(split, "follows_and_unfollows") == {
        ("FOLLOWER",): sum(gained for gained, _ in changes),
        ("NON_FOLLOWER",): sum(lost for _, lost in changes),
    }


@pytest.mark.parametrize(("period", "days"), [("week", 7), ("days_28", 28)])
def test_reach_looks_back_over_longer_periods(ask: Ask, feed: Feed, period: str, days: int) -> None:
    """Each day's value is the union of the days up to it."""
    answer = ask(CERAMICS, metric="reach", period=period, **window(TODAY - 5, TODAY - 5))
    before = [account_day(feed, day) for day in range(TODAY - 5 - days + 1, TODAY - 4)]
    assert [value["value"] for value in answer["data"][0]["values"]] == [reach(feed, before)]


def test_new_followers_come_as_daily_changes(ask: Ask, feed: Feed) -> None:
    """`follower_count` is not a running total."""
    answer = ask(CERAMICS, metric="follower_count", period="day", **window(TODAY - 9, TODAY - 4))
    values = [value["value"] for value in answer["data"][0]["values"]]
    assert values == [follows_and_unfollows(feed, day)[0] for day in range(TODAY - 9, TODAY - 3)]


def test_followers_online_come_by_hour(ask: Ask) -> None:
    """A day's value is a mapping of the hours 0 to 23."""
    answer = ask(CERAMICS, metric="online_followers", period="lifetime", **window(TODAY - 4, TODAY - 4))
    (value,) = answer["data"][0]["values"]
    assert list(value["value"]) == [str(hour) for hour in range(24)]


def test_demographics_name_the_timeframe_and_have_no_total(ask: Ask) -> None:
    """All followers by age; the timeframe is the first dimension."""
    answer = ask(
        CERAMICS, metric="follower_demographics", period="lifetime", metric_type="total_value", breakdown="age,gender",
        timeframe="this_month",
    )  # fmt: skip
    shown = total(answer, "follower_demographics")
    assert "value" not in shown
    assert shown["breakdowns"][0]["dimension_keys"] == ["timeframe", "age", "gender"]
    assert {keys[0] for keys in parts(answer, "follower_demographics")} == {"THIS_MONTH"}
    assert answer["data"][0]["id"].endswith("/lifetime")


def test_small_accounts_have_reach_but_nothing_about_followers(ask: Ask) -> None:
    """Below 100 followers the metrics about them are left out of the answer."""
    people = ask(BOOKS, metric="follower_demographics", period="lifetime", breakdown="age", timeframe="this_week")
    counted = ask(BOOKS, metric="follower_count,reach", period="day", **window(TODAY - 9, TODAY - 4))
    changes = ask(
        BOOKS, metric="follows_and_unfollows", period="day", metric_type="total_value", breakdown="follow_type"
    )
    assert people["data"] == changes["data"] == []
    assert [row["name"] for row in counted["data"]] == ["reach"]


def test_today_is_absent(ask: Ask) -> None:
    """No zero for a day that is not over, and no `total_value` for a window without numbers."""
    series = ask(CERAMICS, metric="reach", period="day", since=day_start(TODAY), until=NOW)
    whole = ask(CERAMICS, metric="views", period="day", metric_type="total_value", **window(TODAY, TODAY))
    assert series["data"] == []
    assert "total_value" not in whole["data"][0]


def test_the_default_window_is_the_last_day(ask: Ask) -> None:
    """Without since and until there is one value: the day that ended last."""
    answer = ask(CERAMICS, metric="reach", period="day")
    assert [value["end_time"] for value in answer["data"][0]["values"]] == [written(day_end(TODAY - 1))]


def test_a_day_grows_until_it_is_final(sandbox: Sandbox) -> None:
    """48 hours after its end its number is the final one."""
    ask, clock = asking(sandbox), sandbox.clock
    assert isinstance(clock, MovableClock)
    asked = {"metric": "reach", "period": "day", **window(TODAY - 1, TODAY - 1)}
    first = ask(CERAMICS, **asked)["data"][0]["values"][0]["value"]
    clock.advance(timedelta(days=2))
    final = ask(CERAMICS, **asked)["data"][0]["values"][0]["value"]
    clock.advance(timedelta(days=20))
    assert first < final == ask(CERAMICS, **asked)["data"][0]["values"][0]["value"]


def test_paging_is_by_time(ask: Ask) -> None:
    """`previous` and `next` are the windows on both sides, of the same length."""
    since, until = day_start(TODAY - 9), day_end(TODAY - 4) - 1
    paging = ask(CERAMICS, metric="reach", period="day", since=since, until=until)["paging"]
    assert f"since={since - 1 - (until - since)}&until={since - 1}" in paging["previous"]
    assert f"since={until + 1}&until={until + 1 + until - since}" in paging["next"]


REFUSALS: list[tuple[dict[str, object], int, str]] = [
    ({"period": "day"}, 100, "metric is required"),
    ({"metric": "reach"}, 100, "period is required"),
    ({"metric": "impressions", "period": "day"}, 100, "metric[0] must be one of the following values: reach, "),
    ({"metric": "reach,email_contacts", "period": "day"}, 100, "metric[1] must be one of"),
    ({"metric": "reach,audience_city", "period": "lifetime"}, 100, "metric[1] must be one of"),
    ({"metric": "reach", "period": "hour"}, 100, "period must be one of"),
    ({"metric": "views", "period": "week"}, 100, "does not support the period week"),
    (
        {"metric": "follower_demographics", "period": "day", "timeframe": "this_week"},
        100,
        "does not support the period",
    ),
    ({"metric": "views", "period": "day"}, 100, "should be specified with parameter metric_type=total_value"),
    ({"metric": "profile_views", "period": "day", "metric_type": "time_series"}, 100, "metric_type=time_series"),
    ({"metric": "follower_count", "period": "day", "metric_type": "total_value"}, 100, "metric_type=total_value"),
    (
        {"metric": "accounts_engaged", "period": "day", "metric_type": "total_value", "breakdown": "follow_type"},
        1,
        "unknown",
    ),
    ({"metric": "likes", "period": "day", "metric_type": "total_value", "breakdown": "follow_type"}, 1, "unknown"),
    (
        {"metric": "reach,likes", "period": "day", "metric_type": "total_value", "breakdown": "follow_type"},
        1,
        "unknown",
    ),
    ({"metric": "reach", "period": "day", "metric_type": "total_value", "breakdown": "planet"}, 100, "breakdown[0]"),
    ({"metric": "follower_demographics", "period": "lifetime", "breakdown": "age"}, 100, "timeframe is required"),
    (
        {
            "metric": "engaged_audience_demographics",
            "period": "lifetime",
            "timeframe": "last_90_days",
            "breakdown": "age",
        },
        100,
        "no longer supported",
    ),
    ({"metric": "reach", "period": "day", "since": NOW, "until": NOW - 5}, 100, "greater than until"),
    ({"metric": "reach", "period": "day", "since": "soon"}, 100, "since param is not valid"),
    (
        {"metric": "reach", "period": "day", "since": NOW - 30 * DAY_SECONDS - 1, "until": NOW},
        100,
        "(#100) There cannot be more than 30 days (2592000 s) between since and until",
    ),
    (
        {"metric": "reach", "period": "day", "since": NOW - 730 * DAY_SECONDS, "until": NOW - 720 * DAY_SECONDS},
        100,
        "Metrics data is available for the last 2 years",
    ),
    (
        {"metric": "follower_count", "period": "day", "since": NOW - 50 * DAY_SECONDS, "until": NOW - 40 * DAY_SECONDS},
        100,
        "last 30 days",
    ),
]


@pytest.mark.parametrize(("params", "code", "message"), REFUSALS)
def test_questions_that_are_refused(ask: Ask, params: dict[str, object], code: int, message: str) -> None:
    """Each with its code; one bad metric fails the whole call."""
    with pytest.raises(GraphError) as refused:
        ask(CERAMICS, **params)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert message in refused.value.message


def test_an_unknown_metric_is_told_every_name(ask: Ask) -> None:
    """The 28 names of the enumeration."""
    with pytest.raises(GraphError) as refused:
        ask(CERAMICS, metric="bogus", period="day")
    assert len(METRICS) == 28
    assert refused.value.message.endswith(", ".join(METRICS))


def test_the_thirty_day_rule_can_be_switched_off() -> None:
    """Some accounts were seen without it."""
    settings = SandboxSettings(epoch=EPOCH, strict_window=False)
    answer = asking(new_sandbox(settings, MovableClock(EPOCH)))(
        CERAMICS, metric="reach", period="day", **window(TODAY - 100, TODAY - 3)
    )
    assert len(answer["data"][0]["values"]) == 98


@pytest.mark.parametrize("missing", sorted(SCOPES))
def test_insights_need_both_permissions(sandbox: Sandbox, missing: str) -> None:
    """A grant without one of them is error 10."""
    with pytest.raises(GraphError) as refused:
        asking(sandbox, SCOPES - {missing})(CERAMICS, metric="reach", period="day")
    assert refused.value.code == 10
    assert missing in refused.value.message
