"""What the governor refuses before it spends anything: writes, and objects that are not this client's."""

import json
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset, confirmed_assets, offered_assets
from freehold.node.vault import Credential, credentials
from freehold.providers.calls import ApiCall, Rejected, TokenRevoked

_OBJECT_ID = re.compile(r"^(?:act_)?\d[\d_]*$")
_VERSION = re.compile(r"^v\d+\.\d+$")


@dataclass(frozen=True)
class Admitted:
    """The credential that a call goes out with, and how many people's credentials are active on this node."""

    credential: Credential
    people: int


def refuse_writes(call: ApiCall) -> None:
    """Raise `Rejected` for a call that changes something at the provider, openly or inside a batch."""
    if call.mutates or call.method == "DELETE" or any(part.get("method", "GET") != "GET" for part in _parts(call)):
        raise Rejected("this call changes something at the provider; only an approved plan may do that")


async def admit(session: ReadSession, call: ApiCall) -> Admitted:
    """Choose the credential for `call`. Raises `Rejected` for objects outside the confirmed assets, and
    `TokenRevoked` when the authorisation that covered them has ended.
    """
    active = await credentials(session, "active")
    confirmed = {asset.asset_id: asset for asset in await confirmed_assets(session)}
    offered = await offered_assets(session)
    if call.asset_id is not None and call.asset_id not in confirmed:
        raise _not_readable(call.asset_id, offered)
    for name in _objects(call):
        if name in confirmed:
            continue
        if call.asset_id is None or any(asset.asset_id == name for asset in offered):
            raise _not_readable(name, offered)
    if call.token != "user" and not _page_in_use(call.token, confirmed):  # noqa: S105 - which token, not a token
        raise _not_readable(call.token, offered)
    owner = None if call.asset_id is None else confirmed[call.asset_id].credential_id
    for credential in active:
        if owner is None or credential.id == owner:
            return Admitted(credential, people=len({found.meta_user_id for found in active}))
    raise TokenRevoked("no authorisation is active on this node; have the client connect again")


def _page_in_use(page_id: str, confirmed: dict[str, ConnectedAsset]) -> bool:
    """A page may be spoken for when it is ticked, or when an Instagram account reached through it is."""
    return page_id in confirmed or any(asset.parent_id == page_id for asset in confirmed.values())


def _not_readable(name: str, offered: list[ConnectedAsset]) -> Rejected | TokenRevoked:
    if any(asset.asset_id == name and asset.confirmed_at is not None for asset in offered):
        return TokenRevoked("the authorisation that covered this asset has ended; have the client connect again")
    return Rejected(f"{name} is not among the assets that were confirmed for this client; see `freehold node assets`")


def _objects(call: ApiCall) -> list[str]:
    """The ids of the objects that a call, or the parts of a batch, begin their paths with."""
    paths = [call.path, *(str(part.get("relative_url", "")) for part in _parts(call))]
    found = []
    for path in paths:
        segments = [unquote(segment) for segment in urlsplit(path).path.split("/") if segment]
        if segments and _VERSION.match(segments[0]):
            segments = segments[1:]
        if segments and _OBJECT_ID.match(segments[0]):
            found.append(segments[0])
    return found


def _parts(call: ApiCall) -> list[dict[str, object]]:
    if "batch" not in call.params:
        return []
    try:
        parts = json.loads(call.params["batch"])
    except ValueError as error:
        raise Rejected("the batch is not JSON") from error
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Rejected("the batch is not a list of calls")
    return parts
