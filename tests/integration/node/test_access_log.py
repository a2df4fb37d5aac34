"""The access log: one row for each request on every listener, whatever became of it."""

import asyncio
import io
import json
from datetime import timedelta
from typing import Any

import aiosqlite
import pytest
from tests.integration.node.conftest import Stage, call, eventually

from freehold.kernel.database import open_database
from freehold.kernel.request_record import RequestRecord
from freehold.node.access import AccessLog
from freehold.node.access.tables import access_keys, access_log, security_events


async def written(stage: Stage) -> list[dict[str, Any]]:
    """The access log once all that waits is written, oldest first."""
    await stage.node.access_log.flush()
    return sorted(await stage.rows(access_log), key=lambda row: row["id"])


async def test_every_request_on_both_listeners_has_one_row(stored: Stage) -> None:
    """Good ones, refused ones, and those that no route takes; the path stands without its query."""
    key = await stored.key("credentials:read", name="reader")
    await call("GET", f"{stored.receiver}/health?code=secret-code")
    await call("GET", f"{stored.receiver}/api/credentials", key=key)
    await call("GET", f"{stored.receiver}/api/credentials?reveal=true", key=key)
    await call("GET", f"{stored.receiver}/nothing")
    await call("DELETE", f"{stored.receiver}/health")
    await call("POST", f"{stored.receiver}/api/credentials", data=b"x", headers={"Content-Type": "text/plain"})
    await call("POST", f"{stored.receiver}/api/credentials", data=b"x" * 300_000)
    await call("GET", f"{stored.workflows}/success?handle=secret-handle")
    await call("GET", f"{stored.workflows}/graph/act_1?fields=secret-field", key=key)
    rows = await written(stored)
    assert [(row["listener"], row["method"], row["path"], row["status"], row["caller"]) for row in rows] == [
        ("receiver", "GET", "/health", 200, None),
        ("receiver", "GET", "/api/credentials", 200, "reader"),
        ("receiver", "GET", "/api/credentials", 403, "reader"),
        ("receiver", "GET", "/nothing", 404, None),
        ("receiver", "DELETE", "/health", 405, None),
        ("receiver", "POST", "/api/credentials", 415, None),
        ("receiver", "POST", "/api/credentials", 413, None),
        ("workflows", "GET", "/success", 403, None),
        ("workflows", "GET", "/graph/act_1", 403, "reader"),
    ]
    assert "secret-" not in str(rows)
    assert {row["address"] for row in rows} == {"127.0.0.1"}
    assert {row["at"] for row in rows} == {stored.clock.now()}


async def test_a_failure_of_ours_has_its_row(stage: Stage) -> None:
    """The table of keys is gone: 500, and a row that says so."""
    async with stage.node.database.writing() as session:
        await session.run_sync(access_keys.drop)
    answer = await call("GET", f"{stage.receiver}/api/credentials", key="fhnode_unknown")
    assert answer.refusal == (500, "unexpected")
    assert [row["status"] for row in await written(stage)] == [500]


async def test_request_ids_are_the_same_everywhere(stage: Stage, lines: io.StringIO) -> None:
    """The answer's header, its problem, the log line, the row and the security event name one request."""
    answer = await call("GET", f"{stage.receiver}/api/credentials")
    (row,) = await written(stage)
    (event,) = await stage.rows(security_events)
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    told = {entry["event"]: entry["request_id"] for entry in logged if "request_id" in entry}
    assert told.keys() == {"security.event", "http.answered"}
    request_id = answer.headers["X-Request-Id"]
    assert {answer.body["request_id"], row["request_id"], event["request_id"], *told.values()} == {request_id}


@pytest.mark.parametrize("path", ["/%00nothing", "/graph/a%00b"])
async def test_what_a_column_cannot_hold_does_not_stop_the_log(stored: Stage, path: str) -> None:
    """A NUL in a path is written as far as it can be, and so is the request after it."""
    for listener in (stored.receiver, stored.workflows):
        assert (await call("GET", listener + path)).status in {401, 404, 405}
    await call("GET", f"{stored.receiver}/health")
    rows = await written(stored)
    assert len(rows) == 3
    assert rows[-1]["path"] == "/health"


async def test_what_the_database_refuses_is_dropped_alone(stored: Stage) -> None:
    """One record that no row can be made of is lost; those beside it are not."""
    good = RequestRecord("r1", "receiver", "GET", "/a", 200, 1.0, "127.0.0.1", None)
    for record in (good, RequestRecord("r2", "receiver", "GET", "/b", 10**30, 1.0, "127.0.0.1", None), good):
        stored.node.access_log.record(record)
    assert [row["request_id"] for row in await written(stored)] == ["r1", "r1"]


async def test_rows_are_written_without_being_asked_for(stage: Stage) -> None:
    """In the background, soon after the request."""
    await call("GET", f"{stage.receiver}/health")

    async def there() -> bool:
        return len(await stage.rows(access_log)) == 1

    await eventually(there)


async def test_requests_are_kept_while_the_database_is_away(stage: Stage) -> None:
    """They are written when it is back, each once, with the time at which they came."""
    path = stage.node.settings.data_dir / "node.db"
    hidden = path.with_suffix(".away")
    await stage.node.database.close()
    path.rename(hidden)
    path.mkdir()
    came = stage.clock.now()
    assert (await call("GET", f"{stage.receiver}/health")).status == 200
    assert (await call("GET", f"{stage.receiver}/api/credentials")).refusal == (503, "database_unavailable")
    await stage.node.access_log.flush()
    path.rmdir()
    hidden.rename(path)
    stage.clock.advance(timedelta(minutes=5))
    rows = await written(stage)
    assert [(row["path"], row["status"], row["at"]) for row in rows] == [
        ("/health", 200, came),
        ("/api/credentials", 503, came),
    ]


async def test_two_writers_at_once_write_each_request_once(stored: Stage) -> None:
    """The background and the end of the process meet over the same records."""
    for number in range(700):
        stored.node.access_log.record(RequestRecord(f"r{number}", "receiver", "GET", "/", 200, 1.0, "127.0.0.1", None))
    await asyncio.gather(*(stored.node.access_log.flush() for _ in range(4)))
    rows = await written(stored)
    assert sorted(row["request_id"] for row in rows) == sorted(f"r{number}" for number in range(700))


async def test_the_end_of_the_process_writes_each_request_once(stage: Stage) -> None:
    """The last records are being written, behind another process's lock, when the process ends."""
    database = open_database(stage.node.settings.database())
    log = AccessLog(database, stage.clock)
    async with (
        aiosqlite.connect(stage.node.settings.data_dir / "node.db", isolation_level=None) as other,
        log.running(),
    ):
        await other.execute("BEGIN IMMEDIATE")
        log.record(RequestRecord("r1", "receiver", "GET", "/", 200, 1.0, "127.0.0.1", None))
        await asyncio.sleep(0.4)
        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(other.execute("ROLLBACK")))
    await database.close()
    assert [row["request_id"] for row in await stage.rows(access_log)] == ["r1"]
