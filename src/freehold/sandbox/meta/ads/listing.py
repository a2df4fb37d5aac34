"""The campaigns, adsets, ads and adcreatives edges: filters, statuses and dates over lazily built objects."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from freehold.sandbox.meta.ads import objects
from freehold.sandbox.meta.ads.filtering import Filter, all_hold, filters
from freehold.sandbox.meta.ads.insight_dates import check_range
from freehold.sandbox.meta.ads.objects import AdObject, effective_status
from freehold.sandbox.meta.ads.parameters import instant, names, refusal
from freehold.sandbox.meta.graph import Call

STATUS_FIELDS = frozenset({"status", "configured_status", "effective_status", "delivery_status", "delivery_info"})
HIDDEN = frozenset({"DELETED", "ARCHIVED"})
STATUSES = {
    "campaign": frozenset({"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"}),
    "adset": frozenset({"ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES", "CAMPAIGN_PAUSED"}),
    "ad": frozenset(
        {
            "ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES", "CAMPAIGN_PAUSED", "ADSET_PAUSED",
            "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
        }
    ),
}  # fmt: skip


def listed(call: Call, kind: str, rows: Iterator[AdObject]) -> Sequence[AdObject]:
    """The objects of an edge that pass the call's filters; deleted and archived ones only when asked for."""
    conditions = filters(call.params)
    wanted = frozenset(names(call.params, "effective_status"))
    if wanted - STATUSES.get(kind, wanted):
        unknown = ", ".join(sorted(wanted - STATUSES[kind]))
        raise refusal(f"Param effective_status has unknown values: {unknown}", blame="effective_status")
    check_range(call.params, call.now.date().toordinal())
    since = instant(call.params, "updated_since", "UTC")
    asks_status = any(condition.name in STATUS_FIELDS for condition in conditions)
    hide = HIDDEN if not wanted and not asks_status else frozenset[str]()
    return [
        row
        for row in rows
        if (since is None or row.values["updated_time"] >= since) and _passes(call, row, conditions, wanted, hide)
    ]


def _passes(
    call: Call, row: AdObject, conditions: tuple[Filter, ...], wanted: frozenset[str], hide: frozenset[str]
) -> bool:
    if hide and row.kind != "creative" and (row.values["status"] in hide or effective_status(call, row) in hide):
        return False
    if wanted and effective_status(call, row) not in wanted:
        return False
    return all_hold(conditions, lambda condition: value_of(call, row, condition))


def value_of(call: Call, row: AdObject, condition: Filter) -> Any:
    """What a filter's field reads on an object, or on the campaign or ad set above it."""
    if condition.owner and condition.owner != row.kind:
        parent_id = row.values.get(f"{condition.owner}_id")
        parent = objects.find(call, str(parent_id)) if parent_id else None
        if parent is None:
            raise refusal(f"Filtering field {condition.field} is invalid", blame="filtering")
        row = parent
    if condition.name == "id":
        return row.id
    if condition.name in STATUS_FIELDS - {"status", "configured_status"}:
        return effective_status(call, row)
    if condition.name == "configured_status":
        return row.values["status"]
    if condition.name not in row.values and condition.name not in FILTERABLE:
        raise refusal(f"Filtering field {condition.field} is invalid", blame="filtering")
    value = row.values.get(condition.name)
    return value.timestamp() if isinstance(value, datetime) else value


FILTERABLE = frozenset(
    {"daily_budget", "lifetime_budget", "bid_strategy", "bid_amount", "end_time", "stop_time", "spend_cap"}
)


def reader(kind: str, rows: Callable[[Call, Any], Iterator[AdObject]]) -> Callable[[Call, Any], Sequence[AdObject]]:
    """An edge's `read` over objects of one kind."""
    return lambda call, parent: listed(call, kind, rows(call, parent))
