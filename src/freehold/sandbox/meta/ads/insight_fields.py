"""The columns of insights: every one a string, lists of actions beside them, as Meta writes them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from freehold.sandbox.meta.ads import absent_fields
from freehold.sandbox.meta.ads.insight_actions import Amounts, action_values, actions, amounts, cut
from freehold.sandbox.meta.ads.insight_dates import day_text
from freehold.sandbox.meta.ads.insight_row import Row
from freehold.sandbox.meta.world.ads_plan import ZERO_DECIMAL

Column = Callable[[Row], Any]
"""Gives text, a list, or None where the row does not have the field."""
Actions = Callable[[Sequence[int], Sequence[str]], Iterator[tuple[str, Amounts]]]

IDENTITY = (
    "account_id",
    "account_name",
    "account_currency",
    "campaign_id",
    "campaign_name",
    "adset_id",
    "adset_name",
    "adset_start",
    "adset_end",
    "ad_id",
    "ad_name",
    "objective",
    "optimization_goal",
    "buying_type",
    "attribution_setting",
    "created_time",
    "updated_time",
)


def decimals(value: float) -> str:
    """A number as Meta prints it: up to six decimals, none of them trailing zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def minor_per_major(currency: str) -> int:
    """How many minor units a currency's unit has."""
    return 1 if currency in ZERO_DECIMAL else 100


def money(minor: int, currency: str) -> str:
    """An amount of minor units in major units."""
    whole, rest = divmod(minor, minor_per_major(currency))
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


def _major(row: Row, minor: float) -> float:
    return minor / minor_per_major(row.currency)


def _count(*metrics: str) -> Column:
    return lambda row: str(sum(row.count(metric) for metric in metrics))


def _unique(metric: str) -> Column:
    return lambda row: str(unique(row, metric))


def unique(row: Row, metric: str) -> int:
    """Different people behind a count of clicks: fewer than both clicks and people reached; none by the hour."""
    return min(row.reach, round(row.count(metric) * 0.93)) if row.reach else 0


def _ratio(above: Callable[[Row], float], below: Callable[[Row], float]) -> Column:
    def column(row: Row) -> str | None:
        divisor = below(row)
        return decimals(above(row) / divisor) if divisor else None

    return column


def _impressions(row: Row) -> float:
    return row.count("impressions")


def _spend(row: Row) -> float:
    return _major(row, row.count("spend"))


def _of(metric: str, factor: float = 1.0) -> Callable[[Row], float]:
    return lambda row: row.count(metric) * factor


def _of_unique(metric: str, factor: float = 1.0) -> Callable[[Row], float]:
    return lambda row: unique(row, metric) * factor


def _reach(row: Row) -> float:
    return row.reach


ENGAGEMENT = ("link_clicks", "reactions", "comments", "shares", "saves", "video_views")


def _engagement(row: Row) -> float:
    return sum(row.count(metric) for metric in ENGAGEMENT)


SCALARS: dict[str, Column] = {
    "impressions": _count("impressions"),
    "reach": lambda row: str(row.reach),
    "frequency": lambda row: decimals(row.count("impressions") / row.reach) if row.reach else "0",
    "spend": lambda row: money(row.count("spend"), row.currency),
    "social_spend": lambda _: "0",
    "clicks": _count("clicks"),
    "ctr": _ratio(_of("clicks", 100), _impressions),
    "cpc": _ratio(_spend, _of("clicks")),
    "cpm": _ratio(lambda row: _spend(row) * 1000, _impressions),
    "cpp": _ratio(lambda row: _spend(row) * 1000, _reach),
    "inline_link_clicks": _count("link_clicks"),
    "inline_link_click_ctr": _ratio(_of("link_clicks", 100), _impressions),
    "cost_per_inline_link_click": _ratio(_spend, _of("link_clicks")),
    "inline_post_engagement": _count(*ENGAGEMENT),
    "cost_per_inline_post_engagement": _ratio(_spend, _engagement),
    "unique_clicks": _unique("clicks"),
    "unique_ctr": _ratio(_of_unique("clicks", 100), _reach),
    "cost_per_unique_click": _ratio(_spend, _of_unique("clicks")),
    "unique_inline_link_clicks": _unique("link_clicks"),
    "unique_inline_link_click_ctr": _ratio(_of_unique("link_clicks", 100), _reach),
    "unique_link_clicks_ctr": _ratio(_of_unique("link_clicks", 100), _reach),
    "cost_per_unique_inline_link_click": _ratio(_spend, _of_unique("link_clicks")),
    "date_start": lambda row: day_text(row.window.since),
    "date_stop": lambda row: day_text(row.window.until),
}
ON_REACH = frozenset({"reach", "frequency", "cpp"} | {name for name in SCALARS if "unique" in name})
"""Fields that count people."""


def _shown(found: Amounts, write: Callable[[int], str]) -> dict[str, str]:
    return {name: write(amount) for name, amount in found.items() if amount or name == "value"}


def _chosen(row: Row, source: Actions, only: str) -> Iterator[tuple[str, Amounts]]:
    for action_type, found in source(row.vector, row.attribution_windows):
        if action_type.startswith(only):
            yield action_type, found


def _list(source: Actions, write: Callable[[Row, int], str], only: str = "") -> Column:
    def column(row: Row) -> list[dict[str, str]] | None:
        rows = [
            {**dict(labels), **_shown(found, partial(write, row))}
            for labels, found in cut(_chosen(row, source, only), row.action_breakdowns)
        ]
        return rows or None

    return column


def _one(action_type: str, metric: str, factor: float = 1.0) -> Column:
    def column(row: Row) -> list[dict[str, str]] | None:
        count = row.count(metric)
        return [{"action_type": action_type, "value": decimals(count * factor)}] if count else None

    return column


def _one_ratio(action_type: str, above: Callable[[Row], float], below: Callable[[Row], float]) -> Column:
    def column(row: Row) -> list[dict[str, str]] | None:
        divisor = below(row)
        return [{"action_type": action_type, "value": decimals(above(row) / divisor)}] if divisor else None

    return column


def _cost_per(row: Row, count: int) -> str:
    return decimals(_spend(row) / count) if count else "0"


def _roas(action_types: Iterable[str]) -> Column:
    def column(row: Row) -> list[dict[str, str]] | None:
        spend = row.count("spend")
        found = amounts(row.vector, "value", row.attribution_windows)
        if not spend or not any(found.values()):
            return None
        shown = _shown(found, lambda worth: decimals(worth / spend))
        return [{"action_type": action_type, **shown} for action_type in action_types]

    return column


LISTS: dict[str, Column] = {
    "actions": _list(actions, lambda _, count: str(count)),
    "conversions": _list(actions, lambda _, count: str(count), only="offsite_conversion."),
    "action_values": _list(action_values, lambda row, worth: money(worth, row.currency)),
    "conversion_values": _list(
        action_values, lambda row, worth: money(worth, row.currency), only="offsite_conversion."
    ),
    "cost_per_action_type": _list(actions, _cost_per),
    "cost_per_conversion": _list(actions, _cost_per, only="offsite_conversion."),
    "purchase_roas": _roas(("omni_purchase",)),
    "website_purchase_roas": _roas(("offsite_conversion.fb_pixel_purchase",)),
    "outbound_clicks": _one("outbound_click", "outbound_clicks"),
    "outbound_clicks_ctr": _one_ratio("outbound_click", _of("outbound_clicks", 100), _impressions),
    "cost_per_outbound_click": _one_ratio("outbound_click", _spend, _of("outbound_clicks")),
    "website_ctr": _one_ratio("link_click", _of("link_clicks", 100), _impressions),
    "video_play_actions": _one("video_view", "video_views", 1.0),
    "video_thruplay_watched_actions": _one("video_view", "thruplays"),
    "cost_per_thruplay": _one_ratio("video_view", _spend, _of("thruplays")),
    "video_p25_watched_actions": _one("video_view", "p25"),
    "video_p50_watched_actions": _one("video_view", "p50"),
    "video_p75_watched_actions": _one("video_view", "p75"),
    "video_p100_watched_actions": _one("video_view", "p100"),
}
OF_VIDEO = frozenset(name for name in LISTS if name.startswith("video_") or name == "cost_per_thruplay")
KNOWN = frozenset({*IDENTITY, *SCALARS, *LISTS, *absent_fields.INSIGHTS.split()})


def column(row: Row, name: str) -> Any:
    """What a row shows for a field; None where it is left out."""
    if name in SCALARS:
        return SCALARS[name](row)
    if name in LISTS:
        return LISTS[name](row)
    return row.describe(name) if name in IDENTITY else None


def number(row: Row, name: str) -> float:
    """A column as a number, to sort and filter by: the first amount of a list, 0 where there is none."""
    found = column(row, name)
    if isinstance(found, list):
        found = found[0]["value"]
    try:
        return float(found or 0)
    except ValueError:
        return 0.0
