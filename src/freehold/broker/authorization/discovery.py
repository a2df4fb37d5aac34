"""Finds what a grant covers: pages with their Instagram accounts and tokens, and ad accounts.

Meta's lists are known to leave pages out, so what the token itself names is asked for one by one, and portfolios are
searched when pages are still missing. When nothing is found, the reason says which step the person has to repeat.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from freehold.broker.meta import MetaClient
from freehold.contracts.grant import Asset
from freehold.contracts.renewal import MAX_PAGES
from freehold.kernel.problems import Problem
from freehold.providers.calls import ProviderError, Rejected, TokenRevoked
from freehold.providers.meta import assets as listing
from freehold.providers.meta.assets import FoundPage
from freehold.providers.meta.oauth import Inspection, read_shape

_PICKED = "Start again, choose “Edit settings” in Facebook's window and tick the page"
_REASONS = {
    "page_not_ticked": (
        "Facebook gave access to no page and no ad account.",
        f"{_PICKED} and the Instagram account of this company.",
    ),
    "page_no_role": (
        "The chosen pages cannot be read with this Facebook account.",
        "Ask an administrator of the page to give this account full control of it, then start again.",
    ),
    "instagram_not_linked": (
        "The chosen pages have no professional Instagram account linked to them.",
        "Link the Instagram account to the page (Page settings, Linked accounts), then start again.",
    ),
    "instagram_not_professional": (
        "The Instagram account that is linked to the page is a personal one.",
        "Switch it to a professional account in Instagram's settings, then start again.",
    ),
}


@dataclass(frozen=True, repr=False)
class Discovered:
    """What a grant covers, and the tokens of its pages by page id."""

    assets: tuple[Asset, ...] = ()
    page_tokens: tuple[tuple[str, str], ...] = ()


async def discover(meta: MetaClient, token: str, inspection: Inspection) -> Discovered:
    """What `token` reaches, as much of it as a grant holds; raises `Problem` 422 with the exact reason of nothing."""
    pages, ad_accounts = await asyncio.gather(_pages(meta, token, inspection), _ad_accounts(meta, token))
    if not ad_accounts and all(page.instagram is None for page in pages):
        raise _nothing(await _reason(meta, token, inspection, pages))
    pages, ad_accounts = pages[:MAX_PAGES], ad_accounts[:MAX_PAGES]
    instagram = [page.instagram for page in pages if page.instagram is not None]
    found = [*instagram, *(page.page for page in pages), *ad_accounts]
    tokens = tuple((page.page.id, page.access_token) for page in pages if page.access_token)
    return Discovered(_without_repeats(found), tokens)


async def page_tokens(meta: MetaClient, token: str, page_ids: Sequence[str]) -> dict[str, str]:
    """New tokens for these pages, as far as Meta gives them."""
    found = await asyncio.gather(*(_one_page(meta, token, page_id) for page_id in page_ids))
    return {page.page.id: page.access_token for page in found if page is not None and page.access_token}


async def _pages(meta: MetaClient, token: str, inspection: Inspection) -> list[FoundPage]:
    ticked = listing.ticked_pages(inspection.granular)
    pages = {page.page.id: page for page in await _listed(meta, token)}
    missing = [page_id for page_id in ticked if page_id not in pages]
    for page in await asyncio.gather(*(_one_page(meta, token, page_id) for page_id in missing)):
        if page is not None:
            pages[page.page.id] = page
    if not pages or any(page_id not in pages for page_id in ticked):
        for page in await _business_pages(meta, token):
            if not ticked or page.page.id in ticked:
                pages.setdefault(page.page.id, page)
    return list(pages.values())


async def _listed(meta: MetaClient, token: str) -> list[FoundPage]:
    describe = partial(listing.accounts, meta.app)
    return [read_shape(listing.parse_page, item) async for item in meta.items(describe, token)]


async def _one_page(meta: MetaClient, token: str, page_id: str) -> FoundPage | None:
    try:
        return read_shape(listing.parse_page, await meta.read(listing.one_page(meta.app, page_id), token))
    except (Rejected, TokenRevoked):
        return None


async def _business_pages(meta: MetaClient, token: str) -> list[FoundPage]:
    """Pages of the person's portfolios; each list is tried on its own, since one may be forbidden."""
    try:
        found = [item async for item in meta.items(partial(listing.businesses, meta.app), token)]
    except ProviderError:
        return []
    edges = [(str(item.get("id")), edge) for item in found for edge in ("owned_pages", "client_pages")]
    lists = await asyncio.gather(*(_business_edge(meta, token, business, edge) for business, edge in edges))
    return [page for pages in lists for page in pages]


async def _business_edge(meta: MetaClient, token: str, business: str, edge: str) -> list[FoundPage]:
    try:
        describe = partial(listing.business_pages, meta.app, business, edge)
        return [read_shape(listing.parse_page, item) async for item in meta.items(describe, token)]
    except ProviderError:
        return []


async def _ad_accounts(meta: MetaClient, token: str) -> list[Asset]:
    try:
        describe = partial(listing.ad_accounts, meta.app)
        return [read_shape(listing.parse_ad_account, item) async for item in meta.items(describe, token)]
    except Rejected:
        return []


async def _reason(meta: MetaClient, token: str, inspection: Inspection, pages: Sequence[FoundPage]) -> str:
    if not pages:
        return "page_no_role" if listing.ticked_pages(inspection.granular) else "page_not_ticked"
    for page in pages:
        try:
            hint = await meta.read(listing.professional_hint(meta.app, page.page.id), page.access_token or token)
        except ProviderError:
            continue
        if hint.get("connected_instagram_account"):
            return "instagram_not_professional"
    return "instagram_not_linked"


def _nothing(reason: str) -> Problem:
    detail, hint = _REASONS[reason]
    return Problem(422, reason, detail, hint)


def _without_repeats(found: Iterable[Asset]) -> tuple[Asset, ...]:
    return tuple({(asset.kind, asset.id): asset for asset in found}.values())
