"""What a tool hands out to be handed back: where a list goes on, or a report that was ordered. Only this node reads it.

It is encrypted and authenticated, and good for one key and one purpose, for a day. What Meta calls a cursor, and the
id of a report, stay inside.
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
    """A place in the list that `call` reads, good for the same tool with the same other arguments."""
    return sealed(call, _list_of(call), place)


def place_of(call: Call, text: str | None) -> dict[str, Any]:
    """The place that a cursor holds, empty at the beginning of a list.

    Raises `Problem` 422 for a cursor that was altered, is too old, or was given for another key, tool or arguments.
    """
    return {} if text is None else opened(call, _list_of(call), text)


def sealed(call: Call, purpose: str, content: dict[str, Any]) -> str:
    """`content` for the holder of the caller's key to hand back for `purpose`."""
    until = (call.now() + LIFE).timestamp()
    text = json.dumps({"content": content, "until": until}, separators=(",", ":"))
    return call.node.keys.keyring.current().encrypt(text.encode(), _context(call, purpose))


def opened(call: Call, purpose: str, text: str) -> dict[str, Any]:
    """What `sealed` was given; raises `Problem` 422 for anything else."""
    try:
        found = json.loads(call.node.keys.keyring.current().decrypt(text, _context(call, purpose)))
    except InvalidCiphertextError as error:
        raise refused() from error
    if found["until"] < call.now().timestamp():
        raise refused()
    content: dict[str, Any] = found["content"]
    return content


def _list_of(call: Call) -> str:
    return f"cursor.{call.tool}.{call.arguments}"


def _context(call: Call, purpose: str) -> str:
    return f"mcp.{call.caller.id}.{purpose}"


def refused() -> Problem:
    """The answer to a cursor, or to something else that was handed out, which is good no more."""
    return Problem(
        422,
        "cursor_invalid",
        "This is too old, or was not given for this tool, these arguments and this key.",
        "Begin anew; with each cursor repeat the other arguments as they were.",
    )
