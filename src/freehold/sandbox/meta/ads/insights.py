"""`/insights` as an edge: a page of a report, and the report's sum."""

import base64
import binascii
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from freehold.sandbox.meta.ads import insight_query, insight_rows
from freehold.sandbox.meta.ads.accounts import written
from freehold.sandbox.meta.ads.insight_fields import column, number
from freehold.sandbox.meta.ads.insight_query import Query
from freehold.sandbox.meta.ads.insight_row import Row
from freehold.sandbox.meta.ads.insight_rows import START, Position, Report, Subject
from freehold.sandbox.meta.ads.parameters import names, refusal, truth, whole
from freehold.sandbox.meta.errors import GraphError, reduce_data
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.paging import address
from freehold.sandbox.meta.world.ads_visible import local_day

DEFAULT_LIMIT = 25
Found = tuple[Position, Row]


def answer(call: Call, subject: Subject, asked: tuple[Selection, ...]) -> JSON:
    """`GET /{object}/insights`: one page, computed as far as it goes."""
    today = local_day(subject.plan.timezone_name, call.now)
    query = insight_query.parse(
        call.params, tuple(selection.name for selection in asked), subject.kind, today, asynchronous=False
    )
    report = insight_rows.report(call, subject, query, call.now)
    check_size(report)
    return page(call, report)


def check_size(report: Report) -> None:
    """Refuse a report beyond what one call may compute or hold."""
    limits = written(report.call).limits
    if report.cost > limits.max_cost:
        raise reduce_data()
    if report.most_rows > limits.max_rows:
        raise GraphError(
            "(#100) There is too much data for this request: ask for fewer days, objects or breakdowns",
            code=100,
            subcode=1487534,
            user_title="Data per call limit reached",
        )


def page(call: Call, report: Report) -> JSON:
    """The page of a report that the call's `limit`, `after` and `before` ask for, with cursors and summary."""
    limit = min(whole(call.params, "limit", least=1) or DEFAULT_LIMIT, call.sandbox.settings.ads_insights_page)
    found, before, after = _cut(call, report, limit)
    call.spend(len(found) * len(report.query.fields))
    shown: JSON = {"data": [row_answer(row, report.query) for _, row in found]}
    if found:
        cursors = {"before": _encode(found[0][0]), "after": _encode(found[-1][0])}
        shown["paging"] = {"cursors": cursors}
        url = call.base_url + call.path
        if after:
            shown["paging"]["next"] = address(url, call.params, after=cursors["after"])
        if before:
            shown["paging"]["previous"] = address(url, call.params, before=cursors["before"])
    summary = _summary(call, report)
    return shown | ({"summary": summary} if summary is not None else {})


def _cut(call: Call, report: Report, limit: int) -> tuple[list[Found], bool, bool]:
    """The page's rows, and whether there are more before and after it."""
    ordered = _ordered(report)
    if call.params.get("before"):
        until = _decode(call.params["before"])
        kept: deque[Found] = deque(maxlen=limit + 1)
        for position, row in _from(report, ordered, START):
            if position >= until:
                break
            kept.append((position, row))
        found = list(kept)
        return found[-limit:], len(found) > limit, True
    start = _decode(call.params["after"]) if call.params.get("after") else START
    found = list(islice(_from(report, ordered, start), limit + 1))
    return found[:limit], start != START, len(found) > limit


def _from(report: Report, ordered: list[Row] | None, start: Position) -> Iterator[Found]:
    if ordered is None:
        yield from insight_rows.rows(report, start)
        return
    for index in range(start[2] + 1, len(ordered)):
        yield (0, 0, index), ordered[index]


def _ordered(report: Report) -> list[Row] | None:
    """All rows in the order that `sort` asks for; None where rows come in their own order."""
    if report.query.sort is None:
        return None
    name, ascending = report.query.sort
    found = [row for _, row in insight_rows.rows(report)]
    return sorted(found, key=lambda row: _sort_key(row, name), reverse=not ascending)


def _sort_key(row: Row, name: str) -> tuple[float, str]:
    return number(row, name), str(column(row, name) or "")


def row_answer(row: Row, query: Query) -> JSON:
    """One row with the asked columns, its breakdown values and its dates."""
    shown: JSON = {}
    for name in query.fields:
        value = None if query.hourly and "video" in name else column(row, name)
        if value is not None:
            shown[name] = value
    shown["date_start"], shown["date_stop"] = column(row, "date_start"), column(row, "date_stop")
    return shown | dict(zip(row.breakdowns, row.segment, strict=True))


def _summary(call: Call, report: Report) -> JSON | None:
    """The whole report as one row: asked for by name with `summary`, or by `default_summary`."""
    asked = names(call.params, "summary")
    if asked in (["true"], ["false"], ["1"], ["0"]):
        asked = list(report.query.fields) if asked[0] in {"true", "1"} else []
    if not asked and truth(call.params, "default_summary"):
        asked = list(report.query.fields)
    if not asked:
        return None
    shown: JSON = {}
    if "total_count" in asked:
        asked.remove("total_count")
        shown["total_count"] = sum(1 for _ in insight_rows.rows(report))
    whole_row = insight_rows.total(report) if asked else None
    for name in asked:
        value = column(whole_row, name) if whole_row else None
        if value is not None:
            shown[name] = value
    return shown


def _encode(position: Position) -> str:
    text = ".".join(map(str, position))
    return base64.urlsafe_b64encode(f"i{text}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> Position:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        unit, window, segment = (int(part) for part in text.removeprefix("i").split("."))
    except (binascii.Error, ValueError):
        raise refusal("(#100) Invalid cursor: it does not belong to this report", code=2642) from None
    return unit, window, segment


def subject_of(value: Any) -> Subject:
    """An ad object as the subject of a report."""
    return Subject(value.plan, value.kind, value.id)
