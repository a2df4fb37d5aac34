"""Has people told of ads that are outside their band, as soon as today's numbers were read."""

from dataclasses import replace
from typing import Final

from freehold.node.ad_bands.measure import measure
from freehold.node.ad_bands.words import outside
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.notifications.notice import CALLERS
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import load_targets
from freehold.node.runs.queries import RunRecord

READ_BY: Final = frozenset({"ads_hourly", "ads_daily", "collection"})
"""The workflows that read today's ads."""


async def tell_bands(node: Node, run: RunRecord) -> int:
    """Have each measure that is outside its band told, once a day, after a run that read ads; gives how many are new.

    n8n's workflow has the same told over `POST /notifications`. Both use one key, so that whoever is first tells it.
    """
    if run.order.workflow not in READ_BY:
        return 0
    now, targets = node.clock.now(), load_targets(node.settings.data_dir)
    async with node.database.reading() as session:
        accounts = [asset for asset in await ticked_assets(session) if asset.kind == "ad_account"]
        notices = [notice for asset in accounts for notice in outside(await measure(session, asset, now))]
    told = 0
    for notice in notices:
        async with node.database.writing() as session:
            told += await tell(session, replace(notice, key=f"{CALLERS}:{notice.key}"), targets, now)
    return told
