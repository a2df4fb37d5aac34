"""Has single charts drawn by a short-lived process; a whole report's are drawn where it is rendered."""

import asyncio
import json
from typing import Any, Final

from freehold.kernel.problems import ExplainedError
from freehold.node import children

PICTURE: Final = "freehold.node.reports.picture"
SECONDS: Final = 30

Chart = dict[str, Any]
"""As `freehold.node.reports.charts` reads it."""


class DrawingError(ExplainedError):
    """The chart could not be drawn; the message has the kind of the child's error, and no text of a chart."""


async def draw_png(chart: Chart, at_once: asyncio.Semaphore) -> bytes:
    """The chart as the bytes of a PNG; raises `DrawingError`. Waits while as many as `at_once` allows are drawn."""
    async with at_once:
        try:
            return await children.ask(PICTURE, json.dumps(chart).encode(), SECONDS, ("MPLCONFIGDIR", "HOME"))
        except TimeoutError as error:
            raise DrawingError(f"the chart took longer than {SECONDS} s") from error
        except children.ChildFailedError as error:
            raise DrawingError(error.kind) from error
