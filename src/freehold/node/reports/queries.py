"""All SQL over editions of reports."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.reports.tables import report_editions

Kind = Literal["week", "month", "days"]
"""A calendar week, a calendar month, or any number of days back from yesterday."""


@dataclass(frozen=True)
class Edition:
    """A report as it was made once: the days that it tells of, both included, and its folder below `reports_dir`.

    `freehold.node.reports.editions` has the names of the files in it. One that a workflow made is `for_readers`: those
    who are sent reports; others somebody had made for themselves.
    """

    edition_id: str
    kind: Kind
    first: date
    last: date
    language: str
    made_at: datetime
    folder: str
    for_readers: bool = False


_COLUMNS = [report_editions.c[name] for name in Edition.__dataclass_fields__]


async def add(session: WriteSession, edition: Edition) -> None:
    """Write down that an edition was made."""
    await session.execute(report_editions.insert().values(asdict(edition)))


async def find(session: ReadSession, edition_id: str) -> Edition | None:
    """The edition of this id."""
    row = (await session.execute(select(*_COLUMNS).where(report_editions.c.edition_id == edition_id))).first()
    return None if row is None else Edition(*row)


async def listed(session: ReadSession, limit: int) -> list[Edition]:
    """The editions that were made last, the newest first."""
    query = select(*_COLUMNS).order_by(report_editions.c.made_at.desc(), report_editions.c.edition_id).limit(limit)
    return [Edition(*row) for row in (await session.execute(query)).all()]


async def of_period(session: ReadSession, kind: Kind, first: date, last: date) -> list[Edition]:
    """The editions of exactly these days, the newest first."""
    of = report_editions.c
    query = select(*_COLUMNS).where(of.kind == kind, of.first == first, of.last == last)
    return [Edition(*row) for row in (await session.execute(query.order_by(of.made_at.desc()))).all()]


async def made_before(session: ReadSession, before: datetime) -> list[Edition]:
    """The editions that were made before then."""
    query = select(*_COLUMNS).where(report_editions.c.made_at < before)
    return [Edition(*row) for row in (await session.execute(query)).all()]


async def telling_of(session: ReadSession, kind: Kind, first: date) -> list[Edition]:
    """The editions of a kind that tell of a day from `first` on, the oldest first."""
    of = report_editions.c
    query = select(*_COLUMNS).where(of.kind == kind, of.last >= first).order_by(of.made_at, of.edition_id)
    return [Edition(*row) for row in (await session.execute(query)).all()]
