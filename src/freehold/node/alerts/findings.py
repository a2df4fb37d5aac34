"""Has people told what a look has found: each spike and silent week, and what is newly recommended in one notice."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from freehold.node.context import Node
from freehold.node.notifications import queries
from freehold.node.notifications.notice import TITLE_LENGTH, Notice, legible, plain, shortened
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import Target
from freehold.node.store.recommendations.queries import Recommendation, Status, listed

ANOMALIES: Final = frozenset({"spike", "silent_week"})
NEW: Final[tuple[Status, ...]] = ("new",)
NEW_FOR: Final = timedelta(days=2)
"""What is older was either told, or is no news."""
LEAST_OF_A_NAME: Final = 10
"""Characters; less of a company's name says nothing."""
_COUNTED: Final = {
    "de": ("eine neue Empfehlung", "{count} neue Empfehlungen"),
    "en": ("one new recommendation", "{count} new recommendations"),
}
_DECIDE: Final = {
    "de": "Annehmen, ablegen oder als erledigt melden: `freehold node recommendations`.",
    "en": "Accept, dismiss or mark as done: `freehold node recommendations`.",
}


async def tell_findings(node: Node, targets: Sequence[Target]) -> int:
    """Have what was found lately told, once; gives how many notices are new."""
    now = node.clock.now()
    async with node.database.reading() as session:
        found = await listed(session, statuses=NEW, found_since=now - NEW_FOR)
        fresh = [each for each in found if each.made_at > now - NEW_FOR]
        notices = list(notices_of(fresh, node.settings.company_name))
        said = await queries.said(session, [notice.key for notice in notices], now) if notices else set()
    told = 0
    for notice in notices:
        if notice.key not in said:
            async with node.database.writing() as session:
                told += await tell(session, notice, targets, now)
    return told


def notices_of(found: Sequence[Recommendation], company: str) -> Iterator[Notice]:
    """An alert for each anomaly, and one notice for the other recommendations of each look."""
    looks: dict[datetime, list[Recommendation]] = {}
    for each in found:
        if each.kind in ANOMALIES:
            yield _anomaly(each, company)
        else:
            looks.setdefault(each.made_at, []).append(each)
    for made_at, advice in looks.items():
        yield _advice(advice, company, made_at)


def _anomaly(found: Recommendation, company: str) -> Notice:
    return Notice(
        key=f"anomaly:{found.recommendation_id}",
        kind="anomaly",
        severity="warning",
        title=_headed(company, legible(found.title, lines=False)),
        text=f"{legible(found.text)}\n\n{_decide(found)}",
    )


def _headed(company: str, title: str) -> str:
    """A title with whose it is. The company gives way: which ad or campaign it is about stands at the title's end."""
    room = TITLE_LENGTH - len(title) - len(": ")
    whose = f"{shortened(plain(company), room)}: " if room >= LEAST_OF_A_NAME else ""
    return f"{whose}{shortened(title, TITLE_LENGTH)}"


def _advice(advice: Sequence[Recommendation], company: str, made_at: datetime) -> Notice:
    one, many = _COUNTED.get(advice[0].language, _COUNTED["en"])
    counted = one if len(advice) == 1 else many.format(count=len(advice))
    parts = [f"{legible(each.title, lines=False)}\n{legible(each.text)}" for each in advice]
    return Notice(
        key=f"recommendation:{made_at:%Y-%m-%dT%H:%M:%S.%f}",
        kind="recommendation",
        severity="info",
        title=f"{plain(company)}: {counted}",
        text="\n\n".join([*parts, _decide(advice[0])]),
    )


def _decide(found: Recommendation) -> str:
    return _DECIDE.get(found.language, _DECIDE["en"])
