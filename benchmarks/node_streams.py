"""Reads chosen streams of a node's assets in a process of its own: what another collector reads, and nothing more."""

import secrets
from collections.abc import Collection
from pathlib import Path

from freehold.node.collection.collect import STREAMS, chosen_assets, open_source, read_streams
from freehold.node.collection.source import Run, window, zone_of
from freehold.node.context import Node, open_node
from freehold.node.settings import NodeSettings

AS_AIRBYTE = (
    "instagram_profile",
    "instagram_series",
    "instagram_demographics",
    "instagram_online_followers",
    "instagram_posts",
    "instagram_stories",
)
"""The streams that hold what airbyte-source-instagram reads."""
AS_TAP = ("ad_account", "ad_structure", "ad_days")
"""Those that hold what tap-facebook reads: campaigns, ad sets, ads, creatives and daily ad insights."""


async def read(node: Node, days: int, names: Collection[str]) -> None:
    """Read these streams, over `days` days, of every confirmed asset that has them; without names nothing is read."""
    chosen = [stream for stream in STREAMS if stream.name in names]
    if not chosen:
        return
    run = Run(f"benchmark:{secrets.token_hex(8)}", node.clock.now())
    for asset in (await chosen_assets(node, {stream.kind for stream in chosen})).active:
        source = open_source(node, asset, run)
        streams = [stream for stream in chosen if stream.kind == asset.kind]
        await read_streams(source, window(node.clock.now(), days, zone_of(asset)), streams)


async def main(folder: Path, days: int, names: Collection[str]) -> None:
    """The same of the node in a folder."""
    async with open_node(NodeSettings.load(folder)) as node:
        await read(node, days, names)
