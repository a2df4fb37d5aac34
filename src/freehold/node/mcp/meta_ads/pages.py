"""The Facebook pages that the client's ads may speak for."""

from pydantic import BaseModel, Field

from freehold.node.mcp import assets
from freehold.node.mcp.meta_ads.arguments import AccountId
from freehold.node.mcp.meta_ads.reading import account_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words


class PagesAsked(Arguments):
    """The account that they are wanted for; every page of the client may be used with each."""

    account_id: AccountId = None


class SearchAsked(PagesAsked):
    """Which pages are wanted: part of the name, or all."""

    search_term: str = Field(default="", max_length=200)


class Page(BaseModel):
    """A page, and the Instagram account that is reached through it."""

    id: str
    name: UntrustedText | None
    instagram_account_id: str | None


class Pages(Answer):
    """Pages confirmed for this client."""

    pages: list[Page]


async def get_account_pages(call: Call, asked: PagesAsked) -> Pages:
    """The client's Facebook pages, which creatives may be made for, with their Instagram accounts."""
    return await search_pages_by_name(call, SearchAsked(account_id=asked.account_id))


async def search_pages_by_name(call: Call, asked: SearchAsked) -> Pages:
    """The client's Facebook pages whose name holds a text."""
    if asked.account_id is not None:
        await account_of(call, asked.account_id)
    accounts = {each.parent_id: each.asset_id for each in await assets.usable(call, "instagram_account")}
    wanted = asked.search_term.strip().casefold()
    pages = [
        Page(id=each.asset_id, name=words(each.name), instagram_account_id=accounts.get(each.asset_id))
        for each in await assets.usable(call, "facebook_page")
        if wanted in each.name.casefold()
    ]
    return Pages(source="stored", as_of=call.now(), pages=pages)
