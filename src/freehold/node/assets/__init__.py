"""Which pages, Instagram accounts and ad accounts belong to this client: offered by a grant, ticked by a person."""

from freehold.node.assets.queries import (
    ConnectedAsset,
    confirm_assets,
    confirmed_assets,
    known_assets,
    offer_assets,
    offered_assets,
    ticked_assets,
)

__all__ = [
    "ConnectedAsset",
    "confirm_assets",
    "confirmed_assets",
    "known_assets",
    "offer_assets",
    "offered_assets",
    "ticked_assets",
]
