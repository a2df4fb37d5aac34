"""Copies of campaigns, ad sets and ads: paused, and where it is wanted changed as soon as they are made."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.failures import problem_of
from freehold.node.mcp.meta_ads.arguments import ObjectId, Structure
from freehold.node.mcp.meta_ads.campaign_writes import Instant, Paused
from freehold.node.mcp.meta_ads.proposing import Minor, Outcome, Wish, change
from freehold.node.mcp.meta_ads.reading import owner_of
from freehold.node.mcp.tool import Call
from freehold.providers.calls import ProviderError
from freehold.providers.meta.ad_writes import Kind

Suffix = Annotated[str | None, Field(max_length=100)]
_SHARED = "a copy shows the same creative; make another with create_ad_creative, then update_ad"


class _CopyWish(Wish):
    """What every copy takes: a text behind the names, and nothing but PAUSED as its status."""

    name_suffix: Suffix = None
    new_status: Paused = "PAUSED"


class _Scheduled(_CopyWish):
    """A copy that has dates and a budget; its budget is changed once it is there, as a plan of its own."""

    include_creatives: bool = True
    new_daily_budget: Minor | None = None
    new_start_time: Instant | None = None
    new_end_time: Instant | None = None


class CampaignCopy(_Scheduled):
    """A copy of a campaign, with its ad sets and ads where `include_ad_sets`."""

    campaign_id: ObjectId
    include_ad_sets: bool = True
    include_ads: bool | None = None
    copy_schedule: bool = True


class AdSetCopy(_Scheduled):
    """A copy of an ad set, in its own campaign or another one."""

    adset_id: ObjectId
    target_campaign_id: ObjectId | None = None
    include_ads: bool = True
    new_targeting: Structure | None = None


class AdCopy(_CopyWish):
    """A copy of an ad, in its own ad set or another one."""

    not_taken: ClassVar[Mapping[str, str]] = {"duplicate_creative": _SHARED, "new_creative_name": _SHARED}

    ad_id: ObjectId
    target_adset_id: ObjectId | None = None


async def duplicate_campaign(call: Call, asked: CampaignCopy) -> Outcome:
    """Copy a campaign, paused, with its ad sets and ads."""
    if asked.include_ads not in {None, asked.include_ad_sets}:
        raise _as_it_is("include_ads", "Meta copies ad sets with their ads or neither", "the value of include_ad_sets")
    if not asked.copy_schedule and asked.new_start_time is None:
        raise _as_it_is("copy_schedule", "a copy without another start keeps its own", "new_start_time")
    sent = {"deep_copy": asked.include_ad_sets}
    return await _scheduled(call, "copy_campaign", asked.campaign_id, sent, asked)


async def duplicate_adset(call: Call, asked: AdSetCopy) -> Outcome:
    """Copy an ad set, paused, with its ads."""
    if asked.target_campaign_id is not None:
        await owner_of(call, asked.target_campaign_id)
    sent = {"deep_copy": asked.include_ads, "campaign_id": asked.target_campaign_id}
    return await _scheduled(call, "copy_ad_set", asked.adset_id, sent, asked, targeting=asked.new_targeting)


async def duplicate_ad(call: Call, asked: AdCopy) -> Outcome:
    """Copy an ad, paused."""
    if asked.target_adset_id is not None:
        await owner_of(call, asked.target_adset_id)
    sent = {"adset_id": asked.target_adset_id, "rename_options": _renamed(asked.name_suffix)}
    owner = await owner_of(call, asked.ad_id)
    return await change(call, "copy_ad", owner.asset_id, asked.ad_id, sent, asked.idempotency_key)


async def _scheduled(
    call: Call, kind: Kind, object_id: str, sent: Mapping[str, Any], asked: _Scheduled, **further: Any
) -> Outcome:
    """A copy, and once it is there what is to be otherwise of it."""
    if not asked.include_creatives and sent["deep_copy"]:
        raise _as_it_is("include_creatives", "Meta has no ad without a creative", "true, or copy without ads")
    owner = await owner_of(call, object_id)
    copied = {
        **sent,
        "rename_options": _renamed(asked.name_suffix),
        "start_time": asked.new_start_time,
        "end_time": asked.new_end_time,
    }
    made = await change(call, kind, owner.asset_id, object_id, copied, asked.idempotency_key)
    wanted = {name: value for name, value in {"daily_budget": asked.new_daily_budget, **further}.items() if value}
    if not wanted:
        return made
    tool, update = _THEN[kind]
    if made.status != "applied":
        later = f"Then call {tool} for the copy, with {', '.join(wanted)}: it is not part of this plan."
        return made.model_copy(update={"next": f"{made.next} {later}"})
    own_key = None if asked.idempotency_key is None else f"{asked.idempotency_key}:changed"
    there = f"The copy {made.object_id} is made, and paused."
    try:
        then = await change(call, update, owner.asset_id, made.object_id, wanted, own_key)
    except (Problem, ProviderError) as error:
        problem = error if isinstance(error, Problem) else problem_of(error)
        told = f"{there} It was not changed further: {problem.detail} Call {tool} with {', '.join(wanted)}."
        return made.model_copy(update={"next": told})
    told = f"{there} Changing it: {then.next}"
    return then.model_copy(update={"changes": [*made.changes, *then.changes], "next": told})


_THEN: dict[str, tuple[str, Kind]] = {
    "copy_campaign": ("update_campaign", "update_campaign"),
    "copy_ad_set": ("update_adset", "update_ad_set"),
}
"""The tool and the change that make a copy otherwise than what it was copied from."""


def _renamed(suffix: str | None) -> Structure | None:
    return None if suffix is None else {"rename_strategy": "DEEP_RENAME", "rename_suffix": suffix}


def _as_it_is(name: str, why: str, instead: str) -> Problem:
    return Problem(422, "invalid_arguments", f"{name} cannot be so: {why}.", f"Give {instead}.")
