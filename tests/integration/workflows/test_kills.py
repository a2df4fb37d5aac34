"""A process that is ended in the middle of a run loses nothing: the run goes on, and its data show no trace of it."""

import asyncio
import os
import random
import sys
from contextlib import AsyncExitStack

import pytest
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import ended, order
from tests.integration.workflows.killing import (
    DAYS,
    admit,
    contents,
    discharge,
    kill,
    moments,
    most_often,
    who_does,
)

ROUNDS = {"normal": (5, 4), "long": (10, 5)}
"""Runs, and how often each is ended."""
COLLECT = ("collect", "--days", str(DAYS), "--json")
pytestmark = pytest.mark.xdist_group("kills")


def seeded() -> random.Random:
    """Chance whose seed is printed, so that a test run can be had again."""
    seed = int(os.environ.get("FREEHOLD_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
    sys.stdout.write(f"FREEHOLD_KILL_SEED={seed}\n")
    return random.Random(seed)  # noqa: S311 - chooses moments


async def undisturbed(make_node: MakeNode, serve: Serve) -> tuple[dict[str, list[str]], int]:
    """What a run leaves that nobody ends, and how many calls it takes."""
    patient = await admit(make_node, serve, "undisturbed", None)
    async with patient.process(*COLLECT) as process:
        assert await process.wait() == 0, patient.logs()
    return await contents(patient.node), patient.calls


@pytest.mark.parametrize("size", ["normal", pytest.param("long", marks=pytest.mark.long)])
async def test_a_process_that_is_killed_goes_on_where_it_was(make_node: MakeNode, serve: Serve, size: str) -> None:
    """On SQLite, `freehold node collect` again: the tables equal those of an undisturbed run, no page a third time."""
    chance = seeded()
    wanted, calls = await undisturbed(make_node, serve)
    rounds, kills = ROUNDS[size]
    for number in range(rounds):
        patient = await admit(make_node, serve, f"killed-{number}", None)
        for moment, pause in moments(chance, calls, kills):
            async with patient.process(*COLLECT) as process:
                assert await patient.reaches(moment, process), patient.logs()
                await asyncio.sleep(pause)
                assert process.returncode is None, patient.logs()
                kill(process.pid)
                await process.wait()
        async with patient.process(*COLLECT) as process:
            assert await process.wait() == 0, patient.logs()
        assert await contents(patient.node) == wanted
        assert most_often(patient.meta)[1] <= 2


@pytest.mark.parametrize("size", ["normal", pytest.param("long", marks=pytest.mark.long)])
async def test_another_worker_finishes_the_run_of_a_dead_one(
    make_node: MakeNode, serve: Serve, postgres_url: str, size: str
) -> None:
    """On PostgreSQL the worker that does the run is killed and never comes back: another, alive beside it, goes on."""
    chance = seeded()
    wanted, calls = await undisturbed(make_node, serve)
    rounds, kills = ROUNDS[size]
    patient = await admit(make_node, serve, "killed", postgres_url)
    for number in range(rounds):
        async with AsyncExitStack() as stack:
            at_work = {}
            for _ in range(2):
                process = await stack.enter_async_context(patient.process("worker"))
                at_work[process.pid] = process
            run_id = await order(patient.node, "collection", run_id=f"collection:{number}", days=DAYS)
            for moment, pause in moments(chance, calls, kills):
                assert await patient.reaches(moment), patient.logs()
                await asyncio.sleep(pause)
                dead = await who_does(patient, run_id)
                kill(dead)
                await at_work.pop(dead).wait()
                process = await stack.enter_async_context(patient.process("worker"))
                at_work[process.pid] = process
            run = await ended(patient.node, run_id, 90)
        assert (run.outcome, dict(run.failures)) == ("complete", {}), patient.logs()
        assert await contents(patient.node) == wanted
        assert most_often(patient.meta)[1] <= 2
        await discharge(patient)
