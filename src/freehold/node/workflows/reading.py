"""Workflows that read streams: which assets a run reads, and how one stream of one asset is read in it."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial

from freehold.kernel import logs
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.collect import (
    NothingConfirmedError,
    chosen_assets,
    open_source,
    provider_error,
    read_streams,
    shuts,
)
from freehold.node.collection.source import OutageError, Run, Source, Window, window, zone_of
from freehold.node.collection.streams import Stream
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.reasons import told
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow
from freehold.providers.calls import ProviderError, Throttled, TokenRevoked

log = logs.get(__name__)

NOT_READ = "this version does not read it"
NOT_CONFIRMED = "this asset is not confirmed any more"


def reading(
    name: str,
    about: str,
    streams: Sequence[Stream],
    days: int,
    schedule: Schedule | None = None,
    timeout: timedelta | None = None,
) -> Workflow:
    """A workflow that reads these streams of every confirmed asset that has them."""
    return Workflow(
        name,
        about,
        plan=partial(plan_streams, streams),
        perform=partial(_perform, {stream.name: stream for stream in streams}, days),
        days=days,
        kinds=frozenset(stream.kind for stream in streams),
        schedule=schedule,
        timeout=timeout,
    )


async def plan_streams(streams: Sequence[Stream], node: Node, run: RunRecord) -> Plan:
    """Every stream of each asset that the run is for; an asset whose authorisation has ended is a failure.

    Where there is no asset of a fitting kind, a run by schedule has nothing to do; whoever ordered one is told.
    """
    kinds = {stream.kind for stream in streams}
    try:
        chosen = await chosen_assets(node, kinds, run.order.asset_ids)
    except NothingConfirmedError:
        return Plan((), {} if run.order.trigger == "schedule" else {"assets": _lacking(kinds)})
    parts = [
        Part(asset.asset_id, stream.name) for asset in chosen.active for stream in streams if stream.kind == asset.kind
    ]
    return Plan(tuple(parts), chosen.failures)


def _lacking(kinds: Collection[str]) -> str:
    """That an asset of one of these kinds is needed, and how to come by it."""
    wanted = " or ".join(sorted(kind.replace("_", " ") for kind in kinds))
    return (
        f"no {wanted} that this run is for is confirmed for this client, so there is nothing to read; "
        "have the client connect, then tick what is theirs with `freehold node confirm`"
    )


async def _perform(streams: dict[str, Stream], days: int, desk: Desk, part: Part) -> Done:
    """Read one stream of one asset. A plan that another version made may hold a stream that this one does not have."""
    stream = streams.get(part.name)
    if stream is None:
        return Done(NOT_READ)
    asset = await chosen_asset(desk, stream, part)
    if isinstance(asset, Done):
        return asset
    span = window(desk.began, desk.run.order.days or days, zone_of(asset))
    error = await read_stream(desk, stream, asset, span)
    return Done() if error is None else failed(desk, part, error, gate=stream.gate)


async def chosen_asset(desk: Desk, stream: Stream, part: Part) -> ConnectedAsset | Done:
    """The asset of a part, or why it cannot be read any more."""
    try:
        chosen = await chosen_assets(desk.node, {stream.kind}, (part.asset_id,))
    except NothingConfirmedError:
        return Done(NOT_CONFIRMED, stop=True)
    return chosen.active[0] if chosen.active else Done(chosen.failures[part.asset_id], stop=True)


async def read_stream(desk: Desk, stream: Stream, asset: ConnectedAsset, span: Window) -> ProviderError | None:
    """Read what of a stream is due in a window; gives what the provider failed with."""
    try:
        await read_streams(source_of(desk, asset), span, [stream])
    except ProviderError as error:
        return error
    except BaseExceptionGroup as group:
        return provider_error(group)
    return None


def failed(desk: Desk, part: Part, error: ProviderError, *, gate: bool) -> Done:
    """What a provider's failure means for the rest of the asset."""
    log.warning(
        "run.part_failed",
        run_id=desk.run.run_id,
        asset_id=part.asset_id,
        part=part.name,
        error=type(error).__name__,
        code=error.code,
    )
    revoked = isinstance(error, TokenRevoked)
    ended = revoked or isinstance(error, Throttled | OutageError) or (gate and shuts(error))
    return Done(told(error), stop=ended, revoked=revoked)


def source_of(desk: Desk, asset: ConnectedAsset) -> Source:
    """The way to an asset's data, the same for all that a run reads of it in this process."""
    if asset.asset_id not in desk.sources:
        run = Run(desk.run.run_id, desk.began, desk.patience, desk.most_urgent)
        desk.sources[asset.asset_id] = open_source(desk.node, asset, run)
    return desk.sources[asset.asset_id]
