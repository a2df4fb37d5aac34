"""The recommendations that stand, in the language in which they are to be read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from freehold.kernel.database import ReadSession
from freehold.node.advice.basis import Basis
from freehold.node.advice.telling import told
from freehold.node.advice.variety import varied
from freehold.node.narrative.facts import Language
from freehold.node.store.recommendations import queries
from freehold.node.store.recommendations.queries import STANDING, Recommendation

STILL_FOUND: Final = timedelta(days=35)
"""What no look has found for so long is over; should it come back, it is something new."""


@dataclass(frozen=True)
class Standing:
    """What to do, and why, in words that were checked against their evidence."""

    title: str
    text: str


async def standing(
    session: ReadSession, language: Language, now: datetime, limit: int, account_ids: Collection[str] | None = None
) -> list[Standing]:
    """What nobody has dismissed or done, and a look has found lately; one of each kind first, and the newest.

    Those that were made in another language are told again by its templates.
    """
    found = await queries.listed(session, statuses=STANDING, account_ids=account_ids, found_since=now - STILL_FOUND)
    return [_in_words(each, language) for each in varied(found)[:limit]]


def _in_words(kept: Recommendation, language: Language) -> Standing:
    if kept.language == language:
        return Standing(kept.title, kept.text)
    words = told(Basis.from_json(kept.evidence), language)
    return Standing(words.title, words.text)
