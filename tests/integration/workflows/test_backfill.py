"""Backfill brings the days that a collection of few days left out, whatever is missing of them, and nothing else."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, oracle, page_oracle
from tests.integration.collection.checks import (
    AMPLE,
    DAYS,
    DELIVERY,
    EVERYTHING,
    FULL_ACCESS,
    TODAY,
    connected,
    coverage,
    figures,
    keyed,
    part_key,
    rows,
)
from tests.integration.conftest import MakeNode, OpenNode
from tests.integration.workflows.conftest import POLL, ended, find, order
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, NOW, MetaSandbox

from freehold.node.governor import Priority, ledger
from freehold.node.runs import queries
from freehold.node.runs.queries import RunRecord
from freehold.node.store import tables
from freehold.node.workflows import backfill
from freehold.node.workflows.backfill import STOPPED
from freehold.node.workflows.runtime import working
from freehold.providers.calls import ApiCall
from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.world.instagram_days import day_start
from freehold.sandbox.meta.world.instagram_posts import lifetime
from freehold.sandbox.settings import Scale

FEW_DAYS = 5
SMALL = {1: Scale(posts=60, ads=12)}
MONTHS = ((date(2026, 9, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 10, 31)))
"""The whole calendar months in the 90 days."""
MONTH_ENDS = (date(2026, 8, 31), *(last for _, last in MONTHS), DAYS[0])


async def small(serve: Serve) -> MetaSandbox:
    """A small company whose app Meta has reviewed, so that time stands."""
    return await meta_sandbox.start(serve, limits=FULL_ACCESS, scale=SMALL)


async def run(opened: OpenNode, workflow: str, name: str = "first", **chosen: Any) -> RunRecord:
    """A run of a workflow, ordered and worked on to its end."""
    run_id = await order(opened.node, workflow, run_id=f"{workflow}:{name}", **chosen)
    async with working(opened.node):
        return await ended(opened.node, run_id)


def outcome(of: RunRecord) -> tuple[str, dict[str, str]]:
    """How a run ended, and what failed."""
    return of.outcome, dict(of.failures)


def asked(meta: MetaSandbox) -> int:
    """Calls that Meta answered so far."""
    return sum(meta.sandbox.calls.values())


def report_of(call: tuple[str, str]) -> str:
    """What tells a report on ads from another in the address of one of its pages: all but the place of the page."""
    path, _, query = call[1].partition("?")
    assert path.endswith("/insights"), call
    assert "breakdowns" in query, call
    return "&".join(each for each in query.split("&") if not each.startswith("after="))


async def check_account(opened: OpenNode, meta: MetaSandbox) -> None:
    """Every value of the account itself: its days, the 30 days up to the end of each month, and people as they are."""
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    wanted = oracle.account_insights(feed, DAYS, NOW) | oracle.online(feed, DAYS[:30])
    wanted |= oracle.demographics(feed, TODAY, NOW)
    for last in MONTH_ENDS:
        wanted |= oracle.breakdowns(feed, last, NOW)
    found = await rows(opened, tables.instagram_insights)
    assert keyed([row for row in found if row["subject_kind"] == "account"]) == wanted


async def check_posts(opened: OpenNode, meta: MetaSandbox) -> None:
    """Posts of the ninety days have what only their kind has, older ones only what all have."""
    feed = oracle.feed_of(meta.sandbox, CERAMICS)
    wanted = oracle.post_insights(feed, TODAY, NOW)
    older = [post for post in oracle.measured(feed, NOW) if post.at >= day_start(DAYS[-1].toordinal())]
    for post in older:
        values = lifetime(post, int(NOW.timestamp()))
        for metric in oracle.EXTRAS[post.product_type]:
            wanted[media_id(post), metric, "lifetime", "", "", TODAY] = values[metric]
    found = await rows(opened, tables.instagram_insights)
    assert any(post.at < NOW.timestamp() - 31 * 86_400 for post in older)
    assert keyed([row for row in found if row["subject_kind"] == "post"]) == wanted


async def check_ads(opened: OpenNode, meta: MetaSandbox) -> None:
    """Each ad's days and all their parts, and whom each thing reached in each month."""
    plan = oracle.plan_of(meta.sandbox, CERAMICS_ADS)
    wanted = ads_oracle.delivered(plan, oracle.made(plan, NOW).ad_sets, DAYS, NOW)
    assert {day for _, day in wanted} == set(DAYS)
    stored = await rows(opened, tables.ad_insights)
    assert {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in stored} == {
        key: ads_oracle.day_row(of) for key, of in wanted.items()
    }
    found = await rows(opened, tables.ad_breakdowns)
    assert {part_key(row): figures(row, DELIVERY) for row in found} == ads_oracle.parts(plan, wanted, NOW)
    people = ads_oracle.reached(CERAMICS_ADS, wanted, MONTHS)
    shown = {
        (row["level"], row["object_id"], row["first_day"], row["last_day"]): (row["reach"], row["impressions"])
        for row in await rows(opened, tables.ad_reach)
    }
    assert people
    assert {key: shown.get(key) for key in people} == people


async def check_page(opened: OpenNode, meta: MetaSandbox) -> None:
    """The page's days, and its posts with what they have."""
    wanted = page_oracle.page_values(meta.sandbox, CERAMICS_PAGE, DAYS, NOW)
    for shown in page_oracle.published(meta.sandbox, CERAMICS_PAGE, DAYS[-1], NOW):
        wanted |= page_oracle.post_values(shown, TODAY, NOW)
    found = await rows(opened, tables.facebook_page_insights)
    assert {(row["subject_id"], row["metric"], row["period"], row["day"]): row["value"] for row in found} == wanted


async def test_older_days_are_filled_with_the_world_s_numbers(make_node: MakeNode, serve: Serve) -> None:
    """After five days were collected, all ninety are there, of every kind; and then nothing is asked any more."""
    meta = await small(serve)
    opened = await connected(make_node, meta, worker_poll=POLL, **AMPLE)
    assert outcome(await run(opened, "collection", days=FEW_DAYS)) == ("complete", {})
    assert (CERAMICS, "views", DAYS[FEW_DAYS]) not in await coverage(opened)
    assert outcome(await run(opened, "backfill")) == ("complete", {})
    await check_account(opened, meta)
    await check_posts(opened, meta)
    await check_ads(opened, meta)
    await check_page(opened, meta)
    assert [key for key, state in (await coverage(opened)).items() if state == "missing"] == []
    before = asked(meta)
    again = await run(opened, "backfill", "second")
    assert (*outcome(again), again.graph_calls, asked(meta) - before) == ("complete", {}, 0, 0)


async def test_as_many_days_as_the_settings_say(make_node: MakeNode, serve: Serve, database_url: str) -> None:
    """And none before."""
    meta = await small(serve)
    chosen = {"database_url": database_url, "worker_poll": POLL, "backfill_days": 12}
    opened = await connected(make_node, meta, **chosen, **AMPLE)
    assert outcome(await run(opened, "collection", days=FEW_DAYS)) == ("complete", {})
    assert outcome(await run(opened, "backfill")) == ("complete", {})
    known = await coverage(opened)
    for subject, metric in (
        (CERAMICS, "views"),
        (CERAMICS_ADS, "ad_breakdowns:country"),
        (CERAMICS_PAGE, "page_follows"),
    ):
        assert {day for of, name, day in known if (of, name) == (subject, metric)} == set(DAYS[:12])


async def test_days_that_are_missing_are_filled_by_the_next_backfill(make_node: MakeNode, serve: Serve) -> None:
    """What Meta refused of an account, its ads and its page is asked for again, and is there afterwards."""
    meta = await small(serve)
    opened = await connected(make_node, meta, worker_poll=POLL, **AMPLE)
    meta.fault("error", path=f"{CERAMICS}/insights", code=10, skip=30)
    meta.fault("error", path=f"{CERAMICS_PAGE}/insights", code=10)
    meta.fault("error", path=f"{CERAMICS_ADS}/insights", code=10, skip=1)
    assert outcome(await run(opened, "collection"))[0] in {"complete", "incomplete"}
    missing = {key for key, state in (await coverage(opened)).items() if state == "missing"}
    assert {subject for subject, _, _ in missing} == {CERAMICS, CERAMICS_ADS, CERAMICS_PAGE}
    assert outcome(await run(opened, "backfill")) == ("complete", {})
    known = await coverage(opened)
    assert {key: known[key] for key in missing if known[key] not in {"complete", "empty"}} == {}
    await check_account(opened, meta)
    await check_ads(opened, meta)
    await check_page(opened, meta)


async def test_days_that_became_final_while_the_node_was_away_are_read_once_more(
    make_node: MakeNode, serve: Serve
) -> None:
    """Regular runs look back a week; what was read two weeks ago, a day after it, has changed since."""
    meta = await small(serve)
    opened = await connected(make_node, meta, worker_poll=POLL, backfill_days=20, **AMPLE)
    assert outcome(await run(opened, "collection", days=FEW_DAYS)) == ("complete", {})
    meta.clock.advance(timedelta(days=14))
    assert outcome(await run(opened, "backfill")) == ("complete", {})
    found = {(row["subject_id"], row["metric"], row["day"]): row for row in await rows(opened, tables.coverage)}
    for subject, metric in ((CERAMICS, "views"), (CERAMICS, "reach"), (CERAMICS_PAGE, "page_follows")):
        mark = found[subject, metric, DAYS[0]]
        assert (mark["state"], mark["read_at"]) == ("complete", meta.clock.now())
    assert found[CERAMICS, "views", DAYS[FEW_DAYS - 1]]["read_at"] == NOW


async def test_it_stops_at_the_reserve_and_goes_on_in_the_next_run(make_node: MakeNode, serve: Serve) -> None:
    """What is left is no failure, a person's call goes at once, old days come first, and no page comes twice but those
    of a report that a stop cut off between its pages: at most one report a stop.
    """
    meta = await small(serve)
    opened = await connected(make_node, meta, worker_poll=POLL, ceiling_per_hour=100, app_share_per_user=1_000)
    assert outcome(await run(opened, "collection", days=FEW_DAYS)) == ("complete", {})
    meta.clock.advance(timedelta(hours=1))
    before, earlier = meta.sandbox.exact_calls.copy(), set(await coverage(opened))
    runs = [await run(opened, "backfill", "0")]
    assert set(runs[0].failures.values()) == {STOPPED}
    assert runs[0].outcome == "complete"
    assert 60 <= runs[0].graph_calls <= 90
    begun = meta.clock.now()
    about = ApiCall("GET", f"/v26.0/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
    await opened.node.governor.send(about, Priority.INTERACTIVE)
    assert meta.clock.now() == begun
    filled = {day for _, metric, day in set(await coverage(opened)) - earlier if metric == "views"}
    assert filled
    assert all(day not in filled for day in DAYS[FEW_DAYS:20])
    while STOPPED in runs[-1].failures.values():
        meta.clock.advance(timedelta(hours=1))
        runs.append(await run(opened, "backfill", str(len(runs))))
    assert outcome(runs[-1]) == ("complete", {})
    assert 1 < len(runs) < 10
    again = {call: count for call, count in (meta.sandbox.exact_calls - before).items() if count > 1}
    assert set(again.values()) <= {2}
    assert len({report_of(call) for call in again}) < len(runs)


@pytest.mark.parametrize(
    ("chosen", "rests"), [({}, True), ({"days": 1}, False), ({"asset_ids": (CERAMICS_PAGE,)}, False)]
)
async def test_only_a_whole_backfill_is_rested_after(
    make_node: MakeNode, meta: MetaSandbox, chosen: dict[str, Any], rests: bool
) -> None:
    """A day, or an asset, that somebody orders by hand leaves all others to the schedule as before."""
    opened = await connected(make_node, meta)
    node, now = opened.node, meta.clock.now()
    by_hand = await order(node, "backfill", run_id="backfill:hand", **chosen)
    async with node.database.writing() as session:
        await queries.begin(session, by_hand, 1, now)
        call = ledger.CallRecord(
            now, "c", CERAMICS_PAGE, "GET", "/x", 1, "backfill", "ok", 200, None, None, 1.0, 1, False, by_hand
        )
        await ledger.record_call(session, call)
        await queries.end(session, by_hand, 1, "complete", {}, now)
    meta.clock.advance(timedelta(minutes=30))
    scheduled = await find(node, await order(node, "backfill", trigger="schedule"))
    assert (not (await backfill.plan(node, scheduled)).parts) is rests
