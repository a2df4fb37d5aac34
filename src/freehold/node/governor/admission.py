"""What the governor refuses before it spends anything: writes, and objects that are not this client's."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from freehold.contracts.grant import AssetKind
from freehold.kernel.database import ReadSession
from freehold.node.assets import ConnectedAsset, known_assets
from freehold.node.governor.approved import ApprovedWrite
from freehold.node.vault import Held, Vault
from freehold.providers.calls import ApiCall, Rejected, TokenRevoked

_OBJECT_ID = re.compile(r"^(?:act_)?\d[\d_]*$")
SEGMENT = re.compile(r"\w[\w.-]*", re.ASCII)
"""One name or id in a path; dots alone would lead upwards, and escapes would be read after our check."""
_VERSION = re.compile(r"^v\d+\.\d+$")


@dataclass(frozen=True)
class Admitted:
    """The credential that a call goes out with, what kind of asset it is about, and how many people are connected."""

    credential: Held
    kind: AssetKind | None
    people: int


def refuse_writes(call: ApiCall, approved: ApprovedWrite | None = None) -> None:
    """Raise `Rejected` for a call that changes something at the provider, openly or inside a batch, without leave.

    A POST reads only as a batch or as the order of a report; a parameter can turn any call into another. With leave,
    the call is exactly the one that it was given for, and is neither a batch nor turned into another.
    """
    if approved is not None:
        _check_leave(call, approved)
        return
    parts = _parts(call)
    asked = [call.params, *(dict(parse_qsl(urlsplit(_relative(part)).query)) for part in parts)]
    posted = call.method == "POST" and "batch" not in call.params and not call.path.endswith("/insights")
    turned = any(name.lower() == "method" for params in asked for name in params)
    if call.mutates or call.method == "DELETE" or posted or turned or any(_method(part) != "GET" for part in parts):
        raise Rejected("this call changes something at the provider; only an approved plan may do that")


def _check_leave(call: ApiCall, approved: ApprovedWrite) -> None:
    plain = call.method in {"POST", "DELETE"} and not {"method", "batch"} & {name.lower() for name in call.params}
    if approved.call != call or not plain or call.asset_id is None:
        raise Rejected("this call is not the one that was approved; nothing was sent")


async def admit(session: ReadSession, vault: Vault, call: ApiCall) -> Admitted:
    """Choose the credential for `call`. Raises `Rejected` for objects outside the confirmed assets, and
    `TokenRevoked` when the authorisation that covered them has ended.
    """
    active = await vault.active(session)
    offered = await known_assets(session)
    confirmed = _confirmed(offered)
    if call.asset_id is not None and call.asset_id not in confirmed:
        raise _not_readable(call.asset_id, offered)
    for name in _objects(call):
        if name in confirmed:
            continue
        if call.asset_id is None or any(asset.asset_id == name for asset in offered):
            raise _not_readable(name, offered)
    if call.token != "user" and not _page_in_use(call.token, confirmed):  # noqa: S105 - which token, not a token
        raise _not_readable(call.token, offered)
    asset = None if call.asset_id is None else confirmed[call.asset_id]
    for credential in active:
        if asset is None or credential.credential_id == asset.credential_id:
            people = len({found.meta_user_id for found in active})
            return Admitted(credential, None if asset is None else asset.kind, people)
    raise TokenRevoked("no authorisation is active on this node; have the client connect again")


def _confirmed(offered: Sequence[ConnectedAsset]) -> dict[str, ConnectedAsset]:
    """The assets that may be read, by id: ticked, and covered by an active credential; each by its newest."""
    found: dict[str, ConnectedAsset] = {}
    for asset in offered:
        if asset.confirmed_at is not None and asset.credential_status == "active":
            found.setdefault(asset.asset_id, asset)
    return found


def _page_in_use(page_id: str, confirmed: dict[str, ConnectedAsset]) -> bool:
    """A page may be spoken for when it is ticked, or when an Instagram account reached through it is."""
    return page_id in confirmed or any(asset.parent_id == page_id for asset in confirmed.values())


def _not_readable(name: str, offered: list[ConnectedAsset]) -> Rejected | TokenRevoked:
    if any(asset.asset_id == name and asset.confirmed_at is not None for asset in offered):
        return TokenRevoked("the authorisation that covered this asset has ended; have the client connect again")
    return Rejected(f"{name} is not among the assets that were confirmed for this client; see `freehold node assets`")


def _objects(call: ApiCall) -> list[str]:
    """The ids of the objects that a call, or the parts of a batch, begin their paths with; `Rejected` for paths
    that might be read in two ways.
    """
    found = []
    for path in (call.path, *(_relative(part).partition("?")[0] for part in _parts(call))):
        segments = [segment for segment in path.split("/") if segment]
        if not all(SEGMENT.fullmatch(segment) for segment in segments):
            raise Rejected("a path is made of plain names and ids; this one holds other characters")
        if segments and _VERSION.match(segments[0]):
            segments = segments[1:]
        if segments and _OBJECT_ID.match(segments[0]):
            found.append(segments[0])
    return found


def _relative(part: dict[str, object]) -> str:
    return str(part.get("relative_url", ""))


def _method(part: dict[str, object]) -> str:
    return str(part.get("method", "GET"))


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
