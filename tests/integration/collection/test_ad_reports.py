"""Reports on ads: asked at once or ordered, looked at until they are made, ordered again, halved: nothing is lost."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from tests.conftest import Serve
from tests.integration.collection import ads_oracle, altered, oracle
from tests.integration.collection.altered import Altered, Answer, refusal
from tests.integration.collection.checks import EVERYTHING, TODAY, connected, coverage, figures, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, MetaSandbox

from freehold.node.collection.ad_days import read_ad_days
from freehold.node.collection.source import Window
from freehold.node.store import tables
from freehold.sandbox.meta.world.ads_overlay import AdsLimits, AdsWrites

OLD = Window(TODAY - timedelta(days=70), TODAY - timedelta(days=41), TODAY)
"""Days that have settled: the minutes that waiting takes do not change them."""
TOO_FEW = 40
"""Rows that a call may have in these tests: far fewer than the days have."""


def limits(meta: MetaSandbox) -> AdsLimits:
    """How much the sandbox answers in one call."""
    writes = meta.sandbox.writes.setdefault("ads", AdsWrites())
    assert isinstance(writes, AdsWrites)
    return writes.limits


async def check(opened: OpenNode, meta: MetaSandbox, without: frozenset[date] = frozenset()) -> None:
    """Every number of the old days is the world's, and coverage says so; those `without` are missing."""
    plan, now = oracle.plan_of(meta.sandbox, CERAMICS_ADS), meta.clock.now()
    days = [day for day in OLD.days() if day not in without]
    truth = ads_oracle.delivered(plan, oracle.made(plan, now).ad_sets, days, now)
    stored = {(row["ad_id"], row["day"]): figures(row, EVERYTHING) for row in await rows(opened, tables.ad_insights)}
    assert stored == {key: ads_oracle.day_row(of) for key, of in truth.items()}
    assert len(stored) > TOO_FEW
    states = await coverage(opened)
    assert {day for day in OLD.days() if states[CERAMICS_ADS, "ad_insights", day] == "missing"} == without


def orders(before: Altered) -> int:
    """How many reports were ordered: calls to the account's insights without a page size."""
    return sum(path.endswith(f"{CERAMICS_ADS}/insights") and "limit" not in params for path, params in before.asked)


def looks(before: Altered) -> list[int]:
    """At which calls a report was looked at."""
    return [place for place, (_, params) in enumerate(before.asked) if "async_status" in params.get("fields", "")]


async def test_what_is_too_much_for_a_call_is_ordered(make_node: MakeNode, serve: Serve) -> None:
    """Meta refuses the days as one answer: they come as one report, after few looks."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows = TOO_FEW
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    assert orders(before) == 1
    assert len(looks(before)) <= 3


@pytest.mark.parametrize("failing", [1, 2, 3])
async def test_a_report_that_fails(make_node: MakeNode, serve: Serve, failing: int) -> None:
    """It is ordered once more, and then by halves."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows, limits(meta).fail_next_reports = TOO_FEW, failing
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    assert failing < orders(before) <= failing + 2


async def test_a_report_that_is_too_large(make_node: MakeNode, meta: MetaSandbox) -> None:
    """It is not ordered again as it is, but by halves."""
    opened = await connected(make_node, meta)
    limits(meta).max_rows, limits(meta).max_async_cost = TOO_FEW, 3 * TOO_FEW
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)


async def test_pages_shrink_until_they_are_served(make_node: MakeNode, serve: Serve) -> None:
    """Meta finds a page too much, twice: it is asked for again at half the size, and nothing is ordered."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    meta.fault("reduce_data", path="/insights", count=2)
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    assert [params.get("limit") for _, params in before.asked][:4] == ["500", "250", "125", "125"]
    assert orders(before) == 0


GONE = refusal("(#100) Unsupported get request. Object does not exist")
SKIPPED = 200, json.dumps({"async_status": "Job Skipped", "async_percent_completion": 0})
TROUBLES: dict[str, Answer] = {"vanished": GONE, "skipped": SKIPPED}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_report_that_comes_to_nothing(make_node: MakeNode, serve: Serve, trouble: str) -> None:
    """A report that Meta forgets or skips is ordered again."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows = TOO_FEW
    before.rule = once(lambda _path, params: "async_status" in params.get("fields", ""), TROUBLES[trouble])
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    assert orders(before) == 2


async def test_rows_that_cannot_be_loaded(make_node: MakeNode, serve: Serve) -> None:
    """A completed report whose rows Meta fails to load is ordered again."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows = TOO_FEW
    of_a_report = once(lambda path, _: path.endswith("/insights") and CERAMICS_ADS not in path, refusal("lost", 2601))
    before.rule = of_a_report
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    assert orders(before) == 2


async def test_completed_counts_only_with_all_of_it(make_node: MakeNode, serve: Serve) -> None:
    """Meta says "completed" before a report is whole: its rows are asked for when it is."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows = TOO_FEW
    almost = 200, json.dumps({"async_status": "Job Completed", "async_percent_completion": 97})
    before.rule = once(lambda _path, params: "async_status" in params.get("fields", ""), almost, times=2)
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
    seen = looks(before)
    assert len(seen) == 3
    assert seen == list(range(seen[0], seen[0] + 3))


async def test_a_run_that_comes_back_reads_the_report_that_it_ordered(make_node: MakeNode, serve: Serve) -> None:
    """What was ordered before the run was broken off is not ordered again."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    limits(meta).max_rows = TOO_FEW
    reading = source(opened, CERAMICS_ADS)
    stopped = RuntimeError("stopped")

    class StoppingClock:
        def now(self) -> datetime:
            """The time, until the report has been looked at."""
            if looks(before):
                raise stopped
            return meta.clock.now()

    with pytest.raises(RuntimeError):
        await read_ad_days(replace(reading, clock=StoppingClock()), OLD)
    assert orders(before) == 1
    await read_ad_days(reading, OLD)
    await check(opened, meta)
    assert orders(before) == 1


async def test_one_bad_day(make_node: MakeNode, serve: Serve) -> None:
    """Every span that holds it is refused: only the day is missing, by few calls, with Meta's code."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    bad = OLD.first + timedelta(days=11)

    def rule(_path: str, params: Mapping[str, str]) -> Answer | None:
        days = json.loads(params.get("time_range", "{}"))
        held = days and days["since"] <= bad.isoformat() <= days["until"]
        return refusal("An unknown error", 1357045) if held else None

    before.rule = rule
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta, frozenset({bad}))
    (lost,) = [row for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    assert lost["reason"] == "(#1357045) An unknown error"
    assert len(before.asked) <= 13
    before.rule = None
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)


@pytest.mark.parametrize(("code", "most"), [(200, 1), (1357045, 14)])
async def test_an_account_that_refuses_every_day(make_node: MakeNode, serve: Serve, code: int, most: int) -> None:
    """A missing permission is not asked for day by day, nor is a refusal that no day escapes."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    before.rule = lambda path, _params: refusal("no", code) if path.endswith("/insights") else None
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    states = await coverage(opened)
    assert {states[CERAMICS_ADS, "ad_insights", day] for day in OLD.days()} == {"missing"}
    assert len(before.asked) <= most


def once(strikes: Callable[[str, Mapping[str, str]], bool], answer: Answer, times: int = 1) -> altered.Rule:
    """A rule that gives an answer to the first calls that it strikes."""
    left = [answer] * times

    def rule(path: str, params: Mapping[str, str]) -> Answer | None:
        return left.pop() if left and strikes(path, params) else None

    return rule


async def test_a_provider_that_is_away_for_a_moment(make_node: MakeNode, serve: Serve) -> None:
    """Three failures in a row of one page are tried once more; nothing is missing."""
    meta, before = await altered.start(serve)
    opened = await connected(make_node, meta)
    before.rule = once(lambda path, _params: path.endswith("/insights"), (503, ""), times=5)
    await read_ad_days(source(opened, CERAMICS_ADS), OLD)
    await check(opened, meta)
