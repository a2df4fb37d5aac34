"""One result of ads as tools show it."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from freehold.node.mcp.tool import UntrustedText, words
from freehold.providers.meta import ad_insights
from freehold.providers.meta.ad_insights import Level, Result
from freehold.providers.meta.money import written

_DOUBLES = ("omni_", "offsite_conversion.fb_pixel_", "onsite_web_", "onsite_conversion.", "web_in_store_")


class PartCount(BaseModel):
    """How often an action was counted in one part: a device, a reaction, or a place that an advertiser named."""

    part: UntrustedText | None
    count: int


class InsightRow(BaseModel):
    """What one object, or one part of it, did from one day to another; what a thing costs has fractions."""

    id: str
    name: UntrustedText | None
    date_start: date
    date_stop: date
    breakdown: dict[str, str] | None
    impressions: int
    reach: int | None
    frequency: float | None
    clicks: int
    link_clicks: int
    ctr_percent: float | None
    spend_minor: int
    spend: str
    cpm_minor: float | None
    cpc_minor: float | None
    results: int | None
    cost_per_result_minor: float | None
    actions: dict[str, int]
    action_values_minor: dict[str, int]
    actions_by_window: dict[str, dict[str, int]] | None
    action_values_by_window_minor: dict[str, dict[str, int]] | None
    actions_by_part: dict[str, list[PartCount]] | None


def row_of(result: Result, level: Level, *, compact: bool) -> InsightRow:
    """A result as tools show it; with `compact` without actions that count another one again."""
    spent, shown = result.spend_minor, result.impressions
    counted = ad_insights.result(result.actions, result.about.get("objective", "")) if level != "account" else None
    return InsightRow(
        id=result.about[f"{level}_id"],
        name=words(result.about.get(f"{level}_name", "")),
        date_start=result.first_day,
        date_stop=result.last_day,
        breakdown=dict(result.parts) or None,
        impressions=shown,
        reach=result.reach,
        frequency=round(shown / result.reach, 2) if result.reach else None,
        clicks=result.clicks,
        link_clicks=result.link_clicks,
        ctr_percent=round(100 * result.clicks / shown, 3) if shown else None,
        spend_minor=spent,
        spend=written(spent, result.currency),
        cpm_minor=round(1000 * spent / shown, 2) if shown else None,
        cpc_minor=round(spent / result.clicks, 2) if result.clicks else None,
        results=counted,
        cost_per_result_minor=round(spent / counted, 2) if counted else None,
        actions=compacted(result.actions) if compact else dict(result.actions),
        action_values_minor=compacted(result.action_values_minor) if compact else dict(result.action_values_minor),
        actions_by_window=_nested(result.actions_by_window, compact=compact),
        action_values_by_window_minor=_nested(result.action_values_by_window_minor, compact=compact),
        actions_by_part=_parted(_nested(result.actions_by_part, compact=compact)),
    )


def compacted(actions: Mapping[str, int]) -> dict[str, int]:
    """Of actions that count the same thing by several names the one that counts most, the shortest name among equals.

    `omni_purchase` holds purchases in shops beside those of `purchase`: dropping it would lose them.
    """
    kept: dict[str, str] = {}
    for name in sorted(actions, key=lambda each: (-actions[each], len(each))):
        kept.setdefault(name.removeprefix(next((head for head in _DOUBLES if name.startswith(head)), "")), name)
    return {name: count for name, count in actions.items() if name in kept.values()}


def _nested(actions: Mapping[str, Mapping[str, int]], *, compact: bool) -> dict[str, dict[str, int]] | None:
    """Actions in windows or parts; compacted by the most that each counts in one of them. None where there are none."""
    most = {name: max(amounts.values()) for name, amounts in actions.items() if amounts}
    shown = compacted(most) if compact else most
    return {name: dict(actions[name]) for name in shown} or None


def _parted(actions: Mapping[str, Mapping[str, int]] | None) -> dict[str, list[PartCount]] | None:
    """Actions in parts, whose names may be an advertiser's words."""
    if actions is None:
        return None
    return {
        action: [PartCount(part=words(part), count=count) for part, count in counts.items()]
        for action, counts in actions.items()
    }
