"""Which pages, Instagram accounts and ad accounts belong to this client: offered by a grant, ticked by a person."""

from freehold.node.assets.queries import ConnectedAsset, confirmed_assets, offered_assets

__all__ = ["ConnectedAsset", "confirmed_assets", "offered_assets"]
