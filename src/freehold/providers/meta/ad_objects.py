"""Objects of an ad account asked for by people: one with all that it has, or some of a list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from freehold.providers.calls import ApiCall
from freehold.providers.meta import spec

CAMPAIGN_DETAILS: Final = (
    *spec.CAMPAIGN_FIELDS, "account_id", "spend_cap", "budget_remaining", "is_adset_budget_sharing_enabled",
    "pacing_type", "promoted_object",
)  # fmt: skip
AD_SET_DETAILS: Final = (
    *spec.AD_SET_FIELDS, "account_id", "bid_strategy", "budget_remaining", "promoted_object", "destination_type",
    "attribution_spec", "frequency_control_specs", "learning_stage_info", "dsa_beneficiary", "dsa_payor",
    "is_dynamic_creative", "pacing_type",
)  # fmt: skip
CREATIVE_DETAILS: Final = (
    *spec.CREATIVE_FIELDS, "account_id", "image_hash", "asset_feed_spec", "degrees_of_freedom_spec", "url_tags",
    "instagram_user_id", "source_instagram_media_id",
)  # fmt: skip
AD_DETAILS: Final = (
    *spec.AD_FIELDS, "account_id", "tracking_specs", "conversion_domain",
    f"creative{{{','.join(CREATIVE_DETAILS)}}}",
)  # fmt: skip
IMAGE_FIELDS: Final = ("id", "hash", "name", "url", "status", "width", "height", "created_time")
AUDIENCE_FIELDS: Final = (
    "id", "name", "subtype", "description", "approximate_count_lower_bound", "approximate_count_upper_bound",
    "delivery_status", "operation_status", "time_created", "time_updated",
)  # fmt: skip
ACTIVITY_FIELDS: Final = (
    "event_type", "translated_event_type", "event_time", "object_id", "object_name", "object_type", "actor_name",
    "application_name", "extra_data",
)  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """Which part of a list is wanted: a page of `limit` rows `after` a cursor, of some statuses, passing filters."""

    limit: int
    after: str | None = None
    statuses: Sequence[str] = ()
    filters: Sequence[tuple[str, str, Any]] = ()
    """Field, Meta's operator, value."""


def object_call(version: str, account_id: str, object_id: str, fields: Sequence[str]) -> ApiCall:
    """Ask for one object, in the budget of an account."""
    return ApiCall("GET", f"/{version}/{object_id}", {"fields": ",".join(fields)}, asset_id=account_id)


def list_call(version: str, account_id: str, edge: str, fields: Sequence[str], part: Slice, **further: str) -> ApiCall:
    """Ask for a page of one of the account's lists; deleted and archived ones only where `statuses` name them."""
    params = {"fields": ",".join(fields), "limit": str(part.limit), **further}
    if part.statuses:
        params["effective_status"] = json.dumps(list(part.statuses))
    if part.filters:
        params["filtering"] = json.dumps(
            [{"field": field, "operator": operator, "value": value} for field, operator, value in part.filters]
        )
    if part.after is not None:
        params["after"] = part.after
    return ApiCall("GET", f"/{version}/{account_id}/{edge}", params, asset_id=account_id)
