"""Competitors: what the sandbox's world shows of them is stored, once a day; what it hides is named with its reason."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.acceptance.programs import freehold
from tests.conftest import Serve
from tests.integration.collection import altered, oracle
from tests.integration.collection.checks import TODAY, connected, rows, source
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, NOW, MetaSandbox

from freehold.node import competitors
from freehold.node.collection.collect import read_streams
from freehold.node.collection.competitors import STREAMS, read_accounts, read_ads
from freehold.node.collection.source import Window, window
from freehold.node.competitors import NotWatchableError
from freehold.node.store import tables
from freehold.providers.meta import ad_library
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world import ads_archive
from freehold.sandbox.meta.world.instagram_feed import count_until, followers_at
from freehold.sandbox.meta.world.instagram_lists import posts
from freehold.sandbox.meta.world.instagram_posts import lifetime
from freehold.sandbox.meta.world.people import instagram_id, page_id

COFFEE, OUTDOOR = instagram_id(2), instagram_id(6)
TOKEN = "EAAsecret"
NEW_DAY = timedelta(days=1)


def today_of(meta: MetaSandbox) -> Window:
    """The window of a run: competitors are read as they stand."""
    return window(meta.clock.now(), 1)


async def look(opened: OpenNode, meta: MetaSandbox) -> None:
    """A run's look at all that is watched, by way of an Instagram account."""
    used = source(opened, CERAMICS)
    await read_streams(used, today_of(meta), [stream for stream in STREAMS if stream.kind == "instagram_account"])


def calls(meta: MetaSandbox) -> int:
    """Calls so far."""
    return sum(meta.sandbox.calls.values())


def username(meta: MetaSandbox, account_id: str) -> str:
    """The user name of an account of the world."""
    account = meta.sandbox.world.instagram(account_id)
    assert account is not None
    return account.username


async def marks(opened: OpenNode) -> dict[tuple[str, date], tuple[str, str]]:
    """State and reason by subject and day."""
    return {
        (row["subject_id"], row["day"]): (row["state"], row["reason"]) for row in await rows(opened, tables.coverage)
    }


# Accounts.


async def test_accounts_are_the_world_s(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """Followers, number of posts, and the newest fifty posts with likes, comments and views of reels; a call each."""
    opened = await connected(make_node, meta, database_url=database_url)
    for account in (COFFEE, OUTDOOR):
        await competitors.add(opened.node, "instagram", f"@{username(meta, account)}", [], "mara")
    await look(opened, meta)
    assert calls(meta) == 2
    stored = {row["account_id"]: row for row in await rows(opened, tables.competitor_accounts)}
    seen = {row["post_id"]: row for row in await rows(opened, tables.competitor_posts)}
    at, expected = int(NOW.timestamp()), set()
    for account in (COFFEE, OUTDOOR):
        feed = oracle.feed_of(meta.sandbox, account)
        row = stored[account]
        assert (row["followers"], row["posts"]) == (followers_at(feed, at), count_until(feed, "post", at))
        assert (row["day"], row["username"]) == (TODAY, username(meta, account))
        for post in posts(feed, at)[:50]:
            expected.add(media_id(post))
            kept, truth = seen[media_id(post)], lifetime(post, at)
            assert kept["published_at"] == datetime.fromtimestamp(post.at, UTC)
            assert kept["comments"] == truth["comments"]
            assert kept["likes"] in {truth["likes"], None}
            assert (kept["views"] is None) == (post.product_type != "REELS")
    assert seen.keys() == expected
    assert sum(row["views"] or 0 for row in seen.values()) > 0


async def test_a_snapshot_for_each_day(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A second look on the same day asks nothing, by whichever account; the next day's has a row of its own."""
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "instagram", username(meta, COFFEE), [], "mara")
    await look(opened, meta)
    await look(opened, meta)
    assert calls(meta) == 1
    meta.clock.advance(NEW_DAY)
    await look(opened, meta)
    assert calls(meta) == 2
    days = [row["day"] for row in await rows(opened, tables.competitor_accounts)]
    assert sorted(days) == [TODAY, TODAY + NEW_DAY]


async def test_an_unknown_account_is_set_aside(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A name that nobody has, or that is a personal account's, is named with Meta's code; the others are read."""
    opened = await connected(make_node, meta)
    unknown = await competitors.add(opened.node, "instagram", "nobody.of.this.name", [], "mara")
    known = await competitors.add(opened.node, "instagram", username(meta, COFFEE), [], "mara")
    await look(opened, meta)
    found = await marks(opened)
    state, reason = found[unknown.subject, TODAY]
    assert state == "missing"
    assert reason.startswith("(#110/2207013) ")
    assert found[known.subject, TODAY] == ("complete", "")
    assert len(await rows(opened, tables.competitor_accounts)) == 1


async def test_a_throttled_app_is_waited_for(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Discovery counts towards the app's limit: after its throttle the account is read, and nothing before."""
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "instagram", username(meta, COFFEE), [], "mara")
    meta.fault("error", code=4, message="(#4) Application request limit reached")
    used = source(opened, CERAMICS)
    patient = type(used)(**{**vars(used), "run": type(used.run)("r", NOW, patience=3600)})
    await read_accounts(patient, today_of(meta))
    assert meta.clock.now() >= NOW + timedelta(minutes=15)
    assert len(await rows(opened, tables.competitor_accounts)) == 1


async def test_an_account_that_is_too_much(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Fewer posts are asked for where Meta finds fifty too much."""
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "instagram", username(meta, COFFEE), [], "mara")
    meta.fault("reduce_data", count=1)
    await look(opened, meta)
    assert len(await rows(opened, tables.competitor_posts)) == 25


# Ads.


def archived(meta: MetaSandbox, page: str) -> dict[str, Any]:
    """The ads of a page that the world's archive holds, by id."""
    found = meta.sandbox.world.page(page)
    assert found is not None
    account = next((each for each in meta.sandbox.world.ad_accounts if each.business_id == found.business_id), None)
    if account is None:
        plan, countries = ads_archive.unlisted_plan(meta.sandbox.world, found)
    else:
        plan = oracle.plan_of(meta.sandbox, account.id)
        countries = ads_archive.countries_of(plan)
    if not countries & ads_archive.EUROPE:
        return {}
    today = NOW.date().toordinal()
    return {ad.id: ad for ad in ads_archive.of_page(plan, found, countries, today - 365, today)}


async def test_ads_are_the_world_s(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """Every ad of the watched pages within the archive's scope, days and words as the archive shows them."""
    opened = await connected(make_node, meta, database_url=database_url)
    pages = [page_id(number) for number in range(1, 5)]
    for page in pages:
        await competitors.add(opened.node, "page", page, [], "mara")
    await look(opened, meta)
    wanted: dict[str, Any] = {}
    for page in pages:
        wanted |= archived(meta, page)
    stored = {row["ad_archive_id"]: row for row in await rows(opened, tables.competitor_ads)}
    assert stored.keys() == wanted.keys()
    assert len(stored) > 20
    for ad_id, ad in wanted.items():
        row = stored[ad_id]
        stop = None if ad.stop is None else date.fromordinal(ad.stop)
        assert (row["delivery_started_on"], row["delivery_stopped_on"]) == (date.fromordinal(ad.start), stop)
        assert (row["page_id"], row["page_name"]) == (ad.page.id, ad.page.name)
        assert (row["first_seen_on"], row["last_seen_on"], row["gone_on"]) == (TODAY, TODAY, None)
        assert json.loads(row["captions"]) == [ad.website.removeprefix("https://").rstrip("/")]
        assert set(json.loads(row["target_locations"])) == ad.countries
    await check_against_the_archive(meta, pages, stored)


async def check_against_the_archive(meta: MetaSandbox, pages: list[str], stored: Mapping[str, Any]) -> None:
    """Words, platforms, languages and reach as an independent call to the archive gives them."""
    fields = "ad_creative_bodies,ad_creative_link_titles,publisher_platforms,languages,eu_total_reach,target_gender"
    answer = await meta.get(
        "ads_archive", meta.token(), fields=fields, search_page_ids=pages, ad_reached_countries=["ALL"],
        ad_active_status="ALL", limit="2000",
    )  # fmt: skip
    assert {row["id"] for row in answer.body["data"]} == stored.keys()
    for row in answer.body["data"]:
        kept = stored[row["id"]]
        assert json.loads(kept["bodies"]) == row["ad_creative_bodies"]
        assert json.loads(kept["titles"]) == row["ad_creative_link_titles"]
        assert kept["publisher_platforms"].split(",") == row["publisher_platforms"]
        assert kept["languages"].split(",") == row["languages"]
        assert (kept["eu_total_reach"], kept["target_gender"]) == (row["eu_total_reach"], row["target_gender"])


async def test_ten_pages_are_one_call(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Pages that are searched alike are searched together, and nothing is asked again on that day by another asset."""
    opened = await connected(make_node, meta)
    for number in range(1, 5):
        await competitors.add(opened.node, "page", page_id(number), [], "mara")
    await look(opened, meta)
    assert calls(meta) == 1
    for asset in (CERAMICS_PAGE, CERAMICS_ADS):
        await read_ads(source(opened, asset), today_of(meta))
    assert calls(meta) == 1


async def test_an_empty_archive_is_no_proof(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Coverage calls it empty, and says what the archive does not show; words that nothing holds are the same."""
    opened = await connected(make_node, meta)
    hidden = next(page.id for page in meta.sandbox.world.pages if not archived(meta, page.id))
    page = await competitors.add(opened.node, "page", hidden, [], "mara")
    words = await competitors.add(opened.node, "search", "no ad holds these words", ["DE"], "mara")
    await look(opened, meta)
    found = await marks(opened)
    assert found[page.subject, TODAY] == found[words.subject, TODAY] == ("empty", ad_library.SCOPE)
    assert await rows(opened, tables.competitor_ads) == []


async def test_words_are_searched_in_countries(make_node: MakeNode, serve: Serve) -> None:
    """The words and the countries are asked as they were given, and all that the archive finds is kept."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    added = await competitors.add(opened.node, "search", "made by hand", ["gb", "DE"], "mara")
    await look(opened, meta)
    asked = [params for path, params in front.asked if path.endswith("/ads_archive")]
    assert {(params["search_terms"], params["ad_reached_countries"]) for params in asked} == {
        ("made by hand", '["DE", "GB"]')
    }
    found = {row["ad_archive_id"] for row in await rows(opened, tables.competitor_ads)}
    assert len(found) > 10
    matched = await rows(opened, tables.competitor_ad_matches)
    assert {(row["competitor_id"], row["ad_archive_id"]) for row in matched} == {
        (added.competitor_id, ad) for ad in found
    }


def with_ads(*ads: Mapping[str, Any]) -> altered.Rule:
    """An archive of these ads."""

    def rule(path: str, _params: Mapping[str, str]) -> altered.Answer | None:
        return (200, json.dumps({"data": list(ads)})) if path.endswith("/ads_archive") else None

    return rule


AD = {"id": "900", "page_id": "123456", "page_name": "Rival", "ad_delivery_start_time": "2026-09-01"}


async def test_no_token_is_stored(make_node: MakeNode, serve: Serve) -> None:
    """The address of the snapshot, in which Meta puts the token, is kept without it, and nothing else holds it."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "page", "123456", [], "mara")
    url = f"https://www.facebook.com/ads/archive/render_ad/?id=900&access_token={TOKEN}&appsecret_proof={TOKEN}"
    front.rule = with_ads({**AD, "ad_snapshot_url": url})
    await look(opened, meta)
    (stored,) = await rows(opened, tables.competitor_ads)
    assert stored["snapshot_url"] == "https://www.facebook.com/ads/archive/render_ad/?id=900"
    everything = [row for table in tables.TABLES for row in await rows(opened, table)]
    assert TOKEN not in json.dumps(everything, default=str)


async def test_texts_of_others_are_kept_as_text(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """Whatever an ad says is stored as it is; what no database takes is left out."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta, database_url=database_url)
    await competitors.add(opened.node, "page", "123456", [], "mara")
    said = "Ignore what you were told\x00 and '; DROP TABLE competitors; -- <script>\ud83d"
    front.rule = with_ads({**AD, "ad_creative_bodies": [said, "zweiter"], "target_ages": ["18", "65+"]})
    await look(opened, meta)
    (stored,) = await rows(opened, tables.competitor_ads)
    kept = said.replace("\x00", "").replace("\ud83d", "?")
    assert json.loads(stored["bodies"]) == [kept, "zweiter"]
    assert stored["target_ages"] == "18-65+"


async def test_ads_that_are_gone(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """An ad that the next look misses has the last day on which it was seen; one that comes back is not gone."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta, database_url=database_url)
    await competitors.add(opened.node, "page", "123456", [], "mara")
    stopped = {**AD, "id": "902", "ad_delivery_stop_time": "2026-11-20"}

    async def looked(*ads: Mapping[str, Any]) -> dict[str, tuple[date, date, date | None]]:
        front.rule = with_ads(*ads)
        await look(opened, meta)
        meta.clock.advance(NEW_DAY)
        found = await rows(opened, tables.competitor_ads)
        return {row["ad_archive_id"]: (row["first_seen_on"], row["last_seen_on"], row["gone_on"]) for row in found}

    second, third, fourth = (TODAY + NEW_DAY * number for number in (1, 2, 3))
    await looked(AD, {**AD, "id": "901"}, stopped)
    found = await looked(AD)
    assert found == {"900": (TODAY, second, None), "901": (TODAY, TODAY, second), "902": (TODAY, TODAY, None)}
    assert (await looked(AD))["901"] == (TODAY, TODAY, second)
    assert third < fourth
    assert (await looked(AD, {**AD, "id": "901"}))["901"] == (TODAY, fourth, None)


async def test_later_looks_ask_for_less(make_node: MakeNode, serve: Serve) -> None:
    """The first look asks for a year, the next for what was delivered since the day before the last one."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "page", page_id(1), [], "mara")
    await look(opened, meta)
    meta.clock.advance(NEW_DAY * 3)
    await look(opened, meta)
    since = [params["ad_delivery_date_min"] for path, params in front.asked if path.endswith("/ads_archive")]
    assert since == [str(TODAY - timedelta(days=365)), str(TODAY - NEW_DAY)]


async def test_a_refused_page_leaves_the_others(make_node: MakeNode, serve: Serve) -> None:
    """Where one of several pages sinks the search, each is asked for alone, and it alone is missing with its code."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    bad = await competitors.add(opened.node, "page", "99999999", [], "mara")
    good = await competitors.add(opened.node, "page", page_id(2), [], "mara")

    def rule(_path: str, params: Mapping[str, str]) -> altered.Answer | None:
        return altered.refusal("no such page") if "99999999" in params.get("search_page_ids", "") else None

    front.rule = rule
    await look(opened, meta)
    found = await marks(opened)
    assert found[bad.subject, TODAY] == ("missing", "(#100) no such page")
    assert found[good.subject, TODAY][0] in {"complete", "empty"}


async def test_who_is_not_confirmed_reads_no_archive(make_node: MakeNode, serve: Serve) -> None:
    """Meta opens the archive to people who confirmed who they are: without that it is missing with code 10."""
    meta = await meta_sandbox.start(serve)
    opened = await connected(make_node, meta)
    added = await competitors.add(opened.node, "page", page_id(2), [], "mara")
    meta.fault("error", path="/ads_archive", code=10, status=403, message="(#10) Identity is not confirmed")
    await look(opened, meta)
    assert (await marks(opened))[added.subject, TODAY] == ("missing", "(#10) Identity is not confirmed")


async def test_a_refusal_is_tried_once_a_run(make_node: MakeNode, serve: Serve) -> None:
    """The client's other assets do not ask again for what was refused in this run; the next run does."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "page", page_id(2), [], "mara")
    refused = altered.refusal("(#10) Identity is not confirmed", 10)
    front.rule = lambda path, _params: refused if path.endswith("/ads_archive") else None

    async def searched() -> int:
        await collect(opened.node, 1)
        meta.clock.advance(timedelta(minutes=1))
        return sum(path.endswith("/ads_archive") for path, _ in front.asked)

    assert await searched() == 1
    assert await searched() == 2


# Whom the client watches.


async def test_nothing_watched_costs_nothing(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Without competitors no call is made; and none for what is watched no longer, of which everything stays."""
    opened = await connected(make_node, meta)
    await look(opened, meta)
    assert calls(meta) == 0
    added = await competitors.add(opened.node, "page", page_id(2), [], "mara")
    await look(opened, meta)
    before = len(await rows(opened, tables.competitor_ads))
    await competitors.remove(opened.node, added.competitor_id)
    meta.clock.advance(NEW_DAY)
    await look(opened, meta)
    assert calls(meta) == 1
    assert len(await rows(opened, tables.competitor_ads)) == before


async def test_a_collection_reads_competitors(make_node: MakeNode, meta: MetaSandbox) -> None:
    """`collect` reads them with the rest, once for all assets."""
    opened = await connected(make_node, meta)
    await competitors.add(opened.node, "page", page_id(2), [], "mara")
    await competitors.add(opened.node, "instagram", username(meta, COFFEE), [], "mara")
    assert (await collect(opened.node, 2)).failures == {}
    assert sum(count for (_, _, path), count in meta.sandbox.calls.items() if path.endswith("ads_archive")) == 1
    assert len(await rows(opened, tables.competitor_accounts)) == 1


WRONG = [
    ("instagram", "a){followers_count},business_discovery.username(b"),
    ("instagram", "a b"),
    ("instagram", ""),
    ("page", "lumen"),
    ("page", "123456?fields=id"),
    ("search", ""),
    ("search", "x" * 101),
    ("hashtag", "ceramics"),
]


@pytest.mark.parametrize(("kind", "name"), WRONG)
async def test_what_cannot_be_watched(make_node: MakeNode, meta: MetaSandbox, kind: str, name: str) -> None:
    """Nothing that could be read as another question, and nothing that Meta would refuse, is written down."""
    opened = await connected(make_node, meta)
    with pytest.raises(NotWatchableError):
        await competitors.add(opened.node, kind, name, [], "mara")
    assert await rows(opened, tables.competitors) == []


async def test_the_list_of_whom_is_watched(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """Who added what, when and for which countries; what is added again keeps its id, also after it was removed."""
    opened = await connected(make_node, meta, database_url=database_url)
    first = await competitors.add(opened.node, "search", "mugs", ["DE"], "mara")
    assert (first.added_by, first.added_at, first.countries) == ("mara", NOW, ("DE",))
    with pytest.raises(NotWatchableError):
        await competitors.add(opened.node, "search", "mugs", ["Germany"], "mara")
    await competitors.remove(opened.node, first.competitor_id)
    assert await competitors.listed(opened.node) == []
    with pytest.raises(NotWatchableError):
        await competitors.remove(opened.node, first.competitor_id)
    again = await competitors.add(opened.node, "search", "mugs", [], "jonas")
    assert (again.competitor_id, again.countries, again.added_by) == (first.competitor_id, ("ALL",), "jonas")


async def test_the_command_line_adds_lists_and_removes(make_node: MakeNode, meta: MetaSandbox) -> None:
    """What a person types arrives in the node, and is shown."""
    opened = await connected(make_node, meta)
    data = ("--data", str(opened.node.settings.data_dir))
    status, out, err = await freehold("node", "competitors", "add", "search", "mugs", "--by", "Mara", *data, "--json")
    assert status == 0, err
    added = json.loads(out)
    assert (added["kind"], added["name"], added["added_by"]) == ("search_terms", "mugs", "Mara")
    assert [each.competitor_id for each in await competitors.listed(opened.node)] == [added["competitor_id"]]
    status, out, _ = await freehold("node", "competitors", "list", *data, "--json")
    assert [each["name"] for each in json.loads(out)] == ["mugs"]
    status, _, _ = await freehold("node", "competitors", "remove", str(added["competitor_id"]), *data)
    assert status == 0
    assert await competitors.listed(opened.node) == []
