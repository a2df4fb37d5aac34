"""Callers' keys: made once, stored as a digest, good for the scopes they were made with."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from freehold.kernel import crypto
from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.problems import ExplainedError
from freehold.node.access import queries

Scope = Literal[
    "credentials:deliver",
    "credentials:read",
    "credentials:reveal",
    "workflows",
    "tools:read",
    "tools:write",
    "approve",
    "owner",
]
SCOPES: Final[frozenset[str]] = frozenset(get_args(Scope))
KEY_PREFIX = "fhnode"
_NAME = re.compile(r"[\w .@-]{1,100}")


class KeyRefusedError(ExplainedError):
    """A key that cannot be made: the message says why."""


@dataclass(frozen=True, repr=False)
class NewKey:
    """A key just made; `secret` is shown this once."""

    id: str
    secret: str


async def create_key(
    session: WriteSession, name: str, scopes: Collection[str], now: datetime, *, secret: str | None = None
) -> NewKey:
    """Make a key for a caller called `name`. Raises `KeyRefusedError`. `secret` only where both sides must hold it."""
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise KeyRefusedError(f"unknown scopes {unknown}; choose from {', '.join(sorted(SCOPES))}")
    if not _NAME.fullmatch(name):
        raise KeyRefusedError("a key's name is up to 100 letters, digits, spaces, dots, dashes")
    made = NewKey(id=secrets.token_hex(8), secret=secret or crypto.new_secret(KEY_PREFIX))
    await queries.insert_key(
        session,
        {
            "id": made.id,
            "name": name,
            "digest": crypto.digest(made.secret),
            "scopes": ",".join(sorted(scopes)),
            "created_at": now,
        },
    )
    return made


async def find_caller(session: ReadSession, secret: str) -> queries.AccessKey | None:
    """The key that `secret` is, unless it is unknown or revoked."""
    found = await queries.key_by_digest(session, crypto.digest(secret))
    return None if found is None or found.revoked_at is not None else found
