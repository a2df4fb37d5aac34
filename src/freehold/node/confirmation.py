"""The owner's choice at the command line: which of the assets that authorisations cover belong to this client."""

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ConnectedAsset, confirm_assets, offered_assets
from freehold.node.broker_client import BrokerError
from freehold.node.context import Node
from freehold.node.vault import Credential, credentials


class UnknownAssetError(ExplainedError):
    """An asset that no active or pending authorisation covers."""


@dataclass(frozen=True)
class Choice:
    """What is ticked now, and what the broker said where it could not be told of an acceptance."""

    assets: tuple[ConnectedAsset, ...]
    broker_refusals: tuple[str, ...] = ()


async def choose_assets(node: Node, asset_ids: Sequence[str]) -> Choice:
    """Tick exactly `asset_ids` over all authorisations, accepting the pending ones that cover any of them.

    The broker is told of those, so that the same person's next connection is expected. Raises `UnknownAssetError`, and
    changes nothing, when one of the assets is covered by no authorisation.
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
    accepted = [each for each in held if each.status == "pending" and covered[each.id] & set(asset_ids)]
    return Choice(tuple(chosen), tuple([text for each in accepted if (text := await _tell_broker(node, each))]))


async def _tell_broker(node: Node, credential: Credential) -> str:
    """What went wrong in telling the broker; empty when nothing did."""
    try:
        await node.broker.confirm(credential.provider, credential.meta_user_id)
    except BrokerError as error:
        return f"{error.code}: {error.reason}"
    return ""
