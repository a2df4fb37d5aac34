"""Which of Meta's limits a call is under, as its documents say; the sandbox counts the same calls on its own."""

import json

import pytest

from freehold.contracts.grant import AssetKind
from freehold.providers.calls import ApiCall
from freehold.providers.meta.limits import System, systems_of

S = System
PLATFORM = {S.PLATFORM: 1, S.USER: 1}
IG, PAGE, ADS = "17841", "105", "act_9"


def read(path: str, asset: str | None = IG, token: str = "user", **params: str) -> ApiCall:
    """A GET."""
    return ApiCall("GET", f"/v26.0/{path}", params, asset_id=asset, token=token)


CALLS: list[tuple[ApiCall, AssetKind | None, dict[System, int]]] = [
    (read("me", None), None, PLATFORM),
    (read("ads_archive", None, search_terms="x"), None, PLATFORM),
    (read("ads_archive", ADS, search_terms="x"), "ad_account", PLATFORM),
    (read(f"{IG}/media", fields="id"), "instagram_account", {S.INSTAGRAM: 1}),
    (read(f"{IG}/insights", metric="reach"), "instagram_account", {S.INSTAGRAM: 1}),
    (read(IG, fields="business_discovery.username(x){followers_count}"), "instagram_account", PLATFORM),
    (read("ig_hashtag_search", user_id=IG, q="x"), "instagram_account", {**PLATFORM, S.HASHTAGS: 1}),
    (read("17843/recent_media", user_id=IG), "instagram_account", PLATFORM),
    (read(f"{PAGE}/posts", PAGE), "facebook_page", PLATFORM),
    (read(f"{PAGE}/posts", PAGE, token=PAGE), "facebook_page", {S.PAGES: 1}),
    (read(f"{ADS}/campaigns", ADS), "ad_account", {S.ADS_MANAGEMENT: 1, S.ADS_SCORE: 1}),
    (read(f"{ADS}/insights", ADS), "ad_account", {S.ADS_INSIGHTS: 1, S.ADS_INSIGHTS_APP: 1, S.ADS_SCORE: 1}),
    (
        ApiCall("POST", f"/v26.0/{ADS}/insights", {"level": "ad"}, asset_id=ADS),
        "ad_account",
        {S.ADS_INSIGHTS: 1, S.ADS_INSIGHTS_APP: 1, S.ADS_SCORE: 1},
    ),
    (
        ApiCall("POST", f"/v26.0/{ADS}/campaigns", {"name": "x"}, asset_id=ADS, mutates=True),
        "ad_account",
        {S.ADS_MANAGEMENT: 1, S.MUTATIONS: 1, S.ADS_SCORE: 3},
    ),
]


@pytest.mark.parametrize(("call", "kind", "systems"), CALLS, ids=[f"{row[0].method} {row[0].path}" for row in CALLS])
def test_a_call_counts_where_meta_counts_it(call: ApiCall, kind: AssetKind | None, systems: dict[System, int]) -> None:
    """And nowhere else."""
    assert systems_of(call, kind) == systems


def test_the_parts_of_a_batch_count_one_by_one() -> None:
    """Each towards its own limits."""
    urls = [f"{IG}/media?fields=id", f"{IG}?fields=business_discovery.username(x)%7Bid%7D", f"{IG}/stories"]
    batch = json.dumps([{"method": "GET", "relative_url": url} for url in urls])
    call = ApiCall("POST", "/v26.0/", {"batch": batch}, asset_id=IG)
    assert systems_of(call, "instagram_account") == {S.INSTAGRAM: 2, **PLATFORM}


@pytest.mark.parametrize("batch", ["not JSON", "{}", "[]"])
def test_an_unreadable_batch_is_one_call(batch: str) -> None:
    """It will be refused, and is counted all the same."""
    assert sum(systems_of(ApiCall("POST", "/v26.0/", {"batch": batch}, asset_id=IG), "instagram_account").values()) == 1
