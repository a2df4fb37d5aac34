"""What a first collection costs in Graph calls, time and memory: Freehold beside two collectors that are in use.

One sandbox, in one run: an Instagram account with 100 posts and an ad account with 100 ads, 30 days. Its own count of
calls is what stands in the table; each part of a batch is one. Freehold is measured twice for each account: everything
that it collects, by `freehold node collect`, and only those streams that hold what the peer reads.

The peers are run as they are, for all streams of airbyte-source-instagram and for the account's structure and daily ad
insights of tap-facebook. Whatever makes them slower or dearer at the real Meta is left out: no quota is reached, and
ordered reports are ready at once. A peer's process lives for one sync; a node lives on and collects inside its own, so
what a process needs to start stands apart.
"""

import asyncio
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks import ads_floor, floor
from benchmarks.ads_floor import Asked
from benchmarks.collection_stage import ADS, INSTAGRAM, NODE_LIMITS, Spent, Stage, staged
from benchmarks.node_streams import AS_AIRBYTE, AS_TAP
from benchmarks.peer_collectors import (
    AIRBYTE,
    TAP,
    airbyte_records,
    run_airbyte,
    run_tap,
    start_airbyte,
    start_tap,
    tap_records,
)
from benchmarks.results import Goal, publish

from freehold.demo import processes
from freehold.demo.platform import Member
from freehold.sandbox.meta.world.instagram_feed import feed_of
from freehold.sandbox.meta.world.people import World
from freehold.sandbox.settings import Scale

DAYS = 30
BREAKDOWN_DAYS = 7
"""So many days of breakdowns are read at first."""
ROUNDS = 3
SCALE = {1: Scale(posts=100, always_professional=True), 2: Scale(ads=100)}
Collection = Callable[[int], Spent]


def start(stage: Stage, member: Member, number: int) -> Spent:
    """A command that opens the node and reads nothing: what it costs to start."""
    folder = stage.copy_of_node(member, f"{member.client_id}-start-{number}")
    arguments = ("node", "assets", "--data", str(folder), "--json")
    return stage.spent(processes.command(*arguments), {**NODE_LIMITS, "PYTHONPATH": python_path()})


def everything(stage: Stage, member: Member, number: int) -> Spent:
    """`freehold node collect` on a node that has collected nothing yet."""
    folder = stage.copy_of_node(member, f"{member.client_id}-all-{number}")
    arguments = ("node", "collect", "--data", str(folder), "--days", str(DAYS), "--json")
    return stage.spent(processes.command(*arguments), {**NODE_LIMITS, "PYTHONPATH": python_path()})


def streams(stage: Stage, member: Member, names: Sequence[str], number: int) -> Spent:
    """Some streams of a node that has collected nothing yet."""
    folder = stage.copy_of_node(member, f"{member.client_id}-{len(names)}-streams-{number}")
    command = [sys.executable, "-m", "benchmarks.node_process", str(folder), str(DAYS), *names]
    return stage.spent(command, {**NODE_LIMITS, "PYTHONPATH": python_path()})


def python_path() -> str:
    """Where this process found its modules, for another of the same."""
    return ":".join(path for path in sys.path if path)


def measure(run: Collection) -> Spent:
    """The middle one of several runs by CPU, with the most calls of them all: those of a threaded peer vary."""
    runs = [run(number) for number in range(ROUNDS)]
    cpu = statistics.median(spent.cpu for spent in runs)
    middle = next(spent for spent in runs if spent.cpu == cpu)
    return replace(middle, calls=max(spent.calls for spent in runs))


def floors(stage: Stage) -> dict[str, int]:
    """The fewest calls for each data set."""
    world = stage.world()
    feed = _feed(world)
    account = world.ad_account(ADS.assets[0])
    assert account is not None
    return {
        "instagram": floor.instagram(feed, DAYS, stage.epoch).total,
        "instagram_common": floor.instagram_common(feed, DAYS, stage.epoch).total,
        "ads": floor.ads_report(floor.account_plan(world, account), DAYS, stage.epoch).total,
    }


def ad_reports(stage: Stage, asked: Asked) -> list[dict[str, Any]]:
    """A row for each breakdown, and for each level's window of reach, whose calls other windows of the level share."""
    account = stage.world().ad_account(ADS.assets[0])
    assert account is not None
    plan = floor.account_plan(stage.world(), account)
    week = ads_floor.whole_days(plan, BREAKDOWN_DAYS, stage.epoch)
    rows = [
        _report(f"by {' and '.join(names)}", calls, ads_floor.breakdown(plan, names, week, stage.epoch))
        for names, calls in asked.breakdowns.items()
    ]
    for level in ads_floor.LEVELS:
        rows += [
            _report(
                f"reach of {level}, {first} to {last}",
                asked.calls(level, (first, last)),
                ads_floor.reach(plan, level, [(first, last)], stage.epoch),
            )
            for first, last in sorted(asked.windows(level))
        ]
    return rows


def _report(what: str, calls: int, fewest: int) -> dict[str, Any]:
    return {"collection": "Freehold", "what": f"Ads: {what}", "Graph calls": calls, "floor": fewest}


def _feed(world: World) -> Any:
    account = world.instagram(INSTAGRAM.assets[1])
    assert account is not None
    return feed_of(world.seed, world.epoch, account)


def _row(collection: str, what: str, spent: Spent, started: Spent, fewest: int | str) -> dict[str, Any]:
    return {
        "collection": collection,
        "what": what,
        "Graph calls": spent.calls,
        "floor": fewest,
        "wall s": round(spent.wall, 1),
        "CPU s": round(spent.cpu, 2),
        "of it to start": round(started.cpu, 2),
        "peak MB": round(spent.peak_megabytes),
    }


async def run() -> tuple[list[dict[str, Any]], list[Goal]]:
    """Everything in turn against one sandbox."""
    async with staged(SCALE, (INSTAGRAM, ADS)) as stage:
        fewest = floors(stage)
        instagram_token, ads_token, ad_account = stage.token(INSTAGRAM), stage.token(ADS), ADS.assets[0]
        started = await _measured(partial(start, stage, INSTAGRAM))
        idle = await _measured(partial(streams, stage, INSTAGRAM, ()))
        whole = await _measured(partial(everything, stage, INSTAGRAM))
        common = await _measured(partial(streams, stage, INSTAGRAM, AS_AIRBYTE))
        airbyte_started = await _measured(lambda _: start_airbyte(stage))
        airbyte = await _measured(lambda _: run_airbyte(stage, instagram_token, DAYS))
        all_ads = await _measured(partial(everything, stage, ADS))
        reports = ad_reports(stage, ads_floor.asked(stage.exact_calls()))
        report = await _measured(partial(streams, stage, ADS, AS_TAP))
        tap_started = await _measured(lambda _: start_tap(stage, ads_token, ad_account))
        tap = await _measured(lambda _: run_tap(stage, ads_token, ad_account, DAYS))
    print(AIRBYTE.name, airbyte_records(airbyte.output))
    print(TAP.name, tap_records(tap.output))
    rows = [
        _row("Freehold", "Instagram: everything", whole, started, fewest["instagram"]),
        _row("Freehold", "Instagram: what the next reads", common, idle, fewest["instagram_common"]),
        _row(AIRBYTE.name, "Instagram: all its streams", airbyte, airbyte_started, fewest["instagram_common"]),
        _row("Freehold", "Ads: everything, with breakdowns and reach", all_ads, started, ""),
        _row("Freehold", "Ads: what the next reads", report, idle, fewest["ads"]),
        _row(TAP.name, "Ads: structure and daily insights", tap, tap_started, fewest["ads"]),
        *reports,
    ]
    goals = [
        Goal("Instagram, everything: calls against the floor", 1.3, _share(whole.calls, fewest["instagram"])),
        *_against(f"Instagram: of {AIRBYTE.name}'s", (common, idle), (airbyte, airbyte_started)),
        *_against(f"Ads: of {TAP.name}'s", (report, idle), (tap, tap_started)),
    ]
    return rows, goals


def _against(what: str, ours: tuple[Spent, Spent], theirs: tuple[Spent, Spent]) -> list[Goal]:
    """Freehold's shares of a peer's calls and CPU for the same data; each pair is a collection and a mere start."""
    (collected, started), (peer, peer_started) = ours, theirs
    return [
        Goal(f"{what} calls, for the same data", 1 / 20, _share(collected.calls, peer.calls)),
        Goal(f"{what} CPU, start of the process included", 1 / 3, _share(collected.cpu, peer.cpu)),
        Goal(
            f"{what} CPU, start of the process left out",
            1 / 3,
            _share(collected.cpu - started.cpu, peer.cpu - peer_started.cpu),
        ),
    ]


async def _measured(collection: Collection) -> Spent:
    return await asyncio.to_thread(measure, collection)


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4)


def main() -> None:
    """Measure, print, write the result."""
    rows, goals = asyncio.run(run())
    publish("collector_calls", rows, goals)
