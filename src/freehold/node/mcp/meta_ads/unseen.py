"""Objects that were shown to nobody: what has no row in Meta's answer, though it is there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel

from freehold.node.mcp.meta_ads import queries
from freehold.node.mcp.meta_ads.stored_insights import Subject
from freehold.node.mcp.tool import Call, UntrustedText, words
from freehold.providers.meta import graph

MOST: int = 50
"""So many are named at most."""
_LISTS = {"campaign": "ad_campaigns", "adset": "ad_sets", "ad": "ads"}


class Unseen(BaseModel):
    """An object that was shown to nobody."""

    id: str
    name: UntrustedText | None
    effective_status: str


@dataclass(frozen=True)
class Without:
    """The first of the objects without delivery and how many there are; or why that was not worked out."""

    objects: list[Unseen] | None = None
    total: int | None = None
    unknown: str | None = None


async def without_delivery(
    call: Call, subject: Subject, last: date, timezone: str, seen: Collection[str] | None
) -> Without:
    """Stored objects of the level, in the subject, that were there by the `last` day, are not ended, and not `seen`.

    `seen` are the ids of all rows of the whole answer; None where only a part of it is here.
    """
    if subject.level == "account":
        return Without(unknown="an account is told as a whole; ask by campaign, adset or ad")
    if seen is None:
        return Without(unknown="this is a part of the list; ask with a limit that holds all of it")
    async with call.node.database.reading() as session:
        listed = await queries.last_read(session, subject.account_id, _LISTS[subject.level])
        known = await queries.named(session, subject.account_id, subject.level, subject.kind, subject.object_id)
    if listed is None:
        return Without(unknown="the node has not listed this account's objects yet")
    # What was made after the window could not be shown in it.
    ends = graph.midnight(last + timedelta(days=1), graph.zone_named(timezone))
    found = [
        Unseen(id=each.id, name=words(each.name), effective_status=each.effective_status)
        for each in known
        if each.id not in seen
        and each.effective_status not in queries.HIDDEN
        and (each.created_at is None or each.created_at < ends)
    ]
    return Without(found[:MOST], len(found))
