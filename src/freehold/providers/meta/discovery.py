"""Business discovery: what any professional Instagram account shows to others. It counts towards the app's limit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph

USERNAME: Final = re.compile(r"[A-Za-z0-9._]{1,30}", re.ASCII)
"""What a user name is made of: anything else would be read as a part of the question."""
NOT_FOUND: Final = (110, 2_207_013)
"""Code and subcode of a name that nobody has, or that is a personal account's."""
PROFILE_FIELDS: Final = (
    "id", "username", "name", "biography", "website", "followers_count", "follows_count", "media_count",
)  # fmt: skip
POST_FIELDS: Final = (
    "id", "caption", "media_type", "media_product_type", "permalink", "timestamp", "like_count", "comments_count",
    "view_count",
)  # fmt: skip


@dataclass(frozen=True)
class SeenPost:
    """A post of somebody else's. A count is None where its owner hides it; views are told of reels alone."""

    post_id: str
    caption: str
    media_type: str
    product_type: str
    permalink: str
    published_at: datetime
    likes: int | None
    comments: int | None
    views: int | None


@dataclass(frozen=True)
class SeenAccount:
    """Somebody else's account as it is now, with its newest posts."""

    account_id: str
    username: str
    name: str
    biography: str
    website: str
    followers: int
    follows: int
    posts: int
    newest: tuple[SeenPost, ...]


def account_call(version: str, own_id: str, username: str, posts: int) -> ApiCall:
    """Ask, by way of an own account, for another's profile and its newest `posts`.

    Raises `ValueError` for what is no user name.
    """
    if not USERNAME.fullmatch(username):
        raise ValueError("a user name is made of letters, digits, dots and underscores")
    inner = ",".join((*PROFILE_FIELDS, f"media.limit({posts}){{{','.join(POST_FIELDS)}}}"))
    params = {"fields": f"business_discovery.username({username}){{{inner}}}"}
    return ApiCall("GET", f"/{version}/{own_id}", params, asset_id=own_id)


def read_account(answer: JSON) -> SeenAccount:
    """The account in an answer."""
    row = answer["business_discovery"]
    return SeenAccount(
        account_id=graph.identifier(row, "id"),
        username=graph.text(row, "username"),
        name=graph.text(row, "name"),
        biography=graph.text(row, "biography"),
        website=graph.text(row, "website"),
        followers=int(row["followers_count"]),
        follows=int(row.get("follows_count", 0)),
        posts=int(row["media_count"]),
        newest=tuple(read_post(post) for post in (row.get("media") or {}).get("data", [])),
    )


def read_post(row: Mapping[str, Any]) -> SeenPost:
    """One post of somebody else's."""
    return SeenPost(
        post_id=graph.identifier(row, "id"),
        caption=graph.text(row, "caption"),
        media_type=graph.text(row, "media_type"),
        product_type=graph.text(row, "media_product_type"),
        permalink=graph.text(row, "permalink"),
        published_at=graph.instant(str(row["timestamp"])),
        likes=_count(row, "like_count"),
        comments=_count(row, "comments_count"),
        views=_count(row, "view_count"),
    )


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None else int(value)
