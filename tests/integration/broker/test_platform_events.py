"""Meta's callbacks about a person reach every node that holds a token of theirs, and no other."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.meta import APP_SECRET

from freehold.broker.audit.tables import oauth_events
from freehold.broker.connections.tables import connections
from freehold.broker.platform_events import forward
from freehold.broker.platform_events.forward import forward_due
from freehold.broker.registry.tables import client_vm_registry

TABLES_OF_PEOPLE = (connections, client_vm_registry, oauth_events)


@pytest.fixture
def stage_database(database_url: str) -> str:
    """Both databases."""
    return database_url


def signed(stage: Stage, secret: str = APP_SECRET, **changes: Any) -> str:
    """A signed request as Meta makes it."""
    content = {
        "algorithm": "HMAC-SHA256",
        "user_id": stage.meta.user_id,
        "issued_at": int(stage.clock.now().timestamp()) + 1,
        **changes,
    }
    payload = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}.{payload}"


async def call(stage: Stage, kind: str, text: str) -> Answer:
    """Call as Meta does."""
    answer = await stage.browser.post(f"{stage.url}/meta/{kind}", {"signed_request": text}, Accept="*/*")
    await asyncio.sleep(0.2)
    return answer


async def statuses(stage: Stage) -> list[str]:
    """The status of each connection, newest first."""
    found = (await stage.admin("GET", "/admin/connections")).json()["connections"]
    return [each["status"] for each in found]


async def test_a_deauthorization_reaches_the_nodes_of_that_person_alone(stage: Stage) -> None:
    """The node is told, sealed and signed, and the connection counts as revoked."""
    rosa = await stage.add_client("rosa")
    await stage.connect("rosa")
    mine, stage.meta.user_id = stage.meta.user_id, "999"
    lena = await stage.add_client("lena")
    await stage.connect("lena")
    stage.meta.user_id = mine

    answer = await call(stage, "deauthorize", signed(stage))

    assert answer.status == 200, answer.text
    assert [(event.kind, event.meta_user_id) for event in rosa.events] == [("deauthorize", mine)]
    assert not lena.events
    assert await statuses(stage) == ["active", "revoked"]


async def test_a_repeated_callback_changes_nothing(stage: Stage) -> None:
    """Whoever recorded a callback cannot end a later connection with it."""
    node = await stage.add_client()
    await stage.connect()
    text = signed(stage)
    await call(stage, "deauthorize", text)
    await stage.connect()

    await call(stage, "deauthorize", text)

    assert len(node.events) == 1
    assert await statuses(stage) == ["active"]


async def test_a_deletion_erases_the_person_and_shows_how_far_it_is(stage: Stage) -> None:
    """Meta gets an address and a code; the page at the address speaks plainly."""
    node = await stage.add_client()
    await stage.connect()

    answer = (await call(stage, "data-deletion", signed(stage))).json()
    shown = await stage.browser.get(answer["url"])

    assert answer["url"] == f"{stage.url}/data-deletion/{answer['confirmation_code']}"
    assert [event.kind for event in node.events] == ["data_deletion"]
    assert shown.status == 200
    assert "was passed on" in shown.text
    (connection,) = (await stage.admin("GET", "/admin/connections")).json()["connections"]
    assert (connection["status"], connection["assets"]) == ("revoked", [])


async def test_an_event_waits_for_a_node_that_is_away(stage: Stage) -> None:
    """It is kept encrypted and tried again with growing pauses."""
    node = await stage.add_client()
    await stage.connect()
    node.answers.append(503)

    answer = (await call(stage, "data-deletion", signed(stage))).json()
    waiting = await stage.browser.get(answer["url"])
    await forward_due(stage.broker)
    assert not node.events
    stage.clock.advance(timedelta(seconds=16))
    await forward_due(stage.broker)

    assert "on its way" in waiting.text
    assert len(node.events) == 1


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("signed_request_forged", {"secret": "another"}),
        ("signed_request_algorithm", {"algorithm": "none"}),
        ("signed_request_stale", {"issued_at": 1_600_000_000}),
        ("signed_request_stale", {"issued_at": 4_000_000_000}),
        ("signed_request_malformed", {"issued_at": "soon"}),
    ],
)
async def test_what_meta_did_not_sign_just_now_is_refused(stage: Stage, code: str, changes: dict[str, Any]) -> None:
    """Nobody else ends a connection."""
    node = await stage.add_client()
    await stage.connect()

    answer = await call(stage, "deauthorize", signed(stage, **changes))

    assert (answer.status, answer.json()["code"]) == (400, code)
    assert not node.events
    assert await statuses(stage) == ["active"]


async def test_a_deletion_after_a_removal_still_reaches_node_and_records(stage: Stage) -> None:
    """Whoever removes the app first and asks for deletion afterwards is forgotten everywhere."""
    node = await stage.add_client(allowed_users=[stage.meta.user_id])
    await stage.connect()
    await call(stage, "deauthorize", signed(stage))
    stage.clock.advance(timedelta(minutes=6))
    node.now = stage.clock.now()

    await call(stage, "data-deletion", signed(stage))

    assert [event.kind for event in node.events] == ["deauthorize", "data_deletion"]
    known = stage.broker.keys.user_hash("meta", stage.meta.user_id)
    async with stage.broker.database.reading() as session:
        kept = [str((await session.execute(select(table))).all()) for table in TABLES_OF_PEOPLE]
    assert known not in "".join(kept)
    assert (await stage.admin("GET", "/admin/clients/rosa")).json()["allowed_users"] == 0


async def test_a_removal_that_arrives_late_spares_the_connection_made_since(stage: Stage) -> None:
    """What was connected after the removal has a token of its own."""
    await stage.add_client()
    await stage.connect()
    removed = signed(stage)
    stage.clock.advance(timedelta(minutes=3))
    stage.nodes["rosa"].now = stage.clock.now()
    await stage.connect()

    await call(stage, "deauthorize", removed)

    assert await statuses(stage) == ["active"]


async def test_an_event_of_a_paused_client_waits_for_the_confirmation(stage: Stage) -> None:
    """Nothing goes to an address or key that nobody confirmed."""
    node = await stage.add_client()
    await stage.connect()
    await stage.admin("PUT", "/admin/clients/rosa", {"allowed_assets": ["1"]})
    await call(stage, "deauthorize", signed(stage))
    before = len(node.events)
    await stage.admin("POST", "/admin/clients/rosa/confirm")

    await forward_due(stage.broker)

    assert (before, len(node.events)) == (0, 1)


async def test_a_removed_clients_event_reaches_nobody(stage: Stage) -> None:
    """Whoever is registered next under the same id learns of nobody."""
    node = await stage.add_client()
    await stage.connect()
    node.answers.append(503)
    await call(stage, "deauthorize", signed(stage))
    await stage.admin("DELETE", "/admin/clients/rosa")
    other = await stage.add_client()
    stage.clock.advance(timedelta(minutes=1))

    await forward_due(stage.broker)

    assert not other.events


async def test_a_client_without_a_key_is_told_nothing(stage: Stage) -> None:
    """An event that is neither sealed nor signed could be anybody's, so none is sent; the events say why."""
    node = await stage.add_client(sealed=False)
    await stage.connect()

    await call(stage, "deauthorize", signed(stage))

    assert not node.events
    assert await statuses(stage) == ["revoked"]
    assert "public_key_missing" in await stage.reasons("rosa")


async def test_a_broken_row_harms_no_other(stage: Stage) -> None:
    """An event that cannot be read stays in the way of nobody's."""
    broken, node = await stage.add_client("broken"), await stage.add_client("rosa")
    await stage.connect("broken")
    await stage.connect("rosa")
    broken.answers.append(503)
    node.answers.append(503)
    await call(stage, "deauthorize", signed(stage))
    async with stage.broker.database.writing() as session:
        await session.exec_driver_sql("UPDATE platform_event_outbox SET content = 'x' WHERE client_id = 'broken'")
    stage.clock.advance(timedelta(minutes=1))
    node.now = stage.clock.now()

    await forward_due(stage.broker)

    assert (len(broken.events), len(node.events)) == (0, 1)
    assert "unexpected" in await stage.reasons("broken")


async def test_a_node_that_hangs_does_not_hold_up_the_others(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several are told at once."""
    monkeypatch.setattr(forward, "TRY_SECONDS", 1.0)
    hanging, node = await stage.add_client("hanging"), await stage.add_client("rosa")
    await stage.connect("hanging")
    await stage.connect("rosa")
    hanging.answers.append("slow")

    await call(stage, "deauthorize", signed(stage))

    assert len(node.events) == 1


async def test_deep_nesting_is_refused(stage: Stage) -> None:
    """Nothing that Meta did not sign is read at all; and what is nested too deeply has no meaning."""
    nested = base64.urlsafe_b64encode(b"[" * 6000).rstrip(b"=").decode()
    genuine = hmac.new(APP_SECRET.encode(), nested.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(genuine).rstrip(b"=").decode()

    forged, malformed = (
        await call(stage, "deauthorize", f"AAAA.{nested}"),
        await call(stage, "deauthorize", f"{signature}.{nested}"),
    )

    assert (forged.status, forged.json()["code"]) == (400, "signed_request_forged")
    assert (malformed.status, malformed.json()["code"]) == (400, "signed_request_malformed")


@pytest.mark.parametrize("text", ["x", "a.b", ".", "é.é"])
async def test_nonsense_is_refused(stage: Stage, text: str) -> None:
    """No input breaks the reader."""
    assert (await call(stage, "deauthorize", text)).status == 400


async def test_an_unknown_code_is_not_found(stage: Stage) -> None:
    """Nobody learns about others' requests by guessing."""
    assert (await stage.browser.get(f"{stage.url}/data-deletion/abc")).status == 404
