"""`GET /{ig-media-id}/insights`: lifetime numbers of one post or story, and the refusals. One bad metric fails all."""

from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.instagram.media_metrics import (
    ACTION_TYPE,
    BREAKDOWNS,
    METRICS,
    NAVIGATION_TYPE,
    ON_FACEBOOK,
    PERIODS,
    REELS,
    MediaMetric,
)
from freehold.sandbox.meta.instagram.questions import (
    among,
    chosen,
    invalid,
    names,
    offered,
    one_of,
    required,
    unknown_error,
)
from freehold.sandbox.meta.instagram.shown import Medium, seconds
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS
from freehold.sandbox.meta.world.instagram_posts import (
    STORY_SECONDS,
    lifetime,
    navigation,
    profile_actions,
    views_at,
)

KEPT = 730 * DAY_SECONDS
FEW_VIEWERS = 5
NO_REPLIES = frozenset(
    {"JP", "DE", "GB", "FR", "IT", "ES", "NL", "BE", "AT", "SE", "NO", "DK", "FI", "IE", "PT", "PL", "CH"}
)
"""Countries (Europe and Japan) for whose accounts replies to stories are always 0."""


def answer(call: Call, medium: Medium, asked_fields: tuple[Selection, ...]) -> JSON:
    """The insights of a post or story; raises the API's refusals."""
    call.demand("instagram_basic", "instagram_manage_insights")
    asked = required(call.params, "metric")
    among(asked, offered(call, METRICS), "metric")
    one_of(call.params, "period", PERIODS)
    breakdowns = names(call.params, "breakdown")
    among(breakdowns, BREAKDOWNS, "breakdown")
    call.spend(len(asked))
    metrics = [METRICS[name] for name in dict.fromkeys(asked)]
    _check_medium(medium, seconds(call))
    for metric in metrics:
        _check_metric(metric, medium)
        if any(breakdown != metric.breakdown for breakdown in breakdowns):
            raise unknown_error()
    found = lifetime(medium.post, seconds(call))
    if medium.post.feed.account.country in NO_REPLIES:
        found["replies"] = 0
    return {"data": chosen([_shown(metric, medium, found, breakdowns) for metric in metrics], asked_fields)}


def _check_medium(medium: Medium, now: int) -> None:
    """Refusals that depend on the medium alone."""
    post = medium.post
    if medium.child is not None:
        raise invalid("The Media Insights API does not support media inside a carousel")
    if post.at < post.feed.professional_since:
        raise GraphError(
            "(#100) Media posted before the account became a business account has no insights",
            code=100,
            subcode=2108006,
            user_title="Media Posted Before Business Account Conversion",
            user_msg="The media was posted before the account was turned into a professional account.",
        )
    if now - post.at > KEPT:
        raise invalid("Insights of this media are not available: metrics are kept for 2 years")
    if post.line == "story":
        if now - post.at > STORY_SECONDS:
            raise invalid("Insights of this story are no longer available: metrics of stories are kept for 24 hours")
        if views_at(post, now) < FEW_VIEWERS:
            raise GraphError("(#10) Not enough viewers for the media to show insights", code=10)


def _check_metric(metric: MediaMetric, medium: Medium) -> None:
    """Refusals of a metric for this kind of media."""
    product = medium.post.product_type
    if metric.name == "impressions" and medium.media_type != "VIDEO" and product != REELS:
        raise invalid(
            "Starting from version v22.0 and above, the impressions metric is no longer supported for the queried media"
        )
    if product not in metric.products:
        raise invalid(f"The Media Insights API does not support the {metric.name} metric for this media product type")
    if metric.name in ON_FACEBOOK and not medium.post.on_facebook:
        raise GraphError(
            f"(#100) The {metric.name} metric is only available for media that is shared to Facebook",
            code=100,
            subcode=2207086,
            user_title="Media Not Shared To Facebook",
            user_msg="This metric is only there for media that was also shared to Facebook.",
        )


def _shown(metric: MediaMetric, medium: Medium, found: dict[str, float], breakdowns: tuple[str, ...]) -> JSON:
    value = found[metric.name]
    shown: JSON = {
        "name": metric.name,
        "period": "lifetime",
        "values": [{"value": value}],
        "title": metric.title,
        "description": metric.description,
        "id": f"{medium.id}/insights/{metric.name}/lifetime",
    }
    if breakdowns:
        parts = _parts(metric, found)
        results = [{"dimension_values": [name], "value": count} for name, count in parts.items() if count]
        shown["total_value"] = {
            "value": value,
            "breakdowns": [{"dimension_keys": list(breakdowns), "results": results}],
        }
    return shown


def _parts(metric: MediaMetric, found: dict[str, float]) -> dict[str, int]:
    """The parts of a metric, which add up to it."""
    if metric.breakdown == ACTION_TYPE:
        return profile_actions(int(found["profile_visits"]))
    return navigation(int(found["views"])) if metric.breakdown == NAVIGATION_TYPE else {}
