"""Writing ads: every kind of change that Meta takes, the call for each, and what an object is before and after it.

A state is a mapping of Meta's own field names to plain values: amounts are whole minor units, instants are texts of
ISO 8601 in UTC, and what Meta leaves out is None. Parameters have the same names and the same values.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph
from freehold.providers.meta.money import exponent

Level = Literal["account", "campaign", "ad_set", "ad", "creative", "image", "audience", "budget_schedule"]
Kind = Literal[
    "create_campaign", "create_ad_set", "create_ad", "create_creative", "create_audience", "upload_image",
    "update_account", "update_campaign", "update_ad_set", "update_ad", "update_creative",
    "delete_campaign", "delete_ad_set", "delete_ad", "delete_creative", "delete_audience", "delete_budget_schedule",
    "copy_campaign", "copy_ad_set", "copy_ad", "schedule_campaign_budget", "schedule_ad_set_budget",
]  # fmt: skip
State = Mapping[str, Any]

NO_CAP: Final = 922_337_203_685_478
"""The amount that takes a campaign's spend cap away."""
MONEY: Final = frozenset({
    "daily_budget", "lifetime_budget", "budget_remaining", "bid_amount", "spend_cap", "amount_spent", "budget_value",
    "daily_spend_cap", "lifetime_spend_cap", "daily_min_spend_target", "lifetime_min_spend_target",
})  # fmt: skip
"""Fields that are amounts in minor units."""
TIMES: Final = frozenset({"start_time", "end_time", "stop_time", "time_start", "time_end"})
WORDS: Final = frozenset({"name", "title", "body", "description"})
"""Fields that are whatever people write. Text of any other may hold no structure: nobody here would look into it."""
GREATEST: Final = 10**15
"""More minor units than anybody means."""
YEARS: Final = range(1970, 2200)
"""Within these every instant has a day in every time zone."""
REPLACED: Final = (("daily_budget", "lifetime_budget"), ("lifetime_budget", "daily_budget"))
"""Budgets, and the one that takes the place of each."""
NO_END: Final = "0"
"""What as an end means that there is none."""

_CAMPAIGN = frozenset({
    "name", "status", "daily_budget", "lifetime_budget", "bid_strategy", "spend_cap", "start_time", "stop_time",
    "special_ad_categories", "special_ad_category_country", "is_adset_budget_sharing_enabled", "objective",
    "pacing_type", "promoted_object",
})  # fmt: skip
_AD_SET = frozenset({
    "name", "status", "daily_budget", "lifetime_budget", "bid_strategy", "bid_amount", "bid_constraints", "start_time",
    "end_time", "targeting", "optimization_goal", "billing_event", "promoted_object", "attribution_spec", "pacing_type",
    "frequency_control_specs", "adset_schedule", "dsa_payor", "dsa_beneficiary", "daily_spend_cap",
    "lifetime_spend_cap", "daily_min_spend_target", "lifetime_min_spend_target", "destination_type",
    "regional_regulated_categories", "regional_regulation_identities", "bid_adjustments",
})  # fmt: skip
_AD = frozenset({"name", "status", "creative_id", "tracking_specs", "conversion_domain"})
_CREATIVE = frozenset({
    "name", "object_story_spec", "object_story_id", "source_instagram_media_id", "instagram_user_id", "asset_feed_spec",
    "degrees_of_freedom_spec", "url_tags", "title", "body", "image_hash", "image_url", "link_url", "call_to_action",
    "product_set_id", "template_url", "thumbnail_url", "branded_content", "facebook_branded_content",
    "instagram_branded_content", "authorization_category", "contextual_multi_ads", "platform_customizations",
})  # fmt: skip
_AUDIENCE = frozenset({
    "name", "subtype", "description", "customer_file_source", "rule", "rule_aggregation", "retention_days", "prefill",
    "pixel_id", "origin_audience_id", "lookalike_spec", "event_source_group", "video_group_ids", "countries",
})  # fmt: skip
_SCHEDULE = frozenset({"budget_value", "budget_value_type", "time_start", "time_end"})
_COPY = frozenset({"start_time", "end_time", "rename_options"})


@dataclass(frozen=True)
class Operation:
    """How Meta takes one kind of change.

    The call goes to `edge` of the object (or of the account where it has no object), or to the object itself.
    `parameters` is all that may be sent. `validates`: Meta checks it beforehand on demand. `makes` is what comes new.
    """

    level: Level
    method: Literal["POST", "DELETE"]
    parameters: frozenset[str] = frozenset()
    edge: str = ""
    validates: bool = False
    makes: Level | None = None

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice leaves what doing it once does."""
        return self.makes is None


OPERATIONS: Final[Mapping[Kind, Operation]] = {
    "create_campaign": Operation("account", "POST", _CAMPAIGN | {"buying_type"}, "campaigns", True, "campaign"),
    "create_ad_set": Operation(
        "account", "POST", _AD_SET | {"campaign_id", "is_dynamic_creative"}, "adsets", True, "ad_set"
    ),
    "create_ad": Operation("account", "POST", _AD | {"adset_id"}, "ads", True, "ad"),
    "create_creative": Operation("account", "POST", _CREATIVE, "adcreatives", False, "creative"),
    "create_audience": Operation("account", "POST", _AUDIENCE, "customaudiences", False, "audience"),
    "upload_image": Operation("account", "POST", frozenset({"bytes", "name"}), "adimages", False, "image"),
    "update_account": Operation("account", "POST", frozenset({"spend_cap"})),
    "update_campaign": Operation("campaign", "POST", _CAMPAIGN, validates=True),
    "update_ad_set": Operation("ad_set", "POST", _AD_SET, validates=True),
    "update_ad": Operation("ad", "POST", _AD, validates=True),
    "update_creative": Operation("creative", "POST", frozenset({"name"})),
    "delete_campaign": Operation("campaign", "DELETE"),
    "delete_ad_set": Operation("ad_set", "DELETE"),
    "delete_ad": Operation("ad", "DELETE"),
    "delete_creative": Operation("creative", "DELETE"),
    "delete_audience": Operation("audience", "DELETE"),
    "delete_budget_schedule": Operation("budget_schedule", "DELETE"),
    "copy_campaign": Operation("campaign", "POST", _COPY | {"deep_copy"}, "copies", False, "campaign"),
    "copy_ad_set": Operation("ad_set", "POST", _COPY | {"deep_copy", "campaign_id"}, "copies", False, "ad_set"),
    "copy_ad": Operation("ad", "POST", frozenset({"adset_id", "rename_options"}), "copies", False, "ad"),
    "schedule_campaign_budget": Operation("campaign", "POST", _SCHEDULE, "budget_schedules", False, "budget_schedule"),
    "schedule_ad_set_budget": Operation("ad_set", "POST", _SCHEDULE, "budget_schedules", False, "budget_schedule"),
}

_BUDGET = "id,account_id,name,status,daily_budget,lifetime_budget,budget_remaining,bid_strategy,start_time"
_OF_CAMPAIGN = f"{_BUDGET},stop_time,spend_cap"
_OF_AD_SET = (
    f"{_BUDGET},end_time,campaign_id,bid_amount,daily_spend_cap,lifetime_spend_cap,daily_min_spend_target,"
    "lifetime_min_spend_target"
)
FIELDS: Final[Mapping[Level, str]] = {
    "account": "id,account_id,name,currency,timezone_name,spend_cap,amount_spent",
    "campaign": (
        f"{_OF_CAMPAIGN},objective,special_ad_categories,special_ad_category_country,pacing_type,promoted_object,"
        "is_adset_budget_sharing_enabled"
    ),
    "ad_set": (
        f"{_OF_AD_SET},targeting,optimization_goal,billing_event,bid_constraints,promoted_object,attribution_spec,"
        "pacing_type,frequency_control_specs,adset_schedule,dsa_payor,dsa_beneficiary,destination_type,bid_adjustments,"
        "regional_regulated_categories,regional_regulation_identities,"
        f"campaign{{{_OF_CAMPAIGN}}}"
    ),
    "ad": (
        "id,account_id,name,status,adset_id,campaign_id,tracking_specs,conversion_domain,creative{id},"
        f"adset{{{_OF_AD_SET}}},campaign{{{_OF_CAMPAIGN}}}"
    ),
    "creative": "id,account_id,name,status,title,body,object_story_spec,url_tags",
    "audience": "id,account_id,name,subtype",
    "budget_schedule": "id,ad_object_id,budget_value,budget_value_type,time_start,time_end",
}
"""What is asked of an object of each level, with those above it."""
PAGE: Final = 200


def state_call(version: str, level: Level, account_id: str, object_id: str) -> ApiCall:
    """Ask for the state of one object."""
    return ApiCall("GET", f"/{version}/{object_id}", {"fields": FIELDS[level]}, asset_id=account_id)


def owner_call(version: str, account_id: str, object_id: str) -> ApiCall:
    """Ask which account a campaign or ad set is in."""
    return ApiCall("GET", f"/{version}/{object_id}", {"fields": "id,account_id"}, asset_id=account_id)


def budgets_call(
    version: str, account_id: str, parent_id: str, edge: Literal["adsets", "campaigns"], after: str | None
) -> ApiCall:
    """Ask for the budgets of what hangs below a campaign or the account, a page at a time."""
    fields = _OF_CAMPAIGN if edge == "campaigns" else f"{_OF_AD_SET},campaign{{{_OF_CAMPAIGN}}}"
    params = {"fields": fields, "limit": str(PAGE)} | ({} if after is None else {"after": after})
    return ApiCall("GET", f"/{version}/{parent_id}/{edge}", params, asset_id=account_id)


def write_call(
    version: str,
    kind: Kind,
    account_id: str,
    object_id: str,
    parameters: State,
    currency: str,
    *,
    validate: bool = False,
) -> ApiCall:
    """The call that does a change, or with `validate` lets Meta check it and does nothing."""
    operation = OPERATIONS[kind]
    path = f"/{version}/{object_id or account_id}" + (f"/{operation.edge}" if operation.edge else "")
    sent = _account_cap(parameters, currency) if kind == "update_account" else dict(parameters)
    if operation.edge == "copies":
        sent["status_option"] = "PAUSED"
    if "creative_id" in sent:
        sent["creative"] = {"creative_id": sent.pop("creative_id")}
    if validate:
        sent["execution_options"] = ["validate_only"]
    form = {name: written(name, value) for name, value in sorted(sent.items())}
    return ApiCall(operation.method, path, form, asset_id=account_id, mutates=True)


def written(name: str, value: Any) -> str:
    """One parameter as Meta takes it."""
    if name in TIMES:
        return NO_END if value is None else str(int(datetime.fromisoformat(value).timestamp()))
    if value is None and name == "spend_cap":
        return str(NO_CAP)
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def read_state(answer: JSON) -> dict[str, Any]:
    """The state that an answer shows, those above it among its values."""
    state = {name: _read(name, value) for name, value in answer.items()}
    if "creative" in state:
        state["creative_id"] = graph.text(state.pop("creative") or {}, "id")
    return state


def read_states(answer: JSON) -> list[dict[str, Any]]:
    """The states of a page."""
    return [read_state(dict(row)) for row in graph.rows(answer)]


def normal(parameters: Mapping[str, Any], timezone: str) -> dict[str, Any]:
    """Parameters as a state has them; raises `ValueError` naming one that is of no use.

    An instant without a zone is local to the account; an end of 0 is none, and so is a cap of 0 or of the greatest
    amount. No other amount is 0, since Meta may read that as no limit; a budget goes only where another comes.
    """
    found = {name: _normal(name, value, timezone) for name, value in parameters.items()}
    for name, other in REPLACED:
        if found.get(name, 1) is None and not found.get(other):
            raise ValueError(f"{name} can only go when {other} takes its place")
    begin, end = found.get("time_start"), found.get("time_end")
    if begin and end and end <= begin:
        raise ValueError("time_end is after time_start")
    return found


def made_id(kind: Kind, answer: JSON) -> str:
    """The id of what a change made; empty where it makes nothing. Raises `KeyError` or `ValueError` without one."""
    made = OPERATIONS[kind].makes
    if made is None:
        return ""
    if made == "image":
        return graph.identifier(next(iter(answer["images"].values())), "hash")
    names = {"copy_campaign": "copied_campaign_id", "copy_ad_set": "copied_adset_id", "copy_ad": "copied_ad_id"}
    return graph.identifier(answer, names.get(kind, "id"))


def _account_cap(parameters: State, currency: str) -> dict[str, Any]:
    """An account's cap is written in major units, and taken away by a word."""
    cap = parameters["spend_cap"]
    return (
        {"spend_cap_action": "delete"} if cap is None else {"spend_cap": str(Decimal(cap).scaleb(-exponent(currency)))}
    )


def _read(name: str, value: Any) -> Any:
    if name in {"campaign", "adset"} and isinstance(value, dict):
        return {inner: _read(inner, found) for inner, found in value.items()}
    if name in MONEY:
        return _whole(name, value) or None
    if name in TIMES:
        return None if not value else _instant(name, value, "UTC")
    return value


def _normal(name: str, value: Any, timezone: str) -> Any:
    if name in MONEY:
        return _amount(name, _whole(name, value))
    if name in TIMES:
        return None if str(value).strip('"') in {"", "0", "None"} else _within(name, _instant(name, value, timezone))
    if isinstance(value, str) and name not in WORDS and value.lstrip().startswith(("{", "[")):
        raise ValueError(f"{name} is given as a structure, not as text that holds one")
    return value


def _within(name: str, instant: str) -> str:
    if datetime.fromisoformat(instant).year not in YEARS:
        raise ValueError(f"{name} is between {YEARS.start} and {YEARS.stop - 1}")
    return instant


def _amount(name: str, amount: int | None) -> int | None:
    """An amount that may be set; None of a spend cap takes it away."""
    if name == "spend_cap" and amount in {0, NO_CAP}:
        return None
    if amount is not None and (amount in {0, NO_CAP} or amount > GREATEST):
        raise ValueError(f"{name} is at least 1 and means no more than it says, so it is not {str(amount)[:20]}")
    return amount


def _whole(name: str, value: Any) -> int | None:
    """A whole number of minor units; fractions and words are refused, since either may mean another unit."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise ValueError(f"{name} is a whole number of minor units, not {value!r}")
    return int(value)


def _instant(name: str, value: Any, timezone: str) -> str:
    text = str(value).strip('"')
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC).isoformat()
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC).isoformat()
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{name} is an instant (ISO 8601 or Unix seconds), not {text[:40]!r}") from error
