"""What has begun to change something at Meta goes on to its end, whoever stops waiting for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

Done = TypeVar("Done")
_UNDER_WAY: Final[set[asyncio.Task[Any]]] = set()
"""The event loop holds tasks weakly: these are held until they are done."""


async def whole(work: Coroutine[Any, Any, Done]) -> Done:
    """The outcome of `work`, done in a task of its own: a caller who is cancelled stops waiting, and nothing else.

    So a change that Meta has made is always written down, and its account let go.
    """
    task = asyncio.ensure_future(work)
    _UNDER_WAY.add(task)
    task.add_done_callback(_ended)
    return await asyncio.shield(task)


def _ended(task: asyncio.Task[Any]) -> None:
    _UNDER_WAY.discard(task)
    if not task.cancelled():
        task.exception()  # whoever waited has been told; if nobody waits, the plan tells
