"""A report made on request: the edition of a week, a month, or the last days."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from freehold.kernel import logs
from freehold.kernel.problems import ExplainedError, Problem
from freehold.node.mcp.insights.answering import Days
from freehold.node.mcp.tool import Answer, Arguments, Call
from freehold.node.reports import queries
from freehold.node.reports.editions import NothingToReportError, folder_of, write_edition
from freehold.node.reports.periods import period_of
from freehold.node.reports.queries import Edition, Kind
from freehold.node.sharing import links

log = logs.get(__name__)

GIVEN_AGAIN: Final = timedelta(hours=1)
"""An edition that is younger is given again: little was collected since, and making one takes seconds."""


class ReportAsked(Arguments):
    """Which report."""

    kind: Kind = "week"
    days: Annotated[int, Field(ge=1, le=366, description="back from yesterday, for the kind days")] = 30
    language: Literal["en", "de"] = "en"


class ReportMade(Answer):
    """An edition, which stays as it is. `files` stand in the node's folder of reports, below the edition's id.

    Whoever has `link` reads the report in a browser until `link_until`; `pdf_link` is empty where there is no PDF.
    """

    edition_id: str
    kind: Kind
    days: Days
    language: str
    made_at: datetime
    files: list[str]
    link: str
    pdf_link: str
    link_until: datetime


async def generate_report(call: Call, asked: ReportAsked) -> ReportMade:
    """Make the report of the newest whole week or month, or of the last days, as files that need nothing else, and a
    link to it that is good for seven days. One that was made within the hour is given again: the same key gets the same
    link under another address.
    """
    if call.caller.assets is not None:
        told = "A report tells of every account of the client, and this key is for some of them."
        raise Problem(403, "report_of_everything", told, "Use a key without --asset, or ask query_metrics.")
    edition = await _recent(call, asked) or await _made(call, asked)
    folder = folder_of(call.node, edition)
    shared = await links.share_once(call.node, edition, "tool", call.caller.name)
    return ReportMade(
        source="computed",
        as_of=edition.made_at,
        edition_id=edition.edition_id,
        kind=edition.kind,
        days=Days(since=edition.first, until=edition.last),
        language=edition.language,
        made_at=edition.made_at,
        files=sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()),
        link=shared.url,
        pdf_link=shared.pdf,
        link_until=shared.until,
    )


async def _recent(call: Call, asked: ReportAsked) -> Edition | None:
    """The edition of the same days and language, if it was made a moment ago and is still there."""
    span = period_of(asked.kind, call.now(), asked.days).now
    async with call.node.database.reading() as session:
        found = await queries.of_period(session, asked.kind, span.first, span.last)
    young = (each for each in found if each.language == asked.language and call.now() - each.made_at <= GIVEN_AGAIN)
    return next((each for each in young if folder_of(call.node, each).is_dir()), None)


async def _made(call: Call, asked: ReportAsked) -> Edition:
    """A new edition. Raises `Problem` 404 where nothing is stored, 503 where it could not be drawn."""
    try:
        async with call.node.children:
            return await write_edition(call.node, asked.kind, asked.language, days=asked.days)
    except NothingToReportError as error:
        told = "Nothing is stored of these days, so there is nothing to report."
        raise Problem(404, "nothing_to_report", told, "Ask for other days, or run the collection.") from error
    except ExplainedError as error:
        log.warning("report.failed", error=type(error).__name__)
        told = "The report could not be drawn."
        raise Problem(503, "report_failed", told, "Ask query_metrics for numbers; the operator sees why.") from error
