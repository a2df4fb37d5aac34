"""The first collection: everything that the confirmed assets have for the last days, one asset after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field

from freehold.kernel import logs
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.collection import ads, instagram
from freehold.node.collection.source import Source, window
from freehold.node.context import Node
from freehold.node.store import queries
from freehold.node.store.queries import Counts
from freehold.providers.calls import ProviderError

log = logs.get(__name__)

DAYS = 90
STREAMS = {"instagram_account": instagram.collect, "ad_account": ads.collect}
CALLS = {"instagram_account": 140, "ad_account": 12}
"""About how many calls an asset takes, for the progress bar."""


@dataclass(frozen=True)
class Collected:
    """What a collection left in the store, what it cost in calls, and what could not be read."""

    counts: Counts
    graph_calls: int
    failures: dict[str, str] = field(default_factory=dict)


Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and what is being read."""


async def collect(node: Node, days: int = DAYS, progress: Progress = lambda _share, _doing: None) -> Collected:
    """Read the last `days` days of every confirmed asset; an asset that fails leaves the others alone."""
    async with node.database.reading() as session:
        assets = [asset for asset in await confirmed_assets(session) if asset.kind in STREAMS]
    before, failures = await node.governor.spent(), {}
    counter = _Counter(sum(CALLS[asset.kind] for asset in assets), progress)
    for asset in assets:
        try:
            await STREAMS[asset.kind](_source(node, asset, counter), window(node.clock.now(), days))
        except* ProviderError as group:
            error = _first(group)
            failures[asset.asset_id] = error.message
            log.warning("collection.failed", asset_id=asset.asset_id, error=type(error).__name__, code=error.code)
    progress(1.0, "done")
    async with node.database.reading() as session:
        counts = await queries.counts(session)
    return Collected(counts, await node.governor.spent() - before, failures)


@dataclass
class _Counter:
    """Calls done against those expected."""

    expected: int
    progress: Progress
    done: int = 0

    def __call__(self, doing: str, calls: int) -> None:
        self.done += calls
        self.progress(min(0.99, self.done / max(1, self.expected)), doing)


def _source(node: Node, asset: ConnectedAsset, counter: _Counter) -> Source:
    return Source(
        asset_id=asset.asset_id,
        currency=asset.currency or "USD",
        version=node.settings.graph_version,
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        progress=counter,
    )


def _first(group: BaseExceptionGroup[ProviderError]) -> ProviderError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
