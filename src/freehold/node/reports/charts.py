"""Draws charts; imported by short-lived processes alone, so that the plotting library stays out of the node.

Texts in a chart are texts, whatever they hold: nothing in them is read as a formula.
"""

import io
import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import matplotlib as mpl
from matplotlib import dates, ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from PIL import Image

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Letters that no XML may have."""
INK, SOFT, GRID = "#1d2733", "#5a6775", "#e3e8ee"
COLOURS = ("#1f6f5c", "#d1782f", "#4d68b0", "#9a4f96")
WIDTH, HEIGHT = 9.0, 3.1
LEFT, BOTTOM, RIGHT, TOP, LABEL = 0.62, 0.34, 0.12, 0.1, 0.2
"""Inches around the axes of a chart of days, and of the unit's name beside them."""
BAR_WIDTH = 0.8
"""Of a day."""
MOST_TICKS = 5
"""Of values: each digit is a shape of its own in a page, and few numbers are easier to read."""
ROOM, LINE = 110, 8
"""Letters that stand side by side in the width of a picture, and the room that a line takes before its name."""
MOST_DAYS = 8
"""So many days of a picture are named, each one that has a value."""
_BAR = (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)
PNG_DPI, PNG_COLOURS = 150, 48
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNKNOWN = "not known"
THOUSAND, MILLION = 1_000, 1_000_000


def figure_of(chart: dict[str, Any], width: float = WIDTH, *, framed: bool = False) -> Figure:
    """A chart, drawn `width` inches wide: `kind` lines (dates and one or more series), bars (dates and one series), or
    columns: bars for the same labels side by side, one panel for each quantity. `marked` are the first and last of the
    days that it is about; `months` and `decimal` are those of its language, and `unknown` what it calls the days of
    which nothing is known: these are hatched, as they are not zero. One of days may be `framed`, which takes half the
    time and leaves no room around it.
    """
    panels = chart.get("panels", [chart])
    height = HEIGHT if chart["kind"] != "columns" else 0.8 + 0.34 * len(chart["labels"])
    figure = _framed(width, height, chart) if framed else Figure((width, height), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for place, (axis, panel) in enumerate(zip(axes, panels, strict=True)):
        _KINDS[chart["kind"]](axis, panel | {"labels": chart.get("labels"), "first": place == 0})
        _plain(axis, horizontal=chart["kind"] == "columns")
    return figure


def _framed(width: float, height: float, chart: dict[str, Any]) -> Figure:
    """A figure whose margins are known: to have them measured is to have everything drawn twice."""
    figure = Figure((width, height))
    left = LEFT + (LABEL if chart.get("unit") else 0)
    figure.subplots_adjust(left / width, BOTTOM / height, 1 - RIGHT / width, 1 - TOP / height)
    return figure


def as_svg(figure: Figure, title: str) -> str:
    """A drawn chart as SVG, without the time at which it was drawn."""
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Title": title})
    return _NO_XML.sub("", target.getvalue())


def as_png(figure: Figure) -> bytes:
    """A drawn chart as PNG, on white, of few colours: it has to be light."""
    drawn, target = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=PNG_DPI)
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(PNG_COLOURS, Image.Quantize.FASTOCTREE).save(target, "PNG")
    return target.getvalue()


def prepare() -> None:
    """Say how everything is drawn; before anything is."""
    mpl.use("svg")
    mpl.rcParams.update(
        {
            "font.family": "sans-serif",
            "svg.hashsalt": "freehold",
            "svg.fonttype": "none",  # letters as text: lighter and quicker than as shapes
            "text.color": INK,
            "text.parse_math": False,
        }
    )


def name_above(axes: Axes) -> None:
    """Put the names of lines above them, in as many columns as there is room for."""
    legend = axes.get_legend()
    if legend is None:
        return
    legend.remove()
    lines, names = axes.get_legend_handles_labels()
    columns = max(1, ROOM // (max(map(len, names)) + LINE))
    look = {"labelcolor": INK, "fontsize": 9, "frameon": False}
    axes.legend(lines, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, **look)


def name_days(axes: Axes, chart: dict[str, Any]) -> None:
    """Name days that have a value, where a chart is of days."""
    if "days" in chart:
        days = _days(chart)
        axes.xaxis.set_major_locator(ticker.FixedLocator(days[:: -(-len(days) // MOST_DAYS)]))


def _lines(axes: Axes, chart: dict[str, Any]) -> None:
    days = _days(chart)
    for colour, (name, values) in zip(COLOURS, chart["series"].items(), strict=False):
        known = [float("nan") if value is None else value for value in values]
        axes.plot(days, known, color=colour, linewidth=1.8, label=name)
    axes.set_ylim(bottom=0)
    _shade(axes, chart)
    hatched = _hatch(axes, chart, list(chart["series"].values()))
    if hatched or len(chart["series"]) > 1:
        _legend(axes, len(chart["series"]) + 1)
    _dated(axes, chart)


def _bars(axes: Axes, chart: dict[str, Any]) -> None:
    days = _days(chart)
    known = [(day, value) for day, value in zip(days, chart["values"], strict=True) if value]
    for colour, some in (
        (COLOURS[0], [bar for bar in known if bar[1] > 0]),
        (COLOURS[1], [bar for bar in known if bar[1] < 0]),
    ):
        _bars_of(axes, colour, some)
    axes.axhline(0, color=SOFT, linewidth=0.8)
    _shade(axes, chart)
    if _hatch(axes, chart, [chart["values"]]):
        _legend(axes, 1)
    _dated(axes, chart)


def _bars_of(axes: Axes, colour: str, bars: Sequence[tuple[float, float]]) -> None:
    """Bars as one shape: to have each drawn by itself takes a page most of its time."""
    corners = [(day + side, end) for day, value in bars for side, end in _corners(value)]
    if corners:
        shape = PathPatch(Path(corners, _BAR * len(bars)), facecolor=colour, linewidth=0)
        shape.sticky_edges.y.append(0)
        axes.add_patch(shape)
        axes.autoscale_view()


def _corners(value: float) -> tuple[tuple[float, float], ...]:
    half = BAR_WIDTH / 2
    return (-half, 0), (-half, value), (half, value), (half, 0), (-half, 0)


def _shade(axes: Axes, chart: dict[str, Any]) -> None:
    """The days that a report is about, among those before them."""
    if chart.get("marked"):
        first, last = (float(dates.date2num(date.fromisoformat(day))) for day in chart["marked"])
        axes.axvspan(first - 0.5, last + 0.5, color=GRID, alpha=0.55, linewidth=0, zorder=0)


def _hatch(axes: Axes, chart: dict[str, Any], series: Sequence[Sequence[float | None]]) -> bool:
    """Hatch the days of which no series knows anything, each run of them at once; gives whether there are any."""
    empty = [all(value is None for value in values) for values in zip(*series, strict=True)]
    runs = [list(run) for unknown, run in groupby(zip(empty, _days(chart), strict=True), itemgetter(0)) if unknown]
    for number, run in enumerate(runs):
        name = "" if number else chart.get("unknown", UNKNOWN)
        axes.axvspan(
            run[0][1] - 0.5, run[-1][1] + 0.5, facecolor="none", edgecolor=SOFT, alpha=0.45, hatch="///", linewidth=0,
            zorder=0, label=name,
        )  # fmt: skip
    return bool(runs)


def _legend(axes: Axes, columns: int) -> None:
    look = {"facecolor": "#ffffff", "edgecolor": "none", "framealpha": 1, "fancybox": False}
    axes.legend(loc="upper left", ncols=columns, labelcolor=INK, fontsize=9, **look)


def _columns(axes: Axes, chart: dict[str, Any]) -> None:
    places = list(range(len(chart["labels"])))
    axes.barh(places, [value or 0 for value in chart["values"]], color=COLOURS[0], height=0.62)
    axes.set_yticks(places, chart["labels"])
    axes.set_title(chart["name"], color=SOFT, fontsize=9, loc="left")
    if chart["first"]:
        axes.invert_yaxis()
    for place, text in zip(places, chart["texts"], strict=True):
        end = (chart["values"][place] or 0, place)
        axes.annotate(text, end, xytext=(4, 0), textcoords="offset points", va="center", color=INK, fontsize=8)
    axes.margins(x=0.45)
    axes.xaxis.set_visible(False)


def _dated(axes: Axes, chart: dict[str, Any]) -> None:
    days = _days(chart)
    axes.set_xlim(days[0] - 0.6, days[-1] + 0.6)
    axes.xaxis.set_major_locator(dates.AutoDateLocator(minticks=4, maxticks=8))
    months, decimal = chart.get("months", MONTHS), chart.get("decimal", ".")
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda at, _place: _day(dates.num2date(at), months)))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _place: _short(value).replace(".", decimal)))
    axes.yaxis.set_major_locator(ticker.MaxNLocator(MOST_TICKS, steps=[1, 2, 2.5, 5, 10]))
    axes.set_ylabel(chart.get("unit", ""), color=SOFT, fontsize=9)


def _days(chart: dict[str, Any]) -> list[float]:
    """The chart's days as matplotlib counts them."""
    return [float(dates.date2num(date.fromisoformat(day))) for day in chart["days"]]


def _day(at: date, months: Sequence[str]) -> str:
    return f"{at.day} {months[at.month - 1]}"


def _short(value: float) -> str:
    if abs(value) >= MILLION:
        return f"{value / MILLION:g} M"
    return f"{value / THOUSAND:g} k" if abs(value) >= THOUSAND else f"{value:g}"


def _plain(axes: Axes, *, horizontal: bool) -> None:
    for side in ("top", "right", "left") if not horizontal else ("top", "right", "bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(colors=SOFT, labelsize=9, length=0)
    if not horizontal:
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)


_KINDS = {"lines": _lines, "bars": _bars, "columns": _columns}
