"""Hashtags: their ids, and what others publish with them. An account may search 30 different ones a week."""

import re
from typing import Final

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph
from freehold.providers.meta.discovery import SeenPost, read_post

NAME: Final = re.compile(r"\w{1,100}")
"""What a hashtag is made of, without its sign."""
SEARCHES: Final = 30
"""So many different hashtags an account may search in `WEEK_DAYS`; those searched before are free."""
WEEK_DAYS: Final = 7
SPENT: Final = (18, 2_207_034)
"""Code and subcode of a search after those."""
PAGE: Final = 50
EDGES: Final = ("top_media", "recent_media")
"""The most seen of a hashtag's posts, and those of the last 24 hours."""
POST_FIELDS: Final = (
    "id", "caption", "media_type", "media_product_type", "permalink", "timestamp", "like_count", "comments_count",
)  # fmt: skip


def search_call(version: str, account_id: str, name: str) -> ApiCall:
    """Ask for the id of a hashtag, on behalf of an account; raises `ValueError` for what is no hashtag."""
    if not NAME.fullmatch(name):
        raise ValueError("a hashtag is made of letters, digits and underscores")
    return ApiCall("GET", f"/{version}/ig_hashtag_search", {"user_id": account_id, "q": name}, asset_id=account_id)


def read_search(answer: JSON) -> str:
    """The id in an answer; the same for every account."""
    return graph.identifier(graph.rows(answer)[0], "id")


def searched_call(version: str, account_id: str) -> ApiCall:
    """Ask which hashtags the account has searched in the last week."""
    params = {"fields": "id,name", "limit": str(SEARCHES)}
    return ApiCall("GET", f"/{version}/{account_id}/recently_searched_hashtags", params, asset_id=account_id)


def read_searched(answer: JSON) -> dict[str, str]:
    """Name by id of the hashtags in an answer."""
    return {graph.identifier(row, "id"): graph.text(row, "name") for row in graph.rows(answer)}


def media_call(
    version: str, account_id: str, hashtag_id: str, edge: str, *, limit: int, after: str | None = None
) -> ApiCall:
    """Ask for a page of a hashtag's posts by one of `EDGES`."""
    params = {"user_id": account_id, "fields": ",".join(POST_FIELDS), "limit": str(limit)}
    if after is not None:
        params["after"] = after
    return ApiCall("GET", f"/{version}/{hashtag_id}/{edge}", params, asset_id=account_id)


def read_media(answer: JSON) -> list[SeenPost]:
    """The posts of a page; a hashtag does not tell whose they are."""
    return [read_post(row) for row in graph.rows(answer)]
