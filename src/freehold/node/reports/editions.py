"""Makes editions of the report: a folder of files that need nothing else, and a row that says which days they tell of.

The files of an edition have fixed names. `report.html` holds its pictures; `email.html` refers to those in `images/` as
`cid:NAME.png`, and `email.txt` says the same in plain words; `figures.json` has every figure with its query.
"""

import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.reports import content, queries
from freehold.node.reports.periods import period_of
from freehold.node.reports.queries import Edition, Kind
from freehold.node.reports.write import render

REPORT: Final = "report.html"
PDF: Final = "report.pdf"
EMAIL: Final = "email.html"
EMAIL_TEXT: Final = "email.txt"
FIGURES: Final = "figures.json"
IMAGES: Final = "images"
LATEST: Final = "latest.html"
"""In the folder of reports itself: the newest edition's report."""


class NothingToReportError(ExplainedError):
    """There is no number to report; what was written before stays."""


async def write_edition(node: Node, kind: Kind, language: str, *, days: int = 0) -> Edition:
    """Make the edition of the newest whole week or month, or of the last `days`; gives it once its folder is whole.

    Raises `NothingToReportError`, which leaves earlier editions as they are, and `Problem` 503 without a database.
    """
    now = node.clock.now()
    span = period_of(kind, now, days).now
    async with node.database.reading() as session:
        report = await content.gather(session, node.settings.company_name, await ticked_assets(session), span.days, now)
    if report.empty:
        raise NothingToReportError(
            f"Nothing has been collected for {span.first} to {span.last}, so no report is written; earlier ones "
            "stay. Run `freehold node collect`, or see `freehold doctor`."
        )
    name = f"{kind}-{span.first}-{span.last}-{language}-{secrets.token_hex(4)}"
    edition = Edition(name, kind, span.first, span.last, language, now, name)
    _write(node.settings.reports_dir(), name, {REPORT: (await render(report)).encode()})
    async with node.database.writing() as session:
        await queries.add(session, edition)
    return edition


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
