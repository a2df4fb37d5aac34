"""Hashtag search: an id for a name, and the recent and top media with it. 30 different hashtags a week and account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from freehold.sandbox.meta.errors import GraphError, unknown_object
from freehold.sandbox.meta.graph import JSON, Call, Edge, NodeType
from freehold.sandbox.meta.instagram.ids import account_feed
from freehold.sandbox.meta.instagram.media import TAGGED_MEDIA
from freehold.sandbox.meta.instagram.questions import invalid
from freehold.sandbox.meta.instagram.shown import Medium, seconds
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.instagram_posts import views_at
from freehold.sandbox.meta.world.instagram_words import TAGS, hashtags
from freehold.sandbox.meta.world.people import InstagramAccount
from freehold.sandbox.meta.world.randomness import draws

SEARCHES, SEARCH_WINDOW = 30, timedelta(days=7)
PREFIX = "17843"
TOP_DAYS = 30
PAGE = 50
SENSITIVE = frozenset({"selfharm", "gore", "drugs"})


@dataclass
class HashtagWrites:
    """Which hashtags were searched: names by id, and for each account when it first searched each within a window."""

    names: dict[str, str] = field(default_factory=dict)
    searched: dict[str, dict[str, datetime]] = field(default_factory=dict)


def _written(call: Call) -> HashtagWrites:
    state = call.sandbox.writes.setdefault("instagram", HashtagWrites())
    if not isinstance(state, HashtagWrites):
        raise TypeError("writes['instagram'] must hold HashtagWrites")
    return state


def hashtag_id(name: str) -> str:
    """The id of a hashtag, the same for every app and account."""
    return f"{PREFIX}{int(draws(0, 'hashtag', name)[0] * 10**12):012d}"


_KNOWN = {hashtag_id(name): name for name in TAGS}


def named(call: Call, object_id: str) -> str | None:
    """The hashtag with this id, as far as anybody uses it or has searched it."""
    return _KNOWN.get(object_id) or _written(call).names.get(object_id)


def searching_account(call: Call) -> InstagramAccount:
    """The account in `user_id`, on whose behalf hashtags are read; the caller's grant must cover it."""
    user_id = call.params.get("user_id", "")
    if not user_id:
        raise invalid("The parameter user_id is required")
    account = call.sandbox.world.instagram(user_id) if user_id in call.caller.granted_ids else None
    if account is None:
        raise unknown_object(user_id, call.method)
    return account


def search(call: Call) -> JSON:
    """`GET /ig_hashtag_search?user_id&q`: the id of the hashtag that is written exactly so."""
    call.demand("instagram_basic")
    account = searching_account(call)
    name = call.params.get("q", "").strip().removeprefix("#").lower()
    if not name:
        raise invalid("The parameter q is required")
    if not all(character.isalnum() or character == "_" for character in name) or name in SENSITIVE:
        raise GraphError(
            "Invalid parameter", code=100, subcode=2207024, user_title="Hashtag Not Available", user_msg="Try another."
        )
    _count_search(call, account, name)
    _written(call).names[hashtag_id(name)] = name
    return {"data": [{"id": hashtag_id(name)}]}


def _recent(call: Call, account: InstagramAccount) -> dict[str, datetime]:
    searched = _written(call).searched.setdefault(account.id, {})
    for name in [name for name, at in searched.items() if call.now - at >= SEARCH_WINDOW]:
        del searched[name]
    return searched


def _count_search(call: Call, account: InstagramAccount, name: str) -> None:
    """A repeat costs nothing and does not restart the hashtag's week."""
    searched = _recent(call, account)
    if name not in searched and len(searched) >= SEARCHES:
        raise GraphError(
            "(#18) This account has queried the maximum of 30 unique hashtags in the last 7 days",
            code=18,
            subcode=2207034,
            user_title="Max Number Of Hashtags Queried",
            user_msg="At most 30 different hashtags can be queried within 7 days.",
        )
    searched.setdefault(name, call.now)


def recently_searched(call: Call, account: InstagramAccount) -> Sequence[str]:
    """The hashtags that an account searched within the window, newest first."""
    searched = _recent(call, account)
    return sorted(searched, key=lambda name: searched[name], reverse=True)


def _tagged(call: Call, name: str, days: int) -> list[Medium]:
    """The public posts of the last days with a hashtag, newest first."""
    now = seconds(call)
    found = [
        Medium(post, own=False)
        for account in call.sandbox.world.instagram_accounts
        if account.kind != "PERSONAL"
        for post in posts(account_feed(call.sandbox.world, account), now, since=now - days * DAY_SECONDS)
        if name in hashtags(post)
    ]
    return sorted(found, key=lambda medium: -medium.post.at)


def _recent_media(call: Call, name: str) -> Sequence[Medium]:
    _asked_for(call, name)
    return _tagged(call, name, 1)


def _top_media(call: Call, name: str) -> Sequence[Medium]:
    _asked_for(call, name)
    now = seconds(call)
    return sorted(_tagged(call, name, TOP_DAYS), key=lambda medium: -views_at(medium.post, now))


def _asked_for(call: Call, name: str) -> None:
    """Reading a hashtag's media is a query of it, too."""
    call.demand("instagram_basic")
    _count_search(call, searching_account(call), name)


HASHTAG = NodeType(
    "ShadowIGHashtag",
    fields={"id": lambda _call, name: hashtag_id(name), "name": lambda _call, name: name},
    edges={
        "recent_media": Edge(TAGGED_MEDIA, _recent_media, max_limit=PAGE, only_after=True),
        "top_media": Edge(TAGGED_MEDIA, _top_media, max_limit=PAGE, only_after=True),
    },
)
