"""The client's Instagram accounts."""

from pydantic import BaseModel

from freehold.node.mcp import assets
from freehold.node.mcp.tool import Answer, Arguments, Call


class AccountsAsked(Arguments):
    """Nothing is asked."""


class Account(BaseModel):
    """An Instagram account of the client's, and the page that it is reached through."""

    id: str
    name: str
    page_id: str | None


class Accounts(Answer):
    """The accounts that this key may ask about."""

    accounts: list[Account]


async def list_accounts(call: Call, _asked: AccountsAsked) -> Accounts:
    """The client's Instagram accounts. Begin here: other tools take one of these ids as `account_id`."""
    found = await assets.usable(call, "instagram_account")
    accounts = [Account(id=each.asset_id, name=each.name, page_id=each.parent_id) for each in found]
    return Accounts(source="stored", as_of=call.now(), accounts=accounts)
