"""What every stream of collection works with, and how it reads a list page by page."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database, WriteSession
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.refusals import Refusals
from freehold.node.governor import Governor, Priority
from freehold.node.runs.places import Place, keep_place, place_of
from freehold.node.store.coverage.upserts import Coverage, save_coverage
from freehold.providers.calls import JSON, ApiCall, ProviderError, Rejected, Throttled, Unavailable
from freehold.providers.meta import graph

PATIENCE = 330.0
"""Seconds that one call may wait for its budget before collection gives up: longer than Meta blocks an ad account."""


OUTAGE_CALLS = 8
"""So many calls that fail in a row, each tried several times, are an outage of the provider."""

T = TypeVar("T")


class OutageError(ProviderError):
    """Call after call failed at the provider: what is left of the asset is for a later run."""


class PageCall(Protocol):
    """Gives the call for a page of a list, of a size and after a cursor."""

    def __call__(self, *, limit: int, after: str | None) -> ApiCall:
        """The call."""
        ...


@dataclass
class Calls:
    """How the calls of a source go: how many have failed in a row."""

    failed_in_a_row: int = 0


@dataclass(frozen=True)
class Run:
    """The run that something is read for. What a run has read it does not read again, also after a restart.

    `patience` is how many seconds one call may wait for its budget before the reading is given up. No call of it is
    more urgent than `most_urgent`.
    """

    run_id: str
    started_at: datetime
    patience: float = PATIENCE
    most_urgent: Priority = Priority.PAUSE_AD


@dataclass(frozen=True)
class Source:
    """One asset and the ways to its data: the governor for reading, the database for what was read.

    `currency` is that of an ad account as it was confirmed, empty where that did not say.
    """

    asset_id: str
    currency: str
    version: str
    governor: Governor
    database: Database
    clock: Clock
    run: Run
    calls: Calls = field(default_factory=Calls)
    refusals: Refusals = field(default_factory=Refusals)

    async def read(self, call: ApiCall, understand: Callable[[JSON], T], priority: Priority = Priority.SCHEDULED) -> T:
        """What `understand` makes of the answer to one call.

        Raises `ProviderError`; `Unavailable` also for an answer that cannot be understood, and `OutageError` once
        call after call has been `Unavailable`.
        """
        try:
            answer = await self._send(call, priority)
            found = graph.understood(understand, answer)
        except Unavailable as error:
            self.calls.failed_in_a_row += 1
            if self.calls.failed_in_a_row < OUTAGE_CALLS:
                raise
            raise OutageError(f"{self.calls.failed_in_a_row} calls in a row failed: {error.message}") from error
        self.calls.failed_in_a_row = 0
        return found

    async def place(self, name: str) -> Place:
        """How far this run has come in a list; for a single call, whether it has been made."""
        async with self.database.reading() as session:
            return await place_of(session, self.run.run_id, self.asset_id, name)

    @contextlib.asynccontextmanager
    async def saving(self, place: Place, floor_calls: float = 1.0) -> AsyncIterator[WriteSession]:
        """One transaction for what was read and for how far the run has come with it.

        `floor_calls` is how many calls what was read needs at least.
        """
        async with self.database.writing() as session:
            yield session
            await keep_place(session, self.run.run_id, self.asset_id, place, floor_calls, self.clock.now())

    async def note(self, marks: Sequence[Coverage]) -> None:
        """Write down what is there and what is missing."""
        async with self.database.writing() as session:
            await save_coverage(session, marks, self.clock.now())

    async def _send(self, call: ApiCall, priority: Priority) -> JSON:
        urgency = max(priority, self.run.most_urgent)  # a smaller number is more urgent
        return await self.governor.send(call, urgency, patience=self.run.patience, run_id=self.run.run_id)


@dataclass(frozen=True)
class Page(Generic[T]):
    """What a page of a list held, and the transaction that keeps it together with the place of the next."""

    found: T
    source: Source
    place: Place
    floor_calls: float

    def saving(self) -> contextlib.AbstractAsyncContextManager[WriteSession]:
        """The transaction in which the page is kept."""
        return self.source.saving(self.place, self.floor_calls)


@dataclass(frozen=True)
class Window:
    """The days to read, both included, and the day it is.

    `gaps_only`: no more than was never read, is missing, or has become final since it was read and is read no more by
    regular runs; what may still change is for those.
    """

    first: date
    last: date
    today: date
    gaps_only: bool = False

    @property
    def is_current(self) -> bool:
        """Whether it reaches to yesterday, and not only for gaps: what is told as it stands now belongs to no other."""
        return self.last >= self.today - timedelta(days=1) and not self.gaps_only

    def days(self) -> list[date]:
        """Every day, the newest first."""
        return [self.last - timedelta(days=back) for back in range((self.last - self.first).days + 1)]


def zone_of(asset: ConnectedAsset) -> ZoneInfo:
    """The zone in which the asset's days are counted: an ad account's own (UTC where it is not known), else Meta's."""
    return graph.zone_named(asset.timezone) if asset.kind == "ad_account" else graph.INSTAGRAM_DAY


def window(now: datetime, days: int, zone: ZoneInfo = graph.INSTAGRAM_DAY) -> Window:
    """The last `days` whole days as `zone` counts them."""
    today = now.astimezone(zone).date()
    return Window(today - timedelta(days=days), today - timedelta(days=1), today)


async def side_by_side(readings: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Read at the same time. When the budget ends, what the provider was asked for already still arrives, and then
    `Throttled` is raised; any other error ends them all at once.
    """
    refused: list[Throttled] = []

    async def read(reading: Coroutine[Any, Any, None]) -> None:
        try:
            await reading
        except Throttled as error:
            refused.append(error)

    async with asyncio.TaskGroup() as group:
        for reading in readings:
            group.create_task(read(reading))
    if refused:
        raise refused[0]


def priority_of(window: Window, day: date) -> Priority:
    """How urgent a day is: what is new comes before what is made up for."""
    return Priority.SCHEDULED if day >= window.today - timedelta(days=1) else Priority.BACKFILL


async def pages(
    source: Source,
    name: str,
    make: PageCall,
    understand: Callable[[JSON], T],
    limit: int,
    smallest: int = 1,
    priority: Priority = Priority.SCHEDULED,
) -> AsyncIterator[Page[T]]:
    """What `understand` makes of the pages of a list that this run has not read; `name` is the list's in this run.

    `make` gives the call for a page size and a cursor. A page that the provider finds too large is asked for again at
    half its size; raises `ProviderError`. Each page has to be kept in its own `saving()`.
    """

    def page(answer: JSON) -> tuple[T, str | None]:
        return understand(answer), graph.next_cursor(answer)

    place = await source.place(name)
    size = place.page_size or limit
    while not place.finished:
        try:
            found, after = await source.read(make(limit=size, after=place.cursor), page, priority)
        except Rejected as error:
            if not error.reduce_data or size <= smallest:
                raise
            size = max(smallest, size // 2)
            continue
        place = Place(name, after, size, finished=after is None)
        yield Page(found, source, place, size / limit)
