"""What rules promise, for any amounts."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.problems import Problem
from freehold.node.spending.effects import Situation, effect_of
from freehold.node.spending.exposure import Carrier, exposure
from freehold.node.spending.rules import DEFAULT, Amount, Asked, Condition, Rule, judge, read_rules
from freehold.node.spending.rules import effect_of as strictest

AMOUNTS = st.integers(0, 10**9)
LIMITS = st.integers(0, 10**7)
SET: Any = ("percentage_change", "absolute_change", "absolute_max")
NUMERIC: tuple[Condition, ...] = ("percentage_change", "absolute_change", "absolute_max", "daily_total")
STRICTNESS = ("allow", "ask", "forbid")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")


@st.composite
def a_rule(draw: st.DrawFn) -> Rule:
    """Any numeric rule of edit_budget, in the account's currency."""
    condition: Condition = draw(st.sampled_from(NUMERIC))
    return Rule("edit_budget", condition, draw(st.sampled_from(("ask", "forbid"))), draw(LIMITS), "USD")


def asked(before: int, after: int | None, *, lowest: int | None = None, added_before: int = 0, **changes: Any) -> Asked:
    """A budget that is set."""
    low = before if lowest is None else lowest
    amount = Amount("daily_budget", before, after, low, SET)
    added = max(0, (after or before) - before)
    harmless = after is not None and after <= before
    found = Asked(frozenset({"edit_budget"}), (amount,), "USD", harmless, added, added_before, 1_000)
    return dataclasses.replace(found, **changes)


def strictness(rules: list[Rule], what: Asked) -> int:
    """How strict the verdict is."""
    return STRICTNESS.index(strictest(judge(rules, what)))


@given(rules=st.lists(a_rule(), max_size=5), before=AMOUNTS, after=AMOUNTS, more=AMOUNTS)
def test_more_is_never_judged_milder(rules: list[Rule], before: int, after: int, more: int) -> None:
    """Whatever a raise comes to, a larger one comes to at least that."""
    assert strictness(rules, asked(before, after)) <= strictness(rules, asked(before, after + more))


@given(rules=st.lists(a_rule(), max_size=5), steps=st.lists(AMOUNTS, min_size=2, max_size=6))
def test_splitting_never_helps(rules: list[Rule], steps: list[int]) -> None:
    """If every step up were allowed, on top of the steps before it, so is the whole at once."""
    path = sorted(steps)
    verdicts = []
    for place in range(1, len(path)):
        so_far = path[place - 1] - path[0]
        verdicts.append(strictness(rules, asked(path[place - 1], path[place], lowest=path[0], added_before=so_far)))
    assert strictness(rules, asked(path[0], path[-1])) <= max(verdicts)


@given(rules=st.lists(a_rule(), max_size=5), start=AMOUNTS, low=AMOUNTS, end=AMOUNTS)
def test_lowering_first_never_helps(rules: list[Rule], start: int, low: int, end: int) -> None:
    """A raise from where an amount was cut to is judged at least as the raise from where it stood."""
    low, start = sorted((low, start))
    direct = asked(start, end)
    if direct.harmless:
        return
    assert strictness(rules, direct) <= strictness(rules, asked(low, end, lowest=low))


@given(rules=st.lists(a_rule(), max_size=5), before=AMOUNTS, cut=AMOUNTS)
def test_what_lowers_is_always_allowed(rules: list[Rule], before: int, cut: int) -> None:
    """Under any rules, those that forbid everything included."""
    always = [*rules, Rule("all", "always", "forbid"), *DEFAULT]
    assert strictness(always, asked(before, max(0, before - cut))) == 0


@given(rules=st.lists(a_rule(), max_size=5), before=AMOUNTS, after=AMOUNTS)
def test_the_unknown_is_never_allowed(rules: list[Rule], before: int, after: int) -> None:
    """Not even under no rules at all, nor when it says of itself that it is harmless."""
    assert strictness(rules, asked(before, after, unknown=("the budget",))) > 0


@given(limit=LIMITS, before=st.integers(1, 10**9))
def test_no_limit_any_more_is_past_every_number(limit: int, before: int) -> None:
    """However high the number is."""
    for condition in ("percentage_change", "absolute_change", "absolute_max"):
        rule = Rule("edit_budget", condition, "ask", limit, "USD")
        assert strictness([rule], asked(before, None, harmless=False)) == 1


def test_a_percentage_is_exact() -> None:
    """Twenty per cent are allowed under twenty, and a cent more is not."""
    rule = [Rule("edit_budget", "percentage_change", "ask", 20)]
    assert judge(rule, asked(10_000, 12_000)) == []
    assert [verdict.reason for verdict in judge(rule, asked(10_000, 12_001))] == [
        "daily budget is raised 20 %, over 20 %"
    ]


def test_a_rule_in_another_currency_is_past() -> None:
    """A number of yen says nothing about dollars."""
    rule = [Rule("edit_budget", "absolute_max", "ask", 10**9, "JPY")]
    assert strictness(rule, asked(1, 2)) == 1


def test_an_unknown_usual_spend_is_past() -> None:
    """A share of what nobody knows."""
    rule = [Rule("all", "daily_total_percentage", "ask", 100)]
    assert strictness(rule, asked(1, 2, usual=None)) == 1
    assert strictness(rule, asked(1_000, 2_000)) == 0
    assert strictness(rule, asked(1_000, 2_001)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {}, [{}], ["always"], [{"action": "edit_budget", "condition": "always", "effect": "allow"}],
        [{"action": "edit_budget", "condition": "always", "effect": "ask", "limit": 1}],
        [{"action": "edit_budget", "condition": "percentage_change", "effect": "ask"}],
        [{"action": "edit_budget", "condition": "percentage_change", "effect": "ask", "limit": -1}],
        [{"action": "edit_budget", "condition": "percentage_change", "effect": "ask", "limit": True}],
        [{"action": "edit_budget", "condition": "absolute_max", "effect": "ask", "limit": 5}],
        [{"action": "edit_status", "condition": "absolute_max", "effect": "ask", "limit": 5, "currency": "USD"}],
        [{"action": "edit_budget", "condition": "always", "effect": "ask", "more": 1}],
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(wrong: Any) -> None:
    """With the reason, and none of the set is taken."""
    with pytest.raises(Problem):
        read_rules(wrong, None)


@given(daily=st.integers(1, 10**8), hours=st.integers(1, 24 * 400), ends=st.booleans(), starts=st.integers(-48, 48))
def test_the_worst_is_never_below_what_is_expected(daily: int, hours: int, ends: bool, starts: int) -> None:
    """Today and in all; and what does not run spends nothing."""
    begin = NOW + timedelta(hours=starts)
    carrier = Carrier(daily, None, None, begin, begin + timedelta(hours=hours) if ends else None, runs=True)
    found = exposure(carrier, NOW, ZONE)
    assert found.today_projected <= found.today_worst <= daily * 7 // 4 + 1
    assert (found.total_worst is None) == (not ends)
    if found.total_worst is not None and found.total_projected is not None:
        assert found.total_projected <= found.total_worst
        assert found.today_worst <= found.total_worst
    assert exposure(dataclasses.replace(carrier, runs=False), NOW, ZONE).today_worst == 0


@given(before=st.integers(1, 10**8), after=st.integers(1, 10**8), running=st.booleans())
def test_a_change_of_budget_is_harmless_exactly_when_it_lowers(before: int, after: int, running: bool) -> None:
    """Whether the campaign runs or not."""
    state = {"id": "1", "status": "ACTIVE" if running else "PAUSED", "daily_budget": before, "lifetime_budget": None}
    situation = Situation("act_1", "A", "USD", "America/Los_Angeles", state)
    effect = effect_of("update_campaign", {"daily_budget": after}, situation, NOW)
    assert effect.harmless == (after < before)


@given(status=st.sampled_from(["PAUSED", "ARCHIVED", "DELETED"]), budget=st.integers(1, 10**8))
def test_a_pause_with_anything_beside_it_is_no_pause(status: str, budget: int) -> None:
    """A raise does not go along with it. What is deleted for good is no pause at all."""
    state = {"id": "1", "status": "ACTIVE", "daily_budget": budget, "lifetime_budget": None}
    situation = Situation("act_1", "A", "USD", "Asia/Tokyo", state)
    assert effect_of("update_campaign", {"status": status}, situation, NOW).harmless == (status != "DELETED")
    both = effect_of("update_campaign", {"status": status, "daily_budget": budget + 1}, situation, NOW)
    assert not both.harmless
