"""Who goes next inside one process: the most urgent takes a place, alike calls wait in one queue."""

import asyncio
import contextlib

from freehold.node.governor.waiting import Places, Queues


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_most_urgent_takes_the_next_place() -> None:
    """And among equals the first that came."""
    places, order = Places(1), list[str]()

    async def take(urgency: int, name: str) -> None:
        async with places.taken(urgency):
            order.append(name)

    async with asyncio.TaskGroup() as group, places.taken(4):
        for urgency, name in ((4, "backfill"), (3, "run"), (3, "later run"), (1, "person"), (0, "pause")):
            group.create_task(take(urgency, name))
            await settle()
    assert order == ["pause", "person", "run", "later run", "backfill"]


async def test_no_more_than_the_places_at_once() -> None:
    """However many ask, and whatever becomes of them."""
    places, under_way, most = Places(3), 0, 0

    async def take(fail: bool) -> None:
        nonlocal under_way, most
        async with places.taken(1):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            if fail:
                raise ValueError

    await asyncio.gather(*(take(number % 2 == 0) for number in range(20)), return_exceptions=True)
    assert (most, under_way) == (3, 0)
    async with asyncio.timeout(1):
        await take(fail=False)


async def test_who_gives_up_loses_no_place() -> None:
    """Cancelled while it waits, and cancelled at the moment at which it was given the place."""
    places = Places(1)

    async def take() -> None:
        async with places.taken(1):
            await asyncio.sleep(0)

    async with places.taken(1):
        waiting, given = asyncio.create_task(take()), asyncio.create_task(take())
        await settle()
        waiting.cancel()
    given.cancel()
    await asyncio.gather(waiting, given, return_exceptions=True)
    async with asyncio.timeout(1):
        await take()


async def test_a_queue_has_one_head() -> None:
    """The second of a kind waits for the first, in the order they came; another kind does not."""
    queues, order = Queues(), list[int]()
    assert not queues.occupied("a")

    async def stand(number: int) -> None:
        async with queues.head("a", 10) as reached:
            assert reached
            order.append(number)

    async with asyncio.TaskGroup() as group, queues.head("a", 10), queues.head("b", 10):
        assert queues.occupied("a")
        for number in range(3):
            group.create_task(stand(number))
        await settle()
        assert order == []
    assert order == [0, 1, 2]
    assert not queues.occupied("a")


async def test_patience_in_a_queue_ends() -> None:
    """Who did not get to the head is told so, and leaves nothing behind."""
    queues = Queues()
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(queues.head("a", 10))
        async with queues.head("a", 0.01) as reached:
            assert not reached
    assert not queues.occupied("a")
    async with queues.head("a", 0.01) as reached:
        assert reached
