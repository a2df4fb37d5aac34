"""Whether the stored tokens open with the keyring that is there, and what to do when theirs is lost for good."""

from freehold.kernel.database import ReadSession, WriteSession
from freehold.node.vault import queries
from freehold.node.vault.vault import TokensUnreadableError, Vault


async def check_readable(vault: Vault, session: ReadSession) -> int:
    """Open every credential that holds tokens; gives their number. Raises `TokensUnreadableError` at one that stays
    shut.
    """
    rows = await queries.ciphertexts(session)
    for row in rows:
        vault.opened(dict(row))
    return len(rows)


async def give_up_unreadable(vault: Vault, session: WriteSession) -> list[str]:
    """Revoke every credential whose tokens do not open; gives their ids."""
    lost = []
    for row in await queries.ciphertexts(session):
        try:
            vault.opened(dict(row))
        except TokensUnreadableError:
            lost.append(str(row["id"]))
            await vault.revoke(session, row["id"], "keyring_lost")
    return lost
