"""Takes a look in a short-lived process of its own, so that libraries of statistics never load in the node."""

from typing import Final

from freehold.kernel.problems import ExplainedError
from freehold.node import children
from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import Inputs
from freehold.node.analysis.wire import INPUTS, LOOK

ANALYSIS: Final = "freehold.node.analysis"
SECONDS: Final = 300.0
"""How long a look may take, the start of the process included."""


class LookingError(ExplainedError):
    """The look was not taken; the message says why, without anything of the data."""


async def take_look(inputs: Inputs) -> Look:
    """What analysis shows of `inputs`. Raises `LookingError`."""
    try:
        shown = await children.ask(ANALYSIS, INPUTS.dump_json(inputs), SECONDS, ("TZ",))
    except TimeoutError as error:
        raise LookingError(
            f"Analysis took longer than {SECONDS:g} seconds. Try again when less is going on."
        ) from error
    except children.ChildFailedError as error:
        raise LookingError(
            f"Analysis ended with {error.status}. Run `freehold doctor`; out of memory is the usual reason."
        ) from error
    return LOOK.validate_json(shown)
