"""All SQL over links to editions and their readings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, insert, or_, select, update

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.reports import queries as editions
from freehold.node.reports.queries import Edition
from freehold.node.sharing.readers import Reader
from freehold.node.sharing.tables import report_links, report_reads

Way = Literal["notice", "tool", "command", ""]
"""How a link was made; empty where nobody wrote it down."""


@dataclass(frozen=True)
class Link:
    """A link as it is kept: without its address.

    `made_for` is the target of a notice, the key that used a tool, or what the operator wrote at the command line.
    """

    link_id: str
    edition_id: str
    made_at: datetime
    until: datetime
    withdrawn_at: datetime | None = None
    way: Way = "command"
    made_for: str = ""


@dataclass(frozen=True)
class Read:
    """One reading of a file of an edition by a link."""

    at: datetime
    link_id: str
    edition_id: str
    file: str
    reader: Reader
    address_digest: str


@dataclass(frozen=True)
class Readings:
    """How often people read by a link, from how many addresses, and when last."""

    reads: int = 0
    addresses: int = 0
    last: datetime | None = None


_LINK = [report_links.c[name] for name in Link.__dataclass_fields__]


async def add(session: WriteSession, link: Link) -> None:
    """Write a new link down."""
    await session.execute(insert(report_links).values(asdict(link)))


async def open_edition(session: ReadSession, link_id: str, now: datetime) -> Edition | None:
    """The edition that a link leads to, while it does."""
    of = report_links.c
    query = select(of.edition_id).where(of.link_id == link_id, of.until > now, of.withdrawn_at.is_(None))
    edition_id = (await session.execute(query)).scalar()
    return None if edition_id is None else await editions.find(session, edition_id)


async def lasting(session: ReadSession, edition_id: str, way: Way, made_for: str, until: datetime) -> Link | None:
    """The link to an edition that was made in this way for the same reader, and last of those open beyond `until`."""
    of = report_links.c
    same = (of.edition_id == edition_id, of.way == way, of.made_for == made_for)
    query = select(*_LINK).where(*same, of.until >= until, of.withdrawn_at.is_(None))
    row = (await session.execute(query.order_by(of.made_at.desc(), of.link_id).limit(1))).first()
    return None if row is None else Link(*row)


async def withdraw(session: WriteSession, name: str, now: datetime) -> int:
    """End the link of this id, or every link of the edition of this id; gives how many were open until now."""
    of = report_links.c
    mine = or_(of.link_id == name, of.edition_id == name)
    still_open = (of.until > now, of.withdrawn_at.is_(None))
    done = await session.execute(update(report_links).where(mine, *still_open).values(withdrawn_at=now))
    return done.rowcount


async def listed(session: ReadSession, limit: int) -> list[Link]:
    """The links that were made last, the newest first."""
    query = select(*_LINK).order_by(report_links.c.made_at.desc(), report_links.c.link_id).limit(limit)
    return [Link(*row) for row in (await session.execute(query)).all()]


async def note(session: WriteSession, read: Read) -> None:
    """Write a reading down."""
    await session.execute(insert(report_reads).values(asdict(read)))


async def readings(session: ReadSession, link_ids: Sequence[str]) -> dict[str, Readings]:
    """What people read by these links, by link; one that nobody read by is left out."""
    of = report_reads.c
    query = (
        select(of.link_id, func.count(), func.count(of.address_digest.distinct()), func.max(of.at))
        .where(of.link_id.in_(link_ids), of.reader == "person")
        .group_by(of.link_id)
    )
    return {row[0]: Readings(*row[1:]) for row in (await session.execute(query)).all()}
