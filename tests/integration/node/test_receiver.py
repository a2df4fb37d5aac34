"""`POST /api/credentials`: each grant once, only if it is this node's, whole, fresh and newer than what is held."""

import asyncio
from datetime import timedelta

import pytest
from tests.integration.node.conftest import CERAMICS_ASSETS, MakeStage, Stage, call
from tests.meta_sandbox import CERAMICS, CERAMICS_PAGE, JONAS, MARA

from freehold.contracts.grant import Asset
from freehold.contracts.platform_event import PlatformEvent
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.node.access.tables import security_events
from freehold.node.assets import confirm_assets, confirmed_assets
from freehold.node.assets.tables import connected_assets
from freehold.node.receiver.tables import received_deliveries
from freehold.node.vault.tables import CIPHERTEXTS, meta_credentials


async def nothing_is_stored(stage: Stage, code: str) -> bool:
    """No credential, asset or delivery; the refusal's reason is a security event."""
    kinds = [event["kind"] for event in await stage.rows(security_events)]
    tables = (meta_credentials, connected_assets, received_deliveries)
    return not [row for table in tables for row in await stage.rows(table)] and kinds == [f"delivery_refused:{code}"]


async def test_a_sealed_delivery_is_stored(stored: Stage) -> None:
    """The credential is active, its assets wait for a tick, and the receipt repeats the id of the delivery."""
    grant = stored.grant()
    answer = await stored.deliver(grant)
    assert (answer.status, answer.body) == (201, {"delivery_id": grant.delivery_id, "outcome": "stored"})
    (row,) = await stored.rows(meta_credentials)
    assert (row["status"], row["meta_user_id"], row["issued_at"]) == ("active", MARA, grant.issued_at)
    offered = await stored.rows(connected_assets)
    assert {asset["asset_id"] for asset in offered} == CERAMICS_ASSETS
    assert [asset["confirmed_at"] for asset in offered] == [None] * 3


async def test_a_repeated_delivery_doubles_nothing(stored: Stage) -> None:
    """The broker may send the same grant again: 200, and the tables stay as they were."""
    envelope = stored.seal(stored.grant())
    await stored.post(envelope)
    before = [await stored.rows(table) for table in (meta_credentials, connected_assets, received_deliveries)]
    answer = await stored.post(envelope)
    assert (answer.status, answer.body["outcome"]) == (200, "already_received")
    assert [await stored.rows(table) for table in (meta_credentials, connected_assets, received_deliveries)] == before


async def test_deliveries_of_one_grant_at_once_store_one(stored: Stage) -> None:
    """Eight at the same time: one is stored, seven are known already."""
    grant = stored.grant()
    answers = await asyncio.gather(*(stored.deliver(grant) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len(await stored.rows(meta_credentials)) == 1


async def test_grants_of_one_person_at_once_leave_one_active(stored: Stage) -> None:
    """Two different deliveries for one person meet: the later one found supersedes the other."""
    grants = [stored.grant() for _ in range(4)]
    answers = await asyncio.gather(*(stored.deliver(grant) for grant in grants))
    assert {answer.status for answer in answers} == {201}
    statuses = sorted(row["status"] for row in await stored.rows(meta_credentials))
    assert statuses == ["active", "superseded", "superseded", "superseded"]


async def test_another_grant_under_a_known_id_is_refused(stored: Stage) -> None:
    """The id of a delivery stands for its content."""
    grant = stored.grant()
    await stored.deliver(grant)
    answer = await stored.deliver(grant.model_copy(update={"scopes": ("ads_read",)}))
    assert answer.refusal == (409, "delivery_conflict")
    assert len(await stored.rows(meta_credentials)) == 1


async def test_a_forged_signature_is_refused(stage: Stage) -> None:
    """Whoever else signs is not the broker."""
    answer = await stage.post(stage.seal(stage.grant(), signing_key=SigningKey.generate()))
    assert answer.refusal == (403, "envelope_forged")
    assert await nothing_is_stored(stage, "envelope_forged")


@pytest.mark.parametrize("field", ["delivery_id", "provider", "sealed", "signature", "expires_at", "issued_at"])
async def test_an_altered_envelope_is_refused(stage: Stage, field: str) -> None:
    """Any change shows in the signature."""
    envelope = stage.seal(stage.grant()).model_dump(mode="json")
    other = stage.seal(stage.grant(), issued_at=stage.clock.now() - timedelta(minutes=1)).model_dump(mode="json")
    other["provider"] = "elsewhere"
    answer = await stage.post(envelope | {field: other[field]})
    assert answer.refusal == (403, "envelope_forged")
    assert await nothing_is_stored(stage, "envelope_forged")


async def test_an_expired_envelope_is_refused(stage: Stage) -> None:
    """An envelope is good for thirty minutes."""
    envelope = stage.seal(stage.grant())
    stage.clock.advance(timedelta(minutes=30))
    answer = await stage.post(envelope)
    assert answer.refusal == (403, "envelope_expired")
    assert await nothing_is_stored(stage, "envelope_expired")


async def test_an_envelope_from_the_future_is_refused(stage: Stage) -> None:
    """A clock may be two minutes off, not three."""
    answer = await stage.post(stage.seal(stage.grant(), issued_at=stage.clock.now() + timedelta(minutes=3)))
    assert answer.refusal == (403, "envelope_from_future")
    assert await nothing_is_stored(stage, "envelope_from_future")


async def test_an_envelope_sealed_to_another_node_is_refused(stage: Stage) -> None:
    """The signature holds, and still this node cannot read it."""
    answer = await stage.post(stage.seal(stage.grant(), recipient=SealingKey.generate().public_text()))
    assert answer.refusal == (403, "envelope_unreadable")
    assert await nothing_is_stored(stage, "envelope_unreadable")


async def test_another_client_s_envelope_is_refused(stage: Stage) -> None:
    """The registry mixed two nodes up."""
    answer = await stage.post(stage.seal(stage.grant(), client_id="kenji"))
    assert answer.refusal == (403, "other_client")
    assert await nothing_is_stored(stage, "other_client")


async def test_another_client_s_grant_in_our_envelope_is_refused(stage: Stage) -> None:
    """What was sealed has to belong to the envelope around it."""
    answer = await stage.post(stage.seal(stage.grant(client_id="kenji")))
    assert answer.refusal == (403, "envelope_forged")
    assert await nothing_is_stored(stage, "envelope_forged")


async def test_an_event_s_envelope_is_no_delivery(stage: Stage) -> None:
    """Each endpoint takes its own kind."""
    event = PlatformEvent(
        event_id="event-1", kind="deauthorize", provider="meta", meta_user_id=MARA, occurred_at=stage.clock.now()
    )
    answer = await stage.post(stage.seal(event))
    assert answer.refusal == (422, "envelope_kind")
    assert await nothing_is_stored(stage, "envelope_kind")


async def test_a_grant_s_envelope_is_no_platform_event(stage: Stage) -> None:
    """Each endpoint takes its own kind."""
    answer = await stage.post(stage.seal(stage.grant()), "/api/platform-events")
    assert answer.refusal == (422, "envelope_kind")


async def test_a_plain_grant_is_refused_by_default(stage: Stage) -> None:
    """Only a broker that holds no key of this node sends plain ones, and then the node says so."""
    answer = await stage.post(stage.grant())
    assert answer.refusal == (422, "delivery_not_sealed")
    assert await nothing_is_stored(stage, "delivery_not_sealed")


async def test_a_plain_grant_is_stored_where_it_is_allowed(make_stage: MakeStage) -> None:
    """The setting lets the seed's own body in."""
    stage = await make_stage(accept_plain_deliveries=True)
    assert (await stage.post(stage.grant())).status == 201


async def test_a_plain_grant_of_another_client_is_refused(make_stage: MakeStage) -> None:
    """A body whose client_id is not the node's own is refused, sealed or plain."""
    stage = await make_stage(accept_plain_deliveries=True)
    answer = await stage.post(stage.grant(client_id="kenji"))
    assert answer.refusal == (403, "other_client")
    assert await nothing_is_stored(stage, "other_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"delivery_id": "d" * 65},
        {"meta_user_id": "1" * 65},
        {"facebook_page_id": "1\x002"},
        {"assets": (Asset(kind="ad_account", id="act_1", name="n", currency="EURO"),)},
        {"assets": (Asset(kind="ad_account", id="a" * 65, name="n"),)},
    ],
)
async def test_a_grant_that_the_tables_cannot_hold_is_refused(
    make_stored: MakeStage, changes: dict[str, object]
) -> None:
    """Over-long ids and characters that PostgreSQL does not keep are a refusal, not a failure."""
    stage = await make_stored(accept_plain_deliveries=True)
    answer = await stage.post(stage.grant().model_copy(update=changes))
    assert answer.refusal == (422, "invalid_delivery")


@pytest.mark.parametrize(
    "body", [{}, {"sealed": "x"}, {"sealed": 1}, {"client_id": "rosa", "access_token": "EAAsecret"}]
)
async def test_a_body_of_another_form_is_refused_without_being_repeated(stage: Stage, body: dict[str, object]) -> None:
    """The answer names the places that are wrong, and nothing that stood there."""
    answer = await stage.post(body)
    assert answer.refusal == (422, "invalid_delivery")
    assert "EAAsecret" not in answer.text


async def test_an_older_grant_than_the_current_is_refused(stored: Stage) -> None:
    """A delivery that was held back does not undo what the person did since."""
    older = stored.grant()
    stored.clock.advance(timedelta(minutes=1))
    await stored.deliver(stored.grant())
    answer = await stored.deliver(older)
    assert answer.refusal == (409, "delivery_superseded")
    assert [row["status"] for row in await stored.rows(meta_credentials)] == ["active"]


async def test_an_older_pending_grant_does_not_replace_a_newer_pending_one(stored: Stage) -> None:
    """What waits for the owner is the newest that the person gave."""
    older = stored.grant(status="pending")
    stored.clock.advance(timedelta(minutes=1))
    await stored.deliver(stored.grant(status="pending"))
    assert (await stored.deliver(older)).refusal == (409, "delivery_superseded")
    assert [row["status"] for row in await stored.rows(meta_credentials)] == ["pending"]


async def test_a_grant_from_before_a_disconnect_is_refused(stored: Stage) -> None:
    """The person removed the app after they authorised this."""
    held_back = stored.grant()
    stored.clock.advance(timedelta(minutes=1))
    event = PlatformEvent(
        event_id="event-1", kind="deauthorize", provider="meta", meta_user_id=MARA, occurred_at=stored.clock.now()
    )
    assert (await stored.tell(event)).body["credentials_revoked"] == 0
    assert (await stored.deliver(held_back)).refusal == (409, "delivery_disconnected")
    stored.clock.advance(timedelta(minutes=1))
    assert (await stored.deliver()).status == 201


async def test_a_pending_grant_replaces_nothing_and_is_never_read(stored: Stage) -> None:
    """Until the owner confirms it, the active credential of the same person stays as it is."""
    await stored.connect()
    pending = stored.grant(status="pending")
    answer = await stored.deliver(pending)
    assert (answer.status, answer.body["outcome"]) == (201, "pending")
    rows = {row["status"]: row for row in await stored.rows(meta_credentials)}
    assert rows.keys() == {"active", "pending"}
    async with stored.node.database.writing() as session:
        await confirm_assets(session, rows["pending"]["id"], list(CERAMICS_ASSETS), stored.clock.now())
        readable = await confirmed_assets(session)
        assert {asset.credential_id for asset in readable} == {rows["active"]["id"]}
        assert await stored.node.vault.tokens(session, rows["pending"]["id"]) is None


async def test_a_second_person_s_grant_stands_beside_the_first(stored: Stage) -> None:
    """A colleague connects: both credentials are active."""
    await stored.connect(MARA)
    await stored.deliver(stored.grant(JONAS, None))
    rows = await stored.rows(meta_credentials)
    assert {(row["meta_user_id"], row["status"]) for row in rows} == {(MARA, "active"), (JONAS, "active")}


async def test_a_newer_grant_of_the_same_person_supersedes_the_older(stored: Stage) -> None:
    """The older row stays without its ciphertext; ticks that were given stay given, new assets wait."""
    pair = frozenset({CERAMICS_PAGE, CERAMICS})
    await stored.connect(MARA, pair)
    stored.clock.advance(timedelta(days=1))
    assert (await stored.deliver(stored.grant())).status == 201
    rows = {row["status"]: row for row in await stored.rows(meta_credentials)}
    assert rows.keys() == {"active", "superseded"}
    assert [rows["superseded"][name] for name in (*CIPHERTEXTS, "key_id")] == [None] * 4
    async with stored.node.database.reading() as session:
        assert {asset.asset_id for asset in await confirmed_assets(session)} == pair


async def test_a_delivery_needs_the_broker_s_scope(stage: Stage) -> None:
    """A key that may only read cannot deliver."""
    body = stage.seal(stage.grant()).model_dump(mode="json")
    key = await stage.key("credentials:read", "credentials:reveal")
    answer = await call("POST", f"{stage.receiver}/api/credentials", key=key, json=body)
    assert answer.refusal == (403, "scope_missing")
    assert (await call("POST", f"{stage.receiver}/api/credentials", json=body)).refusal == (401, "key_missing")
