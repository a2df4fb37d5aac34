"""The key for what the broker keeps is rotated by the real command while the broker serves, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select
from tests.integration.backups.hosts import Told, freehold
from tests.integration.broker.conftest import Stage
from tests.integration.broker.meta import APP_ID, APP_SECRET
from tests.integration.broker.test_platform_events import call, signed

from freehold.broker.platform_events.forward import forward_due
from freehold.broker.platform_events.tables import platform_event_outbox
from freehold.broker.registry.tables import client_vm_registry


@pytest.fixture
def stage_database(database_url: str) -> str:
    """Both databases."""
    return database_url


async def rotate(stage: Stage) -> Told:
    """`freehold broker rotate-keys`, a process of its own."""
    settings = stage.broker.settings
    environment = {
        "FREEHOLD_BROKER_META_APP_ID": APP_ID,
        "FREEHOLD_BROKER_META_APP_SECRET": APP_SECRET,
        "FREEHOLD_BROKER_DATABASE_URL": settings.database(),
    }
    return await freehold("broker", "rotate-keys", "--data", str(settings.data_dir), "--json", environment=environment)


async def rotated(stage: Stage) -> Any:
    """What a rotation that went well says."""
    told = await rotate(stage)
    assert told.status == 0, told.err
    return told.json


async def column(stage: Stage, table: Table, name: str) -> list[str]:
    """What stands in a column."""
    async with stage.broker.database.reading() as session:
        return list((await session.execute(select(table.c[name]))).scalars())


async def test_everything_is_encrypted_anew_while_the_broker_serves(stage: Stage) -> None:
    """Clients' keys and events that wait; the node is reached, the event arrives, and the old key opens nothing."""
    node = await stage.add_client()
    await stage.connect()
    node.answers.append(503)
    await call(stage, "deauthorize", signed(stage))
    old = stage.broker.keys.keyring
    told = await rotated(stage)
    ring = stage.broker.keys.keyring
    kept = [
        *await column(stage, client_vm_registry, "vm_api_key"),
        *await column(stage, platform_event_outbox, "content"),
    ]
    stage.clock.advance(timedelta(minutes=1))
    node.now = stage.clock.now()
    await forward_due(stage.broker)
    page = await stage.connect()

    assert (told["clients"], told["events"]) == (1, 1)
    assert old.primary in ring.keys
    assert ring.primary not in old.keys
    assert [ring.is_current(text) for text in kept] == [True, True]
    assert len(node.events) == 1
    assert page.status == 303, page.text
    assert len(node.grants) == 2


async def test_people_on_their_way_arrive_and_links_go_on(stage: Stage) -> None:
    """What was begun with the key before, at whichever replica; two rotations later its links are refused."""
    node = await stage.add_client()
    replica = await stage.replica()
    link, later = await stage.link(), await stage.link()
    callback = await stage.to_callback(await stage.link())
    await rotated(stage)
    arrived = await stage.browser.get(callback.replace(stage.url, replica))
    opened = await stage.browser.get(link.replace(stage.url, replica))
    await rotated(stage)
    refused = await stage.browser.get(later)

    assert arrived.status == 303, arrived.text
    assert len(node.grants) == 1
    assert (opened.status, refused.status) == (200, 400)
    assert len(stage.broker.keys.keyring.keys) == 2


async def test_a_row_that_does_not_open_stops_it(stage: Stage) -> None:
    """In one line that names the client; neither the keyring nor any other row has changed."""
    await stage.add_client("lost")
    await stage.add_client("rosa")
    async with stage.broker.database.writing() as session:
        await session.exec_driver_sql("UPDATE client_vm_registry SET vm_api_key = 'v1.x.x' WHERE client_id = 'lost'")
    ring, before = stage.broker.keys.keyring, await column(stage, client_vm_registry, "vm_api_key")
    told = await rotate(stage)

    assert (told.status, told.err.count("\n")) == (1, 1), told.err
    assert "the key of client lost does not open" in told.err
    assert stage.broker.keys.keyring == ring
    assert await column(stage, client_vm_registry, "vm_api_key") == before
