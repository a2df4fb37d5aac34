"""The Post node of a page: what it says, how people reacted, and its comments."""

from collections.abc import Sequence
from typing import Any, overload

from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType
from freehold.sandbox.meta.instagram.questions import instant
from freehold.sandbox.meta.pages.insights import post_answer
from freehold.sandbox.meta.pages.shown import PagePost
from freehold.sandbox.meta.world import instagram_words as words
from freehold.sandbox.meta.world.instagram_days import written
from freehold.sandbox.meta.world.instagram_lists import Posts, posts
from freehold.sandbox.meta.world.pages import page_feed, post_totals
from freehold.sandbox.meta.world.people import Page

_CONTENT_HOST = "https://scontent.facebook.example"
_STATUS = {"IMAGE": "added_photos", "CAROUSEL_ALBUM": "added_photos", "VIDEO": "added_video"}
_KIND = {"IMAGE": "photo", "CAROUSEL_ALBUM": "album", "VIDEO": "video_inline"}


class PagePosts(Sequence[PagePost]):
    """A page's posts, newest first, made one by one."""

    def __init__(self, page: Page, rows: Posts) -> None:
        self.page, self.rows = page, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> PagePost: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[PagePost]: ...

    def __getitem__(self, index: int | slice) -> PagePost | Sequence[PagePost]:
        if isinstance(index, slice):
            return [PagePost(self.page, post) for post in self.rows[index]]
        return PagePost(self.page, self.rows[index])


def page_posts(call: Call, page: Page) -> Sequence[PagePost]:
    """The posts of a page, `since` and `until` where given."""
    call.demand("pages_read_engagement")
    since, until = instant(call.params, "since"), instant(call.params, "until")
    return PagePosts(page, posts(page_feed(call.sandbox.world, page), _now(call), since, until))


def _now(call: Call) -> int:
    return int(call.now.timestamp())


def _totals(call: Call, shown: PagePost) -> dict[str, int]:
    return post_totals(shown.post, _now(call))


def _picture(_call: Call, shown: PagePost) -> str:
    return f"{_CONTENT_HOST}/{shown.id}.jpg"


def _counted(name: str) -> Any:
    """An edge that tells how many, and never who."""

    def answer(call: Call, shown: PagePost, _asked: object) -> JSON:
        if call.params.get("summary", "").lower() in {"", "false", "0"}:
            return {"data": []}
        return {"data": [], "summary": {"total_count": _totals(call, shown)[name]}}

    return answer


def _attachments(_call: Call, shown: PagePost, _asked: object) -> JSON:
    address = f"https://www.facebook.com/{shown.id}"
    attachment = {
        "type": _KIND[shown.post.media_type],
        "url": address,
        "media": {"image": {"src": _picture(_call, shown)}},
    }
    return {"data": [attachment]}


def _shares(call: Call, shown: PagePost) -> Any:
    count = _totals(call, shown)["shares"]
    return {"count": count} if count else OMITTED


COMMENT = NodeType(
    "Comment",
    fields={
        "id": lambda _call, comment: f"{comment.post.number}_{comment.number}",
        "message": lambda _call, comment: comment.text,
        "created_time": lambda _call, comment: written(comment.at),
        "like_count": lambda _call, comment: comment.likes,
        "comment_count": lambda _call, _comment: 0,
    },
    default=("created_time", "message", "id"),
)
POST = NodeType(
    "Post",
    fields={
        "id": lambda _call, shown: shown.id,
        "message": lambda _call, shown: words.caption(shown.post),
        "created_time": lambda _call, shown: written(shown.post.at),
        "updated_time": lambda _call, shown: written(shown.post.at),
        "permalink_url": lambda _call, shown: f"https://www.facebook.com/{shown.id}",
        "full_picture": _picture,
        "picture": _picture,
        "status_type": lambda _call, shown: _STATUS[shown.post.media_type],
        "is_published": lambda _call, _shown: True,
        "is_hidden": lambda _call, _shown: False,
        "is_expired": lambda _call, _shown: False,
        "is_popular": lambda _call, _shown: False,
        "is_eligible_for_promotion": lambda _call, _shown: True,
        "promotable_id": lambda _call, shown: shown.id,
        "shares": _shares,
        "from": lambda _call, shown: {"name": shown.page.name, "id": shown.page.id},
        "story": lambda _call, _shown: OMITTED,
        "parent_id": lambda _call, _shown: OMITTED,
    },
    default=("created_time", "message", "id"),
    edges={
        "insights": Edge(answer=post_answer),
        "attachments": Edge(answer=_attachments),
        "reactions": Edge(answer=_counted("reactions")),
        "likes": Edge(answer=_counted("reactions")),
        "comments": Edge(COMMENT, lambda call, shown: words.Comments(shown.post, _now(call))),
    },
)
