"""One post or story by its id, and how much an account may still publish."""

from dataclasses import dataclass
from typing import Final

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, instagram, spec
from freehold.providers.meta.instagram import Post

ACTIONS: Final = {"navigation": "story_navigation_action_type", "profile_activity": "action_type"}
"""Metric of a post -> the breakdown that tells what people did."""


@dataclass(frozen=True)
class PublishingLimit:
    """How many posts were published through the API in the last `seconds`, and how many may be."""

    used: int
    total: int
    seconds: int


def media_call(version: str, account_id: str, media_id: str) -> ApiCall:
    """Ask for a post, and whose it is."""
    params = {"fields": ",".join((*spec.POST_FIELDS, "owner"))}
    return ApiCall("GET", f"/{version}/{media_id}", params, asset_id=account_id)


def read_media(answer: JSON) -> tuple[str, Post]:
    """The id of the owner's account, and the post."""
    ((post, _),) = instagram.read_posts({"data": [answer]})
    return graph.identifier(answer["owner"], "id"), post


def actions_call(version: str, account_id: str, media_id: str, metric: str) -> ApiCall:
    """Ask what people did, for one of `ACTIONS`."""
    params = {"metric": metric, "breakdown": ACTIONS[metric]}
    return ApiCall("GET", f"/{version}/{media_id}/insights", params, asset_id=account_id)


def read_actions(answer: JSON) -> dict[str, float]:
    """How often each was done; what nobody did is absent."""
    return {
        ",".join(graph.storable(str(value)) for value in result["dimension_values"]): float(result["value"])
        for row in graph.rows(answer)
        for group in (row.get("total_value") or {}).get("breakdowns", [])
        for result in group.get("results", [])
    }


def publishing_limit_call(version: str, account_id: str) -> ApiCall:
    """Ask how much of the quota is used. Meta's documents contradict each other about it, so its own answer counts."""
    params = {"fields": "config,quota_usage"}
    return ApiCall("GET", f"/{version}/{account_id}/content_publishing_limit", params, asset_id=account_id)


def read_publishing_limit(answer: JSON) -> PublishingLimit:
    """The quota in an answer."""
    row = graph.rows(answer)[0]
    config = row["config"]
    return PublishingLimit(int(row["quota_usage"]), int(config["quota_total"]), int(config["quota_duration"]))
