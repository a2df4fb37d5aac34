"""Finds pages and their posts by id."""

from freehold.sandbox.meta.graph import Call, Found, Surface
from freehold.sandbox.meta.pages.page import PAGE
from freehold.sandbox.meta.pages.posts import POST
from freehold.sandbox.meta.pages.shown import PagePost, number_of
from freehold.sandbox.meta.world.instagram_feed import count_until
from freehold.sandbox.meta.world.instagram_posts import post_of
from freehold.sandbox.meta.world.pages import page_feed
from freehold.sandbox.meta.world.people import Page

SYSTEM = "pages"


def _page(call: Call, object_id: str) -> Page | None:
    """The page, if the caller speaks for it or its grant covers it."""
    own = call.caller.page_id
    page = call.sandbox.world.page(own if object_id == "me" and own is not None else object_id)
    return page if page is not None and (page.id == own or page.id in call.caller.granted_ids) else None


def _find(call: Call, object_id: str) -> Found | None:
    page = _page(call, object_id)
    if page is not None:
        return Found(PAGE, page, SYSTEM, page.id)
    named = number_of(object_id)
    page = None if named is None else _page(call, named[0])
    if named is None or page is None:
        return None
    feed = page_feed(call.sandbox.world, page)
    if named[1] >= count_until(feed, "post", int(call.now.timestamp())):
        return None
    call.demand("pages_read_engagement")
    return Found(POST, PagePost(page, post_of(feed, "post", named[1])), SYSTEM, page.id)


def surface() -> Surface:
    """Facebook pages' part of the API."""
    return Surface(find=_find)
