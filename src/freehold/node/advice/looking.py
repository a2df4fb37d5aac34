"""Takes a look in a short-lived process of its own, so that libraries of statistics never load in the node."""

import asyncio
import os
import sys
from typing import Final

from freehold.kernel.problems import ExplainedError
from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import Inputs
from freehold.node.analysis.wire import INPUTS, LOOK

ANALYSIS: Final = "freehold.node.analysis"
SECONDS: Final = 300.0
"""How long a look may take, the start of the process included."""
_ENVIRONMENT = ("LANG", "PATH", "PYTHONPATH", "TZ")
"""What the child sees of our environment: no setting, no secret."""


class LookingError(ExplainedError):
    """The look was not taken; the message says why, without anything of the data."""


async def take_look(inputs: Inputs) -> Look:
    """What analysis shows of `inputs`. Raises `LookingError`."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        ANALYSIS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        shown, _ = await asyncio.wait_for(child.communicate(INPUTS.dump_json(inputs)), SECONDS)
    except TimeoutError as error:
        raise LookingError(
            f"Analysis took longer than {SECONDS:g} seconds. Try again when less is going on."
        ) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise LookingError(
            f"Analysis ended with {child.returncode}. Run `freehold doctor`; out of memory is the usual reason."
        )
    return LOOK.validate_json(shown)
