"""Budgets and bids as callers give them: minor units, not too low, in one place only."""

from freehold.sandbox.meta.ads.parameters import choice, refusal, whole
from freehold.sandbox.meta.ads.spending import least_budget
from freehold.sandbox.meta.graph import Call

BID_STRATEGIES = frozenset(
    {"LOWEST_COST_WITHOUT_CAP", "LOWEST_COST_WITH_BID_CAP", "COST_CAP", "LOWEST_COST_WITH_MIN_ROAS"}
)
WITH_AMOUNT = frozenset({"LOWEST_COST_WITH_BID_CAP", "COST_CAP"})
NO_CAP = 922_337_203_685_478
LEAST_CAP_DAYS = 100
"""A spend cap must be worth this many of the least daily budgets: about 100 US dollars."""


def asked_budget(call: Call, currency: str) -> dict[str, int]:
    """The budget a call gives, daily or lifetime; empty when it gives none (or 0)."""
    found = {name: whole(call.params, name) for name in ("daily_budget", "lifetime_budget")}
    given = {name: amount for name, amount in found.items() if amount}
    if len(given) > 1:
        raise refusal("(#100) Only one of daily_budget and lifetime_budget can be set", blame="lifetime_budget")
    for name, amount in given.items():
        check_least(name, amount, currency)
    return given


def check_least(name: str, amount: int, currency: str) -> None:
    """Refuse a budget below the least one (error 100/1885272)."""
    least = least_budget(currency)
    if amount < least:
        raise refusal(
            "Invalid parameter",
            subcode=1885272,
            title="Budget is too low",
            advice=f"The budget must be at least {least} in the smallest unit of {currency}.",
            blame=name,
        )


def bid_strategy(call: Call) -> str | None:
    """The bid strategy, and the bid that some of them need."""
    strategy = choice(call.params, "bid_strategy", BID_STRATEGIES)
    if strategy in WITH_AMOUNT and not whole(call.params, "bid_amount"):
        raise refusal(f"(#100) bid_amount is required with bid_strategy {strategy}", blame="bid_amount")
    return strategy


def bid_amount(call: Call, billing_event: str) -> int | None:
    """The bid in minor units: at least 2 for a thousand impressions, 1 for anything else."""
    amount = whole(call.params, "bid_amount")
    least = 2 if billing_event == "IMPRESSIONS" else 1
    if amount is not None and amount < least:
        raise refusal(f"(#100) bid_amount must be at least {least}", blame="bid_amount")
    return amount


def spend_cap(call: Call, currency: str) -> dict[str, int | None]:
    """The spend cap; the largest number takes it away."""
    amount = whole(call.params, "spend_cap")
    if amount is None:
        return {}
    if amount == NO_CAP:
        return {"spend_cap": None}
    if amount < least_budget(currency) * LEAST_CAP_DAYS:
        raise refusal(
            "Invalid parameter",
            subcode=1885650,
            title="Spend cap is too low",
            advice=f"The spend cap must be at least {least_budget(currency) * LEAST_CAP_DAYS}.",
            blame="spend_cap",
        )
    return {"spend_cap": amount}


def both_budgets() -> Exception:
    """The refusal of a budget on an ad set whose campaign has one (error 100/1885621)."""
    return refusal(
        "Invalid parameter",
        subcode=1885621,
        title="Budget can be set on the campaign or on the ad set",
        advice="Take the budget off the campaign or off its ad sets.",
        blame="daily_budget",
    )
