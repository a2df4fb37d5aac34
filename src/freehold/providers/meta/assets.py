"""The lists from which the broker learns what a grant covers: pages with their Instagram accounts, and ad accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.contracts.grant import Asset
from freehold.providers.calls import ApiCall
from freehold.providers.meta import graph
from freehold.providers.meta.oauth import MetaApp

PAGE_FIELDS = "id,name,access_token,tasks,instagram_business_account{id,username}"
AD_ACCOUNT_FIELDS = "id,account_id,name,account_status,currency,timezone_name"
PAGE_SIZE = "100"
PAGE_SCOPES = ("pages_show_list", "pages_read_engagement")


@dataclass(frozen=True, repr=False)
class FoundPage:
    """A Facebook page, its token where Meta gave one, and the Instagram account that it leads to."""

    page: Asset
    access_token: str | None
    instagram: Asset | None


def accounts(app: MetaApp, after: str | None) -> ApiCall:
    """The pages that the person ticked."""
    return _listing(f"/{app.version}/me/accounts", PAGE_FIELDS, after)


def one_page(app: MetaApp, page_id: str) -> ApiCall:
    """One page by its id: me/accounts leaves out some pages that the token may read."""
    return ApiCall("GET", f"/{app.version}/{page_id}", {"fields": PAGE_FIELDS})


def businesses(app: MetaApp, after: str | None) -> ApiCall:
    """The business portfolios of the person."""
    return _listing(f"/{app.version}/me/businesses", "id,name", after)


def business_pages(app: MetaApp, business_id: str, edge: str, after: str | None) -> ApiCall:
    """The pages that a portfolio owns (`owned_pages`) or works for (`client_pages`)."""
    return _listing(f"/{app.version}/{business_id}/{edge}", PAGE_FIELDS, after)


def ad_accounts(app: MetaApp, after: str | None) -> ApiCall:
    """The ad accounts of the person."""
    return _listing(f"/{app.version}/me/adaccounts", AD_ACCOUNT_FIELDS, after)


def professional_hint(app: MetaApp, page_id: str) -> ApiCall:
    """Whether an Instagram account that is not a professional one is linked to a page."""
    return ApiCall("GET", f"/{app.version}/{page_id}", {"fields": "connected_instagram_account"})


def next_cursor(content: Mapping[str, Any]) -> str | None:
    """The cursor of the next page of a list. Meta's own `next` address is not used, since it holds the token."""
    paging = content.get("paging") or {}
    after = (paging.get("cursors") or {}).get("after")
    return str(after) if paging.get("next") and after else None


def parse_page(item: Mapping[str, Any]) -> FoundPage:
    """One page of a list."""
    page_id = str(item["id"])
    linked = item.get("instagram_business_account") or None
    instagram = None
    if linked:
        username = graph.text(linked, "username") or None
        instagram = Asset(
            kind="instagram_account",
            id=str(linked["id"]),
            name=username or graph.text(item, "name") or str(linked["id"]),
            username=username,
            parent_id=page_id,
        )
    page = Asset(kind="facebook_page", id=page_id, name=graph.text(item, "name") or page_id)
    return FoundPage(page, item.get("access_token"), instagram)


def parse_ad_account(item: Mapping[str, Any]) -> Asset:
    """One ad account of a list; its id begins with `act_`."""
    account = str(item["id"])
    return Asset(
        kind="ad_account",
        id=account if account.startswith("act_") else f"act_{account}",
        name=graph.text(item, "name") or account,
        currency=item.get("currency"),
        timezone=item.get("timezone_name"),
    )


def ticked_pages(granular: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The pages to which the grant is limited; empty when Meta named none."""
    found: dict[str, None] = {}
    for scope in PAGE_SCOPES:
        found |= dict.fromkeys(granular.get(scope, ()))
    return tuple(found)


def _listing(path: str, fields: str, after: str | None) -> ApiCall:
    query = {"fields": fields, "limit": PAGE_SIZE}
    return ApiCall("GET", path, query | ({"after": after} if after else {}))
