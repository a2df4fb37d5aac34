"""Short-lived processes of the node's own: libraries load there that the node does without, and no secret is known."""

import asyncio
import os
import sys
from collections.abc import Collection
from typing import Final

_ENVIRONMENT: Final = ("LANG", "PATH", "PYTHONPATH")
"""What every child sees of our environment: no setting, no secret."""


class ChildFailedError(Exception):
    """The child ended badly: with `status`, and with `said`, the last line of its errors, which may quote its order."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"the child ended with {status}")
        self.status, self.said = status, said


async def ask(module: str, order: bytes, seconds: float, more: Collection[str] = ()) -> bytes:
    """What `python -m module` answers to an order on its standard input.

    It sees the variables named in `more` beside the usual ones, and is ended after `seconds`, its start included.
    Raises `TimeoutError` and `ChildFailedError`.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in (*_ENVIRONMENT, *more) if name in os.environ},
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await child.communicate(order)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise ChildFailedError(child.returncode, err.decode(errors="replace").strip().rpartition("\n")[2])
    return out
