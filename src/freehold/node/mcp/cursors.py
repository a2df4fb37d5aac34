"""Cursors: where a list goes on, as text that only this node can read.

A cursor is encrypted and authenticated, and good for the key, tool and arguments it was given for, for a day. What Meta
calls a cursor stays inside it.
"""

import json
from datetime import timedelta
from typing import Any, Final

from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.problems import Problem
from freehold.node.mcp.tool import Call

LIFE: Final = timedelta(days=1)
MAX_LENGTH: Final = 4_000


def cursor(call: Call, place: dict[str, Any]) -> str:
    """A place in the list that `call` reads, for the caller to hand back."""
    until = (call.now() + LIFE).timestamp()
    content = json.dumps({"place": place, "until": until}, separators=(",", ":"))
    return call.node.keys.keyring.current().encrypt(content.encode(), _context(call))


def place_of(call: Call, text: str | None) -> dict[str, Any]:
    """The place that a cursor holds, empty at the beginning of a list.

    Raises `Problem` 422 for a cursor that was altered, is too old, or was given for another key, tool or arguments.
    """
    if text is None:
        return {}
    try:
        content = json.loads(call.node.keys.keyring.current().decrypt(text, _context(call)))
    except InvalidCiphertextError as error:
        raise _refused() from error
    if content["until"] < call.now().timestamp():
        raise _refused()
    found: dict[str, Any] = content["place"]
    return found


def _context(call: Call) -> str:
    return f"mcp.cursor.{call.caller.id}.{call.tool}.{call.arguments}"


def _refused() -> Problem:
    return Problem(
        422,
        "cursor_invalid",
        "This cursor is too old, or was not given for this tool, these arguments and this key.",
        "Leave `after` out to begin anew, and repeat the other arguments with each cursor.",
    )
