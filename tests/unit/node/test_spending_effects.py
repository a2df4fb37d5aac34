"""What changes come to, judged by numbers alone: no rule that always asks helps these tests."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from freehold.node.spending import ledger
from freehold.node.spending.effects import Effect, Situation, effect_of
from freehold.node.spending.rules import DEFAULT, Rule, judge, read_rules
from freehold.node.spending.rules import effect_of as strictest
from freehold.providers.meta.ad_writes import NO_CAP, normal

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "spending.md"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NUMBERS = (
    Rule("edit_budget", "percentage_change", "ask", 20),
    Rule("edit_budget", "absolute_change", "ask", 5_000, "USD"),
    Rule("edit_budget", "absolute_max", "forbid", 100_000, "USD"),
    Rule("all", "daily_total", "ask", 20_000, "USD"),
)
CAMPAIGN = {"id": "1", "status": "ACTIVE", "daily_budget": 10_000}
NONE = ledger.Day(0, {})


def days(number: float) -> str:
    """An instant so many days from now."""
    return (NOW + timedelta(days=number)).isoformat()


def effect(kind: Any, parameters: dict[str, Any], state: dict[str, Any], below: Any = ()) -> Effect:
    """What a change comes to."""
    situation = Situation("act_1", "A", "USD", "UTC", state, below)
    return effect_of(kind, normal(parameters, "UTC"), situation, NOW)


def verdict(found: Effect, rules: Any = NUMBERS, day: ledger.Day = NONE) -> str:
    """What the rules say to it."""
    return strictest(judge(rules, ledger.asked_of(found, "USD", "1", day, 100_000)))


@pytest.mark.parametrize("name", ["daily_budget", "bid_amount", "daily_spend_cap", "daily_min_spend_target"])
@pytest.mark.parametrize("amount", [0, "0", NO_CAP, 10**15 + 1])
def test_an_amount_that_may_mean_no_limit_is_refused(name: str, amount: Any) -> None:
    """Of all amounts, only a spend cap is taken away by 0 or by the greatest."""
    with pytest.raises(ValueError, match=name):
        normal({name: amount}, "UTC")
    assert normal({"spend_cap": NO_CAP}, "UTC") == normal({"spend_cap": 0}, "UTC") == {"spend_cap": None}


def test_a_spend_cap_that_is_taken_away_is_a_raise() -> None:
    """Past every number."""
    found = effect("update_campaign", {"spend_cap": 0}, {**CAMPAIGN, "spend_cap": 50_000})
    assert (found.harmless, verdict(found)) == (False, "forbid")


def test_a_budget_goes_only_where_another_comes() -> None:
    """Alone, nothing says what would be spent then."""
    for empty in (None, ""):
        with pytest.raises(ValueError, match="daily_budget"):
            normal({"daily_budget": empty}, "UTC")
    assert normal({"daily_budget": None, "lifetime_budget": 5}, "UTC") == {"daily_budget": None, "lifetime_budget": 5}


@pytest.mark.parametrize(
    "name",
    ["bid_strategy", "bid_constraints", "bid_adjustments", "pacing_type", "adset_schedule", "frequency_control_specs",
     "billing_event", "optimization_goal"],
)  # fmt: skip
def test_what_has_no_amount_is_past_every_number(name: str) -> None:
    """Alone, and behind a cut."""
    for beside in ({}, {"daily_budget": 9_000}):
        assert verdict(effect("update_ad_set", {name: ["other"], **beside}, CAMPAIGN)) == "forbid"


@pytest.mark.parametrize("change", [{"end_time": 0.3}, {"end_time": 2}, {"start_time": 29}], ids=str)
def test_less_time_for_a_lifetime_budget_is_a_raise(change: dict[str, float]) -> None:
    """What is left is spent in fewer days, and what is spent today counts towards the day."""
    state = {**CAMPAIGN, "daily_budget": None, "lifetime_budget": 300_000, "budget_remaining": 290_000,
             "start_time": days(5) if "start_time" in change else days(-5), "end_time": days(30)}  # fmt: skip
    found = effect("update_ad_set", {name: days(number) for name, number in change.items()}, state)
    assert (found.harmless, verdict(found)) == (False, "ask")
    assert ("start_time" in change) or found.added_today > 50_000


def test_less_time_for_a_daily_budget_asks_nobody() -> None:
    """It spends a day less."""
    assert effect("update_ad_set", {"end_time": days(2)}, {**CAMPAIGN, "end_time": days(30)}).harmless


def test_an_end_is_measured_wherever_the_budget_hangs() -> None:
    """An ad set's under its campaign's budget, and a campaign's over the budgets of its ad sets."""
    under = {"id": "2", "status": "ACTIVE", "end_time": days(-1), "campaign": CAMPAIGN}
    assert verdict(effect("update_ad_set", {"end_time": days(365)}, under)) == "ask"
    over = {"id": "1", "status": "ACTIVE", "stop_time": days(1)}
    below = [{"id": "2", "status": "ACTIVE", "daily_budget": 10_000}]
    assert verdict(effect("update_campaign", {"stop_time": days(300)}, over, below)) == "ask"
    assert verdict(effect("update_campaign", {"stop_time": days(300)}, over)) == "forbid"
    assert effect("update_campaign", {"stop_time": days(0.5)}, over, below).harmless


def guide() -> tuple[Rule, ...]:
    """The rules that the guide shows, without those that always ask."""
    text = GUIDE.read_text()
    shown = re.search(r"^    \[\n.*?^    \]$", text, re.DOTALL | re.MULTILINE)
    assert shown
    return tuple(rule for rule in read_rules(json.loads(shown[0]), "USD") if rule.condition != "always")


def test_switching_on_and_making_meet_the_limits_of_budgets() -> None:
    """A budget over what the guide forbids is neither made nor switched on; a small one that is switched on asks."""
    large = {**CAMPAIGN, "daily_budget": 10**7, "status": "PAUSED"}
    assert verdict(effect("update_campaign", {"status": "ACTIVE"}, large), guide()) == "forbid"
    assert verdict(effect("create_campaign", {"name": "A", "daily_budget": 10**7}, {}), guide()) == "forbid"
    small = {**CAMPAIGN, "daily_budget": 100, "status": "PAUSED"}
    assert verdict(effect("update_campaign", {"status": "ACTIVE"}, small), guide()) == "ask"
    assert verdict(effect("update_campaign", {"status": "PAUSED"}, CAMPAIGN), guide()) == "allow"


def test_what_begins_after_midnight_counts_towards_the_day() -> None:
    """With the worst of its first day: a campaign that is switched on for tomorrow, and a schedule."""
    later = {**CAMPAIGN, "status": "PAUSED", "start_time": days(0.6)}
    assert effect("update_campaign", {"status": "ACTIVE"}, later).added_today == 17_500
    period = {"budget_value": 4_900, "budget_value_type": "ABSOLUTE", "time_start": days(1), "time_end": days(3)}
    assert effect("schedule_campaign_budget", period, CAMPAIGN).added_today == 8_575


def test_a_period_ends_after_it_begins() -> None:
    """Turned round, it would be worth less than nothing."""
    with pytest.raises(ValueError, match="time_end"):
        normal({"time_start": days(3), "time_end": days(-300)}, "UTC")


def test_the_first_instant_of_all_is_refused() -> None:
    """It has no time in UTC."""
    with pytest.raises(ValueError, match="start_time"):
        normal({"start_time": "0001-01-01T00:00:00"}, "Asia/Tokyo")


@pytest.mark.parametrize("kind", ["delete_campaign", "delete_ad_set", "delete_ad", "delete_creative"])
def test_what_is_gone_for_good_is_asked_for(kind: Any) -> None:
    """Also when it goes by its status; what can be had back, and a schedule that only raises, go at once."""
    found = effect(kind, {}, CAMPAIGN)
    assert (found.harmless, verdict(found, DEFAULT)) == (False, "ask")
    assert verdict(effect("update_campaign", {"status": "DELETED"}, CAMPAIGN), DEFAULT) == "ask"
    for stops in ("PAUSED", "ARCHIVED"):
        assert effect("update_campaign", {"status": stops}, {**CAMPAIGN, "status": "ACTIVE"}).harmless
    assert effect("delete_budget_schedule", {}, {"budget_value": 5}).harmless


def test_a_structure_given_as_text_is_refused() -> None:
    """What is in it could not be looked at: whose page an ad speaks for, for example."""
    with pytest.raises(ValueError, match="object_story_spec"):
        normal({"object_story_spec": ' {"page_id":"999"}'}, "UTC")
    assert normal({"name": "[Sale] {new}"}, "UTC") == {"name": "[Sale] {new}"}
