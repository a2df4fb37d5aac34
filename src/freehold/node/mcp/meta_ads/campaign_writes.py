"""Campaigns, ad sets and ads: made, changed and deleted. What is new begins paused."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId, Structure
from freehold.node.mcp.meta_ads.proposing import Minor, Outcome, Wish, change
from freehold.node.mcp.meta_ads.reading import account_of, owner_of
from freehold.node.mcp.tool import Call
from freehold.providers.meta.ad_writes import Kind

Name = Annotated[str, Field(min_length=1, max_length=400)]
Status = Literal["ACTIVE", "PAUSED", "ARCHIVED"]
Paused = Literal["PAUSED"]
Objective = Literal[
    "OUTCOME_AWARENESS", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_APP_PROMOTION",
    "OUTCOME_SALES",
]  # fmt: skip
Bid = Literal["LOWEST_COST_WITHOUT_CAP", "LOWEST_COST_WITH_BID_CAP", "COST_CAP", "LOWEST_COST_WITH_MIN_ROAS"]
Word = Annotated[str, Field(pattern=r"^[A-Z_]{1,80}$")]
Instant = Annotated[str, Field(max_length=40, description="ISO 8601; without a zone, local to the account")]
_ON_THE_AD_SET: Final = "Meta keeps bids on ad sets; give bid_amount to create_adset or update_adset"
_OF_CAMPAIGNS: Final = {
    "bid_cap": _ON_THE_AD_SET,
    "ab_test_control_setups": "Meta's experiments are set up in Ads Manager",
}
_MULTI_ADVERTISER: Final = {
    "multi_advertiser_ads": "Meta keeps it on creatives; give contextual_multi_ads to create_ad_creative"
}


class CampaignWish(Wish):
    """A new campaign. A budget here is shared by its ad sets; without one each ad set has its own."""

    not_taken: ClassVar[Mapping[str, str]] = _OF_CAMPAIGNS

    account_id: AccountId = None
    name: Name
    objective: Objective
    status: Paused = "PAUSED"
    special_ad_categories: list[Word] = Field(default=[], max_length=10)
    daily_budget: Minor | None = None
    lifetime_budget: Minor | None = None
    buying_type: Literal["AUCTION", "RESERVED"] = "AUCTION"
    bid_strategy: Bid | None = None
    spend_cap: Minor | None = None
    use_adset_level_budgets: bool = False
    campaign_budget_optimization: bool | None = None


class CampaignChange(Wish):
    """What is to be changed of a campaign; what is left out stays."""

    not_taken: ClassVar[Mapping[str, str]] = _OF_CAMPAIGNS | {
        "adset_budgets": "give them to bulk_update_budgets with kind adset: each is planned by itself",
        "use_adset_level_budgets": "a campaign's budget can be changed, not taken away; make a campaign without one",
        "campaign_budget_optimization": "it follows from daily_budget or lifetime_budget of the campaign",
    }

    campaign_id: ObjectId
    name: Name | None = None
    status: Status | None = None
    objective: Objective | None = None
    special_ad_categories: list[Word] | None = None
    daily_budget: Minor | None = None
    lifetime_budget: Minor | None = None
    bid_strategy: Bid | None = None
    spend_cap: Minor | None = None


class _AdSetParts(Wish):
    """What a new ad set and a changed one have in common."""

    daily_budget: Minor | None = None
    lifetime_budget: Minor | None = None
    targeting: Structure | None = None
    bid_amount: Minor | None = None
    bid_strategy: Bid | None = None
    bid_constraints: Structure | None = None
    bid_adjustments: Structure | None = None
    start_time: Instant | None = None
    end_time: Instant | None = None
    dsa_beneficiary: str | None = Field(default=None, max_length=512)
    dsa_payor: str | None = Field(default=None, max_length=512)
    frequency_control_specs: list[Structure] | None = None
    attribution_spec: list[Structure] | None = None
    regional_regulated_categories: list[Word] | None = Field(default=None, max_length=20)
    regional_regulation_identities: Structure | None = None


class AdSetWish(_AdSetParts):
    """A new ad set."""

    not_taken: ClassVar[Mapping[str, str]] = _MULTI_ADVERTISER

    account_id: AccountId = None
    campaign_id: ObjectId
    name: Name
    optimization_goal: Word
    billing_event: Word
    status: Paused = "PAUSED"
    promoted_object: Structure | None = None
    destination_type: Word | None = None
    is_dynamic_creative: bool | None = None


class AdSetChange(_AdSetParts):
    """What is to be changed of an ad set; what is left out stays."""

    not_taken: ClassVar[Mapping[str, str]] = _MULTI_ADVERTISER | {
        "is_dynamic_creative": "Meta lets it be chosen only when the ad set is made; see create_adset"
    }

    adset_id: ObjectId
    name: Name | None = None
    status: Status | None = None
    optimization_goal: Word | None = None


class AdWish(Wish):
    """A new ad."""

    not_taken: ClassVar[Mapping[str, str]] = {"bid_amount": _ON_THE_AD_SET}

    account_id: AccountId = None
    name: Name
    adset_id: ObjectId
    creative_id: ObjectId
    status: Paused = "PAUSED"
    tracking_specs: list[Structure] | None = None


class AdChange(Wish):
    """What is to be changed of an ad; what is left out stays."""

    not_taken: ClassVar[Mapping[str, str]] = {"bid_amount": _ON_THE_AD_SET}

    ad_id: ObjectId
    name: Name | None = None
    status: Status | None = None
    creative_id: ObjectId | None = None
    tracking_specs: list[Structure] | None = None


class ScheduleWish(Wish):
    """A time in which a campaign's daily budget is raised."""

    campaign_id: ObjectId
    budget_value: Annotated[int, Field(ge=1, le=10**15)]
    budget_value_type: Literal["ABSOLUTE", "MULTIPLIER"]
    time_start: Instant
    time_end: Instant


class Deletion(Wish):
    """What is to be deleted, for good."""

    kind: Literal["campaign", "adset", "ad", "creative", "audience"]
    object_id: ObjectId


_DELETES: dict[str, Kind] = {
    "campaign": "delete_campaign",
    "adset": "delete_ad_set",
    "ad": "delete_ad",
    "creative": "delete_creative",
    "audience": "delete_audience",
}


async def create_campaign(call: Call, asked: CampaignWish) -> Outcome:
    """Make a campaign, paused. Say the budget in minor units; a person may have to approve it."""
    account = await account_of(call, asked.account_id)
    own = bool(asked.daily_budget or asked.lifetime_budget)
    if own and asked.use_adset_level_budgets:
        raise Problem(
            422, "invalid_arguments", "A budget stands on the campaign or on its ad sets.", "Leave one of both out."
        )
    if asked.campaign_budget_optimization not in {None, own}:
        raise Problem(
            422,
            "invalid_arguments",
            "campaign_budget_optimization is whether the campaign has a budget of its own.",
            "Give daily_budget or lifetime_budget with true, and neither with false.",
        )
    switches = {"use_adset_level_budgets", "campaign_budget_optimization"}
    sent = asked.model_dump(exclude={"account_id", "idempotency_key", *switches})
    sharing = None if own else False
    parameters = sent | {"is_adset_budget_sharing_enabled": sharing}
    return await change(call, "create_campaign", account.asset_id, "", parameters, asked.idempotency_key)


async def update_campaign(call: Call, asked: CampaignChange) -> Outcome:
    """Change a campaign: name, status, budget, bid strategy, spend cap. Pausing and lowering need nobody's approval."""
    return await _update(call, "update_campaign", asked.campaign_id, asked)


async def create_adset(call: Call, asked: AdSetWish) -> Outcome:
    """Make an ad set in a campaign, paused."""
    owner = await owner_of(call, asked.campaign_id)
    sent = asked.model_dump(exclude={"account_id", "idempotency_key"})
    return await change(call, "create_ad_set", owner.asset_id, "", sent, asked.idempotency_key)


async def update_adset(call: Call, asked: AdSetChange) -> Outcome:
    """Change an ad set: name, status, budget, bid, targeting, dates."""
    return await _update(call, "update_ad_set", asked.adset_id, asked)


async def create_ad(call: Call, asked: AdWish) -> Outcome:
    """Make an ad of a creative in an ad set, paused."""
    owner = await owner_of(call, asked.adset_id)
    sent = asked.model_dump(exclude={"account_id", "idempotency_key"})
    return await change(call, "create_ad", owner.asset_id, "", sent, asked.idempotency_key)


async def update_ad(call: Call, asked: AdChange) -> Outcome:
    """Change an ad: name, status, creative, tracking."""
    return await _update(call, "update_ad", asked.ad_id, asked)


async def create_budget_schedule(call: Call, asked: ScheduleWish) -> Outcome:
    """Raise a campaign's daily budget for a time, by an amount in minor units or by a factor."""
    owner = await owner_of(call, asked.campaign_id)
    sent = asked.model_dump(exclude={"campaign_id", "idempotency_key"})
    return await change(
        call, "schedule_campaign_budget", owner.asset_id, asked.campaign_id, sent, asked.idempotency_key
    )


async def delete_object(call: Call, asked: Deletion) -> Outcome:
    """Delete a campaign, ad set, ad, creative or audience for good. To keep it, give it the status ARCHIVED instead."""
    owner = await owner_of(call, asked.object_id)
    return await change(call, _DELETES[asked.kind], owner.asset_id, asked.object_id, {}, asked.idempotency_key)


async def _update(call: Call, kind: Kind, object_id: str, asked: Wish) -> Outcome:
    owner = await owner_of(call, object_id)
    sent = asked.model_dump(exclude={"idempotency_key", "campaign_id", "adset_id", "ad_id"}, exclude_none=True)
    return await change(call, kind, owner.asset_id, object_id, sent, asked.idempotency_key)
