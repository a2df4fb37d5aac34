"""Posts of others that name an account: those that tag it, and one in whose caption it is mentioned."""

from typing import Final

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph
from freehold.providers.meta.discovery import SeenPost, read_post

POST_FIELDS: Final = (
    "id", "caption", "media_type", "media_product_type", "permalink", "timestamp", "like_count", "comments_count",
    "username",
)  # fmt: skip


def tagged_call(version: str, account_id: str, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for a page of posts in which others tagged the account."""
    params = {"fields": ",".join(POST_FIELDS), "limit": str(limit)}
    if after is not None:
        params["after"] = after
    return ApiCall("GET", f"/{version}/{account_id}/tags", params, asset_id=account_id)


def read_tagged(answer: JSON) -> list[tuple[str, SeenPost]]:
    """The posts of a page, each with its owner's user name."""
    return [(graph.text(row, "username"), read_post(row)) for row in graph.rows(answer)]


def mentioned_call(version: str, account_id: str, media_id: str) -> ApiCall:
    """Ask for one post whose caption mentions the account. Raises `ValueError` for what is no id."""
    if not media_id.isdecimal():
        raise ValueError("the id of a post is a number")
    fields = f"mentioned_media.media_id({media_id}){{{','.join(POST_FIELDS)}}}"
    return ApiCall("GET", f"/{version}/{account_id}", {"fields": fields}, asset_id=account_id)


def read_mentioned(answer: JSON) -> tuple[str, SeenPost]:
    """The post, with its owner's user name."""
    row = answer["mentioned_media"]
    return graph.text(row, "username"), read_post(row)
