"""What a collection reads: every stream there is, of the assets that a person ticked."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.collection import ads, competitors, facebook, instagram
from freehold.node.collection.ad_days import AD_DAYS
from freehold.node.collection.page_posts import LISTED
from freehold.node.collection.source import Run, Source, Window
from freehold.node.collection.streams import Stream
from freehold.node.context import Node
from freehold.providers.calls import ProviderError, Rejected, Unavailable

DAYS = 90
STREAMS = (*instagram.STREAMS, *facebook.STREAMS, *ads.STREAMS, *competitors.STREAMS)
"""Every stream there is."""
KINDS = frozenset(stream.kind for stream in STREAMS)
ESSENTIAL = {"instagram_account": ("reach", "views"), "facebook_page": (LISTED,), "ad_account": (AD_DAYS,)}
"""What an asset of a kind is collected for, as coverage names it: where one of these stays away, little else helps."""
ENDED = {
    "keyring_lost": "the key that its token was stored with is lost",
    "newer_authorisation": "the person connected again and left this asset out",
    "refused_by_provider": "Meta no longer accepts the authorisation",
}
"""Why a credential is no longer active, in words."""


class NothingConfirmedError(ExplainedError):
    """No asset is ticked that could be collected; the message says what to do."""


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


async def read_streams(source: Source, window: Window, streams: Sequence[Stream]) -> None:
    """Read streams one after the other, each whatever came of those before.

    A stream that was `Rejected` or `Unavailable` as a whole leaves the others alone, unless it is a gate that is shut,
    and is raised at the end; any other error ends them all.
    """
    failed: list[Rejected | Unavailable] = []
    for stream in streams:
        try:
            await stream.read(source, window)
        except (Rejected, Unavailable) as error:
            if stream.gate and shuts(error):
                raise
            failed.append(error)
    if failed:
        raise failed[0]


def shuts(error: ProviderError) -> bool:
    """Whether a gate that failed so lets nothing else of the asset be read: what was too much says nothing of that."""
    return isinstance(error, Rejected) and not error.reduce_data


def _ended(asset: ConnectedAsset) -> str:
    if asset.credential_status == "pending":
        return f"{asset.name}: the new authorisation waits for you; accept it with `freehold node confirm`"
    reason = asset.status_reason or asset.credential_status
    told = ENDED.get(reason, f"the authorisation has ended ({reason.replace('_', ' ')})")
    return f"{asset.name}: {told}; have the client connect again and tick it"


def open_source(node: Node, asset: ConnectedAsset, run: Run) -> Source:
    """The way to an asset's data in a run."""
    return Source(
        asset_id=asset.asset_id,
        currency=asset.currency or "",
        version=node.settings.graph_version,
        governor=node.governor,
        database=node.database,
        clock=node.clock,
        run=run,
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
