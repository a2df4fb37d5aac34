"""One row of a report, before its columns are written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from freehold.sandbox.meta.ads.insight_dates import Window
from freehold.sandbox.meta.world.ads_breakdowns import Segment
from freehold.sandbox.meta.world.ads_delivery import INDEX


@dataclass(frozen=True)
class Row:
    """What an object delivered in a window to a segment: `vector` holds METRICS, `reach` people (a union).

    `describe` gives what the row says about the object itself: ids, names, objective.
    """

    describe: Callable[[str], Any]
    window: Window
    breakdowns: tuple[str, ...]
    segment: Segment
    vector: Sequence[int]
    reach: int
    currency: str
    attribution_windows: tuple[str, ...]
    action_breakdowns: tuple[str, ...]

    def count(self, metric: str) -> int:
        """One of METRICS."""
        return self.vector[INDEX[metric]]
