"""In which time zone weekdays and hours of posts are told: one for the whole client, whoever asks."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.collection.source import zone_of


async def zone_of_posts(session: ReadSession, chosen: str | None) -> ZoneInfo:
    """The zone for the client's ticked assets; `chosen` is the name of one that the operator set."""
    return posts_zone(await ticked_assets(session), chosen)


def posts_zone(assets: Sequence[ConnectedAsset], chosen: str | None) -> ZoneInfo:
    """Where the hours of posts are counted: in the zone that is chosen, or that all ad accounts have, else in UTC."""
    if chosen is not None:
        return ZoneInfo(chosen)
    zones = {zone_of(each).key for each in assets if each.kind == "ad_account" and each.timezone}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")
