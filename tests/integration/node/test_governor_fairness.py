"""Two accounts of one person, two processes: the budget is shared, and who waits is served in turn."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.integration.node.conftest import MakeStage, Stage
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, VERSION

from freehold.kernel.database import open_database
from freehold.node.governor import Governor, Priority
from freehold.providers.calls import ApiCall, Throttled

BIG = ApiCall("GET", f"/{VERSION}/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)
SMALL = ApiCall("GET", f"/{VERSION}/{CERAMICS_PAGE}", {"fields": "id"}, asset_id=CERAMICS_PAGE)
CEILING = 40


async def served(governor: Governor, call: ApiCall, priority: Priority = Priority.BACKFILL, most: int = 99) -> int:
    """Ask until refused; gives how many calls were served."""
    for count in range(most):
        try:
            await governor.send(call, priority)
        except Throttled:
            return count
    return most


@pytest.fixture
async def stage(make_stored: MakeStage) -> Stage:
    """A connected node with a small ceiling."""
    made = await make_stored(ceiling_per_hour=CEILING)
    await made.connect()
    return made


@pytest.fixture
async def other(stage: Stage) -> AsyncIterator[Governor]:
    """The governor of another process: all that it knows it knows from the database."""
    node = stage.node
    database = open_database(node.settings.database())
    yield Governor(node.settings, database, node.vault, node.http, node.clock)
    await database.close()


async def test_an_account_that_waits_gets_its_half(stage: Stage, other: Governor) -> None:
    """A big collection has used up the hour when another account comes; in the next hour each has as much, though the
    big one asks first and takes all that it can get.
    """
    big = stage.node.governor
    assert await served(big, BIG) == 36
    with pytest.raises(Throttled) as refused:
        await other.send(SMALL, Priority.BACKFILL)
    stage.clock.advance(timedelta(seconds=refused.value.retry_after))
    assert await served(big, BIG) == 18
    with pytest.raises(Throttled, match="other accounts wait"):
        await big.send(BIG, Priority.BACKFILL)
    assert await served(other, SMALL) == 18


async def test_what_the_one_that_waited_does_not_use_goes_to_the_other(stage: Stage, other: Governor) -> None:
    """It needed three calls; two minutes after the last, nothing is kept for it any more."""
    big = stage.node.governor
    await served(big, BIG)
    assert await served(other, SMALL) == 0
    stage.clock.advance(timedelta(minutes=61))
    assert await served(other, SMALL, most=3) == 3
    assert await served(big, BIG) == 18
    stage.clock.advance(timedelta(minutes=2))
    assert await served(big, BIG) == 36 - 3 - 18


async def test_a_run_comes_before_another_account_s_backfill(stage: Stage, other: Governor) -> None:
    """The backfill leaves it all of the difference; the run leaves the backfill nothing."""
    big = stage.node.governor
    assert await served(big, BIG) == 36
    assert await served(other, SMALL, Priority.SCHEDULED) == 2
    stage.clock.advance(timedelta(minutes=61))
    assert await served(big, BIG) == 18
    assert await served(other, SMALL, Priority.SCHEDULED) == 38 - 18


async def test_a_person_is_kept_back_by_nobody(stage: Stage, other: Governor) -> None:
    """Whoever waits: what is asked for by a person goes as long as there is any room."""
    await served(stage.node.governor, BIG)
    assert await served(other, SMALL, Priority.BACKFILL) == 0
    assert await served(stage.node.governor, BIG, Priority.INTERACTIVE) == 4


async def test_calls_that_wait_are_served_in_the_order_they_came(make_stage: MakeStage) -> None:
    """One call an hour is served; each of five waits its turn, and a later one does not overtake."""
    stage = await make_stage(ceiling_per_hour=1)
    await stage.connect()
    order: list[int] = []

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0.3)
        stage.clock.advance(timedelta(seconds=seconds))

    node = stage.node
    governor = Governor(node.settings, node.database, node.vault, node.http, node.clock, sleep=sleep)
    await governor.send(BIG)

    async def ask(number: int) -> None:
        await governor.send(BIG, Priority.SCHEDULED, patience=100_000)
        order.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(ask(number))
            await asyncio.sleep(0.04)
    assert order == [0, 1, 2, 3, 4]


async def test_a_person_passes_calls_that_wait(make_stage: MakeStage) -> None:
    """Those that wait for their budget hold no place of the calls under way."""
    stage = await make_stage(ceiling_per_hour=20, concurrent_calls=1)
    await stage.connect()
    asleep, free = asyncio.Event(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        asleep.set()
        await free.wait()

    node = stage.node
    governor = Governor(node.settings, node.database, node.vault, node.http, node.clock, sleep=sleep)
    await served(governor, BIG)
    waiting = [asyncio.create_task(governor.send(BIG, Priority.BACKFILL, patience=9_999)) for _ in range(3)]
    await asleep.wait()
    assert (await governor.send(BIG, Priority.INTERACTIVE))["id"] == CERAMICS
    stage.clock.advance(timedelta(minutes=61))
    free.set()
    assert [answer["id"] for answer in await asyncio.gather(*waiting)] == [CERAMICS] * 3


async def test_who_waits_asks_once_when_the_time_has_come(make_stage: MakeStage) -> None:
    """Ten calls that are alike wait: one of them sleeps, for exactly the time told, and the others ask nothing."""
    stage = await make_stage(ceiling_per_hour=20)
    await stage.connect()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.1)
        stage.clock.advance(timedelta(seconds=seconds))

    node = stage.node
    governor = Governor(node.settings, node.database, node.vault, node.http, node.clock, sleep=sleep)
    assert await served(governor, BIG) == 18
    await asyncio.gather(*(governor.send(BIG, Priority.BACKFILL, patience=9_999) for _ in range(10)))
    assert slept == [3660.0]


async def test_patience_that_ends_in_the_queue_is_told(make_stage: MakeStage) -> None:
    """A caller with less patience than the head of its queue is refused at once, with the time to wait."""
    stage = await make_stage(ceiling_per_hour=1)
    await stage.connect()
    free = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await free.wait()
        stage.clock.advance(timedelta(seconds=seconds))

    node = stage.node
    governor = Governor(node.settings, node.database, node.vault, node.http, node.clock, sleep=sleep)
    await governor.send(BIG)
    patient = asyncio.create_task(governor.send(BIG, patience=9_999))
    await asyncio.sleep(0.1)
    with pytest.raises(Throttled) as refused:
        await governor.send(BIG, patience=0.2)
    assert refused.value.retry_after > 3000
    free.set()
    await patient
