"""What a workflow is: a plan of parts, each of which is done on its own, remembered, and never done twice."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from freehold.node.collection.source import Source
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.schedule import Schedule

HOURLY_TIMEOUT = timedelta(minutes=55)
"""An hourly run ends before the next begins."""


@dataclass(frozen=True)
class Part:
    """A stream of an asset; what does not concern one asset has none."""

    asset_id: str
    name: str


@dataclass(frozen=True)
class Plan:
    """The parts of a run, those of one asset in their order, and why something is known not to be readable."""

    parts: tuple[Part, ...]
    failures: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The plan as it is remembered."""
        return {"parts": [[part.asset_id, part.name] for part in self.parts], "failures": dict(self.failures)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The plan that was remembered."""
        return cls(tuple(Part(asset_id, name) for asset_id, name in kept["parts"]), kept["failures"])


@dataclass(frozen=True)
class Done:
    """What came of a part: why it failed, if it did; whether nothing more is asked of its asset in this run.

    `revoked` says that the authorisation ended in the middle; `later` that nothing failed, and that a later run does
    what is left.
    """

    failure: str = ""
    stop: bool = False
    timed_out: bool = False
    revoked: bool = False
    later: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it is remembered."""
        return asdict(self)


@dataclass
class Desk:
    """A run at work in this process, and what its parts share here: an asset's source, with all it has learned."""

    node: Node
    run: RunRecord
    patience: float
    """Seconds that one call may wait for its budget."""
    most_urgent: Priority = Priority.PAUSE_AD
    """No call of the run is more urgent than this."""
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def began(self) -> datetime:
        """When the run began, or the first attempt that it builds on: by this all of it counts its days, however long
        it takes, and knows what it has read itself.
        """
        return self.run.reading_since or self.run.started_at or self.node.clock.now()


@dataclass(frozen=True)
class Workflow:
    """A workflow: `plan` says what is to be done for a run, `perform` does one part of it.

    `perform` keeps what it reads itself, and gives no more than whether it went well: whatever it gives is remembered
    outside the client's tables.
    """

    name: str
    about: str
    plan: Callable[[Node, RunRecord], Awaitable[Plan]]
    perform: Callable[[Desk, Part], Awaitable[Done]]
    days: int = 0
    """How many whole days back it reads unless it is told otherwise."""
    schedule: Schedule | None = None
    timeout: timedelta | None = None
    """What a run may take at most; None: what the settings say."""
    heavy: bool = False
    """Whether it waits in the queue that does one thing at a time."""
    kinds: frozenset[str] | None = None
    """The kinds of assets of which it needs at least one; None: it does not matter which."""
    always: bool = False
    """Whether it concerns a client who has ticked no asset yet."""
    collects: bool = True
    """Whether there is something new to analyse after it."""
    follows: bool = False
    """Whether it begins once the collections of its day have ended, and at its own time at the latest."""

    def concerns(self, kinds: Collection[str]) -> bool:
        """Whether there is something to do for a client who has assets of these kinds."""
        return self.always or (bool(kinds) if self.kinds is None else not self.kinds.isdisjoint(kinds))
