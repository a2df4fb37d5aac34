"""What the reading tools share: which account is meant, and whose an object is."""

from freehold.node.assets import ConnectedAsset
from freehold.node.mcp import assets
from freehold.node.mcp.tool import Call


async def account_of(call: Call, account_id: str | None) -> ConnectedAsset:
    """The ad account that is meant; raises `Problem` as `assets.chosen` does."""
    return await assets.chosen(call, "ad_account", account_id)
