"""The vault: ciphertext that opens in its own place alone, keys that change while others read, no secret in clear."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import text, update
from tests.integration.node.conftest import Stage

from freehold.contracts.grant import Grant
from freehold.contracts.renewal import RenewalReply
from freehold.kernel import logs
from freehold.kernel.database import open_database
from freehold.node.context import open_node
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, KEYRING_FILE, SEALING_FILE, KeysMissingError, keyring_file
from freehold.node.vault import Vault
from freehold.node.vault.tables import meta_credentials
from freehold.node.vault.vault import TokensUnreadableError


async def connected(stage: Stage) -> tuple[str, Grant]:
    """The id of a new credential, and the grant that it holds."""
    grant = await stage.connect()
    (row,) = [row for row in await stage.rows(meta_credentials) if row["status"] == "active"]
    return str(row["id"]), grant


async def read(stage: Stage, credential_id: str, vault: Vault | None = None) -> str:
    """The person's token of a credential."""
    async with stage.node.database.reading() as session:
        tokens = await (vault or stage.node.vault).tokens(session, credential_id)
    assert tokens is not None
    return tokens.user


async def set_columns(stage: Stage, credential_id: str, **values: object) -> None:
    """Write straight into a row, as somebody with the database might."""
    async with stage.node.database.writing() as session:
        await session.execute(update(meta_credentials).where(meta_credentials.c.id == credential_id).values(**values))


async def test_what_was_granted_comes_out_again(stored: Stage) -> None:
    """The person's token, each page's, and the proofs."""
    credential_id, grant = await connected(stored)
    async with stored.node.database.reading() as session:
        tokens = await stored.node.vault.tokens(session, credential_id)
    assert tokens is not None
    assert tokens.user == grant.access_token.get_secret_value()
    assert tokens.pages == {page: secret.get_secret_value() for page, secret in grant.page_tokens.items()}
    assert tokens.proofs == {name: secret.get_secret_value() for name, secret in grant.appsecret_proofs.items()}
    assert tokens.token("user") == tokens.user
    assert tokens.token("nobody") is None


async def test_a_ciphertext_does_not_open_in_another_row(stored: Stage) -> None:
    """Whoever can write the table cannot hand one credential's token to another."""
    first, _ = await connected(stored)
    (row,) = await stored.rows(meta_credentials)
    second = await stored.deliver(stored.grant(person=stored.meta.sandbox.world.people[1].id, assets=None))
    assert second.status == 201
    (other,) = [found for found in await stored.rows(meta_credentials) if found["id"] != first]
    await set_columns(stored, other["id"], access_token=row["access_token"])
    with pytest.raises(TokensUnreadableError, match="access_token"):
        await read(stored, other["id"])


async def test_a_ciphertext_does_not_open_in_another_column(stage: Stage) -> None:
    """Nor can a page's token become the person's."""
    credential_id, _ = await connected(stage)
    (row,) = await stage.rows(meta_credentials)
    await set_columns(stage, credential_id, access_token=row["page_tokens"])
    with pytest.raises(TokensUnreadableError, match="access_token"):
        await read(stage, credential_id)


@pytest.mark.parametrize("altered", ["", "v1", "v1.x.y", "v2.a.b", "not ciphertext", "v1.{key}.AAAA", "v1.{key}.é"])
async def test_altered_ciphertext_is_a_clear_error(stage: Stage, altered: str) -> None:
    """Whatever stands there, the vault says that it does not open, and how to go on."""
    credential_id, _ = await connected(stage)
    (row,) = await stage.rows(meta_credentials)
    await set_columns(stage, credential_id, access_token=altered.format(key=row["key_id"]))
    with pytest.raises(TokensUnreadableError, match="restore the keyring"):
        await read(stage, credential_id)


async def test_no_secret_stands_in_clear(stored: Stage) -> None:
    """In no table and no column, whatever its type."""
    _, grant = await connected(stored)
    secrets = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    async with stored.node.database.reading() as session:
        tables = await session.run_sync(lambda connection: connection.dialect.get_table_names(connection))
        for name in tables:
            rows = (await session.execute(text(f'SELECT * FROM "{name}"'))).all()
            assert not [secret for secret in secrets if secret.get_secret_value() in str(rows)], name


async def test_no_secret_stands_in_a_file_of_the_node(stage: Stage) -> None:
    """Database, its journal, and all that lies beside it."""
    _, grant = await connected(stage)
    secrets = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    files = [path for path in stage.node.settings.data_dir.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret.get_secret_value().encode() in content], path.name


async def test_secrets_do_not_show_themselves(stage: Stage) -> None:
    """Neither as text, nor in a log line."""
    credential_id, grant = await connected(stage)
    async with stage.node.database.reading() as session:
        tokens = await stage.node.vault.tokens(session, credential_id)
    shown = f"{tokens} {tokens!r} {grant} {grant!r} {stage.node.vault!r} {stage.node.keys!r}"
    assert grant.access_token.get_secret_value() not in shown
    assert stage.node.keys.api_key not in shown
    assert stage.node.keys.sealing.to_text() not in shown


async def test_rotation_encrypts_every_row_anew(stored: Stage) -> None:
    """Every row names the new key, opens with it, and the one before stays until the next rotation."""
    credential_id, grant = await connected(stored)
    (before,) = await stored.rows(meta_credentials)
    assert await stored.node.vault.rotate_keys(stored.node.database) == 1
    (after,) = await stored.rows(meta_credentials)
    ring = stored.node.keys.keyring.current()
    assert after["key_id"] == ring.primary != before["key_id"]
    assert after["access_token"] != before["access_token"]
    assert await read(stored, credential_id) == grant.access_token.get_secret_value()
    assert before["key_id"] in ring.keys
    await stored.node.vault.rotate_keys(stored.node.database)
    assert before["key_id"] not in stored.node.keys.keyring.current().keys
    assert await read(stored, credential_id) == grant.access_token.get_secret_value()


def other_process(stage: Stage) -> Vault:
    """The vault as another process of this node has it: its own view of the keyring's file."""
    return Vault(keyring_file(stage.node.settings.data_dir))


async def test_others_read_and_write_while_keys_are_rotated(stored: Stage) -> None:
    """A process that has read the old ring goes on reading, and what it stores opens too."""
    credential_id, grant = await connected(stored)
    vault, token = other_process(stored), grant.access_token.get_secret_value()
    running = asyncio.create_task(_rotate(stored, 6))
    reads = 0
    while not running.done():
        assert await read(stored, credential_id, vault) == token
        reads += 1
    await running
    assert reads > 3


async def _rotate(stage: Stage, times: int) -> None:
    for _ in range(times):
        await stage.node.vault.rotate_keys(stage.node.database)


async def test_two_rotations_at_once_lose_no_row(stored: Stage) -> None:
    """Two processes rotate: whichever ring stands in the end opens every row."""
    credential_id, grant = await connected(stored)
    database = open_database(stored.node.settings.database())
    try:
        for _ in range(5):
            await asyncio.gather(
                stored.node.vault.rotate_keys(stored.node.database), other_process(stored).rotate_keys(database)
            )
            assert await read(stored, credential_id, other_process(stored)) == grant.access_token.get_secret_value()
    finally:
        await database.close()


async def test_a_renewal_replaces_the_tokens(stored: Stage) -> None:
    """The new token and its dates; page tokens that the reply leaves out stay."""
    credential_id, grant = await connected(stored)
    reply = RenewalReply.model_validate(
        {
            "request_id": "r",
            "access_token": "EAArenewed",
            "token_expires_at": stored.clock.now(),
            "data_access_expires_at": None,
            "appsecret_proofs": {"user": "proof"},
        }
    )
    async with stored.node.database.writing() as session:
        assert await stored.node.vault.renew(session, credential_id, reply, stored.clock.now())
        tokens = await stored.node.vault.tokens(session, credential_id)
    assert tokens is not None
    assert (tokens.user, tokens.proofs["user"]) == ("EAArenewed", "proof")
    assert tokens.pages.keys() == grant.page_tokens.keys()
    (row,) = await stored.rows(meta_credentials)
    assert (row["token_expires_at"], row["data_access_expires_at"]) == (stored.clock.now(), None)


async def test_a_revoked_credential_is_not_renewed(stage: Stage) -> None:
    """A renewal that was under way when the person removed the app brings nothing back."""
    credential_id, _ = await connected(stage)
    reply = RenewalReply.model_validate(
        {"request_id": "r", "access_token": "EAArenewed", "token_expires_at": None, "data_access_expires_at": None}
    )
    async with stage.node.database.writing() as session:
        await stage.node.vault.revoke(session, credential_id, "deauthorize")
        assert not await stage.node.vault.renew(session, credential_id, reply, stage.clock.now())
    (row,) = await stage.rows(meta_credentials)
    assert (row["status"], row["access_token"]) == ("revoked", None)


async def test_confirming_a_pending_credential_supersedes_the_active_one(stored: Stage) -> None:
    """The owner accepts: from now on it is the one that is used."""
    active, _ = await connected(stored)
    await stored.deliver(stored.grant(status="pending"))
    (pending,) = [row["id"] for row in await stored.rows(meta_credentials) if row["status"] == "pending"]
    async with stored.node.database.writing() as session:
        assert await stored.node.vault.confirm(session, pending) == [active]
    assert {row["id"]: row["status"] for row in await stored.rows(meta_credentials)} == {
        active: "superseded",
        pending: "active",
    }


@pytest.mark.parametrize("name", [KEYRING_FILE, SEALING_FILE, BROKER_FILE, API_KEY_FILE])
@pytest.mark.parametrize("content", [None, "", "{}", "\x00\xff"])
async def test_a_lost_or_damaged_key_file_is_told_clearly(stage: Stage, name: str, content: str | None) -> None:
    """Opening the node says which file or folder, and to run init or restore it."""
    if (name, content) == (API_KEY_FILE, "{}"):
        content = " "  # any text may be a key, but not none
    path: Path = stage.node.settings.data_dir / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode("latin-1"))
    with pytest.raises(KeysMissingError, match="restore"):
        async with open_node(stage.node.settings, stage.clock):
            pass


def test_a_token_in_a_log_line_is_blacked_out() -> None:
    """Under the names of secrets, and wherever text looks like a token or a key of ours."""
    stream = io.StringIO()
    cleaned = logs._without_secrets(None, "", {"event": f"x EAA{'a' * 32} fhvm_{'b' * 43}", "access_token": "short"})
    json.dump(dict(cleaned), stream)
    assert "aaaa" not in stream.getvalue()
    assert "bbbb" not in stream.getvalue()
    assert "short" not in stream.getvalue()
