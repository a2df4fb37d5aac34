"""What is done with credentials: keep a grant, hand out its tokens, renew, confirm, revoke, rotate the keys.

A second person's grant stands beside the first; a newer grant of the same person supersedes the older, whose ciphertext
is erased at once. A pending grant supersedes nothing until the node's owner confirms it.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from freehold.contracts.grant import Grant, WireSecret
from freehold.contracts.renewal import RenewalReply
from freehold.kernel.crypto import InvalidCiphertextError, Keyring
from freehold.kernel.database import Database, ReadSession, WriteSession
from freehold.kernel.keyring_file import KeyringFile
from freehold.kernel.problems import ExplainedError
from freehold.node.vault import queries
from freehold.node.vault.queries import Status
from freehold.node.vault.tables import CIPHERTEXTS


class TokensUnreadableError(ExplainedError):
    """The stored ciphertext does not open: the keyring is not the one that encrypted it, or the row was altered."""


@dataclass(frozen=True, repr=False)
class Tokens:
    """The secrets of one credential in clear; `pages` and `proofs` are by page id, and "user" for the person's."""

    credential_id: str
    user: str
    pages: dict[str, str]
    proofs: dict[str, str]

    def token(self, which: str) -> str | None:
        """The person's token for "user", else the token of the page with this id."""
        return self.user if which == "user" else self.pages.get(which)


@dataclass(frozen=True, repr=False)
class Held:
    """An active credential as it lies in the vault: whose it is, and its ciphertext."""

    credential_id: str
    meta_user_id: str
    row: dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """What `Vault.keep` did: the new row, and the ids of those it superseded."""

    credential_id: str
    superseded: list[str]


class Vault:
    """Encrypts on the way in and decrypts on the way out; every change happens in the caller's transaction."""

    def __init__(self, keyring: KeyringFile) -> None:
        self._keyring = keyring

    async def keep(self, session: WriteSession, grant: Grant, now: datetime) -> Kept:
        """Store `grant`. An active one supersedes what its person had, a pending one only what is pending."""
        replaceable: tuple[Status, ...] = ("active", "pending") if grant.status == "active" else ("pending",)
        superseded = await queries.retire_credentials(
            session,
            statuses=replaceable,
            meta_user_id=grant.meta_user_id,
            becomes="superseded",
            reason="newer_authorisation",
            issued_until=grant.issued_at,
        )
        credential_id = secrets.token_hex(16)
        row = {
            "id": credential_id,
            "client_id": grant.client_id,
            "provider": grant.provider,
            "meta_user_id": grant.meta_user_id,
            "status": grant.status,
            "scopes": ",".join(grant.scopes),
            "token_expires_at": grant.token_expires_at,
            "data_access_expires_at": grant.data_access_expires_at,
            "instagram_business_account_id": grant.instagram_id,
            "facebook_page_id": grant.facebook_page_id,
            "ad_account_id": grant.ad_account_id,
            "created_at": now,
            "last_refreshed_at": now,
            "issued_at": grant.issued_at,
            "delivery_id": grant.delivery_id,
        }
        tokens = Tokens(
            credential_id,
            user=grant.access_token.get_secret_value(),
            pages=_plain(grant.page_tokens),
            proofs=_plain(grant.appsecret_proofs),
        )
        row |= self._encrypted(tokens)
        await queries.insert_credential(session, row)
        return Kept(credential_id, superseded)

    async def tokens(self, session: ReadSession, credential_id: str) -> Tokens | None:
        """The tokens of an active credential; None when there is no such. Raises `TokensUnreadableError`."""
        for row in await queries.ciphertexts(session, credential_id):
            if row["status"] == "active":
                return self.opened(dict(row))
        return None

    async def active(self, session: ReadSession) -> list[Held]:
        """Every active credential with its tokens under lock, the newest authorisation first."""
        return [Held(row["id"], row["meta_user_id"], dict(row)) for row in await queries.active_ciphertexts(session)]

    async def confirm(self, session: WriteSession, credential_id: str) -> list[str]:
        """The owner accepts a pending credential: it becomes active; gives the ids of those it supersedes."""
        found = await queries.find_credential(session, credential_id)
        if found is None or found.status != "pending":
            return []
        superseded = await queries.retire_credentials(
            session,
            statuses=("active",),
            meta_user_id=found.meta_user_id,
            becomes="superseded",
            reason="newer_authorisation",
        )
        await queries.change_credential(session, credential_id, {"status": "active"})
        return superseded

    async def renew(self, session: WriteSession, credential_id: str, reply: RenewalReply, now: datetime) -> bool:
        """Replace the tokens of an active credential by renewed ones; False when it is no longer active.

        Page tokens that the reply does not bring stay: they do not expire with the person's.
        """
        current = await self.tokens(session, credential_id)
        if current is None:
            return False
        renewed = Tokens(
            credential_id,
            user=reply.access_token.get_secret_value(),
            pages=current.pages | _plain(reply.page_tokens),
            proofs=current.proofs | _plain(reply.appsecret_proofs),
        )
        values: dict[str, Any] = {
            "token_expires_at": reply.token_expires_at,
            "data_access_expires_at": reply.data_access_expires_at,
            "last_refreshed_at": now,
        }
        values |= self._encrypted(renewed)
        await queries.change_credential(session, credential_id, values)
        return True

    async def revoke(self, session: WriteSession, credential_id: str, reason: str) -> None:
        """Mark one credential revoked and erase its tokens."""
        await queries.erase_credential(session, credential_id, becomes="revoked", reason=reason)

    async def revoke_person(self, session: WriteSession, meta_user_id: str, reason: str) -> list[str]:
        """Mark every credential of a person revoked and erase their tokens; gives their ids."""
        return await queries.retire_credentials(
            session, statuses=("active", "pending"), meta_user_id=meta_user_id, becomes="revoked", reason=reason
        )

    async def forget_page(self, session: WriteSession, credential_id: str, page_id: str) -> None:
        """Erase the token of one page: the person lost their role on it, and the rest still works."""
        current = await self.tokens(session, credential_id)
        if current is None:
            return
        pages = {page: token for page, token in current.pages.items() if page != page_id}
        await queries.change_credential(session, credential_id, self._encrypted(replace(current, pages=pages)))

    async def rotate_keys(self, database: Database) -> int:
        """Make a new primary key and encrypt every row anew with it; gives the number of rows.

        The previous key stays in the ring until the next rotation, for a process that read the ring just before.
        """
        async with database.writing() as session:
            await queries.hold_credentials(session)
            rows = await queries.ciphertexts(session)
            ring = self._keyring.current()
            if all(ring.is_current(row[name]) for row in rows for name in CIPHERTEXTS if row[name]):
                ring = ring.without_old()
            self._keyring.replace(ring.rotate())
            for row in rows:
                await queries.change_credential(session, row["id"], self._encrypted_anew(dict(row)))
        return len(rows)

    def _encrypted(self, tokens: Tokens) -> dict[str, str]:
        plain = {
            "access_token": tokens.user,
            "page_tokens": json.dumps(tokens.pages),
            "appsecret_proofs": json.dumps(tokens.proofs),
        }
        return self._row(tokens.credential_id, {name: text.encode() for name, text in plain.items()})

    def _encrypted_anew(self, row: dict[str, Any]) -> dict[str, str]:
        ring = self._keyring.current()
        names = [name for name in CIPHERTEXTS if row[name]]
        return self._row(row["id"], {name: _open(ring, row[name], name, row["id"]) for name in names})

    def _row(self, credential_id: str, plain: dict[str, bytes]) -> dict[str, str]:
        ring = self._keyring.current()
        encrypted = {name: ring.encrypt(data, _context(name, credential_id)) for name, data in plain.items()}
        return {**encrypted, "key_id": ring.primary}

    def opened(self, row: dict[str, Any]) -> Tokens:
        """The tokens in a row of ciphertext, such as `active` gives. Raises `TokensUnreadableError`."""
        ring = self._keyring.current()
        plain = {name: _open(ring, row[name], name, row["id"]) for name in CIPHERTEXTS if row[name] is not None}
        return Tokens(
            credential_id=row["id"],
            user=plain["access_token"].decode(),
            pages=json.loads(plain.get("page_tokens", b"{}")),
            proofs=json.loads(plain.get("appsecret_proofs", b"{}")),
        )


def _plain(wire: dict[str, WireSecret]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in wire.items()}


def _context(column: str, credential_id: str) -> str:
    return json.dumps(["meta_credentials", column, credential_id])


def _open(ring: Keyring, text: str, column: str, credential_id: str) -> bytes:
    try:
        return ring.decrypt(text, _context(column, credential_id))
    except InvalidCiphertextError as error:
        raise TokensUnreadableError(
            f"{column} of credential {credential_id} does not open with this keyring; restore the keyring.json that "
            "was in use when it was stored, or, where that is lost, give it up with `freehold node "
            "give-up-unreadable` and have the person connect again"
        ) from error
