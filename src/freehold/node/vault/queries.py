"""All SQL over credentials. Only ciphertext passes through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping, func, insert, select, text, update

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.vault.tables import CIPHERTEXTS, meta_credentials

Status = Literal["active", "pending", "revoked", "superseded"]

_ACTIVE = (
    select(*(meta_credentials.c[name] for name in ("id", "meta_user_id", *CIPHERTEXTS)))
    .where(meta_credentials.c.status == "active")
    .order_by(meta_credentials.c.issued_at.desc(), meta_credentials.c.id)
)
"""Built once: it runs on every call to the provider."""


@dataclass(frozen=True)
class Credential:
    """One row without its secrets."""

    id: str
    client_id: str
    provider: str
    meta_user_id: str
    status: Status
    status_reason: str | None
    scopes: tuple[str, ...]
    token_expires_at: datetime | None
    data_access_expires_at: datetime | None
    instagram_business_account_id: str | None
    facebook_page_id: str | None
    ad_account_id: str | None
    created_at: datetime
    last_refreshed_at: datetime | None
    issued_at: datetime
    delivery_id: str


async def credentials(session: ReadSession, *statuses: Status, meta_user_id: str | None = None) -> list[Credential]:
    """Credentials of these statuses (all of them when none is named), the newest authorisation first."""
    query = select(meta_credentials).order_by(meta_credentials.c.issued_at.desc(), meta_credentials.c.id)
    if statuses:
        query = query.where(meta_credentials.c.status.in_(statuses))
    if meta_user_id is not None:
        query = query.where(meta_credentials.c.meta_user_id == meta_user_id)
    return [_credential(row) for row in (await session.execute(query)).mappings()]


async def find_credential(session: ReadSession, credential_id: str) -> Credential | None:
    """The credential of this id."""
    row = (await session.execute(select(meta_credentials).where(meta_credentials.c.id == credential_id))).mappings()
    found = row.first()
    return None if found is None else _credential(found)


async def latest_issue(session: ReadSession, meta_user_id: str) -> datetime | None:
    """When this person last authorised, as far as the node was told."""
    query = select(func.max(meta_credentials.c.issued_at)).where(meta_credentials.c.meta_user_id == meta_user_id)
    found: datetime | None = (await session.execute(query)).scalar()
    return found


async def insert_credential(session: WriteSession, row: dict[str, Any]) -> None:
    """Write a new row; its secrets are ciphertext already."""
    await session.execute(insert(meta_credentials).values(**row))


async def change_credential(session: WriteSession, credential_id: str, values: dict[str, Any]) -> None:
    """Change columns of one row; secrets among them are ciphertext already."""
    await session.execute(update(meta_credentials).where(meta_credentials.c.id == credential_id).values(**values))


async def retire_credentials(
    session: WriteSession,
    *,
    statuses: Sequence[Status],
    meta_user_id: str,
    becomes: Status,
    reason: str,
    issued_until: datetime | None = None,
) -> list[str]:
    """Give every credential of a person that has one of `statuses` another status, and erase its ciphertext.

    `issued_until` leaves those alone that the person authorised later.
    """
    held = await credentials(session, *statuses, meta_user_id=meta_user_id)
    chosen = [found.id for found in held if issued_until is None or found.issued_at <= issued_until]
    for credential_id in chosen:
        await erase_credential(session, credential_id, becomes=becomes, reason=reason)
    return chosen


async def erase_credential(session: WriteSession, credential_id: str, *, becomes: Status, reason: str) -> None:
    """Give one credential a final status and erase its ciphertext."""
    empty = dict.fromkeys(CIPHERTEXTS)
    await change_credential(
        session, credential_id, {"status": becomes, "status_reason": reason, "key_id": None, **empty}
    )


async def hold_credentials(session: WriteSession) -> None:
    """Let nobody else write credentials until the transaction ends; SQLite has one writer anyway."""
    if session.dialect.name == "postgresql":
        await session.execute(text(f"LOCK TABLE {meta_credentials.name} IN SHARE ROW EXCLUSIVE MODE"))


async def ciphertexts(session: ReadSession, credential_id: str | None = None) -> list[RowMapping]:
    """Id and encrypted columns of one row, or of all rows that hold any."""
    columns = [meta_credentials.c[name] for name in ("id", "status", *CIPHERTEXTS)]
    query = select(*columns).where(meta_credentials.c.access_token.is_not(None))
    if credential_id is not None:
        query = query.where(meta_credentials.c.id == credential_id)
    return list((await session.execute(query)).mappings())


async def active_ciphertexts(session: ReadSession) -> list[RowMapping]:
    """Id, person and encrypted columns of every active credential, the newest authorisation first."""
    return list((await session.execute(_ACTIVE)).mappings())


def _credential(row: RowMapping) -> Credential:
    names = [name for name in Credential.__dataclass_fields__ if name != "scopes"]
    scopes = tuple(scope for scope in row["scopes"].split(",") if scope)
    return Credential(scopes=scopes, **{name: row[name] for name in names})
