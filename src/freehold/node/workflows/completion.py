"""What happens once a collection has brought something: whoever analyses is called here.

A hook is called after each run that read something, in the process that read it; one that fails is logged and changes
nothing about the run.
"""

from collections.abc import Awaitable, Callable

from freehold.kernel import logs
from freehold.node.ad_bands.telling import tell_bands
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.following import begin_followers

log = logs.get(__name__)

OnCollected = Callable[[Node, RunRecord], Awaitable[object]]
HOOKS: list[OnCollected] = [tell_bands, begin_followers]
BROUGHT = frozenset({"complete", "incomplete", "timed_out"})
"""The outcomes after which there is something new."""


async def collected(node: Node, run: RunRecord) -> None:
    """Call every hook, unless the node's settings say that analysis is ordered by somebody else."""
    if not node.settings.after_collection or run.outcome not in BROUGHT:
        return
    for hook in HOOKS:
        try:
            await hook(node, run)
        except Exception as error:  # noqa: BLE001 - the data are in; what is made of them is another matter
            log.error("run.hook_failed", run_id=run.run_id, error=type(error).__name__, frames=logs.frames(error))  # noqa: TRY400
