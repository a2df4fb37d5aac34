"""One change of an account at a time, in whichever process: a lease in the database, since Meta is called meanwhile."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

from freehold.kernel.database import WriteSession
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.spending import queries

HOLD = timedelta(minutes=10)
"""Longer than a change may take with all its tries; whoever dies holding an account lets it go after this."""
TURNS = 150
URGENT_TURNS = 10
TURN_SECONDS = 0.2


@dataclass(frozen=True)
class Hold:
    """An account that is held."""

    node: Node
    account_id: str
    holder: str
    taken: bool = True
    """False for what is urgent, and goes on beside whoever holds it."""

    async def keep(self, session: WriteSession) -> None:
        """Hold it anew from now on; raises `Problem` 409 when it was lost: another may have changed something."""
        until = self.node.clock.now() + HOLD
        if self.taken and not await queries.keep_lock(session, self.account_id, self.holder, until):
            raise busy(self.account_id)


@contextlib.asynccontextmanager
async def held(node: Node, account_id: str, *, urgent: bool = False) -> AsyncIterator[Hold]:
    """Hold an account; raises `Problem` 409 when others hold it for half a minute.

    What is `urgent`, since it only stops or lowers, waits for two seconds and then goes on beside them.
    """
    hold = Hold(node, account_id, secrets.token_hex(8))
    for _ in range(URGENT_TURNS if urgent else TURNS):
        async with node.database.writing() as session:
            now = node.clock.now()
            taken = await queries.take_lock(session, account_id, hold.holder, now, now + HOLD)
        if taken:
            break
        await asyncio.sleep(TURN_SECONDS)
    else:
        if not urgent:
            raise busy(account_id)
        hold = replace(hold, taken=False)
    try:
        yield hold
    finally:
        async with node.database.writing() as session:
            await queries.give_lock(session, account_id, hold.holder)


def busy(account_id: str) -> Problem:
    """The refusal while another change of an account is under way."""
    hint = "Nothing was sent. Try again in a few seconds."
    return Problem(409, "account_busy", f"Another change of {account_id} is under way.", hint, retry_after=5)
