"""Changes of several objects at once, of audiences, and of the account itself."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from freehold.kernel.problems import Problem
from freehold.node.failures import problem_of
from freehold.node.mcp.calling import failure
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId, Structure
from freehold.node.mcp.meta_ads.campaign_writes import Name, Status
from freehold.node.mcp.meta_ads.proposing import Minor, Outcome, Wish, change, principal_of
from freehold.node.mcp.meta_ads.reading import account_of, owner_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.spending import pause_everything as pause
from freehold.providers.calls import ProviderError
from freehold.providers.meta.ad_writes import Kind

MOST = 50
"""Objects that one call changes."""
Level = Literal["campaign", "adset", "ad"]
_UPDATES: dict[str, Kind] = {"campaign": "update_campaign", "adset": "update_ad_set", "ad": "update_ad"}


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Level
    object_id: ObjectId


class StatusItem(_Item):
    """An object, and the status that it is to have."""

    status: Status


class BudgetItem(BaseModel):
    """A campaign or ad set, and the budget that it is to have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["campaign", "adset"]
    object_id: ObjectId
    daily_budget: Minor | None = None
    lifetime_budget: Minor | None = None


class StatusesWish(Wish):
    """Statuses of several objects."""

    items: list[StatusItem] = Field(min_length=1, max_length=MOST)


class BudgetsWish(Wish):
    """Budgets of several objects."""

    items: list[BudgetItem] = Field(min_length=1, max_length=MOST)


class Single(BaseModel):
    """What became of one of several changes: of one that failed its code, and whether it may be tried again."""

    object_id: str
    status: str
    plan_id: str | None
    name: UntrustedText | None = None
    message: str
    hint: str | None = None
    retryable: bool | None = None
    wait_seconds: int | None = None


class Outcomes(Answer):
    """What became of each; one that fails stops none of the others."""

    results: list[Single]


class CapWish(Wish):
    """The cap of everything that an account may ever spend; none takes it away."""

    account_id: AccountId = None
    spend_cap: Minor | None = None


class AudienceWish(Wish):
    """A new custom audience: of visitors by a rule, of engagement, or an empty list of customers."""

    account_id: AccountId = None
    name: Name
    subtype: Literal["CUSTOM", "WEBSITE", "APP", "ENGAGEMENT", "IG_BUSINESS", "VIDEO"] = "CUSTOM"
    description: Annotated[str | None, Field(max_length=1_000)] = None
    rule: Structure | None = None
    retention_days: Annotated[int | None, Field(ge=1, le=540)] = None
    pixel_id: ObjectId | None = None
    customer_file_source: (
        Literal["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"] | None
    ) = None


class LookalikeWish(Wish):
    """A new audience of people like those of another one."""

    account_id: AccountId = None
    name: Name
    origin_audience_id: ObjectId
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    ratio_percent: Annotated[int, Field(ge=1, le=20)] = 1


class PauseAsked(Arguments):
    """One account, or all of the client's."""

    account_id: AccountId = None


async def bulk_update_status(call: Call, asked: StatusesWish) -> Outcomes:
    """Pause, start or archive up to 50 campaigns, ad sets and ads. Each is a change of its own under the same rules."""
    wanted = [(item.kind, item.object_id, {"status": item.status}) for item in asked.items]
    return await _all(call, wanted, asked.idempotency_key)


async def bulk_update_budgets(call: Call, asked: BudgetsWish) -> Outcomes:
    """Set the budgets of up to 50 campaigns and ad sets, in minor units. Each is a change of its own."""
    wanted = [
        (item.kind, item.object_id, item.model_dump(exclude={"kind", "object_id"}, exclude_none=True))
        for item in asked.items
    ]
    return await _all(call, wanted, asked.idempotency_key)


async def set_account_spend_cap(call: Call, asked: CapWish) -> Outcome:
    """Set what an account may spend in all, ever; without spend_cap take the cap away."""
    account = await account_of(call, asked.account_id)
    sent = {"spend_cap": asked.spend_cap if asked.spend_cap is not None else 0}
    return await change(call, "update_account", account.asset_id, "", sent, asked.idempotency_key)


async def create_custom_audience(call: Call, asked: AudienceWish) -> Outcome:
    """Make a custom audience. It is shown nothing until an ad set uses it."""
    account = await account_of(call, asked.account_id)
    sent = asked.model_dump(exclude={"account_id", "idempotency_key"})
    return await change(call, "create_audience", account.asset_id, "", sent, asked.idempotency_key)


async def create_lookalike_audience(call: Call, asked: LookalikeWish) -> Outcome:
    """Make an audience of people in a country who are like those of another audience."""
    account = await account_of(call, asked.account_id)
    sent = {
        "name": asked.name,
        "subtype": "LOOKALIKE",
        "origin_audience_id": asked.origin_audience_id,
        "lookalike_spec": {"type": "similarity", "ratio": asked.ratio_percent / 100, "country": asked.country},
    }
    return await change(call, "create_audience", account.asset_id, "", sent, asked.idempotency_key)


async def pause_everything(call: Call, asked: PauseAsked) -> Outcomes:
    """Pause every running campaign, at once and without approval: for when money runs away."""
    if asked.account_id is None and call.caller.assets is not None:
        raise Problem(403, "asset_not_named", "This key is for some accounts.", "Name the account that is meant.")
    account_id = None if asked.account_id is None else (await account_of(call, asked.account_id)).asset_id
    found = await pause(call.node, principal_of(call), account_id)
    results = [
        Single(
            object_id=each.campaign_id or each.account_id,
            status="failed" if each.failure else "applied",
            plan_id=None,
            name=words(each.name),
            message=each.failure or "It is paused.",
        )
        for each in found
    ]
    return Outcomes(source="live", as_of=call.now(), results=results)


async def _all(call: Call, wanted: Sequence[tuple[Level, str, dict[str, Any]]], key: str | None) -> Outcomes:
    """Each change by itself, in order; what fails is told beside the others."""
    results = []
    for number, (kind, object_id, parameters) in enumerate(wanted):
        own_key = None if key is None else f"{key}:{number}"
        try:
            owner = await owner_of(call, object_id)
            done = await change(call, _UPDATES[kind], owner.asset_id, object_id, parameters, own_key)
        except (Problem, ProviderError) as error:
            problem = error if isinstance(error, Problem) else problem_of(error)
            results.append(_failed(object_id, problem))
        else:
            told = "; ".join(done.reasons) or done.next
            results.append(Single(object_id=object_id, status=done.status, plan_id=done.plan_id, message=told))
    return Outcomes(source="live", as_of=call.now(), results=results)


def _failed(object_id: str, problem: Problem) -> Single:
    """A change that came to nothing: why, and whether it may be tried again."""
    told = failure(problem)
    return Single(
        object_id=object_id,
        status=told["code"],
        plan_id=None,
        message=told["message"],
        hint=told["hint"],
        retryable=told["retryable"],
        wait_seconds=told.get("wait_seconds"),
    )
