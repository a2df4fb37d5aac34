"""Whatever keeps the database from answering is told as 503, and nothing else is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from freehold.kernel import database
from freehold.kernel.database import open_database
from freehold.kernel.problems import Problem

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def refuse_as_starting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a PostgreSQL that is still starting up."""
    length = int.from_bytes(await reader.readexactly(4))
    await reader.readexactly(length - 4)
    if length == 8:  # it asks for TLS first
        writer.write(b"N")
        length = int.from_bytes(await reader.readexactly(4))
        await reader.readexactly(length - 4)
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
    await writer.drain()
    writer.close()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection at once."""
    writer.close()


@pytest.fixture(params=[refuse_as_starting, hang_up], ids=["starting up", "hangs up"])
async def broken_server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of something that takes connections, and serves nobody."""
    server = await asyncio.start_server(request.param, "127.0.0.1", 0)
    yield f"postgresql+asyncpg://u:p@127.0.0.1:{server.sockets[0].getsockname()[1]}/db"
    server.close()


async def read_from(url: str, statement: str = "SELECT 1") -> None:
    """One statement over a database of its own."""
    opened = open_database(url)
    try:
        async with opened.reading() as session:
            await session.execute(text(statement))
    finally:
        await opened.close()


async def refusal(url: str, statement: str = "SELECT 1") -> str:
    """The code with which a statement is refused."""
    with pytest.raises(Problem) as caught:
        await read_from(url, statement)
    assert caught.value.status == 503
    return caught.value.code


async def test_a_server_that_serves_nobody_is_unavailable(broken_server: str) -> None:
    """A server that is starting up or closes the connection is away."""
    assert await refusal(broken_server) == "database_unavailable"


async def test_a_name_that_does_not_resolve_is_unavailable() -> None:
    """A container whose name is not known yet is away."""
    assert await refusal("postgresql+asyncpg://u:p@postgres.invalid/db") == "database_unavailable"


async def test_a_statement_that_takes_too_long_is_unavailable(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hangs is away."""
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT", 0.3)

    assert await refusal(postgres_url, "SELECT pg_sleep(5)") == "database_unavailable"


async def test_a_connection_that_the_server_ends_is_unavailable(postgres_url: str) -> None:
    """An operator who stops the server makes it away."""
    assert await refusal(postgres_url, "SELECT pg_terminate_backend(pg_backend_pid())") == "database_unavailable"


async def test_a_fault_of_our_own_is_not_called_absence(database_url: str) -> None:
    """A broken rule of the schema stays what it is."""
    opened = open_database(database_url)
    try:
        async with opened.writing() as session:
            await session.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))
        with pytest.raises(IntegrityError):
            async with opened.writing() as session:
                await session.execute(text("INSERT INTO t (id) VALUES (1), (1)"))
    finally:
        await opened.close()
