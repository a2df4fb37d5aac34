"""Has single charts drawn by a short-lived process; a whole report's are drawn where it is rendered."""

import asyncio
import json
import os
import sys
from typing import Any, Final

from freehold.kernel.problems import ExplainedError

SECONDS: Final = 30
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "MPLCONFIGDIR", "HOME")
"""What the child sees of our environment: no setting, no secret."""

Chart = dict[str, Any]
"""As `freehold.node.reports.charts` reads it."""


class DrawingError(ExplainedError):
    """The chart could not be drawn; the message has the kind of the child's error, and no text of a chart."""


async def draw_png(chart: Chart, at_once: asyncio.Semaphore) -> bytes:
    """The chart as the bytes of a PNG; raises `DrawingError`. Waits while as many as `at_once` allows are drawn."""
    async with at_once:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "freehold.node.reports.picture",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        try:
            out, err = await asyncio.wait_for(child.communicate(json.dumps(chart).encode()), SECONDS)
        except TimeoutError as error:
            raise DrawingError(f"the chart took longer than {SECONDS} s") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode:
        raise DrawingError(_kind(err))
    return out


def _kind(err: bytes) -> str:
    """The name of the error that a child ended with."""
    return err.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
