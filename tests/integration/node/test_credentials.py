"""`GET /api/credentials`: who may read them, what they are shown, and what is written down about it."""

import asyncio

import pytest
from tests.integration.node.conftest import Stage, call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA

from freehold.kernel.problems import Problem
from freehold.node.access import list_keys, revoke_key
from freehold.node.access.tables import access_log, security_events
from freehold.node.keys import KEYRING_FILE

COLUMNS = {
    "id", "client_id", "access_token", "token_expires_at", "instagram_business_account_id", "facebook_page_id",
    "ad_account_id", "meta_user_id", "created_at", "last_refreshed_at",
}  # fmt: skip
"""What the seed's table has."""


@pytest.fixture
def url(stage: Stage) -> str:
    """Where credentials are read."""
    return f"{stage.receiver}/api/credentials"


async def test_a_key_with_the_scope_reads_every_column(stage: Stage, url: str) -> None:
    """All columns of the seed, as they were delivered; of the token only that it is not shown."""
    grant = stage.grant(instagram_id=CERAMICS, facebook_page_id=CERAMICS_PAGE, ad_account_id=CERAMICS_ADS)
    await stage.deliver(grant)
    answer = await call("GET", url, key=await stage.key("credentials:read"))
    (shown,) = answer.body["credentials"]
    assert answer.status == 200
    assert shown.keys() >= COLUMNS
    assert (shown["client_id"], shown["meta_user_id"], shown["status"]) == ("rosa", MARA, "active")
    ids = (shown["instagram_business_account_id"], shown["facebook_page_id"], shown["ad_account_id"])
    assert ids == (CERAMICS, CERAMICS_PAGE, CERAMICS_ADS)
    now = stage.clock.now().isoformat().replace("+00:00", "Z")
    assert (shown["created_at"], shown["last_refreshed_at"]) == (now, now)
    assert grant.token_expires_at is not None
    assert shown["token_expires_at"] == grant.token_expires_at.isoformat().replace("+00:00", "Z")
    assert shown["access_token"] is None
    assert grant.access_token.get_secret_value() not in answer.text


async def test_a_bearer_is_as_good_as_a_key_header(stage: Stage, url: str) -> None:
    """`Authorization: Bearer` takes the same keys."""
    key = await stage.key("credentials:read")
    assert (await call("GET", url, headers={"Authorization": f"Bearer {key}"})).status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key_missing"),
        ({"X-API-Key": ""}, "key_missing"),
        ({"Authorization": "Basic cm9zYTpyb3Nh"}, "key_missing"),
        ({"X-API-Key": "fhnode_unknown"}, "key_unknown"),
        ({"Authorization": "Bearer fhnode_unknown"}, "key_unknown"),
    ],
)
async def test_without_a_known_key_nothing_is_shown(stage: Stage, url: str, headers: dict[str, str], code: str) -> None:
    """401 with WWW-Authenticate, and a security event that does not hold what was presented."""
    answer = await call("GET", url, headers=headers)
    assert answer.refusal == (401, code)
    told = {"key_missing": "Bearer", "key_unknown": 'Bearer error="invalid_token"'}
    assert answer.headers["WWW-Authenticate"] == told[code]
    (event,) = await stage.rows(security_events)
    assert (event["kind"], event["address"]) == (code, "127.0.0.1")
    assert "fhnode_unknown" not in str(event)


async def test_a_revoked_key_is_unknown(stage: Stage, url: str) -> None:
    """From the moment of its revocation on."""
    key = await stage.key("credentials:read")
    assert (await call("GET", url, key=key)).status == 200
    async with stage.node.database.writing() as session:
        (made,) = [found for found in await list_keys(session) if found.name == "tester"]
        assert await revoke_key(session, made.id, stage.clock.now())
    assert (await call("GET", url, key=key)).refusal == (401, "key_unknown")


async def test_a_key_without_the_scope_reads_nothing(stage: Stage, url: str) -> None:
    """Every other scope is refused, the broker's own included, and the refusal is a security event."""
    key = await stage.key("credentials:deliver", "credentials:reveal", "workflows", "tools:read", "owner")
    answer = await call("GET", url, key=key)
    assert answer.refusal == (403, "scope_missing")
    (event,) = await stage.rows(security_events)
    assert (event["kind"], event["caller"]) == ("scope_missing", "tester")


async def test_the_token_is_shown_only_with_reveal_and_its_scope(stage: Stage, url: str) -> None:
    """One without the other shows no token."""
    grant = await stage.connect()
    token = grant.access_token.get_secret_value()
    reader, revealer = await stage.key("credentials:read"), await stage.key("credentials:reveal", name="n8n")
    assert (await call("GET", f"{url}?reveal=true", key=reader)).refusal == (403, "scope_missing")
    assert token not in (await call("GET", f"{url}?reveal=false", key=reader)).text
    revealed = await call("GET", f"{url}?reveal=true", key=revealer)
    assert revealed.body["credentials"][0]["access_token"] == token
    assert revealed.headers["Cache-Control"] == "no-store"


async def test_every_read_is_written_down(stage: Stage, url: str) -> None:
    """A row in the access log for each, and a security event for each that showed tokens."""
    await stage.connect()
    key = await stage.key("credentials:read", "credentials:reveal", name="n8n")
    await call("GET", url, key=key)
    revealed = await call("GET", f"{url}?reveal=true", key=key)
    await stage.node.access_log.flush()
    rows = [row for row in await stage.rows(access_log) if row["method"] == "GET"]
    assert [(row["caller"], row["path"], row["status"]) for row in rows] == [("n8n", "/api/credentials", 200)] * 2
    (event,) = await stage.rows(security_events)
    assert (event["kind"], event["caller"]) == ("credentials_revealed", "n8n")
    assert event["request_id"] == revealed.headers["X-Request-Id"]


async def test_a_pending_credential_reveals_no_token(stage: Stage, url: str) -> None:
    """The owner has not confirmed it."""
    await stage.deliver(stage.grant(status="pending"))
    answer = await call("GET", f"{url}?reveal=true", key=await stage.key("credentials:reveal"))
    (shown,) = answer.body["credentials"]
    assert (shown["status"], shown["access_token"]) == ("pending", None)


async def test_a_lost_keyring_is_a_clear_refusal(stage: Stage, url: str) -> None:
    """Without the keyring the token stays shut, whoever asks, and a delivery cannot be kept."""
    await stage.connect()
    (stage.node.settings.data_dir / KEYRING_FILE).unlink()
    answer = await call("GET", f"{url}?reveal=true", key=await stage.key("credentials:reveal"))
    assert answer.refusal == (503, "keys_missing")
    assert (await stage.deliver()).refusal == (503, "keys_missing")


async def test_many_failures_are_slowed_down(stage: Stage, url: str) -> None:
    """The twenty-first wrong key of a minute gets 429 and how long to wait; a right key is still let in."""
    answers = [await call("GET", url, key=f"fhnode_{number}") for number in range(21)]
    assert [answer.status for answer in answers] == [401] * 20 + [429]
    assert answers[-1].refusal == (429, "too_many_requests")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (await call("GET", url, key=await stage.key("credentials:read"))).status == 200


async def test_a_caller_who_asks_too_often_is_slowed_down(stage: Stage, url: str) -> None:
    """Each key has 1200 requests a minute."""
    key = await stage.key("credentials:read")
    async with stage.node.database.reading() as session:
        (made,) = [found for found in await list_keys(session) if found.name == "tester"]
    with pytest.raises(Problem, match="too_many_requests"):
        await asyncio.gather(*(stage.node.limits.hit("calls", made.id, "1200/minute") for _ in range(1201)))
    answer = await call("GET", url, key=key)
    assert answer.refusal == (429, "too_many_requests")
    assert "Retry-After" in answer.headers
