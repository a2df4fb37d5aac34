"""Draws one chart with its title as a PNG, in a short-lived process of its own.

Reads a chart from standard input as JSON, and writes the picture's bytes to standard output.
"""

import io
import json
import sys
from typing import Any, Final

from freehold.node.reports import charts

DPI: Final = 130


def picture(chart: dict[str, Any]) -> bytes:
    """A chart of any kind that `charts` draws, under its title and the names of its lines."""
    figure = charts.figure_of(chart)
    figure.suptitle(chart["title"], color=charts.INK, fontsize=11, x=0.01, ha="left")
    for axes in figure.axes:
        for line in axes.get_lines():
            line.set(marker="o", markersize=3)  # a value between two gaps has no line
        charts.name_above(axes)
        charts.name_days(axes, chart)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=DPI)
    return target.getvalue()


def main() -> None:
    """Draw the chart that standard input asks for."""
    charts.prepare()
    sys.stdout.buffer.write(picture(json.load(sys.stdin)))


if __name__ == "__main__":
    main()
