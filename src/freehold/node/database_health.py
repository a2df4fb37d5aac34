"""`freehold node doctor db`: whether the database is in order, and what to do where it is not."""

from collections.abc import AsyncIterator

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateIndex

from freehold.kernel.checks import Check
from freehold.kernel.database import ReadSession
from freehold.node.context import Node
from freehold.node.db import metadata

STEP = 1024
DEAD_SHARE = 0.2
DEAD_ROWS = 10_000
"""Fewer dead rows than this are no bloat, whatever their share."""
UNUSED_BYTES = 50 * STEP**2
SLOW_MS = 500
FREE_SHARE = 0.25
FREE_BYTES = 50 * STEP**2
WAL_BYTES = 200 * STEP**2

_TABLES = """
    SELECT relname AS name, n_live_tup AS live, n_dead_tup AS dead, pg_total_relation_size(relid) AS bytes,
        to_char(greatest(last_vacuum, last_autovacuum) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS vacuumed
    FROM pg_stat_user_tables WHERE schemaname = current_schema() ORDER BY bytes DESC
"""
_INDEXES = """
    SELECT s.relname AS table, s.indexrelname AS name, pg_relation_size(s.indexrelid) AS bytes
    FROM pg_stat_user_indexes AS s JOIN pg_index AS i ON i.indexrelid = s.indexrelid
    WHERE s.schemaname = current_schema() AND s.idx_scan = 0 AND NOT i.indisunique
        AND pg_relation_size(s.indexrelid) > :bytes
    ORDER BY bytes DESC
"""
_CONNECTIONS = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most
"""
_SLOW = """
    SELECT round(mean_exec_time)::bigint AS ms, calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) AS query
    FROM pg_stat_statements WHERE mean_exec_time > :ms AND calls > 10
        AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY total_exec_time DESC LIMIT 3
"""


async def examine(node: Node) -> list[Check]:
    """Look at the node's database; nothing is changed. Raises `Problem` 503 when it is away."""
    async with node.database.reading() as session:
        if session.dialect.name == "sqlite":
            return [check async for check in _sqlite(session, node)]
        return [
            *await _tables(session),
            await _slow(session),
            *await _unused(session),
            await _missing(session),
            await _connections(session, node.settings.database_pool),
        ]


async def _sqlite(session: ReadSession, node: Node) -> AsyncIterator[Check]:
    found = (await session.execute(text("PRAGMA quick_check(1)"))).scalar_one()
    fix = "Stop the node and restore the newest backup."
    yield Check("integrity", passed=found == "ok", detail=str(found)[:200], fix="" if found == "ok" else fix)
    size, pages, free = [
        int((await session.execute(text(f"PRAGMA {name}"))).scalar_one())
        for name in ("page_size", "page_count", "freelist_count")
    ]
    bloated = free * size > FREE_BYTES and free > pages * FREE_SHARE
    fix = "Stop the node and run VACUUM with sqlite3." if bloated else ""
    detail = f"{_size(pages * size)}, of which {_size(free * size)} are free"
    yield Check("size", passed=not bloated, detail=detail, fix=fix)
    wal = node.settings.data_dir / "node.db-wal"
    held = wal.stat().st_size if node.settings.database_url is None and wal.exists() else 0
    fix = "Something reads without end: look for programs that have the file open, then restart the node."
    yield Check("write-ahead log", passed=held <= WAL_BYTES, detail=_size(held), fix=fix if held > WAL_BYTES else "")
    yield await _missing(session)


async def _tables(session: ReadSession) -> list[Check]:
    rows = (await session.execute(text(_TABLES))).all()
    largest = ", ".join(f"{row.name} {_size(row.bytes)}" for row in rows[:5])
    total = _size(sum(row.bytes for row in rows))
    checks = [Check("size", passed=True, detail=f"{total} in {len(rows)} tables; largest: {largest}")]
    bloated = [row for row in rows if row.dead > DEAD_ROWS and row.dead > DEAD_SHARE * (row.live + row.dead)]
    for row in bloated:
        detail = f"{row.dead:,} dead rows beside {row.live:,}; cleaned up last {row.vacuumed or 'never'}"
        fix = f"Run VACUUM ANALYZE {row.name}; look for transactions that stay open, which keep dead rows alive."
        checks.append(Check(f"bloat of {row.name}", passed=False, detail=detail, fix=fix))
    if not bloated:
        checks.append(Check("bloat", passed=True, detail=f"no table has more than {DEAD_SHARE:.0%} dead rows"))
    return checks


async def _slow(session: ReadSession) -> Check:
    """The statements that take longest on the average. Their texts hold no values."""
    there = (await session.execute(text("SELECT to_regclass('pg_stat_statements') IS NOT NULL"))).scalar_one()
    if not there:
        how = "to see them, set shared_preload_libraries = 'pg_stat_statements' and CREATE EXTENSION pg_stat_statements"
        return Check("slow queries", passed=True, detail=f"not counted; {how}")
    rows = (await session.execute(text(_SLOW), {"ms": SLOW_MS})).all()
    if not rows:
        return Check("slow queries", passed=True, detail=f"none takes more than {SLOW_MS} ms on the average")
    told = "; ".join(f"{row.ms} ms x {row.calls}: {row.query}" for row in rows)
    return Check("slow queries", passed=False, detail=told, fix="Run ANALYZE, then EXPLAIN what is still slow.")


async def _unused(session: ReadSession) -> list[Check]:
    rows = (await session.execute(text(_INDEXES), {"bytes": UNUSED_BYTES})).all()
    if not rows:
        return [Check("unused indexes", passed=True, detail=f"none over {_size(UNUSED_BYTES)}")]
    fix = "If nobody filters by it in NocoDB or n8n either, DROP INDEX makes writing faster."
    return [Check(f"index {row.name}", passed=False, detail=f"{_size(row.bytes)}, never used", fix=fix) for row in rows]


async def _connections(session: ReadSession, pool: int) -> Check:
    row = (await session.execute(text(_CONNECTIONS))).one()
    left = row.most - row.used
    detail = f"{row.used} of {row.most} are open; each process of this node opens up to {pool}"
    fix = "" if left >= pool else "Lower FREEHOLD_NODE_DATABASE_POOL, or raise max_connections."
    return Check("connections", passed=left >= pool, detail=detail, fix=fix)


async def _missing(session: ReadSession) -> Check:
    """Indexes that the node's queries rely on, and that the database does not have."""

    def there(connection: Connection) -> set[str | None]:
        found = inspect(connection).get_multi_indexes()
        return {index["name"] for indexes in found.values() for index in indexes}

    wanted = {str(index.name): index for table in metadata.tables.values() for index in table.indexes}
    missing = [wanted[name] for name in sorted(wanted.keys() - await session.run_sync(there))]
    if not missing:
        return Check("missing indexes", passed=True, detail=f"all {len(wanted)} are there")
    made = [str(CreateIndex(index).compile(dialect=session.dialect)) for index in missing]
    names = ", ".join(str(index.name) for index in missing)
    return Check("missing indexes", passed=False, detail=names, fix="; ".join(made))


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < STEP or unit == "GB":
            break
        number /= STEP
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
