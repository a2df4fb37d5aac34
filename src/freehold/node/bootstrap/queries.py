"""Reading and writing what bootstrap installed in other products."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.bootstrap.tables import installed_parts


@dataclass(frozen=True)
class Part:
    """A part of a product as bootstrap left it: our name of it, the product's id, and the digest of what we wrote."""

    name: str
    external_id: str
    digest: str


async def parts_of(session: ReadSession, product: str) -> dict[str, Part]:
    """What was installed in `product`, by name."""
    table = installed_parts
    found = await session.execute(
        select(table.c.name, table.c.external_id, table.c.digest).where(table.c.product == product)
    )
    return {row.name: Part(row.name, row.external_id, row.digest) for row in found}


async def remember(session: WriteSession, product: str, part: Part, now: datetime) -> None:
    """Write down a part, in place of what stands there of its name."""
    values = {"external_id": part.external_id, "digest": part.digest, "installed_at": now}
    statement = insert(session, installed_parts).values(product=product, name=part.name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["product", "name"], set_=values))


async def forget(session: WriteSession, product: str) -> None:
    """Forget every part of `product`: it was emptied or made anew."""
    await session.execute(delete(installed_parts).where(installed_parts.c.product == product))
