"""Runs `freehold` as a person does."""

import asyncio
from collections.abc import Mapping

from freehold.demo import processes


async def freehold(
    *arguments: str, environment: Mapping[str, str] | None = None, typed: str = ""
) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `freehold <arguments>`, with `typed` on standard input."""
    process = await asyncio.create_subprocess_exec(
        *processes.command(*arguments),
        stdin=asyncio.subprocess.PIPE if typed else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**processes.inherited_environment(), **(environment or {})},
    )
    out, err = await process.communicate(f"{typed}\n".encode() if typed else None)
    return process.returncode or 0, out.decode(), err.decode()
