"""A test message, sent at once to targets that somebody wants to try, and what came of it at each."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from freehold.node.context import Node
from freehold.node.notifications.notice import Letter
from freehold.node.notifications.outbox import sender_of
from freehold.node.notifications.send import send
from freehold.node.notifications.targets import Target


@dataclass(frozen=True)
class Tried:
    """What came of a test message to one target; `error` is empty where all of its readers got it."""

    target: Target
    error: str


async def try_out(node: Node, targets: Sequence[Target]) -> AsyncIterator[Tried]:
    """Send a test message to each target, whatever it wishes to hear and when: somebody is waiting for it."""
    company = node.settings.company_name
    text = f"This is how the node of {company} tells you when something is wrong. Nothing is wrong now."
    letter = Letter("test", "test", "info", f"{company}: a test message", text, node.clock.now())
    for target in targets:
        async with contextlib.aclosing(send(sender_of(node), target, [letter])) as outcomes:
            async for _, outcome in outcomes:
                yield Tried(target, outcome.error or outcome.missed)
