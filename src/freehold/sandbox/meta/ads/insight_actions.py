"""Action lists of an insights row: which conversions count as what, in which attribution window."""

from collections.abc import Iterable, Iterator, Sequence

from freehold.sandbox.meta.world.ads_delivery import INDEX

WINDOW_PARTS: dict[str, tuple[str, ...]] = {
    "1d_click": ("c1",),
    "7d_click": ("c1", "c7"),
    "28d_click": ("c1", "c7", "c28"),
    "1d_view": ("v1",),
    "1d_ev": ("e1",),
    "dda": ("c1", "c7", "v1"),
    "default": ("c1", "c7", "v1"),
    **dict.fromkeys(
        (
            "7d_view", "28d_view", "1d_sequenced", "7d_sequenced", "28d_sequenced", "7d_view_first_conversion",
            "7d_view_all_conversions", "28d_view_first_conversion", "28d_view_all_conversions", "custom",
            "incrementality", "incrementality_first_conversion", "incrementality_all_conversions", "skan_view",
            "skan_click", "skan_view_second_postback", "skan_click_second_postback", "skan_view_third_postback",
            "skan_click_third_postback",
        ),
        (),
    ),
}  # fmt: skip
"""What each window holds; the long view windows have been empty since January 2026."""
WINDOWS = frozenset(WINDOW_PARTS)
DEFAULT_PARTS = ("c1", "c7", "v1")
ACTION_BREAKDOWNS = frozenset(
    {
        "action_type",
        "action_device",
        "action_destination",
        "action_target_id",
        "action_reaction",
        "action_carousel_card_id",
        "action_carousel_card_name",
        "action_canvas_component_name",
        "action_video_sound",
        "action_video_type",
        "conversion_destination",
        "matched_persona_id",
        "matched_persona_name",
        "signal_source_bucket",
        "standard_event_content_type",
        "is_business_ai_assisted",
    }
)
IMMEDIATE = (
    ("link_click", ("link_clicks",)),
    ("landing_page_view", ("landing_page_views",)),
    ("post_reaction", ("reactions",)),
    ("comment", ("comments",)),
    ("post", ("shares",)),
    ("onsite_conversion.post_save", ("saves",)),
    ("video_view", ("video_views",)),
    ("post_engagement", ("link_clicks", "reactions", "comments", "shares", "saves", "video_views")),
    ("page_engagement", ("link_clicks", "reactions", "comments", "shares", "saves", "video_views")),
)
"""Actions on the ad itself: they belong to every click window."""
CONVERTED = (
    ("view_content", ("view_content", "omni_view_content", "offsite_conversion.fb_pixel_view_content")),
    ("add_to_cart", ("add_to_cart", "omni_add_to_cart", "offsite_conversion.fb_pixel_add_to_cart")),
    (
        "initiate_checkout",
        ("initiate_checkout", "omni_initiated_checkout", "offsite_conversion.fb_pixel_initiate_checkout"),
    ),
    ("purchase", ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase")),
    ("lead", ("lead", "offsite_conversion.fb_pixel_lead")),
)
ACTION_SHARES = {
    "action_device": (("iphone", 0.5), ("android_smartphone", 0.38), ("desktop", 0.12)),
    "action_reaction": (("like", 0.82), ("love", 0.18)),
}
ON_CLICK = frozenset({"1d_click", "7d_click", "28d_click", "default", "dda"})

Amounts = dict[str, int]
"""The default amount under "value", and one for each asked window."""


def amounts(vector: Sequence[int], metric: str, windows: Sequence[str]) -> Amounts:
    """A conversion's (or its value's) amount by default and in each window."""
    found = {"value": _sum(vector, metric, DEFAULT_PARTS)}
    for window in windows:
        found[window] = _sum(vector, metric, WINDOW_PARTS[window])
    return found


def _sum(vector: Sequence[int], metric: str, parts: Sequence[str]) -> int:
    return sum(vector[INDEX[f"{metric}.{part}"]] for part in parts)


def actions(vector: Sequence[int], windows: Sequence[str]) -> Iterator[tuple[str, Amounts]]:
    """Every action type with its counts; types without any are left out."""
    for name, metrics in IMMEDIATE:
        count = sum(vector[INDEX[metric]] for metric in metrics)
        if count:
            yield name, {"value": count} | {window: count for window in windows if window in ON_CLICK}
    for metric, action_types in CONVERTED:
        found = amounts(vector, metric, windows)
        if any(found.values()):
            for action_type in action_types:
                yield action_type, found


def action_values(vector: Sequence[int], windows: Sequence[str]) -> Iterator[tuple[str, Amounts]]:
    """The worth of purchases, in minor units."""
    found = amounts(vector, "value", windows)
    if any(found.values()):
        for action_type in dict(CONVERTED)["purchase"]:
            yield action_type, found


Labels = tuple[tuple[str, str], ...]
"""What tells one entry of a list from the others: pairs of action breakdown and value."""


def cut(found: Iterable[tuple[str, Amounts]], action_breakdowns: Sequence[str]) -> Iterator[tuple[Labels, Amounts]]:
    """Action amounts by the asked action breakdowns; those that this world knows nothing of are left out."""
    together: dict[Labels, Amounts] = {}
    for action_type, whole in found:
        for labels, part in _parts(action_type, whole, action_breakdowns):
            known = together.setdefault(labels, {})
            for name, amount in part.items():
                known[name] = known.get(name, 0) + amount
    yield from ((labels, amounts) for labels, amounts in together.items() if any(amounts.values()))


def _parts(action_type: str, whole: Amounts, action_breakdowns: Sequence[str]) -> Iterator[tuple[Labels, Amounts]]:
    named: Labels = (("action_type", action_type),) if "action_type" in action_breakdowns else ()
    rows: list[tuple[Labels, Amounts]] = [(named, whole)]
    for name, shares in ACTION_SHARES.items():
        if name in action_breakdowns and (name != "action_reaction" or action_type == "post_reaction"):
            rows = [
                ((*labels, (name, value)), part) for labels, amounts in rows for value, part in _split(amounts, shares)
            ]
    yield from rows


def _split(amounts: Amounts, shares: Sequence[tuple[str, float]]) -> Iterator[tuple[str, Amounts]]:
    """Amounts over values by cumulative rounding, so that the parts sum to the whole."""
    before, bound = dict.fromkeys(amounts, 0), 0.0
    for index, (value, share) in enumerate(shares):
        bound = 1.0 if index == len(shares) - 1 else bound + share
        until = {name: int(amount * bound) for name, amount in amounts.items()}
        yield value, {name: until[name] - before[name] for name in amounts}
        before = until
