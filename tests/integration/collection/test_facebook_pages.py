"""Facebook pages: what is stored is what the sandbox's world says, for few calls; each fault costs only its own."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import altered, page_oracle
from tests.integration.collection.checks import DAYS, TODAY, connected, coverage, rows, source
from tests.integration.collection.collecting import collect
from tests.integration.collection.page_oracle import Key
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, MARA, NOW, MetaSandbox

from freehold.node.collection import facebook
from freehold.node.collection.collect import read_streams
from freehold.node.collection.days import NO_NUMBER, NOT_COMPUTED
from freehold.node.collection.source import Source, window
from freehold.node.governor.tables import api_calls
from freehold.node.store import tables
from freehold.providers.calls import TokenRevoked, Unavailable
from freehold.providers.meta import page_spec


async def read(opened: OpenNode, days: int = 90, meta: MetaSandbox | None = None) -> Source:
    """All streams of the page in a run of its own."""
    used = source(opened, CERAMICS_PAGE)
    now = NOW if meta is None else meta.clock.now()
    await read_streams(used, window(now, days), facebook.STREAMS)
    return used


async def values(opened: OpenNode) -> dict[Key, float]:
    """The stored insights by what they are of."""
    found = await rows(opened, tables.facebook_page_insights)
    return {(row["subject_id"], row["metric"], row["period"], row["day"]): row["value"] for row in found}


def expected(meta: MetaSandbox, days: int = 90) -> dict[Key, float]:
    """Every insight that the world has for the last days."""
    wanted = page_oracle.page_values(meta.sandbox, CERAMICS_PAGE, DAYS[:days], NOW)
    for shown in page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[:days][-1], NOW):
        wanted |= page_oracle.post_values(shown, TODAY, NOW)
    return wanted


def calls(meta: MetaSandbox) -> int:
    """Calls so far, parts of batches one by one."""
    return sum(meta.sandbox.calls.values())


async def test_every_number_is_the_world_s(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """The page, its posts with their counts, their insights, and 90 days with the people of weeks and of 28 days."""
    opened = await connected(make_node, meta, database_url=database_url)
    await read(opened)
    (page,) = await rows(opened, tables.facebook_pages)
    assert (page["fans"], page["followers"]) == page_oracle.people(meta.sandbox, CERAMICS_PAGE, NOW)
    shown = {each.id: each for each in page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW)}
    stored = {row["post_id"]: row for row in await rows(opened, tables.facebook_posts)}
    assert stored.keys() == shown.keys()
    assert len(stored) > 10
    for post_id, each in shown.items():
        wanted = page_oracle.post_row(each, NOW)
        assert {name: stored[post_id][name] for name in wanted} == wanted
    assert await values(opened) == expected(meta)


async def test_people_of_a_week_are_no_sum(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Viewers of seven days are fewer than those of its days together, and each period has its own row."""
    opened = await connected(make_node, meta)
    await read(opened, 14)
    found = await values(opened)
    metric = "page_total_media_view_unique"
    week = found[CERAMICS_PAGE, metric, "week", DAYS[1]]
    daily = [found[CERAMICS_PAGE, metric, "day", day] for day in DAYS[1:8]]
    assert max(daily) < week < sum(daily)
    assert week < found[CERAMICS_PAGE, metric, "days_28", DAYS[1]]


async def test_a_hundred_posts_and_a_month(make_node: MakeNode, serve: Serve) -> None:
    """Five calls: the page, three periods, and one page of posts with their insights; all with the page's own token."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 5000}})
    opened = await connected(make_node, meta)
    days = 33
    posts = page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[days - 1], NOW)
    used = await read(opened, days)
    assert 95 <= len(posts) <= 100
    assert len(await rows(opened, tables.facebook_posts)) == len(posts)
    assert calls(meta) == 5
    made = [row for row in await rows(opened, api_calls) if row["run_id"] == used.run.run_id]
    assert sum(row["parts"] for row in made) == calls(meta)
    assert not {token for token, _, _ in meta.sandbox.calls} & {f"user:{MARA}"}


async def test_a_steady_day(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The next day costs five calls: the page, the days that are not final, and the posts that are due."""
    opened = await connected(make_node, meta)
    await read(opened, 90)
    before = calls(meta)
    meta.clock.advance(timedelta(days=1))
    await read(opened, 7, meta)
    assert calls(meta) - before == 5
    now, today = meta.clock.now(), TODAY + timedelta(days=1)
    found = await values(opened)
    for shown in page_oracle.published(meta.sandbox, CERAMICS_PAGE, today - timedelta(days=29), now):
        wanted = page_oracle.post_values(shown, today, now)
        assert {key: found.get(key) for key in wanted} == wanted


async def test_a_post_that_is_no_longer_listed_is_gone(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """Among others, as the newest, and alone in what is due; it is marked, and not asked for again."""
    opened = await connected(make_node, meta, database_url=database_url)
    await read(opened)
    posts = sorted(await rows(opened, tables.facebook_posts), key=lambda row: row["published_at"])
    hour, before = timedelta(hours=1), posts[0]["published_at"] - timedelta(days=100)
    times = {"1": before, "2": posts[-3]["published_at"] + hour, "3": posts[-1]["published_at"] + hour}
    deleted: list[dict[str, Any]] = [
        posts[-1] | {"post_id": name, "published_at": at, "read_at": NOW - timedelta(days=60)}
        for name, at in times.items()
    ]
    async with opened.node.database.writing() as session:
        await session.execute(insert(tables.facebook_posts).values(deleted))
    meta.clock.advance(timedelta(days=1))
    await read(opened, 7, meta)
    stored = await rows(opened, tables.facebook_posts)
    assert {row["post_id"]: row["gone_at"] for row in stored if row["gone_at"]} == dict.fromkeys(
        times, meta.clock.now()
    )
    counted = calls(meta)
    meta.clock.advance(timedelta(days=1))
    await read(opened, 7, meta)
    assert calls(meta) - counted == 5


async def test_a_second_run_reads_only_what_is_due(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """The page, the two days that are not final (three periods), and the list of today; nothing stored changes."""
    opened = await connected(make_node, meta, database_url=database_url)
    await read(opened)
    before, first = calls(meta), await _kept(opened)
    await read(opened)
    assert calls(meta) - before == 5
    assert await _kept(opened) == first


async def _kept(opened: OpenNode) -> list[str]:
    kept = (tables.facebook_pages, tables.facebook_posts, tables.facebook_page_insights, tables.coverage)
    found = [row for table in kept for row in await rows(opened, table)]
    return sorted(
        json.dumps({name: value for name, value in row.items() if name != "read_at"}, default=str) for row in found
    )


async def test_a_run_does_not_read_twice(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Streams that are read again in the same run, as after a restart, ask for nothing."""
    opened = await connected(make_node, meta)
    used = await read(opened)
    before = calls(meta)
    await read_streams(used, window(NOW, 90), facebook.STREAMS)
    assert calls(meta) == before


async def test_a_run_that_was_cut_off_goes_on_where_it_was(
    make_node: MakeNode, serve: Serve, database_url: str
) -> None:
    """What failed in the middle of the list is all that the run asks for when it is taken up again."""
    meta, front = await altered.start(serve, scale={1: {"posts": 5000}})
    opened = await connected(make_node, meta, database_url=database_url)
    front.rule = lambda path, params: (503, "") if path.endswith("/posts") and "after" in params else None
    used = source(opened, CERAMICS_PAGE)
    with pytest.raises(Unavailable):
        await read_streams(used, window(NOW, 90), facebook.STREAMS)
    kept = len(await rows(opened, tables.facebook_posts))
    front.rule, before = None, len(front.asked)
    await read_streams(used, window(NOW, 90), facebook.STREAMS)
    again = [path.rpartition("/")[2] for path, _ in front.asked[before:]]
    shown = page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW)
    assert kept == 100
    assert again == ["posts"] * (-(-len(shown) // 100) - 1)
    assert {row["post_id"] for row in await rows(opened, tables.facebook_posts)} == {each.id for each in shown}


async def test_coverage_of_a_page(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Each metric of each period is complete for each day, and each metric of each post for today."""
    opened = await connected(make_node, meta)
    await read(opened, 30)
    states = await coverage(opened)
    for period, metrics in page_spec.PERIODS.items():
        names = [facebook.name_of(metric, period) for metric in metrics]
        assert {states[CERAMICS_PAGE, name, day] for name in names for day in DAYS[:30]} == {"complete"}
    posts = [row["post_id"] for row in await rows(opened, tables.facebook_posts)]
    assert {states[post, metric, TODAY] for post in posts for metric in page_spec.POST_METRICS} == {"complete"}


async def test_old_posts_are_read_weekly(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Six days on, posts older than a month keep their reading; on the seventh they are read again."""
    opened = await connected(make_node, meta)
    await read(opened)
    old = {shown.id for shown in page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW - timedelta(days=40))}
    assert len(old) > 5

    async def read_again(after: timedelta) -> int:
        meta.clock.advance(after)
        await read(opened, 3, meta)
        stored = await rows(opened, tables.facebook_posts)
        return sum(row["read_at"] > NOW for row in stored if row["post_id"] in old)

    assert await read_again(timedelta(days=6)) == 0
    assert await read_again(timedelta(days=1)) == len(old)


GONE = "(#100) The value must be a valid insights metric"


def without(*metrics: str) -> altered.Rule:
    """Refuse every call that asks for one of these metrics, as Meta refuses names that it does not know."""

    def rule(_path: str, params: Mapping[str, str]) -> altered.Answer | None:
        asked = params.get("metric", "") + params.get("fields", "").replace("(", ",").replace(")", ",")
        return altered.refusal(GONE) if set(metrics) & set(asked.split(",")) else None

    return rule


async def test_metrics_that_meta_has_taken_away(make_node: MakeNode, serve: Serve) -> None:
    """One metric of pages and one of posts are set aside with Meta's words; everything else arrives for a few calls."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    gone = {"page_video_views", "post_clicks"}
    front.rule = without(*gone)
    await read(opened)
    assert await values(opened) == {key: value for key, value in expected(meta).items() if key[1] not in gone}
    lost = [row for row in await rows(opened, tables.coverage) if row["state"] != "complete"]
    assert {(row["metric"], row["state"], row["reason"]) for row in lost} == {(name, "missing", GONE) for name in gone}
    posts = {row["post_id"] for row in await rows(opened, tables.facebook_posts)}
    assert {row["subject_id"] for row in lost if row["metric"] == "post_clicks"} == posts
    assert len(front.asked) < 35


async def test_a_post_that_refuses_its_insights(make_node: MakeNode, serve: Serve) -> None:
    """The post itself is there, its insights are set aside with code and subcode, and every other post is whole."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)
    bad = page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW)[7]
    message = json.dumps({"error": {"message": "Unsupported", "code": 100, "error_subcode": 2108006}})

    def rule(path: str, params: Mapping[str, str]) -> altered.Answer | None:
        nested = path.endswith("/posts") and "insights.metric" in params.get("fields", "")
        within = int(params.get("since", 0)) <= bad.post.at <= int(params.get("until", 2**40))
        return (400, message) if (nested and within) or path.endswith(f"{bad.id}/insights") else None

    front.rule = rule
    await read(opened)
    assert await values(opened) == {key: value for key, value in expected(meta).items() if key[0] != bad.id}
    assert bad.id in {row["post_id"] for row in await rows(opened, tables.facebook_posts)}
    lost = [row for row in await rows(opened, tables.coverage) if row["state"] != "complete"]
    assert {(row["subject_id"], row["reason"]) for row in lost} == {(bad.id, "(#100/2108006) Unsupported")}
    assert {row["metric"] for row in lost} == set(page_spec.POST_METRICS)
    assert len(front.asked) < 30


async def test_insights_that_are_not_permitted(make_node: MakeNode, serve: Serve) -> None:
    """Without `read_insights` the posts arrive, all insights are missing with the code, and no post is asked alone."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)

    def rule(path: str, params: Mapping[str, str]) -> altered.Answer | None:
        asked = path.endswith("/insights") or "insights.metric" in params.get("fields", "")
        return altered.refusal("(#10) requires the 'read_insights' permission", 10) if asked else None

    front.rule = rule
    await read(opened)
    assert len(await rows(opened, tables.facebook_posts)) > 10
    assert await values(opened) == {}
    marks = [row for row in await rows(opened, tables.coverage) if row["metric"] != "facebook_posts"]
    assert {(row["state"], row["reason"]) for row in marks} == {
        ("missing", "(#10) requires the 'read_insights' permission")
    }
    assert len(front.asked) < 12


async def test_a_throttled_page_goes_on_after_the_wait(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The page's limit is waited for, and everything arrives."""
    opened = await connected(make_node, meta)
    meta.fault("error", path="/insights", code=80001, message="too many calls", count=1)
    await read(opened, 30)
    assert meta.clock.now() > NOW
    assert len(await values(opened)) > 500


async def test_a_page_that_asks_for_less(make_node: MakeNode, meta: MetaSandbox) -> None:
    """A list that is too much for Meta is asked for in smaller pages, and every post is there."""
    opened = await connected(make_node, meta)
    meta.fault("reduce_data", path="/posts", count=2)
    await read(opened)
    shown = page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW)
    assert {row["post_id"] for row in await rows(opened, tables.facebook_posts)} == {each.id for each in shown}


async def test_a_page_token_that_has_ended(make_node: MakeNode, meta: MetaSandbox) -> None:
    """The page is named as failed after one call, and the Instagram account is read all the same."""
    opened = await connected(make_node, meta)
    meta.fault("error", path=f"/{CERAMICS_PAGE}", code=190, subcode=492, message="no role on the page", count=1000)
    done = await collect(opened.node, days=2)
    assert done.failures.keys() == {CERAMICS_PAGE}
    assert done.failures[CERAMICS_PAGE].endswith("have the client connect again (code 190/492)")
    assert sum(count for (_, _, path), count in meta.sandbox.calls.items() if "posts" in path) == 0
    assert (await coverage(opened))[CERAMICS, "reach", DAYS[1]] == "complete"
    with pytest.raises(TokenRevoked):
        await read(opened, 2)


@pytest.mark.parametrize(("likes", "why"), [({"fan_count": 40}, {facebook.FEW}), ({}, {NO_NUMBER, NOT_COMPUTED})])
async def test_a_page_with_few_likes(make_node: MakeNode, serve: Serve, likes: dict[str, int], why: set[str]) -> None:
    """Meta gives none of its insights: coverage has the rule, unless the likes are unknown; posts are there."""
    meta, front = await altered.start(serve)
    opened = await connected(make_node, meta)

    def rule(path: str, _params: Mapping[str, str]) -> altered.Answer | None:
        small: dict[str, Any] = {"id": CERAMICS_PAGE, "name": "Small", "followers_count": 41} | likes
        if path.endswith(f"/{CERAMICS_PAGE}"):
            return 200, json.dumps(small)
        return (200, '{"data":[]}') if path.endswith(f"{CERAMICS_PAGE}/insights") else None

    front.rule = rule
    await read(opened, 30)
    marks = [row for row in await rows(opened, tables.coverage) if row["subject_id"] == CERAMICS_PAGE]
    assert {row["reason"] for row in marks if row["metric"] != "facebook_posts"} == why
    assert {row["state"] for row in marks if row["reason"] == facebook.FEW} <= {"empty"}
    assert await rows(opened, tables.facebook_posts)
