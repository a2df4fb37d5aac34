"""The digest: what each target has let wait becomes one notice to it, in the transaction that takes it off the list."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from freehold.kernel import logs
from freehold.node.context import Node
from freehold.node.notifications import queries
from freehold.node.notifications.notice import Letter, Notice, plain, shortened
from freehold.node.notifications.outbox import REMOVED
from freehold.node.notifications.targets import load_targets
from freehold.node.notifications.wishes import DIGEST, GRAVITY

log = logs.get(__name__)

MOST: Final = 40
"""So many things are told of one by one; of the others only how many there are."""
SUMMARY_LENGTH: Final = 280
TOLD: Final = "told in a digest"
LONGEST_WAIT: Final = timedelta(days=2)
"""Longer than from one morning to the next."""


async def make_digests(node: Node) -> int:
    """Put what waits into one notice for each target, to be sent like any other; gives how many there are.

    A crash loses nothing and tells nothing twice: taking off the list and writing the notice are one transaction.
    Raises `TargetRefusedError` when the file of targets is damaged, and `Problem` when the database is away.
    """
    now, made = node.clock.now(), 0
    known = {target.name for target in load_targets(node.settings.data_dir)}
    async with node.database.writing() as session:
        waiting = sorted(await queries.held(session), key=lambda due: due.target)
        for target, found in itertools.groupby(waiting, key=lambda due: due.target):
            held, fate = list(found), TOLD if target in known else REMOVED
            await queries.release(session, [due.delivery_id for due in held], fate)
            if fate == TOLD:
                letters = [due.letter for due in held]
                await queries.add(session, digest_of(letters, node.settings.company_name, target, now), [target], now)
                made += 1
    log.info("digest.made", digests=made, notices=len(waiting))
    return made


async def make_overdue(node: Node) -> int:
    """Make the digests if something waits for longer than anybody's daily digest lets it; gives how many there are."""
    async with node.database.reading() as session:
        overdue = await queries.is_any_held(session, node.clock.now() - LONGEST_WAIT)
    return await make_digests(node) if overdue else 0


def digest_of(letters: Sequence[Letter], company: str, target: str, now: datetime) -> Notice:
    """One notice that holds these letters, the gravest first and among those the oldest; as grave as the gravest."""
    ordered = sorted(letters, key=lambda each: (-GRAVITY[each.severity], each.at))
    told = [_entry(each) for each in ordered[:MOST]]
    if len(ordered) > MOST:
        told.append(f"And {len(ordered) - MOST} more; `freehold node notify log` lists them.")
    counted = "one thing" if len(letters) == 1 else f"{len(letters)} things"
    return Notice(
        key=f"{DIGEST}:{target}:{now:%Y-%m-%dT%H:%M:%S.%f}",
        kind=DIGEST,
        severity=ordered[0].severity,
        title=f"{plain(company)}: {counted} since {_since(letters):%d %B, %H:%M} UTC",
        text="\n\n".join(told),
    )


def _since(letters: Iterable[Letter]) -> datetime:
    return min(each.at for each in letters)


def _entry(letter: Letter) -> str:
    """One thing: when, what, and the first paragraph of its text."""
    mark = "" if letter.severity == "info" else f"[{letter.severity}] "
    summary = " ".join(letter.text.partition("\n\n")[0].split())
    short = shortened(summary, SUMMARY_LENGTH)
    return f"- {mark}{letter.title} ({letter.at:%d %B, %H:%M} UTC)\n  {short}"
