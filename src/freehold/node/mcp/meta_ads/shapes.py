"""Campaigns, ad sets and ads as tools show them: amounts in minor units, and beside them in words."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from freehold.node.mcp.meta_ads.labels import labelled
from freehold.node.mcp.tool import UntrustedText, words
from freehold.providers.meta import ads
from freehold.providers.meta.money import written


class CampaignRow(BaseModel):
    """A campaign."""

    id: str
    name: UntrustedText | None
    status: str
    effective_status: str
    objective: str
    buying_type: str
    bid_strategy: str | None
    daily_budget_minor: int | None
    lifetime_budget_minor: int | None
    budget: str | None
    start_time: datetime | None
    stop_time: datetime | None
    updated_time: datetime | None


class AdSetRow(BaseModel):
    """An ad set."""

    id: str
    campaign_id: str
    name: UntrustedText | None
    status: str
    effective_status: str
    optimization_goal: str
    billing_event: str
    daily_budget_minor: int | None
    lifetime_budget_minor: int | None
    budget: str | None
    bid_amount_minor: int | None
    start_time: datetime | None
    end_time: datetime | None
    updated_time: datetime | None


class AdRow(BaseModel):
    """An ad."""

    id: str
    adset_id: str
    campaign_id: str
    name: UntrustedText | None
    status: str
    effective_status: str
    creative_id: str | None
    updated_time: datetime | None


def campaign(row: ads.Campaign, currency: str) -> CampaignRow:
    """A campaign, its budget in words."""
    return CampaignRow(
        id=row.campaign_id,
        name=words(row.name),
        status=row.status,
        effective_status=row.effective_status,
        objective=row.objective,
        buying_type=row.buying_type,
        bid_strategy=row.bid_strategy or None,
        daily_budget_minor=row.daily_budget_minor,
        lifetime_budget_minor=row.lifetime_budget_minor,
        budget=budget(row.daily_budget_minor, row.lifetime_budget_minor, currency),
        start_time=row.started_at,
        stop_time=row.stopped_at,
        updated_time=row.updated_at,
    )


def ad_set(row: ads.AdSet, currency: str) -> AdSetRow:
    """An ad set, its budget in words."""
    return AdSetRow(
        id=row.ad_set_id,
        campaign_id=row.campaign_id,
        name=words(row.name),
        status=row.status,
        effective_status=row.effective_status,
        optimization_goal=row.optimization_goal,
        billing_event=row.billing_event,
        daily_budget_minor=row.daily_budget_minor,
        lifetime_budget_minor=row.lifetime_budget_minor,
        budget=budget(row.daily_budget_minor, row.lifetime_budget_minor, currency),
        bid_amount_minor=row.bid_amount_minor,
        start_time=row.started_at,
        end_time=row.ends_at,
        updated_time=row.updated_at,
    )


def ad(row: ads.Ad) -> AdRow:
    """An ad."""
    return AdRow(
        id=row.ad_id,
        adset_id=row.ad_set_id,
        campaign_id=row.campaign_id,
        name=words(row.name),
        status=row.status,
        effective_status=row.effective_status,
        creative_id=row.creative_id or None,
        updated_time=row.updated_at,
    )


def budget(daily: int | None, lifetime: int | None, currency: str) -> str | None:
    """A budget as people say it, where there is one and its currency is known."""
    if not currency or not (daily or lifetime):
        return None
    return f"{written(daily, currency)} a day" if daily else f"{written(lifetime or 0, currency)} in all"


def further(answer: dict[str, Any], *shown: str) -> dict[str, Any]:
    """What Meta told beside what is `shown`, without links and what is empty, people's words labelled."""
    hidden = {"id", "paging", "account_id", *shown}
    told = {name: value for name, value in answer.items() if name not in hidden and value not in (None, "", [], {})}
    return {name: labelled(value, name) for name, value in told.items()}
