"""The ids of media and comments: seventeen digits that carry the account's number and the post's; nothing is stored."""

import base64
from dataclasses import dataclass

from freehold.sandbox.meta.world.instagram_feed import Feed, Line, feed_of
from freehold.sandbox.meta.world.instagram_posts import Post
from freehold.sandbox.meta.world.people import InstagramAccount, World, instagram_id

LENGTH = 17
MEDIA_PREFIX, COMMENT_PREFIX = "179", "180"
POST, STORY, CHILD = "1", "2", "3"
MAX_CHILDREN, MAX_COMMENTS = 16, 10_000
_NUMERIC_START = 3 * 10**18
_NUMERIC_STEP = 10**12


@dataclass(frozen=True)
class Named:
    """What an id names: an account's post or story, perhaps a child inside it or a comment under it."""

    account: InstagramAccount
    line: Line
    number: int
    child: int | None = None
    comment: int | None = None


def account_feed(world: World, account: InstagramAccount) -> Feed:
    """The feed behind an account of this world."""
    return feed_of(world.seed, world.epoch, account)


def media_id(post: Post, child: int | None = None) -> str:
    """The id of a post, a story, or a child of a carousel."""
    kind = POST if post.line == "post" else STORY
    number = post.number
    if child is not None:
        kind, number = CHILD, number * MAX_CHILDREN + child
    return f"{MEDIA_PREFIX}{_owner(post)}{kind}{number:010d}"


def comment_id(post: Post, number: int) -> str:
    """The id of the comment that came as `number` under a post."""
    return f"{COMMENT_PREFIX}{_owner(post)}{post.number:07d}{number:04d}"


def read(world: World, text: str) -> Named | None:
    """What an id names, if it has the form of a media or comment id of an account of this world."""
    if len(text) != LENGTH or not text.isdigit():
        return None
    account = world.instagram(instagram_id(int(text[3:6])))
    if account is None:
        return None
    if text.startswith(COMMENT_PREFIX):
        return Named(account, "post", int(text[6:13]), comment=int(text[13:]))
    kind, number = text[6], int(text[7:])
    if not text.startswith(MEDIA_PREFIX) or kind not in {POST, STORY, CHILD}:
        return None
    if kind == CHILD:
        return Named(account, "post", number // MAX_CHILDREN, child=number % MAX_CHILDREN)
    return Named(account, "post" if kind == POST else "story", number)


def numeric_id(post: Post, child: int | None = None) -> int:
    """Instagram's own older number of a medium (`ig_id`)."""
    line = 0 if post.line == "post" else 5 * 10**11
    inside = 0 if child is None else child + 1
    return _NUMERIC_START + int(_owner(post)) * _NUMERIC_STEP + line + post.number * MAX_CHILDREN * 2 + inside


def shortcode(post: Post, child: int | None = None) -> str:
    """The code in a medium's public address: its number in base 64."""
    raw = numeric_id(post, child).to_bytes(8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _owner(post: Post) -> str:
    return post.feed.account.id[-3:]
