"""Old rows of the broker are deleted by age, and nothing that is still needed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select
from tests.integration.broker.conftest import Stage

from freehold.broker.audit.tables import oauth_events
from freehold.broker.authorization.tables import authorization_states
from freehold.broker.links.tables import connect_links
from freehold.broker.platform_events.tables import deletion_requests, platform_event_outbox
from freehold.broker.retention.prune import prune


async def fill(stage: Stage, table: Table, *rows: dict[str, Any]) -> None:
    """Write rows."""
    async with stage.broker.database.writing() as session:
        await session.execute(insert(table), list(rows))


async def column(stage: Stage, table: Table, name: str) -> set[Any]:
    """What a column holds."""
    async with stage.broker.database.reading() as session:
        return set((await session.execute(select(table.c[name]))).scalars())


def callback(event_id: str, created_at: datetime, next_attempt_at: datetime | None) -> dict[str, Any]:
    """A callback of Meta's that was, or is still to be, passed on."""
    return {
        "event_id": event_id, "client_id": "rosa", "kind": "data_deletion", "provider": "meta", "attempts": 1,
        "created_at": created_at, "next_attempt_at": next_attempt_at,
    }  # fmt: skip


async def test_events_go_by_their_age(stage: Stage) -> None:
    """A minute older than the limit goes, a minute younger stays."""
    limit = stage.clock.now() - timedelta(days=stage.broker.settings.keep_events_days)
    event = {"provider": "meta", "step": "callback", "outcome": "succeeded"}
    old, young = limit - timedelta(minutes=1), limit + timedelta(minutes=1)
    await fill(stage, oauth_events, {**event, "at": old, "flow_id": "old"}, {**event, "at": young, "flow_id": "young"})
    assert (await prune(stage.broker))["oauth_events"] == 1
    assert "old" not in await column(stage, oauth_events, "flow_id")
    assert "young" in await column(stage, oauth_events, "flow_id")


async def test_a_callback_stays_until_it_has_arrived(stage: Stage) -> None:
    """However old it is; and so does the code under which a person asks how far the deletion has come."""
    now = stage.clock.now()
    old = now - timedelta(days=401)
    await fill(stage, platform_event_outbox, callback("arrived", old, None), callback("waiting", old, now))
    request = {"provider": "meta", "received_at": old}
    await fill(
        stage,
        deletion_requests,
        {**request, "code": "a", "event_id": "arrived"},
        {**request, "code": "w", "event_id": "waiting"},
    )
    gone = await prune(stage.broker)
    assert (gone["platform_event_outbox"], gone["deletion_requests"]) == (1, 1)
    assert await column(stage, platform_event_outbox, "event_id") == {"waiting"}
    assert await column(stage, deletion_requests, "code") == {"w"}


async def test_what_worked_once_goes_when_it_has_expired(stage: Stage) -> None:
    """State at once, links a month later; a link that can be used stays."""
    await stage.add_client()
    await stage.link()
    now = stage.clock.now()
    state = {"record": "ciphertext"}
    await fill(
        stage,
        authorization_states,
        {**state, "digest": "expired", "expires_at": now - timedelta(seconds=1)},
        {**state, "digest": "open", "expires_at": now + timedelta(minutes=1)},
    )
    (usable,) = await column(stage, connect_links, "id")
    stage.clock.advance(timedelta(seconds=30))
    await prune(stage.broker)
    assert await column(stage, authorization_states, "digest") == {"open"}
    assert await column(stage, connect_links, "id") == {usable}
    stage.clock.advance(timedelta(days=32))
    await prune(stage.broker)
    assert await column(stage, connect_links, "id") == set()
