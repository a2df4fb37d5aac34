"""The IG User node: a professional account as its own people see it, and as business_discovery shows it to others."""

from collections.abc import Sequence
from typing import Any, overload

from freehold.sandbox.meta.errors import GraphError, unknown_object
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType, Reader, check, render
from freehold.sandbox.meta.instagram.account_insights import answer as insights
from freehold.sandbox.meta.instagram.hashtags import HASHTAG, recently_searched
from freehold.sandbox.meta.instagram.ids import account_feed
from freehold.sandbox.meta.instagram.media import CONTENT_HOST, DISCOVERED_MEDIA, MEDIA
from freehold.sandbox.meta.instagram.questions import instant, invalid
from freehold.sandbox.meta.instagram.shown import Medium, seconds
from freehold.sandbox.meta.paging import cut, links
from freehold.sandbox.meta.world.instagram_feed import count_until, followers_at
from freehold.sandbox.meta.world.instagram_lists import Posts, live_stories, posts
from freehold.sandbox.meta.world.people import InstagramAccount

PUBLISHING_QUOTA = 100
DISCOVERED_PAGE = 50
MENTION_EVERY = 17
"""Every so many posts of the next account tag this one."""


class Media(Sequence[Medium]):
    """Posts as media, still made one by one."""

    def __init__(self, rows: Posts, *, own: bool) -> None:
        self.rows, self.own = rows, own

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Medium: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Medium]: ...

    def __getitem__(self, index: int | slice) -> Medium | Sequence[Medium]:
        if isinstance(index, slice):
            return [Medium(post, own=self.own) for post in self.rows[index]]
        return Medium(self.rows[index], own=self.own)


def _posts(call: Call, account: InstagramAccount, *, own: bool) -> Sequence[Medium]:
    since, until = instant(call.params, "since"), instant(call.params, "until")
    return Media(posts(account_feed(call.sandbox.world, account), seconds(call), since, until), own=own)


def _own_posts(call: Call, account: InstagramAccount) -> Sequence[Medium]:
    call.demand("instagram_basic")
    return _posts(call, account, own=True)


def _stories(call: Call, account: InstagramAccount) -> Sequence[Medium]:
    call.demand("instagram_basic", "pages_read_engagement")
    return Media(live_stories(account_feed(call.sandbox.world, account), seconds(call)), own=True)


def _tags(call: Call, account: InstagramAccount) -> Sequence[Medium]:
    """Posts of another account that tag this one."""
    call.demand("instagram_basic")
    everybody = [other for other in call.sandbox.world.instagram_accounts if other.kind != "PERSONAL"]
    if account not in everybody or len(everybody) == 1:
        return []
    other = everybody[(everybody.index(account) + 1) % len(everybody)]
    feed = account_feed(call.sandbox.world, other)
    count = count_until(feed, "post", seconds(call))
    rows = Posts(feed, "post", 0, count)
    return [Medium(rows[index], own=False) for index in range(count % MENTION_EVERY, count, MENTION_EVERY)]


def _mentioned(call: Call, account: InstagramAccount) -> Medium:
    """`mentioned_media.media_id(ID)`: one of those posts. Whoever tags this account names it in the caption, too."""
    media_id = call.params.get("media_id", "").strip()
    if not media_id:
        raise invalid("The parameter media_id is required")
    found = next((medium for medium in _tags(call, account) if medium.id == media_id), None)
    if found is None:
        raise unknown_object(media_id, call.method)
    return found


def _publishing_limit(_call: Call, _account: InstagramAccount, _asked: object) -> JSON:
    """Nothing is published through this API here, so nothing of the quota is used."""
    return {"data": [{"quota_usage": 0, "config": {"quota_total": PUBLISHING_QUOTA, "quota_duration": 86_400}}]}


def _followers(call: Call, account: InstagramAccount) -> int:
    return followers_at(account_feed(call.sandbox.world, account), seconds(call))


def _media_count(call: Call, account: InstagramAccount) -> int:
    return count_until(account_feed(call.sandbox.world, account), "post", seconds(call))


def _owner_business(call: Call, account: InstagramAccount) -> Any:
    business = call.sandbox.world.business(account.business_id)
    if business is None or "business_management" not in call.caller.scopes:
        return OMITTED
    return {"id": business.id, "name": business.name}


def _absent(_call: Call, _account: InstagramAccount) -> Any:
    return OMITTED


def _discovered(call: Call, _account: InstagramAccount) -> InstagramAccount:
    """`business_discovery.username(NAME)`: any professional account, by its name."""
    call.demand("instagram_basic", "instagram_manage_insights", "pages_read_engagement")
    username = call.params.get("username", "").strip().strip("'\"")
    if not username:
        raise invalid("The parameter username is required")
    found = call.sandbox.world.instagram_by_name(username)
    if found is None or found.kind == "PERSONAL":
        raise GraphError(
            "Invalid user id",
            code=110,
            subcode=2207013,
            user_title="Cannot Find User",
            user_msg=f"The user with the user name {username} was not found, or is not a professional account.",
        )
    return found


_PROFILE: dict[str, Reader] = {
    "id": lambda _call, account: account.id,
    "ig_id": lambda _call, account: int(account.id[-9:]) + 4_000_000_000,
    "username": lambda _call, account: account.username,
    "name": lambda _call, account: account.name,
    "biography": lambda _call, account: account.biography,
    "website": lambda _call, account: account.website or OMITTED,
    "profile_picture_url": lambda _call, account: f"{CONTENT_HOST}/profile/{account.id}.jpg",
    "has_profile_pic": lambda _call, _account: True,
    "is_published": lambda _call, _account: True,
    "followers_count": _followers,
    "follows_count": lambda _call, account: 40 + account.size % 700,
    "media_count": _media_count,
}


def _discovered_posts(call: Call, account: InstagramAccount, asked: tuple[Selection, ...]) -> JSON:
    """A page of somebody else's posts: with an `after` cursor but no links, since it has no address of its own."""
    check(DISCOVERED_MEDIA, asked)
    page = cut(call.params, _posts(call, account, own=False), limit=25, max_limit=DISCOVERED_PAGE)
    answer: JSON = {"data": [render(call, DISCOVERED_MEDIA, medium, asked) for medium in page.rows]}
    if page.rows:
        answer["paging"] = {"cursors": links("", {}, page, only_after=True)["cursors"]}
    return answer


DISCOVERED = NodeType("IGUser", fields=_PROFILE, edges={"media": Edge(answer=_discovered_posts)})
ACCOUNT = NodeType(
    "IGUser",
    fields={
        **_PROFILE,
        "legacy_instagram_user_id": lambda _call, account: str(int(account.id[-9:]) + 4_000_000_000),
        "owner_business": _owner_business,
        "shopping_product_tag_eligibility": lambda _call, _account: False,
        "shopping_review_status": _absent,
        "mini_shop_storefront": _absent,
        "mentioned_comment": _absent,
        "collaborative_media_search": _absent,
    },
    links={"business_discovery": (DISCOVERED, _discovered), "mentioned_media": (DISCOVERED_MEDIA, _mentioned)},
    edges={
        "media": Edge(MEDIA, _own_posts, media=True),
        "stories": Edge(MEDIA, _stories, media=True),
        "tags": Edge(DISCOVERED_MEDIA, _tags, max_limit=100),
        "live_media": Edge(MEDIA, lambda _call, _account: []),
        "insights": Edge(answer=insights),
        "content_publishing_limit": Edge(answer=_publishing_limit),
        "recently_searched_hashtags": Edge(HASHTAG, recently_searched, max_limit=30),
    },
)
