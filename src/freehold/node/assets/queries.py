"""All SQL over connected assets."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, delete, select, update

from freehold.contracts.grant import Asset, AssetKind
from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.assets.tables import connected_assets
from freehold.node.vault.tables import meta_credentials

_NEWEST = (meta_credentials.c.issued_at.desc(), meta_credentials.c.id)


@dataclass(frozen=True)
class ConnectedAsset:
    """A page, Instagram account or ad account, and the credential that covers it.

    It is collected only when `confirmed_at` is set and `credential_status` is "active".
    """

    kind: AssetKind
    asset_id: str
    name: str
    parent_id: str | None
    currency: str | None
    timezone: str | None
    credential_id: str
    confirmed_at: datetime | None
    username: str | None = None
    credential_status: str = "active"
    status_reason: str | None = None


async def confirmed_assets(session: ReadSession) -> list[ConnectedAsset]:
    """The assets that may be read: ticked, and covered by an active credential; each once, by its newest credential."""
    return _once(asset for asset in await _ticked(session) if asset.credential_status == "active")


async def ticked_assets(session: ReadSession) -> list[ConnectedAsset]:
    """Every asset that a person ticked, each once: by its newest active credential, else by its newest at all."""
    ticked = await _ticked(session)
    return _once(sorted(ticked, key=lambda asset: asset.credential_status != "active"))


async def offered_assets(session: ReadSession, credential_id: str | None = None) -> list[ConnectedAsset]:
    """All assets that one credential, or any, was ever offered with, ticked or not."""
    query = _assets().order_by(connected_assets.c.kind, connected_assets.c.name, connected_assets.c.asset_id)
    if credential_id is not None:
        query = query.where(connected_assets.c.credential_id == credential_id)
    return [_asset(row) for row in (await session.execute(query)).mappings()]


async def known_assets(session: ReadSession) -> list[ConnectedAsset]:
    """Every asset under every credential that was offered with it, the newest credential's first."""
    return [_asset(row) for row in (await session.execute(_KNOWN)).mappings()]


async def offer_assets(
    session: WriteSession, credential_id: str, assets: Sequence[Asset], *, replaced: Collection[str], now: datetime
) -> None:
    """Write down what a new credential covers; ticks given under the credentials that it replaced stay given.

    Rows of replaced credentials are removed where the new one covers the same asset, and stay, for people to see,
    where it does not.
    """
    before = {
        asset.asset_id: asset.confirmed_at for owner in replaced for asset in await offered_assets(session, owner)
    }
    rows = [
        {
            "id": f"{credential_id}:{asset.id}",
            "credential_id": credential_id,
            "kind": asset.kind,
            "asset_id": asset.id,
            "name": asset.name,
            "username": asset.username,
            "parent_id": asset.parent_id,
            "currency": asset.currency,
            "timezone": asset.timezone,
            "offered_at": now,
            "confirmed_at": before.get(asset.id),
        }
        for asset in {asset.id: asset for asset in assets}.values()
    ]
    if not rows:
        return
    await session.execute(
        delete(connected_assets).where(
            connected_assets.c.credential_id.in_(tuple(replaced)),
            connected_assets.c.asset_id.in_([row["asset_id"] for row in rows]),
        )
    )
    await session.execute(insert(session, connected_assets).on_conflict_do_nothing(), rows)


async def confirm_assets(
    session: WriteSession, credential_id: str, asset_ids: Collection[str], now: datetime
) -> list[ConnectedAsset]:
    """Tick exactly `asset_ids` among what the credential covers, and untick the rest; gives what is ticked now."""
    mine = connected_assets.c.credential_id == credential_id
    ticked = connected_assets.c.asset_id.in_(tuple(asset_ids))
    await session.execute(update(connected_assets).where(mine, ~ticked).values(confirmed_at=None))
    await session.execute(
        update(connected_assets).where(mine, ticked, connected_assets.c.confirmed_at.is_(None)).values(confirmed_at=now)
    )
    return [asset for asset in await offered_assets(session, credential_id) if asset.confirmed_at is not None]


async def _ticked(session: ReadSession) -> list[ConnectedAsset]:
    """Every row that is ticked, those of the newest credential first."""
    return [_asset(row) for row in (await session.execute(_TICKED)).mappings()]


def _once(assets: Iterable[ConnectedAsset]) -> list[ConnectedAsset]:
    """The first of each asset, in an order that people expect."""
    found: dict[str, ConnectedAsset] = {}
    for asset in assets:
        found.setdefault(asset.asset_id, asset)
    return sorted(found.values(), key=lambda asset: (asset.kind, asset.name, asset.asset_id))


def _assets() -> Select[Any]:
    of = meta_credentials.c
    return select(connected_assets, of.status.label("credential_status"), of.status_reason).join(
        meta_credentials, of.id == connected_assets.c.credential_id
    )


def _asset(row: RowMapping) -> ConnectedAsset:
    names = (
        "kind",
        "asset_id",
        "name",
        "parent_id",
        "currency",
        "timezone",
        "credential_id",
        "confirmed_at",
        "username",
        "credential_status",
        "status_reason",
    )
    return ConnectedAsset(**{name: row[name] for name in names})


_KNOWN = _assets().order_by(*_NEWEST)
_TICKED = _KNOWN.where(connected_assets.c.confirmed_at.is_not(None))
"""Built once: they run on every call to the provider or of a tool."""
