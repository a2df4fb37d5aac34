"""Custom audiences of an ad account: the seeded ones, and those that callers make and delete."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from freehold.sandbox.meta.ads.account_lists import records
from freehold.sandbox.meta.ads.accounts import covers, demand_management, written
from freehold.sandbox.meta.ads.parameters import choice, mapping, missing, refusal
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.ads_audience import round_people
from freehold.sandbox.meta.world.people import AdAccount
from freehold.sandbox.meta.world.randomness import draws

Record = dict[str, Any]
SUBTYPES = frozenset({"CUSTOM", "WEBSITE", "APP", "ENGAGEMENT", "IG_BUSINESS", "VIDEO", "LOOKALIKE"})
SEEDED = (("Customers", "CUSTOM"), ("Visitors of the last 30 days", "WEBSITE"), ("Lookalike 2 %", "LOOKALIKE"))
WITHHELD = -1
"""What Meta gives as the size of an audience that it does not tell."""


def audiences(call: Call, account: AdAccount) -> Sequence[Record]:
    """The account's audiences, the newest first."""
    made = [each for each in written(call).audiences.values() if each.get("account_id") == account.account_id]
    gone = written(call).audiences
    return [*reversed(made), *(each for each in _seeded(call, account) if each["id"] not in gone)]


def find(call: Call, audience_id: str) -> Record | None:
    """The audience with this id, if the caller may see its account."""
    for account in call.sandbox.world.ad_accounts:
        if audience_id.startswith(_prefix(account)) and covers(call, account):
            return next((each for each in audiences(call, account) if each["id"] == audience_id), None)
    return None


def create(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/customaudiences`."""
    demand_management(call)
    if not call.params.get("name"):
        raise missing("name")
    subtype = choice(call.params, "subtype", SUBTYPES) or "CUSTOM"
    if subtype == "LOOKALIKE":
        _check_lookalike(call)
    writes = written(call)
    writes.sequence += 1
    audience_id = f"{_prefix(account)}{100_000 + writes.sequence}"
    about = {"name": call.params["name"], "subtype": subtype, "description": call.params.get("description", "")}
    writes.audiences[audience_id] = _record(call, account, audience_id, about, WITHHELD, WITHHELD)
    return {"id": audience_id}


def delete(call: Call, audience: Record) -> JSON:
    """`DELETE /{audience}`."""
    demand_management(call)
    written(call).audiences[audience["id"]] = {"id": audience["id"]}
    return {"success": True}


def _check_lookalike(call: Call) -> None:
    spec = mapping(call.params, "lookalike_spec") or {}
    if not call.params.get("origin_audience_id") or find(call, call.params["origin_audience_id"]) is None:
        raise refusal("(#100) origin_audience_id is no audience of yours", blame="origin_audience_id")
    if not spec.get("country") or not 0 < float(spec.get("ratio", 0)) <= 0.2:  # noqa: PLR2004 - twenty per cent
        raise refusal("(#100) lookalike_spec needs country and a ratio up to 0.2", blame="lookalike_spec")


def _seeded(call: Call, account: AdAccount) -> list[Record]:
    found = []
    for number, (name, subtype) in enumerate(SEEDED):
        people = int(1_500 + 80_000 * draws(call.sandbox.world.seed, "audience", account.account_id, number)[0])
        bounds = round_people(people * 0.9), round_people(people * 1.1)
        about = {"name": name, "subtype": subtype, "description": ""}
        found.append(_record(call, account, f"{_prefix(account)}{number:06d}", about, *bounds))
    return found


def _record(call: Call, account: AdAccount, audience_id: str, about: Record, low: int, high: int) -> Record:
    made = int(call.sandbox.world.epoch.timestamp()) - 200 * 86_400
    return {
        **about,
        "id": audience_id,
        "account_id": account.account_id,
        "approximate_count_lower_bound": low,
        "approximate_count_upper_bound": high,
        "delivery_status": {"code": 200, "description": "This audience is ready for use."},
        "operation_status": {"code": 200, "description": "Normal"},
        "time_created": made,
        "time_updated": made,
    }


def _prefix(account: AdAccount) -> str:
    return f"2385{account.account_id[-6:]}"


AUDIENCE = replace(
    records(
        "CustomAudience", "id", "name", "subtype", "account_id", "description", "approximate_count_lower_bound",
        "approximate_count_upper_bound", "delivery_status", "operation_status", "time_created", "time_updated",
        default=("id",),
    ),
    delete=delete,
)  # fmt: skip
