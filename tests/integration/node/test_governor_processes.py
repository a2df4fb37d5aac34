"""Four processes of one node, one token, one database, real HTTP: what they may do together, and how they share it."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator

from tests.integration.node.conftest import MakeStage, Stage, eventually
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, VERSION

from freehold.demo import processes

CEILING = 40
PROGRAM = "tests.integration.node.budget_spender"
Process = asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def spender(
    stage: Stage, priority: str, callers: int = 4, seconds: float = 2.0, asset: str = CERAMICS
) -> AsyncIterator[Process]:
    """A process that spends as soon as it is told to; it has ended when the block has."""
    settings = stage.node.settings
    arguments = (str(settings.data_dir), f"/{VERSION}/{asset}", priority, str(callers), str(seconds))
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", PROGRAM, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**processes.inherited_environment(), **paths},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ready(*spenders: Process) -> None:
    """Wait until all have opened the node."""
    for process in spenders:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"


async def spent(process: Process) -> list[float]:
    """What a process tells at its end: the seconds that each of its calls took."""
    assert process.stdout is not None
    found: list[float] = json.loads(await process.stdout.readline())
    return found


def begin(process: Process) -> None:
    """Let it spend."""
    assert process.stdin is not None
    process.stdin.write(b"\n")


def sent(stage: Stage) -> int:
    """What has reached Meta, as the sandbox counts it."""
    return sum(stage.meta.sandbox.calls.values())


async def test_four_processes_keep_one_ceiling(make_stored: MakeStage) -> None:
    """Many callers in four processes ask as fast as they can: together they get the ceiling and not one call more."""
    stage = await make_stored(ceiling_per_hour=CEILING)
    await stage.connect()
    async with contextlib.AsyncExitStack() as stack:
        four = [await stack.enter_async_context(spender(stage, "INTERACTIVE", callers=12)) for _ in range(4)]
        await ready(*four)
        for process in four:
            begin(process)
        served = [await spent(process) for process in four]
    assert sent(stage) == sum(map(len, served)) == CEILING
    assert len([calls for calls in served if calls]) >= 2


async def test_a_person_is_served_at_once_while_a_backfill_runs(make_stored: MakeStage) -> None:
    """Three processes have used up what backfill may use and go on asking; the fourth asks for a person."""
    stage = await make_stored(ceiling_per_hour=CEILING)
    await stage.connect()
    async with contextlib.AsyncExitStack() as stack:
        backfills = [
            await stack.enter_async_context(spender(stage, "BACKFILL", seconds=3.0, asset=asset))
            for asset in (CERAMICS, CERAMICS, CERAMICS_ADS)
        ]
        person = await stack.enter_async_context(spender(stage, "INTERACTIVE", callers=4))
        await ready(*backfills, person)
        for process in backfills:
            begin(process)

        async def used_up() -> bool:
            return sent(stage) == CEILING - CEILING // 10

        await eventually(used_up)
        begin(person)
        took = await spent(person)
        assert all(process.returncode is None for process in backfills)
        backfilled = [len(await spent(process)) for process in backfills]
    assert sum(backfilled) == CEILING - CEILING // 10
    assert len(took) == 4
    assert max(took) < 1.0
    assert sent(stage) == CEILING
