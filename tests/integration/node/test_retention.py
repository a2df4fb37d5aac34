"""Old rows of the node's doings are deleted by age, and nothing that is still needed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert
from tests.integration.node.conftest import MakeStage, Stage

from freehold.kernel import database
from freehold.node.access.tables import access_log, security_events
from freehold.node.governor.tables import api_calls
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.pages.tables import success_sessions
from freehold.node.receiver.tables import platform_events_received, received_deliveries
from freehold.node.reports.tables import report_editions
from freehold.node.retention.prune import prune

REQUEST = {
    "request_id": "r", "listener": "receiver", "method": "GET", "path": "/health", "status": 200, "duration_ms": 1.0,
    "address": "127.0.0.1",
}  # fmt: skip
CALL = {
    "method": "GET", "path": "/{id}", "parts": 1, "priority": "scheduled", "outcome": "ok", "duration_ms": 1.0,
    "bytes": 1, "retry": False,
}  # fmt: skip
DELIVERY = {"digest": "d", "outcome": "stored", "credential_id": "c"}
EVENT = {"kind": "deauthorize", "provider": "meta", "meta_user_id": "1", "credentials_revoked": 1}


async def fill(stage: Stage, table: Table, *rows: dict[str, Any]) -> None:
    """Write rows."""
    async with stage.node.database.writing() as session:
        await session.execute(insert(table), list(rows))


def told(key: str, at: datetime, kind: str = "throttled") -> dict[str, Any]:
    """A notification."""
    return {"key": key, "kind": kind, "severity": "info", "title": "t", "text": "t", "created_at": at}


async def keys(stage: Stage) -> set[str]:
    """The notifications that are there."""
    return {row["key"] for row in await stage.rows(notifications)}


async def test_rows_go_by_the_age_that_the_settings_name(make_stored: MakeStage) -> None:
    """A minute older than the limit goes, a minute younger stays; what went is told by table."""
    stage = await make_stored(keep_access_log_days=10, keep_security_events_days=30, keep_api_calls_days=8)
    now, minute = stage.clock.now(), timedelta(minutes=1)
    limits = {access_log: 10, security_events: 30, api_calls: 8, received_deliveries: 90, platform_events_received: 90}
    for number, side in enumerate((-minute, minute)):
        at = {table: now - timedelta(days=days) + side for table, days in limits.items()}
        await fill(stage, access_log, {**REQUEST, "at": at[access_log]})
        await fill(stage, security_events, {"kind": "key_refused", "detail": "d", "at": at[security_events]})
        await fill(stage, api_calls, {**CALL, "at": at[api_calls]})
        received = {"received_at": at[received_deliveries]}
        await fill(stage, received_deliveries, {**DELIVERY, **received, "issued_at": now, "delivery_id": str(number)})
        await fill(stage, platform_events_received, {**EVENT, **received, "occurred_at": now, "event_id": str(number)})

    gone = await prune(stage.node)

    assert gone == {table.name: 1 for table in limits}
    assert [row["delivery_id"] for row in await stage.rows(received_deliveries)] == ["1"]
    assert await prune(stage.node) == {}


async def test_many_rows_go_in_small_transactions(stored: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, whatever the size of a batch."""
    monkeypatch.setattr(database, "DELETED_AT_ONCE", 3)
    old = stored.clock.now() - timedelta(days=400)
    await fill(stored, api_calls, *({**CALL, "at": old} for _ in range(10)))
    assert await prune(stored.node) == {"api_calls": 10}


async def test_a_notification_goes_once_nothing_more_happens_to_it(stored: Stage) -> None:
    """With its deliveries; one that waits to be sent stays, and so does a reminder: it must not be told again."""
    now = stored.clock.now()
    old = now - timedelta(days=366)
    await fill(
        stored,
        notifications,
        told("done", old),
        told("waiting", old),
        told("young", now),
        told("data_access:c:2026-01-01:7", old, "data_access"),
    )
    ids = {row["key"]: row["id"] for row in await stored.rows(notifications)}
    sent = {"target": "team", "attempts": 1, "last_error": ""}
    await fill(
        stored,
        notification_deliveries,
        {**sent, "notification_id": ids["done"], "sent_at": old, "next_at": None},
        {**sent, "notification_id": ids["waiting"], "sent_at": None, "next_at": now},
    )

    assert await prune(stored.node) == {"notification_deliveries": 1, "notifications": 1}

    assert await keys(stored) == {"waiting", "young", "data_access:c:2026-01-01:7"}
    assert [row["notification_id"] for row in await stored.rows(notification_deliveries)] == [ids["waiting"]]


async def test_an_old_report_goes_with_its_files(make_stored: MakeStage) -> None:
    """Its folder and its row; a younger one keeps both, and a folder that is gone already stops nothing."""
    stage = await make_stored(keep_reports_days=100)
    now, reports = stage.clock.now(), stage.node.settings.reports_dir()
    row = {"kind": "week", "first": now.date(), "last": now.date(), "language": "en"}
    for name, days in (("old", 101), ("gone", 101), ("young", 99)):
        await fill(
            stage, report_editions, {**row, "edition_id": name, "folder": name, "made_at": now - timedelta(days)}
        )
    for name in ("old", "young"):
        (reports / name / "images").mkdir(parents=True)
        (reports / name / "figures.json").write_text("{}")

    assert await prune(stage.node) == {"report_editions": 2}

    assert [path.name for path in reports.iterdir()] == ["young"]
    assert [each["edition_id"] for each in await stage.rows(report_editions)] == ["young"]


async def test_a_session_goes_a_day_after_its_end(stored: Stage) -> None:
    """Of the handle and of the cookie."""
    now = stored.clock.now()
    long_ago, soon = now - timedelta(days=2), now + timedelta(minutes=5)
    row = {"credential_id": "c", "handle_expires_at": long_ago}
    await fill(
        stored,
        success_sessions,
        {**row, "handle_digest": "never used", "session_expires_at": None},
        {**row, "handle_digest": "ended", "session_expires_at": long_ago},
        {**row, "handle_digest": "open", "session_expires_at": soon},
    )
    await prune(stored.node)
    assert [row["handle_digest"] for row in await stored.rows(success_sessions)] == ["open"]
