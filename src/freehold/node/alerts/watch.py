"""Watches: looks at what the node has written down, opens and closes alerts, and has people told."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from freehold.kernel import logs
from freehold.node.alerts import queries, words
from freehold.node.alerts.conditions import Backups, Changes, Finding, changes, judge, judge_backups
from freehold.node.alerts.findings import tell_findings
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.backups.back_up import shelf_of
from freehold.node.collection.collect import ESSENTIAL, KINDS
from freehold.node.context import Node
from freehold.node.countdowns import remind
from freehold.node.notifications.digest import make_overdue
from freehold.node.notifications.outbox import deliver_due, tell
from freehold.node.notifications.targets import Target, load_targets
from freehold.node.workflows import ads_hourly, alert_digest, stories_hourly
from freehold.node.workflows.registry import schedules

log = logs.get(__name__)

HOUR = timedelta(hours=1)
HOURLY = (stories_hourly.WORKFLOW, ads_hourly.WORKFLOW)
ROUND_SECONDS = 20.0
LOOK_EVERY_ROUNDS = 15


async def watch(node: Node) -> Changes:
    """Look once; gives what changed. What is to be told is in the outbox afterwards, with the change, or neither is.

    Raises `TargetRefusedError` when the file of targets is damaged, and `Problem` when the database is away.
    """
    now, targets = node.clock.now(), load_targets(node.settings.data_dir)
    async with node.database.reading() as session:
        assets = [asset for asset in await confirmed_assets(session) if asset.kind in KINDS]
        found = judge(
            await queries.readings(session, assets, ESSENTIAL),
            await queries.hourlies(session, _hourly(assets), now),
            await queries.throttlings(session, now),
            await queries.calls_since(session, now - HOUR),
            await queries.refusals_since(session, now - HOUR),
            now,
        )
        found = itertools.chain(found, _backups(node, assets, now))
        changed = changes(found, await queries.open_keys(session))
    if changed.any:
        await _write(node, changed, assets, targets, now)
    await remind(node)
    await tell_findings(node, targets)
    if alert_digest.WORKFLOW.name not in schedules(node.settings):  # somebody else orders it, or nobody does
        await make_overdue(node)
    return changed


def _hourly(assets: Sequence[ConnectedAsset]) -> dict[str, list[ConnectedAsset]]:
    """The hourly workflows, with the assets that each reads."""
    return {workflow.name: [asset for asset in assets if workflow.concerns({asset.kind})] for workflow in HOURLY}


def _backups(node: Node, assets: Iterable[ConnectedAsset], now: datetime) -> Iterator[Finding]:
    """How the backups of a node are that collects something."""
    since = min((asset.confirmed_at for asset in assets if asset.confirmed_at is not None), default=None)
    if since is not None:
        kept = [] if node.settings.backup_key is None else shelf_of(node.settings).backups()
        yield judge_backups(Backups(since, kept[0].made_at if kept else None), now)


async def _write(
    node: Node, changed: Changes, assets: Iterable[ConnectedAsset], targets: Sequence[Target], now: datetime
) -> None:
    """Open and close, and put what is to be told into the outbox, in one transaction."""
    names = {asset.asset_id: asset.name for asset in assets}
    company = node.settings.company_name
    async with node.database.writing() as session:
        for finding in changed.opened:
            if await queries.open_alert(session, finding, now):
                await tell(session, words.opened(finding, company, names, now), targets, now)
                log.warning("alert.opened", kind=finding.kind, subject=finding.subject)
        ended = await queries.close_alerts(session, [*(each.key for each in changed.closed), *changed.dropped])
        for finding in changed.closed:
            if finding.key in ended:
                await tell(session, words.closed(finding, company, names, ended[finding.key]), targets, now)
                log.info("alert.closed", kind=finding.kind, subject=finding.subject)


@contextlib.asynccontextmanager
async def watching(node: Node) -> AsyncIterator[None]:
    """Watch and send for as long as the block runs, in the background. Several processes may do so side by side."""
    rounds = asyncio.create_task(_rounds(node))
    try:
        yield
    finally:
        rounds.cancel()
        await asyncio.gather(rounds, return_exceptions=True)


async def _rounds(node: Node) -> None:
    """Look every few minutes, and send what is due; a failure is logged, and the next round comes all the same."""
    for number in itertools.count():
        try:
            if number % LOOK_EVERY_ROUNDS == 0:
                await watch(node)
            await deliver_due(node)
        except Exception:
            log.exception("alerts.failed")
        await asyncio.sleep(ROUND_SECONDS)
