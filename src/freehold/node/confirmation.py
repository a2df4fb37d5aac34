"""The owner's choice at the command line: which of the assets that authorisations cover belong to this client."""

from collections.abc import Sequence

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ConnectedAsset, confirm_assets, offered_assets
from freehold.node.context import Node
from freehold.node.vault import credentials


class UnknownAssetError(ExplainedError):
    """An asset that no active or pending authorisation covers."""


async def choose_assets(node: Node, asset_ids: Sequence[str]) -> list[ConnectedAsset]:
    """Tick exactly `asset_ids` over all authorisations, accepting the pending ones that cover any of them.

    Raises `UnknownAssetError`, and changes nothing, when one of them is covered by none.
    """
    async with node.database.writing() as session:
        held = await credentials(session, "active", "pending")
        covered = {
            credential.id: {asset.asset_id for asset in await offered_assets(session, credential.id)}
            for credential in held
        }
        unknown = set(asset_ids) - set().union(*covered.values())
        if unknown:
            named = ", ".join(sorted(unknown))
            raise UnknownAssetError(
                f"No authorisation covers {named}. Nothing was changed; see `freehold node assets`."
            )
        chosen: list[ConnectedAsset] = []
        for credential in held:
            wanted = covered[credential.id] & set(asset_ids)
            if credential.status == "pending":
                if not wanted:
                    continue
                await node.vault.confirm(session, credential.id)
            chosen += await confirm_assets(session, credential.id, wanted, node.clock.now())
    return chosen
