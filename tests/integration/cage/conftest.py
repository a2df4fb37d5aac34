"""A node's database with something in it, on SQLite and on PostgreSQL with the role for questions."""

import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from tests.integration.confirming import confirm

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.access.tables import access_keys
from freehold.node.bootstrap import roles
from freehold.node.bootstrap.functions import close_functions
from freehold.node.bootstrap.grants import reading_views, settle_grants
from freehold.node.cage import postgres, sqlite
from freehold.node.cage.bounds import Found
from freehold.node.store import tables

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
SECRET = "a-digest-that-nobody-reads"
CAPTION = "Glaze; DROP TABLE x --"


@dataclass(frozen=True)
class Cage:
    """A database, and a way to ask the cage itself, without the reading of the question before it."""

    database: Database
    dialect: str
    ask: Callable[..., Coroutine[Any, Any, Found]]
    url: str
    """Of the role for questions; on SQLite the file."""


@pytest.fixture
async def cage(database_url: str) -> AsyncIterator[Cage]:
    """The cage over a few posts, and a key that nobody may read."""
    database = open_database(database_url)
    await migrations.upgrade(database, "freehold.node")
    await fill(database)
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        path = str(url.database)
        yield Cage(database, "sqlite", lambda sql, most=100: sqlite.ask(path, sql, most), path)
        await database.close()
        return
    superuser = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    password = secrets.token_hex(16)
    await settle(superuser, password)
    own = url.set(username=roles.SQL_ROLE, password=password).render_as_string(hide_password=False)
    yield Cage(database, "postgresql", lambda sql, most=100: postgres.ask(own, sql, most), own)
    await superuser.execute(f"DROP OWNED BY {roles.SQL_ROLE} CASCADE")
    await superuser.close()
    await database.close()


async def settle(superuser: asyncpg.Connection, password: str) -> None:
    """Make the role as bootstrap does, in the database that the connection is in."""
    owner, name = await superuser.fetchrow("SELECT current_user, current_database()")
    await roles.settle_role(superuser, roles.SQL_ROLE, password)
    await roles.limit(superuser, roles.SQL_ROLE)
    await superuser.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    await superuser.execute(f"GRANT CONNECT ON DATABASE {name} TO {roles.SQL_ROLE}")
    await settle_grants(superuser, roles.SQL_ROLE, reading_views(), "read")
    await close_functions(superuser, owner)


async def fill(database: Database) -> None:
    """Three posts of two accounts with their numbers, and a key."""
    post: dict[str, Any] = {
        "media_type": "IMAGE",
        "product_type": "FEED",
        "permalink": "",
        "shortcode": "s",
        "thumbnail_url": "",
    }
    post |= {"published_at": NOW, "read_at": NOW, "comments": 0}
    accounts = {"username": "mara", "name": "", "biography": "", "website": "", "picture_url": "", "followers": 10}
    readings = {"subject_kind": "post", "period": "lifetime", "breakdown": "", "part": "", "day": date(2026, 3, 8)}
    key = {"id": "k", "name": "n", "digest": SECRET, "scopes": "tools:read"}
    await confirm(database, "1", "2")
    async with database.writing() as session:
        await session.execute(
            tables.instagram_accounts.insert(),
            {**accounts, "account_id": "1", "follows": 1, "posts": 2, "read_at": NOW},
        )
        for place, (account, caption) in enumerate([("1", CAPTION), ("1", "a" * 2_000), ("2", "Kiln")]):
            row = {**post, "post_id": str(place), "account_id": account, "caption": caption, "likes": place}
            await session.execute(tables.instagram_posts.insert(), row)
            of = {**readings, "account_id": account, "subject_id": str(place), "value": 10.0 * place, "read_at": NOW}
            await session.execute(tables.instagram_insights.insert(), {**of, "metric": "reach"})
        await session.execute(access_keys.insert(), {**key, "created_at": NOW})
