"""A metric drawn: over time as lines, or by a dimension as bars, with the values that were drawn beside the picture."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Final

from pydantic import Field

from freehold.kernel import logs
from freehold.kernel.problems import Problem
from freehold.node.analysis.features import WEEKDAYS
from freehold.node.mcp.insights.answering import Answered, Evidence, NotRead, answered, labels
from freehold.node.mcp.insights.arguments import AccountIds, Asked, Filters, Name, question_of
from freehold.node.mcp.instagram.reading import Number, Part
from freehold.node.mcp.meta_ads.periods import TimeRange
from freehold.node.mcp.tool import Arguments, Call, Picture, Pictured, UntrustedText
from freehold.node.measures.catalogue import Unit
from freehold.node.measures.queries import Group, added_up
from freehold.node.measures.question import CLOCKED, Grain, Question, Span
from freehold.node.reports import drawing
from freehold.node.reports.drawing import DrawingError
from freehold.providers.meta import money

log = logs.get(__name__)

MOST_LINES: Final = 4
MOST_BARS: Final = 24
USUAL_BARS: Final = 12
LABEL_LENGTH: Final = 34
IN_ORDER: Final = frozenset({"weekday", "hour", "age"})
"""Dimensions whose groups have an order of their own, in which bars are read; others stand by size."""
WORDS: Final = frozenset({"format", "platform", "position", "device"})
"""Dimensions whose groups are words of Meta's."""
WHOLE: Final = 100
"""From there on a value is written without its fraction."""
SHORT: Final = frozenset({"ctr", "cpc", "cpm"})
"""Words that are written in capitals."""


class ChartAsked(Arguments):
    """What is drawn: by day, week or month as lines, one for each of a dimension's largest; in total as bars."""

    metric: Name
    period: TimeRange = "last_28d"
    grain: Grain = "day"
    dimension: Annotated[Name | None, Field(description="needed for the grain total")] = None
    filters: Filters
    account_ids: AccountIds = None
    limit: Annotated[
        int | None,
        Field(
            ge=1,
            le=MOST_BARS,
            description="of the largest groups; at most 4 lines; by default 12, and all weekdays, hours and ages",
        ),
    ] = None


class Point(Part):
    """A value of a series; `since` is the first day of its period. None: some day of it is not known, or some post of a
    sum, and it is drawn as a gap; bars are of the days and posts that are known.
    """

    since: date | None = None
    value: Number | None = None


class Series(Part):
    """What one line or bar shows: a group of the dimension, by its id."""

    group: str | None = None
    currency: str | None = None
    points: list[Point]


class ChartDrawn(Pictured):
    """A chart of the largest of `series_in_all`; money is in minor units here, and in major ones in the picture."""

    metric: str
    unit: Unit
    series: list[Series]
    series_in_all: int
    names: dict[str, dict[str, UntrustedText]]
    complete: bool
    not_read: list[NotRead]
    posts_not_read: dict[str, int] | None = None
    attribution: str | None = None
    evidence: Evidence


async def draw_chart(call: Call, asked: ChartAsked) -> ChartDrawn:
    """A picture of one metric over a period: lines by day, week or month, or bars by a dimension in total, with the
    values that were drawn. Days that are not known are gaps.
    """
    found = await _found(call, asked)
    every = _series(found)
    if found.as_of is None or not any(point.value is not None for each in every for point in each.points):
        told = "Nothing is stored that could be drawn."
        raise Problem(404, "nothing_to_draw", told, "Ask for other days; query_metrics tells which are not known.")
    shown = sorted(every, key=_size, reverse=True)[: _most(asked)]
    if asked.grain == "total" and asked.dimension in IN_ORDER:
        shown.sort(key=_place)
    names = await labels(call, ({asked.dimension or "": each.group or ""} for each in shown))
    chart = _chart(found, asked, shown, _texts(asked, shown, names), len(every))
    return ChartDrawn(
        source="stored",
        as_of=found.as_of,
        image=await _picture(call, chart),
        metric=asked.metric,
        unit=found.question.asked[0].unit,
        series=shown,
        series_in_all=len(every),
        names=names,
        complete=found.complete,
        not_read=found.gaps(),
        posts_not_read=found.posts_not_read(),
        attribution=found.attribution,
        evidence=found.evidence,
    )


def _most(asked: ChartAsked) -> int:
    """How many groups are drawn: a day that lacks its quiet hours would be read as a whole one."""
    if asked.grain != "total":
        return min(asked.limit or MOST_LINES, MOST_LINES)
    return asked.limit or (MOST_BARS if asked.dimension in IN_ORDER else USUAL_BARS)


async def _found(call: Call, asked: ChartAsked) -> Answered:
    if asked.grain == "total" and asked.dimension is None:
        told = "A total is one number: there is nothing to draw."
        raise Problem(422, "dimension_missing", told, "Name a dimension, or ask by day, week or month.")
    wanted = Asked(
        metrics=[asked.metric],
        period=asked.period,
        dimensions=[asked.dimension] if asked.dimension else [],
        filters=asked.filters,
        account_ids=asked.account_ids,
    )
    question, zone = await question_of(call, wanted, asked.grain)
    return await answered(call, question, zone)


def _series(found: Answered) -> list[Series]:
    """What each group did, period by period, and of money each currency of a group."""
    metric, sides = found.question.asked[0], dict[tuple[tuple[str, ...], str], dict[date, Group]]()
    for group in found.groups if metric.unit == "minor_units" else _over_currencies(found):
        sides.setdefault((group.dimensions, group.currency), {})[group.since] = group
    return [
        Series(
            group=next(iter(key), None),
            currency=currency if metric.unit == "minor_units" else None,
            points=[_point(found, days, key, groups.get(days.first)) for days in _periods(found.question)],
        )
        for (key, currency), groups in sides.items()
    ]


def _over_currencies(found: Answered) -> list[Group]:
    """The groups with what was counted beside one currency and beside another added up."""
    return added_up((replace(each, currency="") for each in found.groups), range(len(found.question.dimensions)))


def _point(found: Answered, days: Span, key: tuple[str, ...], group: Group | None) -> Point:
    """A period's value; a sum without some of its days or posts looks like a fall. Of a total the title says so."""
    (metric,), total = found.question.asked, found.question.grain == "total"
    if not total and not (found.knows(days.first, key) and (group is None or metric.whole(group.sums))):
        return Point(since=days.first)
    value = found.absent(metric, days.first, key) if group is None else metric.value(group.sums)
    return Point(since=None if total else days.first, value=value)


def _periods(question: Question) -> Iterator[Span]:
    """Each period of a question with those of its days that are asked for."""
    first = question.span.first
    while first <= question.span.last:
        days = question.period(first)
        yield days
        first = days.last + timedelta(days=1)


def _size(series: Series) -> float:
    return sum(abs(point.value) for point in series.points if point.value is not None)


def _place(series: Series) -> tuple[int, str]:
    """Where a weekday, an hour or an age stands among the others."""
    group = series.group or ""
    return WEEKDAYS.index(group) if group in WEEKDAYS else 0, group


def _texts(asked: ChartAsked, shown: Sequence[Series], names: Mapping[str, Mapping[str, UntrustedText]]) -> list[str]:
    """What each line or bar is called: no two alike, whatever people wrote."""
    found: list[str] = []
    for each in shown:
        name = names.get(asked.dimension or "", {}).get(each.group or "")
        text = _plain(name.untrusted_text) if name else ""
        text = text or _group(asked, each) or asked.metric.removesuffix("_minor").replace("_", " ")
        text = f"{text} ({each.currency})" if each.currency and len({one.currency for one in shown}) > 1 else text
        found.append(f"{text} ({each.group})" if text in found else text)
    return found


def _group(asked: ChartAsked, series: Series) -> str:
    group = series.group or ""
    if asked.dimension == "hour":
        return f"{group}:00"
    return group.replace("_", " ") if asked.dimension in WORDS else group


def _plain(text: str) -> str:
    """A name as one short line of characters that are drawn and turn nothing round; a leading _ would hide it."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    cut = line if len(line) <= LABEL_LENGTH else f"{line[: LABEL_LENGTH - 1]}…"
    return f" {cut}" if cut.startswith("_") else cut


def _chart(
    found: Answered, asked: ChartAsked, shown: Sequence[Series], texts: Sequence[str], in_all: int
) -> drawing.Chart:
    """The order of the picture, in major units of money, and rates in per cent."""
    metric, span = found.question.asked[0], found.question.span
    parted = f" by {asked.dimension.replace('_', ' ')}" if asked.dimension else ""
    parted = f"{parted} ({found.question.clock})" if asked.dimension in CLOCKED else parted
    over = "" if asked.grain == "total" else f", by {asked.grain}"
    title = f"{title_of(metric.name)}{parted}{over}: {span.first} to {span.last}"
    if asked.grain == "total" and not found.complete:
        title = f"{title}, {len(found.unread.days)} of {span.days} days not known"
    if asked.grain == "total" and (posts := sum((found.posts_not_read() or {}).values())):
        title = f"{title}, {posts} post{'s' if posts > 1 else ''} not read"
    if len(shown) < in_all:
        title = f"{title}, the largest {len(shown)} of {in_all}"
    chart: drawing.Chart = {"title": title}
    if asked.grain == "total":
        values = [_major(each, each.points[0].value) for each in shown]
        amounts = [written(each.points[0].value, metric.unit, each.currency) for each in shown]
        panel = {"name": title_of(metric.name), "values": values, "texts": amounts}
        return chart | {"kind": "columns", "labels": list(texts), "panels": [panel]}
    times = 100 if metric.unit == "ratio" else 1
    series = {
        text: [None if (value := _major(each, point.value)) is None else value * times for point in each.points]
        for text, each in zip(texts, shown, strict=True)
    }
    days = [point.since.isoformat() for point in shown[0].points if point.since]
    unit = ", ".join(sorted({each.currency for each in shown if each.currency})) or ("%" if times > 1 else "")
    return chart | {"kind": "lines", "days": days, "series": series, "unit": unit}


def title_of(name: str) -> str:
    """What a metric is called above a picture."""
    words = " ".join(word.upper() if word in SHORT else word for word in name.removesuffix("_minor").split("_"))
    return words[:1].upper() + words[1:]


def _major(series: Series, value: float | None) -> float | None:
    return value if value is None or not series.currency else value / 10 ** money.exponent(series.currency)


def written(value: float | None, unit: Unit, currency: str | None) -> str:
    """A value beside its bar: money in major units, a part of a whole in per cent, a large number without fraction."""
    if value is None:
        return "\u2013"
    if currency:
        return money.written(round(value), currency)
    if unit == "ratio":
        return f"{100 * value:.3g} %"
    return f"{value:,.0f}" if value == int(value) or value >= WHOLE else f"{value:.3g}"


async def _picture(call: Call, chart: dict[str, Any]) -> Picture:
    """The chart as a PNG. Raises `Problem` 503 where it could not be drawn."""
    try:
        drawn = await drawing.draw_png(chart, call.node.children)
    except DrawingError as error:
        log.warning("chart.failed", reason=str(error))
        told = "The chart could not be drawn."
        raise Problem(503, "chart_failed", told, "Ask query_metrics for the values; the operator sees why.") from error
    return Picture(mime_type="image/png", alt=_alt(chart), base64=base64.b64encode(drawn).decode())


def _alt(chart: Mapping[str, Any]) -> str:
    """What the picture shows, for whoever cannot see it; no name that people gave stands in it."""
    count = len(chart.get("series") or chart["labels"])
    kind = "bars" if chart["kind"] == "columns" else f"line{'s' if count > 1 else ''}"
    return f"{chart['title']}; {count} {kind}."
