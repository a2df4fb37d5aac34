"""An ad account as a node."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freehold.sandbox.meta.ads import (
    absent_fields,
    account_lists,
    account_writing,
    ad_set_writing,
    ad_writing,
    audience,
    audiences,
    campaign_writing,
    creative_writing,
    insights,
    media,
    objects,
    report_runs,
    spending,
)
from freehold.sandbox.meta.ads.accounts import account_plan
from freehold.sandbox.meta.ads.ad_nodes import AD, AD_SET, CAMPAIGN, CREATIVE, reading_back
from freehold.sandbox.meta.ads.insight_rows import Subject
from freehold.sandbox.meta.ads.listing import reader
from freehold.sandbox.meta.ads.parameters import stamp
from freehold.sandbox.meta.ads.values import absent
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call, Edge, NodeType, Reader
from freehold.sandbox.meta.world.ads_plan import HISTORY_DAYS, AdPlan
from freehold.sandbox.meta.world.ads_visible import midnight
from freehold.sandbox.meta.world.people import AdAccount

ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Pacific/Auckland",
)
"""Time zones in the order of the numbers that `timezone_id` gives them here."""


def plan_of(call: Call, account: AdAccount) -> AdPlan:
    """The account's plan."""
    return account_plan(call.sandbox.world, account)


def _created(call: Call, account: AdAccount) -> str:
    plan = plan_of(call, account)
    return stamp(midnight(plan.timezone_name, plan.epoch - HISTORY_DAYS) - timedelta(days=30), plan.timezone_name)


def _offset(call: Call, account: AdAccount) -> float:
    offset = call.now.astimezone(ZoneInfo(account.timezone_name)).utcoffset() or timedelta(0)
    return offset / timedelta(hours=1)


def _zone_number(_: Call, account: AdAccount) -> int:
    return ZONES.index(account.timezone_name) + 1 if account.timezone_name in ZONES else 0


def _business(call: Call, account: AdAccount) -> JSON:
    business = call.sandbox.world.business(account.business_id)
    return {"id": account.business_id, "name": business.name if business else ""}


def _business_name(call: Call, account: AdAccount) -> Any:
    return _business(call, account)["name"]


def _funding(_: Call, account: AdAccount) -> JSON:
    return {"id": f"99{account.account_id}", "display_string": "VISA *4242", "type": 1}


def _tasks(call: Call, _: AdAccount) -> list[str]:
    return ["DRAFT", "ANALYZE", *(("ADVERTISE",) if "ads_management" in call.caller.scopes else ())]


def _insights(call: Call, account: AdAccount, asked: tuple[Selection, ...]) -> JSON:
    return insights.answer(call, Subject(plan_of(call, account), "account"), asked)


def _order(call: Call, account: AdAccount) -> JSON:
    return report_runs.order(call, Subject(plan_of(call, account), "account"))


def _of_account(name: str) -> Reader:
    return lambda _, account: getattr(account, name)


def _described(name: str) -> Reader:
    return lambda _, option: audience.described(option)[name]


OPTION_FIELDS = ("id", "name", "type", "path", "description", "audience_size_lower_bound", "audience_size_upper_bound")
AD_ACCOUNT = NodeType(
    name="AdAccount",
    fields={
        **{name: _of_account(name) for name in ("id", "account_id", "name", "currency", "timezone_name")},
        "account_status": _of_account("status"),
        "disable_reason": lambda _, account: 0 if account.status == 1 else 1,
        "timezone_id": _zone_number,
        "timezone_offset_hours_utc": _offset,
        "amount_spent": lambda call, account: str(spending.lifetime(call, plan_of(call, account))),
        "balance": lambda _, __: "0",
        "spend_cap": account_writing.cap_of,
        "min_daily_budget": lambda _, account: spending.least_budget(account.currency),
        "min_campaign_group_spend_cap": lambda _, account: str(spending.least_budget(account.currency) * 100),
        "owner": _of_account("business_id"),
        "business": _business,
        "business_name": _business_name,
        "created_time": _created,
        "age": lambda call, _: float(HISTORY_DAYS + 30 + (call.now - call.sandbox.world.epoch).days),
        "funding_source": lambda call, account: _funding(call, account)["id"],
        "funding_source_details": _funding,
        "user_tasks": _tasks,
        "is_personal": lambda _, __: 0,
        "is_prepay_account": lambda _, __: False,
        "has_migrated_permissions": lambda _, __: True,
        "capabilities": lambda _, __: [],
        **absent(absent_fields.AD_ACCOUNT),
    },
    default=("account_id", "id"),
    update=account_writing.update,
)
TARGETING_OPTION = NodeType(
    name="AdAccountTargetingUnified",
    fields={name: _described(name) for name in OPTION_FIELDS},
    default=OPTION_FIELDS,
)
AD_ACCOUNT.edges.update(
    campaigns=Edge(
        CAMPAIGN,
        reader("campaign", lambda call, account: objects.campaigns(call, plan_of(call, account))),
        create=reading_back(campaign_writing.create),
    ),
    adsets=Edge(
        AD_SET,
        reader("adset", lambda call, account: objects.ad_sets(call, plan_of(call, account))),
        create=reading_back(ad_set_writing.create),
    ),
    ads=Edge(
        AD,
        reader("ad", lambda call, account: objects.ads_of(call, plan_of(call, account))),
        create=reading_back(ad_writing.create),
    ),
    adcreatives=Edge(
        CREATIVE,
        reader("creative", lambda call, account: objects.creatives(call, plan_of(call, account))),
        create=reading_back(creative_writing.create),
    ),
    adimages=Edge(media.IMAGE, media.images, create=creative_writing.upload_image),
    advideos=Edge(media.VIDEO, media.videos),
    customaudiences=Edge(audiences.AUDIENCE, audiences.audiences, create=audiences.create),
    activities=Edge(account_lists.ACTIVITY, account_lists.activities),
    minimum_budgets=Edge(answer=account_lists.minimum_budgets),
    generatepreviews=Edge(answer=account_lists.previews),
    reachestimate=Edge(answer=audience.reach_estimate),
    delivery_estimate=Edge(answer=audience.delivery_estimate),
    targetingsearch=Edge(TARGETING_OPTION, audience.targeting_search, limit=50),
    targetingbrowse=Edge(TARGETING_OPTION, audience.targeting_browse, limit=50),
    targetingsuggestions=Edge(TARGETING_OPTION, audience.targeting_suggestions, limit=50),
    targetingvalidation=Edge(answer=audience.targeting_validation),
    targetingsentencelines=Edge(answer=audience.sentence_lines),
    insights=Edge(answer=_insights, create=_order),
)
