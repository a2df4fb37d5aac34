"""Collect: everything that the confirmed assets have for the last days, one asset after the other."""

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from freehold.kernel import logs
from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.collection import ads, competitors, facebook, instagram
from freehold.node.collection.source import Calls, Run, Source, Window, window, zone_of
from freehold.node.collection.streams import Stream
from freehold.node.context import Node
from freehold.node.store.counts import Counts, counts
from freehold.providers.calls import ProviderError, Rejected, Unavailable

log = logs.get(__name__)

DAYS = 90
STREAMS = (*instagram.STREAMS, *facebook.STREAMS, *ads.STREAMS, *competitors.STREAMS)
"""Every stream there is."""
KINDS = frozenset(stream.kind for stream in STREAMS)
CALLS = {"instagram_account": 140, "facebook_page": 8, "ad_account": 35}
"""About how many calls an asset takes, for the progress bar."""
ENDED = {
    "newer_authorisation": "the person connected again and left this asset out",
    "refused_by_provider": "Meta no longer accepts the authorisation",
}
"""Why a credential is no longer active, in words."""


class NothingConfirmedError(ExplainedError):
    """No asset is ticked that could be collected; the message says what to do."""


@dataclass(frozen=True)
class Collected:
    """What a collection left in the store, what it cost in calls, and what could not be read."""

    counts: Counts
    graph_calls: int
    failures: dict[str, str] = field(default_factory=dict)


Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and what is being read."""


async def collect(node: Node, days: int = DAYS, progress: Progress = lambda _share, _doing: None) -> Collected:
    """Read the last `days` days of every confirmed asset; an asset that fails leaves the others alone.

    An asset whose authorisation has ended is among the failures. Raises `NothingConfirmedError` when there is nothing
    to read, and `Problem` when the database is away.
    """
    chosen = await chosen_assets(node, KINDS)
    run = Run(f"collect:{secrets.token_hex(8)}", node.clock.now())
    failures, calls = chosen.failures, Calls()
    counter = _Counter(sum(CALLS[asset.kind] for asset in chosen.active), progress)
    for asset in chosen.active:
        error = await _read(node, run, asset, days, counter, calls)
        if error is not None:
            failures[asset.asset_id] = error.message
            counter("failed", 0)
            log.warning("collection.failed", asset_id=asset.asset_id, error=type(error).__name__, code=error.code)
    progress(1.0, "done")
    async with node.database.reading() as session:
        stored = await counts(session)
    return Collected(stored, calls.answered, failures)


@dataclass(frozen=True)
class Chosen:
    """The assets that a run may read, and why others that were ticked cannot be read."""

    active: list[ConnectedAsset]
    failures: dict[str, str]


async def chosen_assets(node: Node, kinds: Collection[str], asset_ids: Collection[str] = ()) -> Chosen:
    """The ticked assets of these kinds, of those that are named where any are.

    Raises `NothingConfirmedError` when there is none.
    """
    async with node.database.reading() as session:
        ticked = [asset for asset in await ticked_assets(session) if asset.kind in kinds]
    assets = [asset for asset in ticked if not asset_ids or asset.asset_id in asset_ids]
    if not assets:
        raise NothingConfirmedError(
            "nothing that could be read is confirmed for this client, so there is nothing to collect; "
            "have the client connect, then tick what is theirs with `freehold node confirm`"
        )
    failures = {asset.asset_id: _ended(asset) for asset in assets if asset.credential_status != "active"}
    return Chosen([asset for asset in assets if asset.asset_id not in failures], failures)


async def _read(
    node: Node, run: Run, asset: ConnectedAsset, days: int, counter: "_Counter", calls: Calls
) -> ProviderError | None:
    """Read one asset; gives what the provider failed with, and raises any other error as itself."""
    calls.failed_in_a_row = 0
    chosen = window(node.clock.now(), days, zone_of(asset))
    source = _source(node, run, asset, counter, calls)
    try:
        await read_streams(source, chosen, [stream for stream in STREAMS if stream.kind == asset.kind])
    except ProviderError as error:
        return error
    except BaseExceptionGroup as group:
        return provider_error(group)
    return None


async def read_streams(source: Source, window: Window, streams: Sequence[Stream]) -> None:
    """Read streams one after the other, each whatever came of those before.

    A stream that was `Rejected` or `Unavailable` as a whole leaves the others alone, unless it is a gate that was
    rejected, and is raised at the end; any other error ends them all.
    """
    failed: list[Rejected | Unavailable] = []
    for stream in streams:
        try:
            await stream.read(source, window)
        except (Rejected, Unavailable) as error:
            if stream.gate and isinstance(error, Rejected):
                raise
            failed.append(error)
    if failed:
        raise failed[0]


@dataclass
class _Counter:
    """Calls done against those expected."""

    expected: int
    progress: Progress
    done: int = 0

    def __call__(self, doing: str, calls: int) -> None:
        self.done += calls
        self.progress(min(0.99, self.done / max(1, self.expected)), doing)


def _ended(asset: ConnectedAsset) -> str:
    if asset.credential_status == "pending":
        return f"{asset.name}: the new authorisation waits for you; accept it with `freehold node confirm`"
    reason = asset.status_reason or asset.credential_status
    told = ENDED.get(reason, f"the authorisation has ended ({reason.replace('_', ' ')})")
    return f"{asset.name}: {told}; have the client connect again and tick it"


def _source(node: Node, run: Run, asset: ConnectedAsset, counter: _Counter, calls: Calls) -> Source:
    return Source(
        asset_id=asset.asset_id,
        currency=asset.currency or "USD",
        version=node.settings.graph_version,
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        progress=counter,
        run=run,
        calls=calls,
    )


def provider_error(group: BaseExceptionGroup[BaseException]) -> ProviderError:
    """The first failure of the provider in a group; an error of another kind among them is raised as itself."""
    found = list(_leaves(group))
    for other in found:
        if not isinstance(other, ProviderError):
            raise other
    return next(error for error in found if isinstance(error, ProviderError))


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
