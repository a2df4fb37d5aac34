"""The audit log outlives whatever happens to its database, and writes everything in the end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from freehold.broker.audit import AuditEvent, AuditLog
from freehold.broker.audit import log as audit_log
from freehold.kernel import migrations
from freehold.kernel.clock import SystemClock
from freehold.kernel.database import Database, open_database

EVENT = AuditEvent("callback", "succeeded")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """The broker's tables."""
    opened = open_database(f"sqlite+aiosqlite:///{tmp_path / 'broker.db'}")
    await migrations.upgrade(opened, "freehold.broker")
    yield opened
    await opened.close()


def new_log(database: Database) -> AuditLog:
    """A log over that database."""
    return AuditLog(database, SystemClock(), CollectorRegistry())


async def count(database: Database) -> int:
    """How many events are written."""
    async with database.reading() as session:
        return int((await session.execute(text("SELECT count(*) FROM oauth_events"))).scalar_one())


@pytest.mark.parametrize("wait", [0.0, 0.019, 0.02, 0.021, 0.022, 0.024])
async def test_what_happened_just_before_the_end_is_written(database: Database, wait: float) -> None:
    """Whenever the process ends, nothing that was recorded is lost."""
    log = new_log(database)
    async with log.running():
        log.record(EVENT)
        await asyncio.sleep(wait)

    assert await count(database) == 1


async def test_what_happened_while_the_database_was_away_is_written_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the failure is, the log lives on and keeps what it could not write."""
    monkeypatch.setattr(audit_log, "RETRY_SECONDS", 0.01)
    away = open_database("postgresql+asyncpg://u:p@postgres.invalid/db")
    log = new_log(away)
    async with log.running():
        for _ in range(2):
            log.record(EVENT)
            await asyncio.sleep(0.1)
        log._database = database
        async with asyncio.timeout(10):  # a name is looked up for as long as that takes
            while log._waiting or await count(database) < 2:  # noqa: ASYNC110 - what is waited for is another's database
                await asyncio.sleep(0.02)

    assert await count(database) == 2
    await away.close()


async def test_a_row_that_cannot_be_written_takes_no_other_with_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that no database takes is given up; those around it are written, and the log goes on."""
    monkeypatch.setattr(audit_log, "RETRY_SECONDS", 0.01)
    log = new_log(database)
    async with log.running():
        log.record(EVENT)
        log.record(AuditEvent(None, "succeeded"))  # type: ignore[arg-type]
        log.record(EVENT)
        await asyncio.sleep(0.3)
        log.record(EVENT)

    assert await count(database) == 3


async def test_memory_stays_bounded_while_the_database_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound the oldest events are given up."""
    monkeypatch.setattr(audit_log, "KEPT_WHILE_AWAY", 2)
    log = new_log(database)
    for _ in range(3):
        log.record(EVENT)

    async with log.running():
        pass
    assert await count(database) == 2


async def test_metrics_stay_few_whatever_nodes_answer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node chooses the code of its refusal; beyond a bound they are counted together."""
    monkeypatch.setattr(audit_log, "MOST_LABELS", 10)
    metrics = CollectorRegistry()
    log = AuditLog(database, SystemClock(), metrics)
    for number in range(30):
        log.count(AuditEvent("callback", "failed", reason=f"code_{number}"))

    labels = {"step": "callback", "outcome": "failed", "reason": "other"}
    assert metrics.get_sample_value("freehold_broker_events_total", labels) == 20
