"""Asks SQLite in a short-lived process, which is ended where it does not end by itself."""

import asyncio
import json
import os
import sys
from typing import Any, Final

from freehold.kernel import logs
from freehold.node.cage.bounds import MOST_BYTES, MOST_ROW_BYTES, PATIENCE, SECONDS, Found
from freehold.node.cage.refusals import refusal
from freehold.node.cage.words import FUNCTIONS
from freehold.node.store.views import WIDE

log = logs.get(__name__)

_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL")
"""What the process sees of ours: no setting, no secret."""


async def ask(path: str, question: str, most: int) -> Found:
    """The first `most` rows of a question that was understood. Raises `Problem` 422 for what SQLite does not do."""
    order = {
        "path": path,
        "question": question,
        "views": list(WIDE),
        "functions": sorted(FUNCTIONS["sqlite"]),
        "most": most,
        "seconds": SECONDS,
        "most_bytes": MOST_BYTES,
        "most_row_bytes": MOST_ROW_BYTES,
    }
    found = await _answer(order)
    if "error" in found:
        raise refusal(found["error"], found["told"])
    return Found(found["columns"], found["rows"], found["cut"])


async def _answer(order: dict[str, Any]) -> dict[str, Any]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "freehold.node.cage.sqlite_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        out, _ = await asyncio.wait_for(child.communicate(json.dumps(order).encode()), PATIENCE)
    except TimeoutError:
        return {"error": "too_long", "told": ""}
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        log.error("cage.failed", status=child.returncode)
        return {"error": "failed", "told": ""}
    found: dict[str, Any] = json.loads(out)
    return found
