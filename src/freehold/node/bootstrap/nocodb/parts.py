"""What we made in NocoDB: told apart, by digests, from what people made of it since."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.bootstrap import queries
from freehold.node.bootstrap.done import Change, Done
from freehold.node.bootstrap.queries import Part

PRODUCT = "nocodb"
State = Mapping[str, Any]
"""How a part looks, in our words, so that what is wanted and what is read back can be compared."""


@dataclass
class Parts:
    """The parts that we remember, and what was done in this run."""

    database: Database
    clock: Clock
    known: dict[str, Part]
    done: list[Done] = field(default_factory=list)

    @classmethod
    async def load(cls, database: Database, clock: Clock) -> "Parts":
        """The parts that earlier runs wrote down."""
        async with database.reading() as session:
            return cls(database, clock, await queries.parts_of(session, PRODUCT))

    @staticmethod
    def digest(state: State) -> str:
        """A short name of a state."""
        return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()

    async def note(self, name: str, external_id: str, state: State, what: str, change: Change) -> None:
        """Remember what was written, and say it."""
        await self.remember(name, external_id, state)
        self.done.append(Done(what, change))

    async def remember(self, name: str, external_id: str, state: State) -> None:
        """Write down at once what was written, so that a run that breaks off is gone on with."""
        part = Part(name, external_id, self.digest(state))
        async with self.database.writing() as session:
            await queries.remember(session, PRODUCT, part, self.clock.now())
        self.known[name] = part

    async def forget(self) -> None:
        """Forget every part, since none is there any more."""
        async with self.database.writing() as session:
            await queries.forget(session, PRODUCT)
        self.known.clear()

    def is_ours(self, name: str, there: State) -> bool:
        """Whether a part looks as we left it."""
        part = self.known.get(name)
        return part is not None and part.digest == self.digest(there)

    async def settle(
        self, name: str, external_id: str, wanted: State, there: State, write: Callable[[], Awaitable[None]],
        *, what: str, ours: bool = False,
    ) -> None:  # fmt: skip
        """Bring a part from `there` to `wanted` by `write`, unless people changed it since we wrote it.

        `ours` says that it was as we left it at the beginning of this run, whatever became of it since.
        """
        known = self.known.get(name)
        if known is not None and not ours and not self.is_ours(name, there):
            self.done.append(Done(what, "kept"))
            return
        if there != wanted:
            await write()
        if known is not None and there == wanted and self.is_ours(name, wanted):
            self.done.append(Done(what, "unchanged"))
        else:
            await self.note(name, external_id, wanted, what, "updated" if known else "created")
