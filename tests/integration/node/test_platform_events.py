"""`POST /api/platform-events`: when a person removes the app or asks for deletion, their tokens are erased."""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

import pytest
from tests.integration.node.conftest import Stage, call
from tests.meta_sandbox import JONAS, MARA

from freehold.contracts.platform_event import PlatformEvent
from freehold.kernel.crypto import SigningKey
from freehold.node.access.tables import security_events
from freehold.node.assets import confirmed_assets
from freehold.node.receiver.tables import platform_events_received
from freehold.node.vault.tables import CIPHERTEXTS, meta_credentials

Kind = Literal["deauthorize", "data_deletion"]
KINDS: tuple[Kind, ...] = ("deauthorize", "data_deletion")


def event(at: datetime, kind: Kind = "deauthorize", event_id: str = "event-1") -> PlatformEvent:
    """What Meta told the broker about Mara."""
    return PlatformEvent(event_id=event_id, kind=kind, provider="meta", meta_user_id=MARA, occurred_at=at)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_person_s_tokens_are_erased(stored: Stage, kind: Kind) -> None:
    """Active and pending credentials of that person lose their ciphertext and say why; nobody else's do."""
    await stored.connect(MARA)
    await stored.deliver(stored.grant(MARA, status="pending"))
    await stored.deliver(stored.grant(JONAS, None))
    stored.clock.advance(timedelta(minutes=1))
    answer = await stored.tell(event(stored.clock.now(), kind))
    assert (answer.status, answer.body) == (
        200,
        {"event_id": "event-1", "outcome": "applied", "credentials_revoked": 2},
    )
    rows = await stored.rows(meta_credentials)
    mara = [row for row in rows if row["meta_user_id"] == MARA]
    assert [(row["status"], row["status_reason"]) for row in mara] == [("revoked", kind)] * 2
    assert {row[name] for row in mara for name in (*CIPHERTEXTS, "key_id")} == {None}
    (jonas,) = [row for row in rows if row["meta_user_id"] == JONAS]
    assert (jonas["status"], bool(jonas["access_token"])) == ("active", True)
    async with stored.node.database.reading() as session:
        assert await confirmed_assets(session) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_repeated_event_does_nothing(stored: Stage, kind: Kind) -> None:
    """The broker forwards until it is answered: the second time it is known."""
    await stored.connect()
    told = event(stored.clock.now(), kind)
    await stored.tell(told)
    answer = await stored.tell(told)
    assert answer.body == {"event_id": "event-1", "outcome": "already_applied", "credentials_revoked": 0}
    assert len(await stored.rows(platform_events_received)) == 1


async def test_an_event_that_comes_several_times_at_once_is_applied_once(stored: Stage) -> None:
    """Two replicas of the broker forward at the same time."""
    await stored.connect()
    told = event(stored.clock.now())
    answers = await asyncio.gather(*(stored.tell(told) for _ in range(5)))
    assert sorted(answer.body["outcome"] for answer in answers) == ["already_applied"] * 4 + ["applied"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_connection_made_after_the_event_stands(stored: Stage, kind: Kind) -> None:
    """The event comes late: the person has connected again since."""
    removed_at = stored.clock.now()
    stored.clock.advance(timedelta(minutes=1))
    await stored.connect()
    answer = await stored.tell(event(removed_at, kind))
    assert answer.body["credentials_revoked"] == 0
    assert [row["status"] for row in await stored.rows(meta_credentials)] == ["active"]


async def test_a_delivery_and_a_disconnect_at_once_leave_no_older_token(stored: Stage) -> None:
    """Whichever comes first, what was authorised before the removal does not stay."""
    grant = stored.grant()
    removed_at = stored.clock.now() + timedelta(seconds=1)
    await asyncio.gather(stored.deliver(grant), stored.tell(event(removed_at)))
    assert "active" not in [row["status"] for row in await stored.rows(meta_credentials)]


async def test_a_forged_event_is_refused(stage: Stage) -> None:
    """Nobody but the broker can have tokens erased."""
    await stage.connect()
    envelope = stage.seal(event(stage.clock.now()), signing_key=SigningKey.generate())
    assert (await stage.post(envelope, "/api/platform-events")).refusal == (403, "envelope_forged")
    assert [row["status"] for row in await stage.rows(meta_credentials)] == ["active"]
    assert [row["kind"] for row in await stage.rows(security_events)] == ["delivery_refused:envelope_forged"]


async def test_another_client_s_event_is_refused(stage: Stage) -> None:
    """An envelope is for one node."""
    envelope = stage.seal(event(stage.clock.now()), client_id="kenji")
    assert (await stage.post(envelope, "/api/platform-events")).refusal == (403, "other_client")


async def test_an_event_that_the_table_cannot_hold_is_refused(stored: Stage) -> None:
    """An id of more than 64 characters is a refusal, not a failure."""
    answer = await stored.tell(event(stored.clock.now(), event_id="e" * 65))
    assert answer.refusal == (422, "invalid_delivery")


async def test_an_event_needs_the_broker_s_scope(stage: Stage) -> None:
    """A key that may only read cannot erase."""
    body = stage.seal(event(stage.clock.now())).model_dump(mode="json")
    key = await stage.key("credentials:read", "owner")
    answer = await call("POST", f"{stage.receiver}/api/platform-events", key=key, json=body)
    assert answer.refusal == (403, "scope_missing")
