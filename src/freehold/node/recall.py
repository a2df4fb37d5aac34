"""What Meta said lately of what seldom changes, so that it is not asked again: in memory, for this client alone."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from freehold.kernel.clock import Clock
from freehold.providers.calls import JSON, ApiCall

MOST: Final = 500
"""Answers that are kept; the oldest make room."""


class Recall:
    """Answers by the call that they are to. Only what is the same for every account belongs here."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], tuple[datetime, JSON]] = OrderedDict()

    async def answer(
        self, call: ApiCall, life: timedelta, send: Callable[[ApiCall], Awaitable[JSON]]
    ) -> tuple[JSON, datetime]:
        """The answer to a call and since when it is known: one of the last `life`, else what `send` gives now."""
        key, now = (call.path, tuple(sorted(call.params.items()))), self._clock.now()
        known = self._kept.get(key)
        if known is not None and now - known[0] < life:
            return known[1], known[0]
        found = await send(call)
        self._kept[key] = (now, found)
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found, now
