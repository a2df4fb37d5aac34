"""Ads: the calls for campaigns, ad sets, ads and insights, and what their answers hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, money, spec

Level = Literal["ad", "campaign"]

RESULT_ACTIONS = {
    "OUTCOME_SALES": ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"),
    "OUTCOME_LEADS": ("lead", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead"),
    "OUTCOME_TRAFFIC": ("link_click",),
    "OUTCOME_ENGAGEMENT": ("post_engagement", "page_engagement"),
    "OUTCOME_APP_PROMOTION": ("omni_app_install", "mobile_app_install", "app_install"),
}
"""Objective -> the action that counts as its result, the first that is there; awareness counts people reached."""
ALL_STATUSES = (
    '["ACTIVE","PAUSED","DELETED","ARCHIVED","IN_PROCESS","WITH_ISSUES"]',
    '["ACTIVE","PAUSED","DELETED","ARCHIVED","IN_PROCESS","WITH_ISSUES","CAMPAIGN_PAUSED"]',
    (
        '["ACTIVE","PAUSED","DELETED","ARCHIVED","IN_PROCESS","WITH_ISSUES","CAMPAIGN_PAUSED","ADSET_PAUSED",'
        '"PENDING_REVIEW","DISAPPROVED","PREAPPROVED","PENDING_BILLING_INFO"]'
    ),
)
"""Of campaigns, ad sets and ads: without them, archived and deleted ones are left out."""


@dataclass(frozen=True)
class Campaign:
    """A campaign; budgets in minor units."""

    campaign_id: str
    name: str
    objective: str
    status: str
    effective_status: str
    buying_type: str
    bid_strategy: str
    daily_budget_minor: int | None
    lifetime_budget_minor: int | None
    started_at: datetime | None
    stopped_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True)
class AdSet:
    """An ad set; budgets and bid in minor units, targeting as JSON text."""

    ad_set_id: str
    campaign_id: str
    name: str
    status: str
    effective_status: str
    optimization_goal: str
    billing_event: str
    daily_budget_minor: int | None
    lifetime_budget_minor: int | None
    bid_amount_minor: int | None
    targeting: str
    started_at: datetime | None
    ends_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Ad:
    """An ad."""

    ad_id: str
    ad_set_id: str
    campaign_id: str
    name: str
    status: str
    effective_status: str
    creative_id: str
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True)
class AdInsight:
    """What an ad did on one of its account's days; money in minor units.

    `actions` is by action type; windows are 7 days after a click and 1 day after a view. `reach` counts people and may
    not be summed.
    """

    campaign_id: str
    ad_set_id: str
    ad_id: str
    day: date
    currency: str
    impressions: int
    reach: int
    clicks: int
    link_clicks: int
    spend_minor: int
    actions: Mapping[str, int]
    action_values_minor: Mapping[str, int]


@dataclass(frozen=True)
class CampaignReach:
    """How many people a campaign reached in the whole window that was asked for, each counted once."""

    campaign_id: str
    reach: int


def campaigns_call(version: str, account_id: str, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for a page of the account's campaigns, archived ones too."""
    return _list(version, account_id, "campaigns", spec.CAMPAIGN_FIELDS, ALL_STATUSES[0], limit, after)


def ad_sets_call(version: str, account_id: str, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for a page of the account's ad sets."""
    return _list(version, account_id, "adsets", spec.AD_SET_FIELDS, ALL_STATUSES[1], limit, after)


def ads_call(version: str, account_id: str, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for a page of the account's ads."""
    return _list(version, account_id, "ads", spec.AD_FIELDS, ALL_STATUSES[2], limit, after)


def insights_call(
    version: str, account_id: str, level: Level, first: date, last: date, *, limit: int, after: str | None = None
) -> ApiCall:
    """Ask for insights: of ads day by day, of campaigns over the whole window."""
    fields = spec.AD_INSIGHT_FIELDS if level == "ad" else spec.CAMPAIGN_INSIGHT_FIELDS
    params = {
        "level": level,
        "fields": ",".join(fields),
        "time_range": json.dumps({"since": first.isoformat(), "until": last.isoformat()}),
        "time_increment": "1" if level == "ad" else "all_days",
        "action_attribution_windows": json.dumps(spec.ATTRIBUTION),
        "limit": str(limit),
    }
    return _get(version, account_id, "insights", params, after)


def read_campaigns(answer: JSON) -> list[Campaign]:
    """The campaigns of a page."""
    return [
        Campaign(
            campaign_id=graph.identifier(row, "id"),
            name=graph.text(row, "name"),
            objective=graph.text(row, "objective"),
            status=graph.text(row, "status"),
            effective_status=graph.text(row, "effective_status"),
            buying_type=graph.text(row, "buying_type"),
            bid_strategy=graph.text(row, "bid_strategy"),
            daily_budget_minor=_whole(row, "daily_budget"),
            lifetime_budget_minor=_whole(row, "lifetime_budget"),
            started_at=_instant(row, "start_time"),
            stopped_at=_instant(row, "stop_time"),
            created_at=_instant(row, "created_time"),
            updated_at=_instant(row, "updated_time"),
        )
        for row in graph.rows(answer)
    ]


def read_ad_sets(answer: JSON) -> list[AdSet]:
    """The ad sets of a page."""
    return [
        AdSet(
            ad_set_id=graph.identifier(row, "id"),
            campaign_id=graph.text(row, "campaign_id"),
            name=graph.text(row, "name"),
            status=graph.text(row, "status"),
            effective_status=graph.text(row, "effective_status"),
            optimization_goal=graph.text(row, "optimization_goal"),
            billing_event=graph.text(row, "billing_event"),
            daily_budget_minor=_whole(row, "daily_budget"),
            lifetime_budget_minor=_whole(row, "lifetime_budget"),
            bid_amount_minor=_whole(row, "bid_amount"),
            targeting=json.dumps(row.get("targeting") or {}, sort_keys=True),
            started_at=_instant(row, "start_time"),
            ends_at=_instant(row, "end_time"),
            created_at=_instant(row, "created_time"),
            updated_at=_instant(row, "updated_time"),
        )
        for row in graph.rows(answer)
    ]


def read_ads(answer: JSON) -> list[Ad]:
    """The ads of a page."""
    return [
        Ad(
            ad_id=graph.identifier(row, "id"),
            ad_set_id=graph.text(row, "adset_id"),
            campaign_id=graph.text(row, "campaign_id"),
            name=graph.text(row, "name"),
            status=graph.text(row, "status"),
            effective_status=graph.text(row, "effective_status"),
            creative_id=str((row.get("creative") or {}).get("id", "")),
            created_at=_instant(row, "created_time"),
            updated_at=_instant(row, "updated_time"),
        )
        for row in graph.rows(answer)
    ]


def read_insights(answer: JSON, currency: str) -> list[AdInsight]:
    """The ads' days of a page; an ad without delivery on a day has none."""
    return [_insight(row, graph.text(row, "account_currency") or currency) for row in graph.rows(answer)]


def read_campaign_reach(answer: JSON) -> list[CampaignReach]:
    """The campaigns of a page; one without delivery in the window is absent."""
    return [
        CampaignReach(
            campaign_id=graph.identifier(row, "campaign_id"),
            reach=int(row.get("reach", 0)),
        )
        for row in graph.rows(answer)
    ]


def result(insight_actions: Mapping[str, int], objective: str) -> int | None:
    """How often the result that an objective is after happened; None where results are people reached."""
    wanted = RESULT_ACTIONS.get(objective)
    if wanted is None:
        return None
    return next((insight_actions[name] for name in wanted if name in insight_actions), 0)


def _insight(row: Mapping[str, Any], currency: str) -> AdInsight:
    return AdInsight(
        campaign_id=graph.identifier(row, "campaign_id"),
        ad_set_id=graph.text(row, "adset_id"),
        ad_id=graph.identifier(row, "ad_id"),
        day=date.fromisoformat(row["date_start"]),
        currency=currency,
        impressions=int(row.get("impressions", 0)),
        reach=int(row.get("reach", 0)),
        clicks=int(row.get("clicks", 0)),
        link_clicks=int(row.get("inline_link_clicks", 0)),
        spend_minor=money.minor_units(str(row.get("spend", "0")), currency),
        actions={str(item["action_type"]): int(float(item["value"])) for item in row.get("actions") or ()},
        action_values_minor={
            str(item["action_type"]): money.minor_units(str(item["value"]), currency)
            for item in row.get("action_values") or ()
        },
    )


def _list(
    version: str, account_id: str, edge: str, fields: Sequence[str], statuses: str, limit: int, after: str | None
) -> ApiCall:
    params = {"fields": ",".join(fields), "effective_status": statuses, "limit": str(limit)}
    return _get(version, account_id, edge, params, after)


def _get(version: str, account_id: str, edge: str, params: dict[str, str], after: str | None) -> ApiCall:
    if after is not None:
        params["after"] = after
    return ApiCall("GET", f"/{version}/{account_id}/{edge}", params, asset_id=account_id)


def _whole(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return int(value) if value not in {None, ""} else None


def _instant(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    return graph.instant(str(value)) if value else None
