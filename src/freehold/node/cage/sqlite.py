"""Asks SQLite in a short-lived process, which is ended where it does not end by itself."""

import json
from typing import Any, Final

from freehold.kernel import logs
from freehold.node import children
from freehold.node.cage.bounds import MOST_BYTES, MOST_ROW_BYTES, PATIENCE, SECONDS, Found
from freehold.node.cage.refusals import refusal
from freehold.node.cage.words import FUNCTIONS
from freehold.node.store.views import WIDE

log = logs.get(__name__)

CHILD: Final = "freehold.node.cage.sqlite_child"


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
    try:
        found: dict[str, Any] = json.loads(await children.ask(CHILD, json.dumps(order).encode(), PATIENCE, ("LC_ALL",)))
    except TimeoutError:
        return {"error": "too_long", "told": ""}
    except children.ChildFailedError as error:
        log.error("cage.failed", status=error.status)  # noqa: TRY400 - what it said may quote the question
        return {"error": "failed", "told": ""}
    return found
