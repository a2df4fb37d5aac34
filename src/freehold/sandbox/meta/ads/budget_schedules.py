"""Periods of high demand: a campaign's or ad set's budget is higher for a while."""

from typing import Any

from freehold.sandbox.meta.ads import budgets
from freehold.sandbox.meta.ads.accounts import demand_management, plan_by_ordinal, written
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, instant, missing, refusal, whole
from freehold.sandbox.meta.graph import JSON, Call, NodeType

KIND = 0
"""The digit of their ids."""
TYPES = frozenset({"ABSOLUTE", "MULTIPLIER"})
Record = dict[str, Any]


def find(call: Call, object_id: str) -> Record | None:
    """The period with this id, in an account that the caller may see."""
    found = written(call).schedules.get(object_id)
    return found if found is not None and plan_by_ordinal(call, found["ordinal"]) is not None else None


def of(call: Call, value: AdObject) -> list[Record]:
    """The periods of a campaign or ad set."""
    return [each for each in written(call).schedules.values() if each["ad_object_id"] == value.id]


def create(call: Call, value: AdObject) -> JSON:
    """`POST /{campaign|ad set}/budget_schedules`."""
    demand_management(call)
    if not (value.values.get("daily_budget") or value.values.get("lifetime_budget")):
        raise refusal("(#100) Only what has a budget of its own can have a budget schedule", blame="budget_value")
    amount, kind = whole(call.params, "budget_value", least=1), choice(call.params, "budget_value_type", TYPES)
    begin, end = (instant(call.params, name, value.plan.timezone_name) for name in ("time_start", "time_end"))
    if amount is None or kind is None or begin is None or end is None:
        raise missing("budget_value, budget_value_type, time_start and time_end")
    if end <= begin:
        raise refusal("(#100) time_end must be after time_start", blame="time_end")
    if kind == "ABSOLUTE":
        budgets.check_least("budget_value", amount, value.plan.currency)
    writes = written(call)
    schedule_id = writes.next_id(KIND, value.plan.ordinal)
    writes.schedules[schedule_id] = {
        "id": schedule_id,
        "ad_object_id": value.id,
        "ordinal": value.plan.ordinal,
        "budget_value": amount,
        "budget_value_type": kind,
        "time_start": int(begin.timestamp()),
        "time_end": int(end.timestamp()),
        "recurrence_type": "ONE_TIME",
    }
    return {"id": schedule_id, "success": True}


def delete(call: Call, schedule: Record) -> JSON:
    """`DELETE /{period}`."""
    demand_management(call)
    del written(call).schedules[schedule["id"]]
    return {"success": True}


def _member(name: str) -> Any:
    return lambda _, record: record[name]


BUDGET_SCHEDULE = NodeType(
    name="HighDemandPeriod",
    fields={
        name: _member(name)
        for name in (
            "id", "ad_object_id", "budget_value", "budget_value_type", "time_start", "time_end", "recurrence_type",
        )
    },
    delete=delete,
)  # fmt: skip
