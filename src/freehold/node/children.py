"""Short-lived processes of the node's own: libraries load there that the node does without, and no secret is known."""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Collection
from typing import Final

_ENVIRONMENT: Final = ("LANG", "PATH", "PYTHONPATH")
"""What every child sees of our environment: no setting, no secret."""
_KIND: Final = re.compile(r"[A-Za-z_][\w.]{0,99}", re.ASCII)


class ChildFailedError(Exception):
    """The child ended badly: with `status`, and with `said`, the last line of its errors, which may quote its order."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"the child ended with {status}")
        self.status, self.said = status, said

    @property
    def kind(self) -> str:
        """What kind of error the child ended with, as it is named, which quotes nothing."""
        named = self.said.partition(":")[0]
        return named if _KIND.fullmatch(named) else "an error without a name"


class Child:
    """A process that has begun: it loads its libraries until it is given its order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def answer(self, order: bytes, seconds: float) -> bytes:
        """What it answers to its order, on its standard input, within `seconds`. Raises `TimeoutError` and
        `ChildFailedError`.
        """
        async with asyncio.timeout(seconds):
            out, err = await self._process.communicate(order)
        if self._process.returncode:
            said = err.decode(errors="replace").strip().rpartition("\n")[2]
            raise ChildFailedError(self._process.returncode or 0, said)
        return out


@contextlib.asynccontextmanager
async def started(module: str, more: Collection[str] = ()) -> AsyncIterator[Child]:
    """A process of `python -m module`, ended with the block at the latest.

    It sees the variables named in `more` beside the usual ones.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in (*_ENVIRONMENT, *more) if name in os.environ},
    )
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ask(module: str, order: bytes, seconds: float, more: Collection[str] = ()) -> bytes:
    """What a process that begins now answers to an order, within `seconds`.

    It sees the variables named in `more` beside the usual ones. Raises `TimeoutError` and `ChildFailedError`.
    """
    async with started(module, more) as child:
        return await child.answer(order, seconds)
