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
    "tools:on-behalf",
    "approve",
    "owner",
]
SCOPES: Final[frozenset[str]] = frozenset(get_args(Scope))
_FOR_OTHERS: Final[frozenset[str]] = frozenset({"tools:read", "tools:write", "tools:on-behalf"})
KEY_PREFIX = "fhnode"
_NAME = re.compile(r"[\w .@-]{1,100}")
_ASSET = re.compile(r"[\w-]{1,64}", re.ASCII)


class KeyRefusedError(ExplainedError):
    """A key that cannot be made: the message says why."""


@dataclass(frozen=True, repr=False)
class NewKey:
    """A key just made; `secret` is shown this once."""

    id: str
    secret: str


async def create_key(
    session: WriteSession,
    name: str,
    scopes: Collection[str],
    now: datetime,
    *,
    secret: str | None = None,
    expires_at: datetime | None = None,
    assets: Collection[str] = (),
    person: str | None = None,
) -> NewKey:
    """Make a key for a caller called `name`. Raises `KeyRefusedError`. `secret` only where both sides must hold it.

    It ends at `expires_at`, and is good for `assets` alone where any are named. `person` is whose key it is, where
    approvals have to tell people apart.
    """
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise KeyRefusedError(f"unknown scopes {unknown}; choose from {', '.join(sorted(SCOPES))}")
    if "tools:on-behalf" in scopes and not _FOR_OTHERS.issuperset(scopes):
        raise KeyRefusedError("a key that calls tools for others (tools:on-behalf) is good for tools alone")
    if not _NAME.fullmatch(name):
        raise KeyRefusedError("a key's name is up to 100 letters, digits, spaces, dots, dashes")
    if not all(_ASSET.fullmatch(asset) for asset in assets):
        raise KeyRefusedError("an asset is named by its id, as `freehold node assets` shows it")
    if person is not None and not _NAME.fullmatch(person):
        raise KeyRefusedError("a person's name is up to 100 letters, digits, spaces, dots, dashes")
    made = NewKey(id=secrets.token_hex(8), secret=secret or crypto.new_secret(KEY_PREFIX))
    await queries.insert_key(
        session,
        {
            "id": made.id,
            "name": name,
            "digest": crypto.digest(made.secret),
            "scopes": ",".join(sorted(scopes)),
            "created_at": now,
            "expires_at": expires_at,
            "assets": ",".join(sorted(assets)) or None,
            "person": person,
        },
    )
    return made


async def revoke_older(session: WriteSession, name: str, key_id: str, now: datetime) -> None:
    """Revoke every key called `name` but this one, which has taken their place."""
    for key in await queries.list_keys(session):
        if key.name == name and key.id != key_id and key.revoked_at is None:
            await queries.revoke_key(session, key.id, now)


async def find_caller(session: ReadSession, secret: str, now: datetime) -> queries.AccessKey | None:
    """The key that `secret` is, unless it is unknown, was revoked or has expired."""
    return _usable(await queries.key_by_digest(session, crypto.digest(secret)), now)


async def usable_key(session: ReadSession, key_id: str, now: datetime) -> queries.AccessKey | None:
    """The key with this id, unless it is unknown, was revoked or has expired."""
    return _usable(await queries.key_by_id(session, key_id), now)


def _usable(key: queries.AccessKey | None, now: datetime) -> queries.AccessKey | None:
    if key is None or key.revoked_at is not None:
        return None
    return None if key.expires_at is not None and key.expires_at <= now else key
