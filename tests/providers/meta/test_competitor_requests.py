"""What our calls ask of others' accounts and ads exists; the answers are read whatever others put into them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from facebook_business.adobjects.igmedia import IGMedia
from facebook_business.adobjects.iguser import IGUser
from tests.meta_sandbox import CERAMICS, NOW, MetaSandbox

from freehold.providers.meta import ad_library, discovery
from freehold.providers.meta.ad_library import Search
from freehold.sandbox.meta import fields as expansion
from freehold.sandbox.meta.ads import archive
from freehold.sandbox.meta.world.people import instagram_id, page_id

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "python-facebook"
VERSION = "v26.0"
SINCE = date(2025, 11, 23)
PAGES = Search(page_ids=(page_id(1), page_id(2)))
WORDS = Search(terms="made by hand", countries=("DE", "GB"))


def values(table: Any) -> set[str]:
    """The names in one of the SDK's tables."""
    return {value for name, value in vars(table).items() if not name.startswith("_")}


def test_discovery_asks_for_fields_that_exist() -> None:
    """Of the account and of its posts, each is one of the SDK's."""
    call = discovery.account_call(VERSION, CERAMICS, "ember.oak", 50)
    (asked,) = expansion.parse(call.params["fields"])
    assert (asked.name, asked.arguments) == ("business_discovery", {"username": "ember.oak"})
    assert asked.name in values(IGUser.Field)
    profile = {selection.name: selection for selection in asked.fields}
    media = profile.pop("media")
    assert profile.keys() <= values(IGUser.Field)
    assert {selection.name for selection in media.fields} <= values(IGMedia.Field) | {"view_count"}
    assert media.arguments == {"limit": "50"}


@pytest.mark.parametrize("name", ["", "a" * 31, "a){id},x(", "a b", "ä", "a\n"])
def test_no_name_becomes_another_question(name: str) -> None:
    """What is no user name is never sent."""
    with pytest.raises(ValueError, match="user name"):
        discovery.account_call(VERSION, CERAMICS, name, 5)


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers in {RECORDED}")
def test_a_recorded_discovery_is_read() -> None:
    """Meta's own answer gives name and numbers."""
    real = json.loads((RECORDED / "instagram_apidata_discovery_user_fields.json").read_text())
    found, told = discovery.read_account(real), real["business_discovery"]
    assert (found.account_id, found.username) == (told["id"], told["username"])
    assert (found.followers, found.posts, found.newest) == (told["followers_count"], told["media_count"], ())


def test_hidden_counts_are_unknown() -> None:
    """Likes that the owner hides, and views of what is no reel, are not zero."""
    post = {"id": "1", "timestamp": "2026-11-01T10:00:00+0000", "comments_count": 0}
    row = {"id": "9", "username": "x", "followers_count": 1, "media_count": 1, "media": {"data": [post]}}
    (found,) = discovery.read_account({"business_discovery": row}).newest
    assert (found.likes, found.comments, found.views) == (None, 0, None)


@pytest.mark.parametrize("search", [PAGES, WORDS], ids=["pages", "words"])
async def test_the_sandbox_takes_every_search(meta: MetaSandbox, search: Search) -> None:
    """Each search is answered, and concerns no asset: it counts towards the app's limit."""
    call = ad_library.ads_call(VERSION, search, SINCE, limit=25)
    answer = await meta.call(call.method, call.path, meta.token(), params=call.params)
    assert answer.status == 200, answer.text
    assert len(ad_library.read_ads(answer.body)) == 25
    assert (call.asset_id, call.token) == (None, "user")


async def test_the_sandbox_takes_a_discovery(meta: MetaSandbox) -> None:
    """The call is answered, and goes by way of the own account."""
    account = meta.sandbox.world.instagram(instagram_id(2))
    assert account is not None
    call = discovery.account_call(VERSION, CERAMICS, account.username, 5)
    answer = await meta.call(call.method, call.path, meta.token(), params=call.params)
    found = discovery.read_account(answer.body)
    assert (found.account_id, len(found.newest)) == (account.id, 5)
    assert call.asset_id == CERAMICS
    assert max(post.published_at for post in found.newest) <= NOW


def test_searches_are_within_the_archive_s_limits() -> None:
    """Fields that exist, and no more pages in one call or letters in a search than Meta takes."""
    call = ad_library.ads_call(VERSION, PAGES, SINCE, limit=25, after="x")
    assert {selection.name for selection in expansion.parse(call.params["fields"])} <= archive.ARCHIVED_AD.fields.keys()
    assert (ad_library.MOST_PAGES, ad_library.LONGEST_TERMS) == (archive.MOST_PAGES, archive.LONGEST_TERMS)
    assert call.params["ad_active_status"] == "ALL"


URLS = {
    "https://www.facebook.com/ads/archive/render_ad/?id=1&access_token=EAA": (
        "https://www.facebook.com/ads/archive/render_ad/?id=1"
    ),
    "https://www.facebook.com/ads/archive/render_ad/?Access_Token=EAA&id=1#access_token=EAA": (
        "https://www.facebook.com/ads/archive/render_ad/?id=1"
    ),
    "https://www.facebook.com/ads/archive/render_ad/?id=1": "https://www.facebook.com/ads/archive/render_ad/?id=1",
    "": "",
}


@pytest.mark.parametrize("url", URLS)
def test_addresses_lose_their_token(url: str) -> None:
    """Wherever it stands in the address."""
    assert ad_library.without_secrets(url) == URLS[url]
