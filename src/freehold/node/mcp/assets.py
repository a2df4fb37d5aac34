"""Which of the client's assets a call may be about: confirmed for this client, and allowed to the caller's key."""

from collections.abc import Sequence

from freehold.contracts.grant import AssetKind
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.failures import asset_refused
from freehold.node.mcp.tool import Call


async def usable(call: Call, kind: AssetKind) -> list[ConnectedAsset]:
    """The assets of a kind that the call may be about, by name."""
    async with call.node.database.reading() as session:
        return await usable_in(session, call, kind)


async def usable_in(session: ReadSession, call: Call, kind: AssetKind) -> list[ConnectedAsset]:
    """The same within a session that is open already."""
    found = await confirmed_assets(session)
    usable = [asset for asset in found if asset.kind == kind and call.caller.may_use(asset.asset_id)]
    call.connections.update({asset.asset_id: asset.credential_id for asset in usable})
    return usable


async def chosen(call: Call, kind: AssetKind, asset_id: str | None) -> ConnectedAsset:
    """The asset with this id, or the only one where none is named.

    Raises `Problem` 403 for one that the call may not be about, 422 where there are several to choose from, 404 where
    there is none at all.
    """
    found = await usable(call, kind)
    if asset_id is not None:
        return named(found, asset_id)
    if not found:
        raise Problem(
            404,
            "asset_missing",
            f"No {kind.replace('_', ' ')} is confirmed for this client.",
            "The client connects, and a person ticks it; see `freehold node assets`.",
        )
    if len(found) > 1:
        raise Problem(
            422,
            "asset_not_named",
            f"There are several to choose from: {', '.join(asset.asset_id for asset in found)}.",
            "Name the one that is meant.",
        )
    return found[0]


def named(found: Sequence[ConnectedAsset], asset_id: str) -> ConnectedAsset:
    """The one of these assets that has this id; raises `Problem` 403 where none has."""
    asset = next((asset for asset in found if asset.asset_id == asset_id), None)
    if asset is None:
        raise asset_refused()
    return asset
