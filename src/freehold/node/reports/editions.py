"""Makes editions of the report: a folder of files that need nothing else, and a row that says which days they tell of.

The files of an edition have fixed names. `report.html` holds its pictures; `email.html` refers to those in `images/` as
`cid:NAME.png`, and `email.txt` says the same in plain words. Both have `link:report` where whoever sends them puts an
address at which the report is read. `summary.txt` is a title and a few sentences; `figures.json` has every figure with
its query.
"""

import asyncio
import json
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from freehold.kernel import logs
from freehold.kernel.problems import ExplainedError
from freehold.node.advice.standing import standing
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.narrative.facts import Language
from freehold.node.reports import content, queries
from freehold.node.reports.content import Report
from freehold.node.reports.periods import Period, period_of
from freehold.node.reports.printing import Brand, open_press, plain
from freehold.node.reports.queries import Edition, Kind
from freehold.node.reports.restatements import REACH_BACK, Earlier, as_told, latest_told
from freehold.node.settings import NodeSettings

log = logs.get(__name__)

REPORT: Final = "report.html"
PDF: Final = "report.pdf"
EMAIL: Final = "email.html"
EMAIL_TEXT: Final = "email.txt"
SUMMARY: Final = "summary.txt"
LINK: Final = "link:report"
"""Stands in the e-mail for the address of the whole report."""
FIGURES: Final = "figures.json"
IMAGES: Final = "images"
FORMATS: Final = ("pdf", "email")
MOST_ADVICE: Final = 5
LARGEST_LOGO: Final = 1024 * 1024
LATEST: Final = "latest.html"
"""In the folder of reports itself: the newest edition's report."""


class NothingToReportError(ExplainedError):
    """There is no number to report; what was written before stays."""


async def write_edition(
    node: Node,
    kind: Kind,
    language: Language,
    *,
    days: int = 0,
    formats: tuple[str, ...] = FORMATS,
    for_readers: bool = False,
) -> Edition:
    """Make the edition of the newest whole week or month, or of the last `days`; gives it once its folder is whole.

    The page and the figures are in every edition; `formats` says whether the PDF and the e-mail are, too. What has
    moved since it was told is, `for_readers`, what has moved since they were told. Raises
    `NothingToReportError`, which leaves earlier editions as they are, `PrintingError`, and `Problem` 503 without a
    database.
    """
    now = node.clock.now()
    period = period_of(kind, now, days)
    async with open_press() as press:
        report = await _gathered(node, period, now, language, for_readers=for_readers)
        _check(report, period)
        files = await press.print_files(report, language, _brand(node.settings), ("html", *formats))
    span = period.now
    name = f"{kind}-{span.first}-{span.last}-{language}-{secrets.token_hex(4)}"
    edition = Edition(name, kind, span.first, span.last, language, now, name, for_readers)
    files[FIGURES] = json.dumps(_document(edition, report), indent=1, ensure_ascii=False).encode()
    _write(node.settings.reports_dir(), name, files)
    async with node.database.writing() as session:
        await queries.add(session, edition)
    return edition


def _check(report: Report, period: Period) -> None:
    if report.empty:
        raise NothingToReportError(
            f"Nothing has been collected for {period.now.first} to {period.now.last}, so no report is written; earlier "
            "ones stay. Run `freehold node collect`, or see `freehold doctor`."
        )


async def _gathered(node: Node, period: Period, now: datetime, language: Language, *, for_readers: bool) -> Report:
    """What the store says of a period, beside what earlier editions said of its days."""
    earlier = await _earlier(node, period, now, for_readers=for_readers)
    async with node.database.reading() as session:
        assets = await ticked_assets(session)
        advice = await standing(session, language, now, MOST_ADVICE)
        return await content.gather(session, node.settings.company_name, assets, period, now, earlier, advice)


async def _earlier(node: Node, period: Period, now: datetime, *, for_readers: bool) -> Earlier:
    """What editions of this kind told of the days that are told now, and of the days before."""
    since = period.now.last - REACH_BACK
    async with node.database.reading() as session:
        editions = await queries.telling_of(session, period.kind, since)
    told = told_by(editions, for_readers=for_readers)
    documents = [found for each in told if (found := await asyncio.to_thread(_read, node, each))]
    age = (now.date() - period.now.last).days
    return Earlier(latest_told(documents, since), as_told(documents, period.before, age))


def told_by(editions: Sequence[Edition], *, for_readers: bool) -> list[Edition]:
    """Those of some editions, the oldest first, that have told whoever reads the next one.

    Readers were told what was made for them, and nothing by what somebody had made besides, be it earlier. Somebody who
    makes one by hand compares with the same, and where readers got none of a period, with the first of it.
    """
    sent = [each for each in editions if each.for_readers]
    firsts = {} if for_readers else {(each.first, each.last): each for each in reversed(editions)}
    told = {(each.first, each.last) for each in sent}
    by_hand = [each for days, each in firsts.items() if days not in told]
    return sorted([*sent, *by_hand], key=lambda each: each.made_at)


def _read(node: Node, edition: Edition) -> dict[str, Any]:
    """The figures of an edition; nothing where its folder is no longer there."""
    try:
        read: dict[str, Any] = json.loads((folder_of(node, edition) / FIGURES).read_bytes())
    except FileNotFoundError:
        return {}
    return read


def _brand(settings: NodeSettings) -> Brand:
    """The client's colour and logo; a logo that is not there, or too large for one, is left out and logged."""
    path = settings.report_logo
    if path is None:
        return Brand(settings.report_colour)
    try:
        with path.open("rb") as file:
            held = file.read(LARGEST_LOGO + 1)
    except OSError as error:
        log.warning("report.logo_unreadable", error=type(error).__name__)
        return Brand(settings.report_colour)
    if len(held) > LARGEST_LOGO:
        log.warning("report.logo_too_large", most_bytes=LARGEST_LOGO)
        return Brand(settings.report_colour)
    return Brand(settings.report_colour, held)


def _document(edition: Edition, report: Report) -> dict[str, Any]:
    """Every figure with its query, and what the edition tells of each day, for later ones to compare with."""
    sections = [
        {
            "account_id": section.account_id,
            "kind": section.kind,
            "currency": section.currency,
            "figures": section.figures,
            "sources": section.sources,
            "gaps": section.gaps,
            "restated": section.restated,
        }
        for section in report.sections
    ]
    document: dict[str, Any] = plain(
        {
            "edition": edition,
            "period": report.period,
            "sections": sections,
            "told": {section.account_id: section.told for section in report.sections},
        }
    )
    return document


def folder_of(node: Node, edition: Edition) -> Path:
    """Where the files of an edition are."""
    return node.settings.reports_dir() / edition.folder


def _write(reports: Path, name: str, files: Mapping[str, bytes]) -> None:
    """Put files into a new folder that only its owner reads, and that is there whole or not at all."""
    reports.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=reports))
    try:
        (unfinished / IMAGES).mkdir()
        for path, held in files.items():
            (unfinished / path).write_bytes(held)
        unfinished.rename(reports / name)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    newest = reports / f".{LATEST}.{name}"
    newest.write_bytes(files[REPORT])
    newest.replace(reports / LATEST)
