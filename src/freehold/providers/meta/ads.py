"""Ads: the calls for an account's campaigns, ad sets and ads with their creatives, and what the answers hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, spec

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
class AdAccount:
    """An ad account; amounts in minor units of `currency`, `spend_cap_minor` None where there is none."""

    name: str
    currency: str
    timezone: str
    status: int
    disable_reason: int
    amount_spent_minor: int
    spend_cap_minor: int | None
    balance_minor: int
    created_at: datetime | None


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
class Creative:
    """What people see of an ad: its words, its link and its pictures; empty where there is none."""

    creative_id: str
    name: str
    title: str
    body: str
    status: str
    object_type: str
    call_to_action: str
    link_url: str
    image_url: str
    thumbnail_url: str
    video_id: str
    object_story_id: str
    instagram_media_id: str
    instagram_permalink: str


def account_call(version: str, account_id: str) -> ApiCall:
    """Ask for the account itself."""
    params = {"fields": ",".join(spec.AD_ACCOUNT_FIELDS)}
    return ApiCall("GET", f"/{version}/{account_id}", params, asset_id=account_id)


def campaigns_call(
    version: str, account_id: str, *, since: datetime | None = None, limit: int, after: str | None = None
) -> ApiCall:
    """Ask for a page of the account's campaigns, archived ones too; only for those changed after `since`."""
    return _list(version, account_id, "campaigns", spec.CAMPAIGN_FIELDS, ALL_STATUSES[0], since, limit, after)


def ad_sets_call(
    version: str, account_id: str, *, since: datetime | None = None, limit: int, after: str | None = None
) -> ApiCall:
    """Ask for a page of the account's ad sets."""
    return _list(version, account_id, "adsets", spec.AD_SET_FIELDS, ALL_STATUSES[1], since, limit, after)


def ads_call(
    version: str, account_id: str, *, since: datetime | None = None, limit: int, after: str | None = None
) -> ApiCall:
    """Ask for a page of the account's ads, each with its creative."""
    fields = (*spec.AD_FIELDS, f"creative{{{','.join(spec.CREATIVE_FIELDS)}}}")
    return _list(version, account_id, "ads", fields, ALL_STATUSES[2], since, limit, after)


def read_account(answer: JSON) -> AdAccount:
    """The account."""
    return AdAccount(
        name=graph.text(answer, "name"),
        currency=graph.identifier(answer, "currency"),
        timezone=graph.text(answer, "timezone_name"),
        status=int(answer.get("account_status") or 0),
        disable_reason=int(answer.get("disable_reason") or 0),
        amount_spent_minor=_whole(answer, "amount_spent") or 0,
        spend_cap_minor=_whole(answer, "spend_cap") or None,
        balance_minor=_whole(answer, "balance") or 0,
        created_at=_instant(answer, "created_time"),
    )


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


def read_ads(answer: JSON) -> list[tuple[Ad, Creative | None]]:
    """The ads of a page with their creatives; None where Meta shows none."""
    return [_ad(row) for row in graph.rows(answer)]


def _ad(row: Mapping[str, Any]) -> tuple[Ad, Creative | None]:
    shown = row.get("creative") or {}
    creative = _creative(shown) if shown.get("id") else None
    ad = Ad(
        ad_id=graph.identifier(row, "id"),
        ad_set_id=graph.text(row, "adset_id"),
        campaign_id=graph.text(row, "campaign_id"),
        name=graph.text(row, "name"),
        status=graph.text(row, "status"),
        effective_status=graph.text(row, "effective_status"),
        creative_id=creative.creative_id if creative else "",
        created_at=_instant(row, "created_time"),
        updated_at=_instant(row, "updated_time"),
    )
    return ad, creative


def _creative(row: Mapping[str, Any]) -> Creative:
    """A creative; its words and its link stand on itself or, for most, in the story that it was made from."""
    spec_of_story = row.get("object_story_spec") or {}
    story = spec_of_story.get("link_data") or spec_of_story.get("video_data") or spec_of_story.get("photo_data") or {}
    button = story.get("call_to_action") or {}
    link = graph.text(story, "link") or graph.text(button.get("value") or {}, "link")
    return Creative(
        creative_id=graph.identifier(row, "id"),
        name=graph.text(row, "name"),
        title=graph.text(row, "title") or graph.text(story, "name") or graph.text(story, "title"),
        body=graph.text(row, "body") or graph.text(story, "message") or graph.text(story, "caption"),
        status=graph.text(row, "status"),
        object_type=graph.text(row, "object_type"),
        call_to_action=graph.text(row, "call_to_action_type") or graph.text(button, "type"),
        link_url=graph.text(row, "link_url") or link,
        image_url=graph.text(row, "image_url") or graph.text(story, "image_url") or graph.text(story, "picture"),
        thumbnail_url=graph.text(row, "thumbnail_url"),
        video_id=graph.text(row, "video_id") or graph.text(story, "video_id"),
        object_story_id=graph.text(row, "effective_object_story_id") or graph.text(row, "object_story_id"),
        instagram_media_id=graph.text(row, "effective_instagram_media_id"),
        instagram_permalink=graph.text(row, "instagram_permalink_url"),
    )


def _list(
    version: str,
    account_id: str,
    edge: str,
    fields: Sequence[str],
    statuses: str,
    since: datetime | None,
    limit: int,
    after: str | None,
) -> ApiCall:
    params = {"fields": ",".join(fields), "effective_status": statuses, "limit": str(limit)}
    if since is not None:
        changed = {"field": "updated_time", "operator": "GREATER_THAN", "value": int(since.timestamp())}
        params["filtering"] = json.dumps([changed])
    if after is not None:
        params["after"] = after
    return ApiCall("GET", f"/{version}/{account_id}/{edge}", params, asset_id=account_id)


def _whole(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return int(value) if value not in {None, ""} else None


def _instant(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    return graph.instant(str(value)) if value else None
