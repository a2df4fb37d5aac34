"""What every stream of collection works with, and how it reads a list page by page."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.assets import ConnectedAsset
from freehold.node.governor import Governor, Priority
from freehold.providers.calls import JSON, ApiCall, Rejected
from freehold.providers.meta import graph

PATIENCE = 330.0
"""Seconds that one call may wait for its budget before collection gives up: longer than Meta blocks an ad account."""


class PageCall(Protocol):
    """Gives the call for a page of a list, of a size and after a cursor."""

    def __call__(self, *, limit: int, after: str | None) -> ApiCall:
        """The call."""
        ...


Progress = Callable[[str, int], None]
"""Told what is being read, and how many further calls are done."""


@dataclass(frozen=True)
class Source:
    """One asset and the ways to its data: the governor for reading, the database for what was read."""

    asset_id: str
    currency: str
    version: str
    governor: Governor
    database: Database
    clock: Clock
    progress: Progress

    async def send(self, call: ApiCall) -> JSON:
        """The answer to one call; raises `ProviderError`."""
        answer = await self.governor.send(call, Priority.SCHEDULED, patience=PATIENCE)
        self.progress(call.path.rpartition("/")[2], 1)
        return answer


@dataclass(frozen=True)
class Window:
    """The days to read, both included, and the day it is."""

    first: date
    last: date
    today: date

    def days(self) -> list[date]:
        """Every day, the newest first."""
        return [self.last - timedelta(days=back) for back in range((self.last - self.first).days + 1)]


def zone_of(asset: ConnectedAsset) -> ZoneInfo:
    """The zone in which the asset's days are counted: an ad account's own (UTC where it is not known), Instagram's."""
    if asset.kind == "instagram_account":
        return graph.INSTAGRAM_DAY
    try:
        return ZoneInfo(asset.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def window(now: datetime, days: int, zone: ZoneInfo = graph.INSTAGRAM_DAY) -> Window:
    """The last `days` whole days as `zone` counts them."""
    today = now.astimezone(zone).date()
    return Window(today - timedelta(days=days), today - timedelta(days=1), today)


async def pages(source: Source, make: PageCall, limit: int, smallest: int = 1) -> AsyncIterator[JSON]:
    """Every page of a list; `make` gives the call for a page size and a cursor.

    A page that the provider finds too large is asked for again at half its size; raises `ProviderError`.
    """
    after: str | None = None
    while True:
        try:
            answer = await source.send(make(limit=limit, after=after))
        except Rejected as error:
            if not error.reduce_data or limit <= smallest:
                raise
            limit = max(smallest, limit // 2)
            continue
        yield answer
        after = graph.next_cursor(answer)
        if after is None:
            return
