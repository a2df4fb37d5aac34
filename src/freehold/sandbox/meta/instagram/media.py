"""The IG Media node: posts, stories, children of carousels and comments, as their owner and as others see them."""

from collections.abc import Callable, Sequence
from typing import Any

from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType, Reader
from freehold.sandbox.meta.instagram import ids
from freehold.sandbox.meta.instagram.media_insights import answer as insights
from freehold.sandbox.meta.instagram.shown import Medium, seconds
from freehold.sandbox.meta.world import instagram_words as words
from freehold.sandbox.meta.world.instagram_days import written
from freehold.sandbox.meta.world.instagram_posts import lifetime, views_at
from freehold.sandbox.meta.world.instagram_words import Comment

CONTENT_HOST = "https://scontent.instagram.example"
SITE = "https://www.instagram.com"


def _number(name: str) -> Callable[[Call, Medium], Any]:
    """A running count on the node, which a child of a carousel does not have."""

    def read(call: Call, medium: Medium) -> Any:
        if medium.child is not None:
            return OMITTED
        return lifetime(medium.post, seconds(call))[name]

    return read


def _owned_number(name: str) -> Callable[[Call, Medium], Any]:
    """The same, left out where the owner hides counts."""
    count = _number(name)
    return lambda call, medium: OMITTED if medium.post.hides_counts else count(call, medium)


def _like_count(call: Call, medium: Medium) -> Any:
    if medium.post.hides_counts and not medium.own:
        return OMITTED
    return _number("likes")(call, medium)


def _caption(_call: Call, medium: Medium) -> Any:
    return (words.caption(medium.post) if medium.child is None else "") or OMITTED


def _address(medium: Medium, ending: str) -> str:
    return f"{CONTENT_HOST}/{medium.media_type[:3].lower()}/{ids.numeric_id(medium.post, medium.child)}.{ending}"


def _media_url(_call: Call, medium: Medium) -> str:
    return _address(medium, "mp4" if medium.media_type == "VIDEO" else "jpg")


def _thumbnail(_call: Call, medium: Medium) -> Any:
    return _address(medium, "jpg") if medium.media_type == "VIDEO" else OMITTED


def _permalink(_call: Call, medium: Medium) -> str:
    post = medium.post
    if post.line == "story":
        return f"https://instagram.com/stories/{post.feed.account.username}/{ids.numeric_id(post)}"
    kind = "reel" if post.product_type == "REELS" else "p"
    return f"{SITE}/{kind}/{ids.shortcode(post, medium.child)}/"


def _reel(value: Any) -> Reader:
    return lambda _call, medium: value if medium.post.product_type == "REELS" else OMITTED


def _absent(_call: Call, _medium: Medium) -> Any:
    return OMITTED


def _children(_call: Call, medium: Medium) -> Sequence[Medium]:
    if medium.child is not None:
        return []
    return [Medium(medium.post, index, medium.own) for index in range(len(medium.post.children))]


def _comments(call: Call, medium: Medium) -> Sequence[Comment]:
    call.demand("instagram_basic")
    return words.Comments(medium.post, seconds(call)) if medium.child is None and medium.own else []


def _commenter(_call: Call, comment: Comment) -> JSON:
    return {"id": f"6{ids.comment_id(comment.post, comment.number)[1:]}", "username": comment.username}


def _commented(_call: Call, comment: Comment) -> JSON:
    return {"id": ids.media_id(comment.post), "media_product_type": comment.post.product_type}


COMMENT = NodeType(
    "IGComment",
    fields={
        "id": lambda _call, comment: ids.comment_id(comment.post, comment.number),
        "text": lambda _call, comment: comment.text,
        "timestamp": lambda _call, comment: written(comment.at),
        "username": lambda _call, comment: comment.username,
        "from": _commenter,
        "like_count": lambda _call, comment: comment.likes,
        "hidden": lambda _call, _comment: False,
        "legacy_instagram_comment_id": lambda _call, comment: ids.comment_id(comment.post, comment.number),
        "media": _commented,
        "parent_id": _absent,
        "user": _absent,
    },
    default=("timestamp", "text", "id"),
)
COMMENT.edges["replies"] = Edge(COMMENT, lambda _call, _comment: [])

_PUBLIC: dict[str, Reader] = {
    "id": lambda _call, medium: medium.id,
    "caption": _caption,
    "media_type": lambda _call, medium: medium.media_type,
    "media_product_type": lambda _call, medium: medium.post.product_type,
    "media_url": _media_url,
    "thumbnail_url": _thumbnail,
    "permalink": _permalink,
    "timestamp": lambda _call, medium: written(medium.post.at),
    "like_count": _like_count,
    "comments_count": _number("comments"),
}
_NAMED: dict[str, Reader] = {
    **_PUBLIC,
    "username": lambda _call, medium: medium.post.feed.account.username,
    "shortcode": lambda _call, medium: ids.shortcode(medium.post, medium.child),
    "owner": lambda _call, medium: {"id": medium.post.feed.account.id},
}
CHILD = NodeType("IGMedia", fields=_NAMED)
MEDIA = NodeType(
    "IGMedia",
    fields={
        **_NAMED,
        "ig_id": lambda _call, medium: str(ids.numeric_id(medium.post, medium.child)),
        "legacy_instagram_media_id": lambda _call, medium: str(ids.numeric_id(medium.post, medium.child)),
        "alt_text": _absent,
        "audio_id": _absent,
        "media_audio_type": _reel("ORIGINAL_SOUND"),
        "is_shared_to_feed": _reel(True),
        "is_comment_enabled": lambda _call, _medium: True,
        "is_ai_generated": lambda _call, _medium: False,
        "copyright_check_information": lambda _call, medium: (
            {"status": {"status": "completed", "matches_found": False}} if medium.media_type == "VIDEO" else OMITTED
        ),
        "boost_eligibility_info": lambda _call, medium: {"eligible_to_boost": medium.post.line == "post"},
        "reposts_count": _owned_number("reposts"),
        "saved_count": _owned_number("saved"),
        "shares_count": _owned_number("shares"),
        "total_like_count": _owned_number("total_likes"),
        "total_comments_count": _owned_number("total_comments"),
        "total_views_count": _owned_number("total_views"),
        "video_title": _absent,
        "view_count": _absent,
        "has_poll": lambda _call, _medium: False,
        "has_slider": lambda _call, _medium: False,
        "current_live_viewer_count": _absent,
    },
    edges={
        "children": Edge(CHILD, _children, paged=False),
        "comments": Edge(COMMENT, _comments, limit=50, max_limit=50, only_after=True),
        "insights": Edge(answer=insights),
        "collaborators": Edge(CHILD, lambda _call, _medium: []),
        "product_tags": Edge(CHILD, lambda _call, _medium: []),
        "boost_ads_list": Edge(CHILD, lambda _call, _medium: []),
    },
)
DISCOVERED_MEDIA = NodeType(
    "IGMedia",
    fields={
        **_NAMED,
        "view_count": lambda call, medium: (
            views_at(medium.post, seconds(call)) if medium.post.product_type == "REELS" else OMITTED
        ),
    },
    edges={"children": Edge(CHILD, _children, paged=False)},
)
"""Somebody else's post, as business_discovery and tags show it."""
TAGGED_MEDIA = NodeType("IGMedia", fields=_PUBLIC, edges={"children": Edge(CHILD, _children, paged=False)})
"""Somebody else's post as a hashtag shows it: without a user name."""
