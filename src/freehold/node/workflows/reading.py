"""Workflows that read streams: which assets a run reads, and how one stream of one asset is read in it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from freehold.kernel import logs
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.collect import NothingConfirmedError, chosen_assets, provider_error, read_streams
from freehold.node.collection.source import OutageError, Run, Source, window, zone_of
from freehold.node.collection.streams import Stream
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import Desk, Done, Part, Plan, Workflow
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked

log = logs.get(__name__)

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
        schedule=schedule,
        timeout=timeout,
    )


async def plan_streams(streams: Sequence[Stream], node: Node, run: RunRecord) -> Plan:
    """Every stream of each asset that the run is for; an asset whose authorisation has ended is a failure."""
    try:
        chosen = await chosen_assets(node, {stream.kind for stream in streams}, run.order.asset_ids)
    except NothingConfirmedError as error:
        return Plan((), {"assets": str(error)})
    parts = [
        Part(asset.asset_id, stream.name) for asset in chosen.active for stream in streams if stream.kind == asset.kind
    ]
    return Plan(tuple(parts), chosen.failures)


async def _perform(streams: dict[str, Stream], days: int, desk: Desk, part: Part) -> Done:
    """Read one stream of one asset. A plan that another version made may hold a stream that this one does not have."""
    stream = streams.get(part.name)
    if stream is None:
        return Done("this version does not read it")
    try:
        chosen = await chosen_assets(desk.node, {stream.kind}, (part.asset_id,))
    except NothingConfirmedError:
        return Done(NOT_CONFIRMED, stop=True)
    if not chosen.active:
        return Done(chosen.failures[part.asset_id], stop=True)
    asset = chosen.active[0]
    started = desk.run.started_at or desk.node.clock.now()
    span = window(started, desk.run.order.days or days, zone_of(asset))
    try:
        await read_streams(source_of(desk, asset), span, [stream])
    except ProviderError as error:
        return failed(desk, part, error, gate=stream.gate)
    except BaseExceptionGroup as group:
        return failed(desk, part, provider_error(group), gate=stream.gate)
    return Done()


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
    if isinstance(error, TokenRevoked):
        return Done(f"the authorisation has ended, have the client connect again: {error.message}", stop=True)
    ended = isinstance(error, Throttled | OutageError) or (gate and isinstance(error, Rejected))
    return Done(error.message, stop=ended)


def source_of(desk: Desk, asset: ConnectedAsset) -> Source:
    """The way to an asset's data, the same for all that a run reads of it in this process."""
    if asset.asset_id not in desk.sources:
        node, run = desk.node, desk.run
        desk.sources[asset.asset_id] = Source(
            asset_id=asset.asset_id,
            currency=asset.currency or "USD",
            version=node.settings.graph_version,
            governor=node.governor,
            database=node.database,
            clock=node.clock,
            progress=_untold,
            run=Run(run.run_id, run.started_at or node.clock.now(), desk.patience),
        )
    return desk.sources[asset.asset_id]


def _untold(_doing: str, _calls: int) -> None:
    """How far a run has come is read from the database, by whoever wants to know."""
