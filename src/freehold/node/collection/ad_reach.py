"""How many people were reached: by account, campaign, ad set and ad, in windows of which each is asked for by itself.

Reach counts people, who come again: that of days cannot be added up to that of a week, nor that of ads to a campaign's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from freehold.node.collection import ad_calendar
from freehold.node.collection.ad_reports import Report, read_report
from freehold.node.collection.days import Known
from freehold.node.collection.refusals import reason_of
from freehold.node.collection.source import Source, Window, priority_of
from freehold.node.governor import Priority
from freehold.node.store.ads import queries, upserts
from freehold.node.store.coverage.queries import Covered, covered
from freehold.node.store.coverage.upserts import Coverage, CoverageState, save_coverage
from freehold.providers.calls import Rejected, Unavailable
from freehold.providers.meta import ad_insights, graph, spec
from freehold.providers.meta.ad_insights import Level, Question, Span

LEVELS: tuple[Level, ...] = ("account", "campaign", "adset", "ad")
ROLLING_DAYS = (7, 28, 90)
"""Windows that end yesterday."""
SPANS_A_REPORT = 8
CORRECTED_DAYS = 3
"""For so many days after a window's end Meta may correct its reach."""
TOO_OLD = f"Meta keeps reach for {spec.AD_MONTHS} months"


async def read_ad_reach(source: Source, window: Window) -> None:
    """Reach in every calendar month that the window holds, and where it reaches to yesterday in rolling windows, in
    the month that ended last, and, for reports, each campaign's in the window itself; then also in windows that were
    read before Meta corrected their reach. Several windows come in one call.
    """
    async with source.database.reading() as session:
        known, zone = await covered(session, source.asset_id), await queries.zone(session, source.asset_id)
    for level in LEVELS:
        asked = {*_spans(window, level), *_read_before(known, level)}
        spans = sorted(span for span in asked if _is_due(source, window, known, level, span, zone))
        await _read_level(source, level, spans, window)


def reach_question(level: Level, spans: Sequence[Span]) -> Question:
    """How many people each object of a level reached in each span."""
    return Question(level, spec.REACH_FIELDS, spans=spans)


def _spans(window: Window, level: Level) -> list[Span]:
    """The windows that belong to a window of days."""
    found = ad_calendar.months_within(window.first, window.last)
    if window.is_current:
        last = window.today - timedelta(days=1)
        found += [(window.today - timedelta(days=days), last) for days in ROLLING_DAYS]
        found += ad_calendar.months_within(window.today - timedelta(days=62), last)[-1:]
        found += [(window.first, window.last)] if level == "campaign" else []
    return found


def _read_before(known: Known, level: Level) -> Iterator[Span]:
    """The windows of a level that were read, whichever run asked for them."""
    for (metric, last), mark in known.items():
        days = queries.reach_days(level, metric)
        if days is not None and mark.state == "complete":
            yield last - timedelta(days=days - 1), last


def _is_due(source: Source, window: Window, known: Known, level: Level, span: Span, zone: ZoneInfo) -> bool:
    """Whether a span's reach may be another than was read.

    A month is read every day until Meta corrects it no more; any other window when it is new, and once more then.
    """
    mark = known.get((queries.reach_metric(level, *span), span[1]))
    if mark is None or mark.state == "missing":
        return True
    if window.gaps_only or mark.state == "empty" or not (window.is_current or _is_month(span)):
        return False
    final_at = _corrected_at(mark, zone)
    return mark.read_at < final_at and (_is_month(span) or source.clock.now() >= final_at)


def _is_month(span: Span) -> bool:
    return span[0].day == 1 and (span[1] + timedelta(days=1)).day == 1


def _corrected_at(mark: Covered, zone: ZoneInfo) -> datetime:
    return graph.midnight(mark.day + timedelta(days=CORRECTED_DAYS + 1), zone)


async def _read_level(source: Source, level: Level, spans: list[Span], window: Window) -> None:
    oldest = ad_calendar.months_before(window.today, spec.AD_MONTHS)
    gone = [span for span in spans if span[0] < oldest]
    await _note(source, level, gone, "empty", TOO_OLD)
    kept = [span for span in spans if span[0] >= oldest]
    for place in range(0, len(kept), SPANS_A_REPORT):
        await _read(source, level, kept[place : place + SPANS_A_REPORT], priority_of(window, window.last))


async def _read(source: Source, level: Level, spans: list[Span], priority: Priority) -> None:
    """Read spans in one report; where it fails, each in its own, so that only the bad one is missing."""
    try:
        await _keep(source, level, spans, priority)
    except (Rejected, Unavailable) as error:
        if len(spans) == 1 or not (isinstance(error, Unavailable) or error.reduce_data):
            await _note(source, level, spans, "missing", reason_of(error))
            return
        for span in spans:
            await _read(source, level, [span], priority)


async def _keep(source: Source, level: Level, spans: list[Span], priority: Priority) -> None:
    name = f"reach:{level}:" + ",".join(f"{first:%y%m%d}-{last:%y%m%d}" for first, last in spans)
    marks = list(_marks(source, level, spans, "complete", ""))
    understand = partial(ad_insights.read_reach, level=level)
    report = Report(name, reach_question(level, spans), understand, 0, priority)
    async for page in read_report(source, report):
        now = source.clock.now()
        async with page.saving() as session:
            await upserts.save_reach(session, source.asset_id, level, page.found, now)
            if page.place.finished:
                await save_coverage(session, marks, now)


async def _note(source: Source, level: Level, spans: Iterable[Span], state: CoverageState, why: str) -> None:
    await source.note(list(_marks(source, level, spans, state, why)))


def _marks(source: Source, level: Level, spans: Iterable[Span], state: CoverageState, why: str) -> Iterable[Coverage]:
    for span in spans:
        yield Coverage(source.asset_id, queries.reach_metric(level, *span), span[1], state, why)
