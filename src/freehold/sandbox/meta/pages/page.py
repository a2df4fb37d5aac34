"""The Page node; a page's own token is shown to people who have a role on it and granted it."""

from typing import Any

from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType
from freehold.sandbox.meta.instagram.account import ACCOUNT
from freehold.sandbox.meta.pages.insights import page_answer
from freehold.sandbox.meta.pages.posts import POST, page_posts
from freehold.sandbox.meta.world.instagram_feed import followers_at
from freehold.sandbox.meta.world.pages import fans, page_feed
from freehold.sandbox.meta.world.people import InstagramAccount, Page

TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MODERATE")
POSTS_PAGE = 100


def _works_on(call: Call, page: Page) -> bool:
    """Whether the caller has a role on the page and granted it."""
    return page.id in call.caller.granted_ids and call.caller.user_id in page.people


def _access_token(call: Call, page: Page) -> Any:
    if not _works_on(call, page) or call.caller.user_id is None:
        return OMITTED
    return call.sandbox.grants.page_token(call.caller.user_id, page.id, call.now, call.caller.until)


def _instagram(call: Call, page: Page) -> InstagramAccount | None:
    """The professional account behind the page, as far as the grant covers it."""
    if page.instagram_id is None or page.instagram_id not in call.caller.granted_ids:
        return None
    return call.sandbox.world.instagram(page.instagram_id) if "instagram_basic" in call.caller.scopes else None


def _business(call: Call, page: Page) -> Any:
    business = call.sandbox.world.business(page.business_id)
    if business is None or "business_management" not in call.caller.scopes:
        return OMITTED
    return {"id": business.id, "name": business.name}


def _followers(call: Call, page: Page) -> int:
    return followers_at(page_feed(call.sandbox.world, page), int(call.now.timestamp()))


def _words(name: str) -> Any:
    """A text of the profile, left out where the page has none."""
    return lambda call, page: getattr(page_feed(call.sandbox.world, page).account, name) or OMITTED


def _engagement(call: Call, page: Page) -> JSON:
    count = fans(_followers(call, page))
    return {"count": count, "social_sentence": f"{count} people like this."}


PAGE = NodeType(
    "Page",
    fields={
        "id": lambda _call, page: page.id,
        "name": lambda _call, page: page.name,
        "access_token": _access_token,
        "category": lambda _call, page: page.category,
        "category_list": lambda _call, page: [{"id": str(1_000 + len(page.category)), "name": page.category}],
        "tasks": lambda call, page: list(TASKS) if _works_on(call, page) else OMITTED,
        "about": _words("biography"),
        "website": _words("website"),
        "link": lambda _call, page: f"https://www.facebook.com/{page.id}",
        "fan_count": lambda call, page: fans(_followers(call, page)),
        "followers_count": _followers,
        "engagement": _engagement,
        "business": _business,
        "owner_business": _business,
        "is_published": lambda _call, _page: True,
        "is_owned": _works_on,
        "is_permanently_closed": lambda _call, _page: False,
        "has_transitioned_to_new_page_experience": lambda _call, page: not page.listed,
        "verification_status": lambda _call, _page: "not_verified",
        "picture": lambda _call, page: {
            "data": {"url": f"https://scontent.facebook.example/{page.id}.jpg", "is_silhouette": False}
        },
        "username": lambda _call, _page: OMITTED,
    },
    default=("name", "id"),
    links={
        "instagram_business_account": (ACCOUNT, _instagram),
        "connected_instagram_account": (ACCOUNT, _instagram),
    },
    edges={
        "posts": Edge(POST, page_posts, max_limit=POSTS_PAGE),
        "feed": Edge(POST, page_posts, max_limit=POSTS_PAGE),
        "published_posts": Edge(POST, page_posts, max_limit=POSTS_PAGE),
        "insights": Edge(answer=page_answer),
    },
)
