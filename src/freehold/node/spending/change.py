"""What somebody wants to change at Meta, and who wants it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from freehold.kernel.problems import Problem
from freehold.providers.meta.ad_writes import OPERATIONS, Kind

Channel = Literal["mcp", "rest", "workflow", "cli", "page"]
MAX_PARAMETERS_BYTES = 2_000_000
"""A picture in base64 is the largest of them."""
MACHINE = ""
"""The key id of whoever has a shell on the node's own machine."""


@dataclass(frozen=True)
class Principal:
    """Who asks: the key that was presented (`MACHINE` on the node's own machine), and by which way in.

    `person` is whom the key belongs to, where that was written down: it tells whether two keys are one human's.
    """

    key_id: str
    name: str
    channel: Channel
    person: str | None = None


@dataclass(frozen=True)
class Change:
    """One change of one object: what Meta calls it, by its own parameter names.

    `account_id` is the ad account (`act_…`); `object_id` what is changed, empty where something new is made in the
    account. Amounts are whole minor units of the account's currency; `currency`, where given, has to be it.
    """

    kind: Kind
    account_id: str
    object_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    currency: str | None = None


def canonical(value: Any) -> str:
    """The one text of a JSON value: names sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(value: Any) -> str:
    """SHA-256 over the one text of a JSON value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def check(change: Change) -> None:
    """Refuse (`Problem` 422) a change that no plan can be made of: unknown, misplaced, or with foreign parameters."""
    if not all(_storable(text) for text in _texts(change.parameters)):
        told = "A text holds half a character or a NUL, which no database and no ad can hold."
        raise _refused("parameter_wrong", told, "Send well-formed Unicode.")
    operation = OPERATIONS.get(change.kind)
    if operation is None:
        raise _refused(
            "change_unknown", f"There is no change called {change.kind!r:.60}.", "See the API's description."
        )
    if (operation.level == "account") != (not change.object_id):
        needs = "names no object" if change.object_id else "needs the id of its object"
        raise _refused("object_misplaced", f"{change.kind} {needs}.", "Give ids as Meta writes them.")
    foreign = sorted(set(change.parameters) - operation.parameters)
    if foreign:
        known = ", ".join(sorted(operation.parameters)) or "none"
        raise _refused(
            "parameter_unknown", f"{change.kind} takes no {', '.join(foreign)[:200]}.", f"It takes: {known}."
        )
    status = change.parameters.get("status", "")
    if not isinstance(status, str):
        raise _refused("parameter_wrong", "status is one word, such as PAUSED.", "Correct it and plan again.")
    if len(canonical(dict(change.parameters))) > MAX_PARAMETERS_BYTES:
        raise _refused("change_too_large", "The parameters are larger than two million characters.", "Send less.")


def _texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, the names of members too."""
    if isinstance(value, str):
        yield value
    for inner in (
        (*value.keys(), *value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    ):
        yield from _texts(inner)


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _refused(code: str, detail: str, hint: str) -> Problem:
    return Problem(422, code, detail, hint)
