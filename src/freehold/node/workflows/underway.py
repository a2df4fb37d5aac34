"""The parts that this process works on now, so that they can be stopped when their run is cancelled."""

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any

from freehold.node.workflows.workflow import Done

CANCELLED = Done("the run was cancelled", stop=True)


@dataclass(frozen=True)
class UnderWay:
    """What is being worked on, by run."""

    tasks: dict[str, set[asyncio.Task[dict[str, Any]]]] = field(default_factory=dict)

    def runs(self) -> Collection[str]:
        """The ids of the runs that are worked on here."""
        return list(self.tasks)

    def stop(self, run_id: str) -> None:
        """Stop every part of a run."""
        for task in self.tasks.get(run_id, ()):
            task.cancel()

    async def watch(self, run_id: str, work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """Do `work`, which `stop` may end; then it gives that the run was cancelled."""
        task = asyncio.create_task(work)
        mine = self.tasks.setdefault(run_id, set())
        mine.add(task)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            mine.discard(task)
            if not mine:
                self.tasks.pop(run_id, None)
        return CANCELLED.as_json() if task.cancelled() else task.result()
