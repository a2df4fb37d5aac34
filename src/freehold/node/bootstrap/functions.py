"""Functions of PostgreSQL's that questions in SQL may not call: taken from everybody but the owner of the tables."""

import asyncpg

from freehold.node.bootstrap.done import Done
from freehold.node.cage.postgres import CLOSED

_OPEN = """
    SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'pg_catalog' AND p.prokind = 'f' AND p.proname ~ $1
        AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
    ORDER BY 1
"""


async def close_functions(connection: asyncpg.Connection, owner: str) -> Done:
    """Take the functions of `CLOSED` from PUBLIC in the database that `connection`, a superuser's, is in.

    The owner of the tables keeps them: migrations and runs lock by them, and pg_dump calls set_config.
    """
    found = [row[0] for row in await connection.fetch(_OPEN, CLOSED)]
    async with connection.transaction():
        for function in found:
            await connection.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {owner}")
            await connection.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    return Done("functions closed to questions in SQL", "updated" if found else "unchanged")
