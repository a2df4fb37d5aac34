"""Finds Instagram's objects by id: accounts, media, comments and hashtags."""

from freehold.sandbox.meta.graph import Call, Found, NodeType, Surface
from freehold.sandbox.meta.instagram import hashtags, ids
from freehold.sandbox.meta.instagram.account import ACCOUNT
from freehold.sandbox.meta.instagram.media import COMMENT, MEDIA
from freehold.sandbox.meta.instagram.shown import Medium, seconds
from freehold.sandbox.meta.world import instagram_words as words
from freehold.sandbox.meta.world.instagram_feed import count_until
from freehold.sandbox.meta.world.instagram_posts import post_of
from freehold.sandbox.meta.world.people import InstagramAccount

SYSTEM = "instagram"


def _find(call: Call, object_id: str) -> Found | None:
    account = call.sandbox.world.instagram(object_id)
    if account is not None:
        return _found_account(call, account)
    if object_id.startswith(hashtags.PREFIX) and len(object_id) == ids.LENGTH:
        name = hashtags.named(call, object_id)
        return None if name is None else _granted(call, hashtags.HASHTAG, name, call.params.get("user_id", ""))
    return _found_medium(call, object_id)


def _found_account(call: Call, account: InstagramAccount) -> Found | None:
    if not _covers(call, account):
        return None
    # Looking at another account is counted towards the platform's limit, not towards the own account's.
    discovering = "business_discovery" in call.params.get("fields", "")
    return _granted(call, ACCOUNT, account, account.id, "platform" if discovering else SYSTEM)


def _found_medium(call: Call, object_id: str) -> Found | None:
    named = ids.read(call.sandbox.world, object_id)
    if named is None or not _covers(call, named.account):
        return None
    feed = ids.account_feed(call.sandbox.world, named.account)
    if named.number >= count_until(feed, named.line, seconds(call)):
        return None
    post = post_of(feed, named.line, named.number)
    if named.comment is not None:
        if named.comment >= words.comment_count(post, seconds(call)):
            return None
        return _granted(call, COMMENT, words.comment_of(post, named.comment), named.account.id)
    if named.child is not None and named.child >= len(post.children):
        return None
    return _granted(call, MEDIA, Medium(post, named.child), named.account.id)


def _covers(call: Call, account: InstagramAccount) -> bool:
    """Whether the grant covers the account; a personal one is never reachable."""
    return account.id in call.caller.granted_ids and account.kind != "PERSONAL"


def _granted(call: Call, node: NodeType, value: object, owner: str, system: str = SYSTEM) -> Found:
    call.demand("instagram_basic")
    return Found(node, value, system, owner)


def surface() -> Surface:
    """Instagram's part of the API."""
    return Surface(find=_find, roots={"ig_hashtag_search": hashtags.search})
