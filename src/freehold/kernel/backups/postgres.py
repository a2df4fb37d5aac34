"""PostgreSQL's own programs: a dump as a stream of bytes, and a stream of bytes into a database, in one transaction.

Passwords go by a file that only its owner reads: neither among the arguments, nor in the environment of the program.
"""

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, Connection, make_url

from freehold.kernel.backups.errors import BackupError, RestoreError
from freehold.kernel.database import SCHEMA_TIMEOUT, ReadSession, open_database

BLOCK = 256 * 1024
LONGEST_LINE = 1 << 20
"""Of what a program says is wrong."""
_HAS_RUN = b"freehold: all of it has run\n"
_HAS_RUN_COMMAND = b"\\echo '" + _HAS_RUN.rstrip() + b"'\n"
_INSTALLED = Path("/usr/lib/postgresql")
_WRAPPER = "pg_wrapper"
"""Debian's, which takes the version of the machine's own server."""
_SYSTEM = ("information_schema", "pg_catalog", "pg_toast")
_CLEARING = """
    WITH own AS (
        SELECT 1 AS turn, 'pg_namespace'::regclass AS kind, oid, format('SCHEMA IF EXISTS %I', nspname) AS what
        FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
        UNION ALL
        SELECT 2, 'pg_class'::regclass, oid, format('%s IF EXISTS public.%I', kinds.word, relname)
        FROM pg_class JOIN (VALUES
            ('r', 'TABLE'), ('p', 'TABLE'), ('f', 'FOREIGN TABLE'), ('v', 'VIEW'), ('m', 'MATERIALIZED VIEW'),
            ('S', 'SEQUENCE'), ('c', 'TYPE')
        ) AS kinds (letter, word) ON relkind::text = kinds.letter WHERE relnamespace = to_regnamespace('public')
        UNION ALL
        SELECT 3, 'pg_proc'::regclass, oid, format('ROUTINE IF EXISTS %s', oid::regprocedure)
        FROM pg_proc WHERE pronamespace = to_regnamespace('public')
        UNION ALL
        SELECT 4, 'pg_type'::regclass, oid, format('TYPE IF EXISTS public.%I', typname)
        FROM pg_type WHERE typnamespace = to_regnamespace('public') AND typtype IN ('e', 'd', 'r')
    )
    SELECT format('DROP %s CASCADE', what) FROM own
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = kind AND objid = own.oid AND deptype = 'e')
    ORDER BY turn, what
"""
"""What stands in the way of a dump. Each may have gone with one before it; what belongs to an extension stays."""


@contextlib.asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[tuple[ReadSession, str]]:
    """A transaction that sees one moment, and the name by which `dump` sees the same; raises `Problem` 503."""
    database = open_database(url, pool_size=1, statement_timeout=SCHEMA_TIMEOUT)
    try:
        async with database.reading() as session:
            raw = await session.execution_options(isolation_level="REPEATABLE READ")
            async with raw.begin():
                yield raw, str((await raw.execute(text("SELECT pg_export_snapshot()"))).scalar_one())
    finally:
        await database.close()


async def dump(url: str, server: int, seen: str) -> AsyncGenerator[bytes]:
    """The database as of the snapshot `seen`, in pg_dump's custom format. Raises `BackupError`.

    `server` is the major version of the server: an older pg_dump would refuse it.
    """
    program = find_program("pg_dump")
    version = await _version(program)
    if version < server:
        raise BackupError(
            f"pg_dump {version} cannot dump PostgreSQL {server}; install that version's client "
            f"(Debian: postgresql-client-{server})"
        )
    with _login(make_url(url)) as (words, environment):
        arguments = [program, "--format=custom", "--no-password", f"--snapshot={seen}", *words]
        process = await _start(arguments, environment, stdout=asyncio.subprocess.PIPE)
        told = asyncio.create_task(_read_errors(process))
        try:
            assert process.stdout is not None
            while block := await process.stdout.read(BLOCK):
                yield block
            if await process.wait():
                raise BackupError(f"pg_dump failed: {await told}")
        finally:
            await _end(process, told)


@contextlib.asynccontextmanager
async def restoring(url: str, first: str) -> AsyncIterator["Restoring"]:
    """A way for a dump into a database, behind the statements of `first`; raises `BackupError`.

    Owners and privileges are those of the account that restores; whoever sets up accounts grants anew.
    """
    psql, pg_restore, pipe = find_program("psql"), find_program("pg_restore"), asyncio.subprocess.PIPE
    with _login(make_url(url)) as (words, environment):
        options = ("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}")
        sink = await _start([psql, *options, *words, "--file=-"], environment, stdin=pipe, stdout=pipe)
        await _write(sink, f"BEGIN;\n{first};\n".encode())
        convert = await _start(
            [pg_restore, "--no-owner", "--no-privileges", "--file=-"], environment, stdin=pipe, stdout=pipe
        )
        dump_on_its_way = Restoring(str(make_url(url).database), convert, sink)
        try:
            yield dump_on_its_way
        finally:
            await dump_on_its_way.close()


class Restoring:
    """A dump on its way: `pg_restore` makes SQL of it, which `psql` runs in one transaction.

    It is committed by `replace` alone, behind `finish`: whatever else ends, nothing has changed.
    """

    def __init__(self, name: str, convert: asyncio.subprocess.Process, sink: asyncio.subprocess.Process) -> None:
        self._name, self._convert, self._sink = name, convert, sink
        self._told = [asyncio.create_task(_read_errors(process)) for process in (convert, sink)]
        self._carrying = asyncio.create_task(self._carry())

    async def feed(self, block: bytes) -> None:
        """More of the dump; raises `RestoreError` when the programs have given up."""
        if not await _write(self._convert, block):
            raise await self._failed()

    async def finish(self) -> None:
        """The whole dump was fed: see it run to its end; raises `RestoreError` when the database did not take it."""
        _close(self._convert)
        converted = await self._convert.wait() == 0
        if not (await self._carrying and converted and await self._has_run()):
            raise await self._failed()

    async def replace(self) -> None:
        """Commit what `finish` has seen through. Raises `RestoreError` when the server did not confirm it."""
        confirmed = await _write(self._sink, b"COMMIT;\n")
        _close(self._sink)
        if await self._sink.wait() or not confirmed:
            raise RestoreError(f"PostgreSQL did not confirm it ({await self._complaints()})")

    async def close(self) -> None:
        """End both programs, if they have not ended."""
        self._carrying.cancel()
        await asyncio.gather(self._carrying, return_exceptions=True)
        for process, told in zip((self._sink, self._convert), reversed(self._told), strict=True):
            await _end(process, told)

    async def _carry(self) -> bool:
        """Carry the SQL from one to the other; gives whether all of it was taken."""
        assert self._convert.stdout is not None
        while block := await self._convert.stdout.read(BLOCK):
            if not await _write(self._sink, block):
                if self._convert.returncode is None:
                    self._convert.kill()  # else it would wait for a reader for ever
                return False
        return True

    async def _has_run(self) -> bool:
        """Have `psql` say a word behind the last statement: it stops at the first that fails."""
        assert self._sink.stdout is not None
        return await _write(self._sink, _HAS_RUN_COMMAND) and await self._sink.stdout.readline() == _HAS_RUN

    async def _failed(self) -> RestoreError:
        for process in (self._sink, self._convert):
            if process.returncode is None:
                _close(process)
        told = await self._complaints()
        return RestoreError(
            f"PostgreSQL did not take the dump of {self._name}, and every database is as it was: {told}"
        )

    async def _complaints(self) -> str:
        return " ".join([each for each in [await task for task in self._told] if each])


async def _write(process: asyncio.subprocess.Process, block: bytes) -> bool:
    """Whether a program took a block; False when it has ended."""
    assert process.stdin is not None
    try:
        process.stdin.write(block)
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _close(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()


async def counts(session: ReadSession) -> dict[str, int]:
    """Table -> rows; tables of schemas other than `public` with their schema."""
    tables = await session.run_sync(_tables)
    quote = session.dialect.identifier_preparer.quote
    found = {}
    for schema, name in tables:
        rows = await session.execute(text(f"SELECT count(*) FROM {quote(schema)}.{quote(name)}"))  # noqa: S608 - from the catalogue
        found[name if schema == "public" else f"{schema}.{name}"] = int(rows.scalar_one())
    return found


def _tables(connection: Connection) -> list[tuple[str, str]]:
    found = inspect(connection)
    schemas = [name for name in found.get_schema_names() if name not in _SYSTEM]
    return [(schema, name) for schema in sorted(schemas) for name in sorted(found.get_table_names(schema))]


async def major_version(session: ReadSession) -> int:
    """Of the server."""
    return int((await session.execute(text("SHOW server_version_num"))).scalar_one()) // 10_000


async def clearing(session: ReadSession) -> str:
    """SQL that takes away whatever a dump would make anew: schemas, relations, routines and types, but no extensions.

    Empty when the database is.
    """
    return "; ".join((await session.execute(text(_CLEARING))).scalars())


def find_program(name: str) -> str:
    """PostgreSQL's program of this name: the first on PATH, and where that is Debian's wrapper its newest version.

    Raises `BackupError`.
    """
    on_path = shutil.which(name)
    if on_path is not None and Path(on_path).resolve().name != _WRAPPER:
        return on_path
    versions = sorted(_INSTALLED.glob(f"*/bin/{name}"), key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    if not versions:
        raise BackupError(f"{name} is not installed; install PostgreSQL's client (Debian: postgresql-client)")
    return str(versions[-1])


async def _version(program: str) -> int:
    process = await _start([program, "--version"], dict(os.environ), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    found = re.search(rb"\) (\d+)", out)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def _login(url: URL) -> Iterator[tuple[list[str], dict[str, str]]]:
    """How a program of PostgreSQL finds and enters a database: its arguments and its environment."""
    named = (("host", url.host), ("port", url.port), ("username", url.username), ("dbname", url.database))
    words = [f"--{name}={value}" for name, value in named if value is not None]
    environment = {name: value for name, value in os.environ.items() if name != "PGPASSWORD"}
    wanted = url.query.get("ssl") or url.query.get("sslmode")
    if wanted:
        environment["PGSSLMODE"] = str(wanted)
    with tempfile.NamedTemporaryFile("w", prefix="freehold-", encoding="utf-8") as file:  # made with mode 0600
        if url.password is not None:
            file.write(f"*:*:*:*:{_escaped(str(url.password))}\n")
            file.flush()
            environment["PGPASSFILE"] = file.name
        yield words, environment


def _escaped(text_: str) -> str:
    return text_.replace("\\", "\\\\").replace(":", "\\:")


async def _start(
    arguments: Sequence[str], environment: dict[str, str], *, stdin: int = asyncio.subprocess.DEVNULL,
    stdout: int = asyncio.subprocess.DEVNULL,
) -> asyncio.subprocess.Process:  # fmt: skip
    plain = {name: value for name, value in environment.items() if not name.startswith("FREEHOLD_")}
    return await asyncio.create_subprocess_exec(
        *arguments,
        stdin=stdin,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
        env={**plain, "LC_ALL": "C"},
        limit=LONGEST_LINE,
    )


async def _read_errors(process: asyncio.subprocess.Process) -> str:
    """The first line in which a program said what was wrong; the others may quote what is in a table."""
    assert process.stderr is not None
    first = b""
    while line := await process.stderr.readline():
        if not first and (b"error" in line.lower() or b"FATAL" in line):
            first = line
    return first.decode("utf-8", "replace").strip()[:300]


async def _end(process: asyncio.subprocess.Process, told: asyncio.Task[str]) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
    await asyncio.gather(told, return_exceptions=True)
