"""SQL over both interfaces: the views are told, a question is answered from them, and who may not ask is refused."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.cage.conftest import CAPTION, fill, settle
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import MakeTools, Tools, tools_of
from tests.integration.node.conftest import call

from freehold.node.bootstrap.roles import SQL_ROLE
from freehold.node.store.views import WIDE


@pytest.fixture
async def insights(make_node: MakeNode, serve: Serve, database_url: str) -> AsyncIterator[Tools]:
    """Insights over three posts, with the role for questions where the database is PostgreSQL."""
    url, password = make_url(database_url), secrets.token_hex(16)
    chosen: dict[str, Any] = {}
    if url.get_backend_name() == "postgresql":
        own = url.set(username=SQL_ROLE, password=password).render_as_string(hide_password=False)
        chosen = {"sql_database_url": own}
    meta = await meta_sandbox.start(serve)
    tools = await tools_of(make_node, meta, serve, "insights", database_url=database_url, **chosen)
    await fill(tools.stage.node.database)
    if not chosen:
        yield tools
        return
    superuser = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await settle(superuser, password)
    yield tools
    await superuser.execute(f"DROP OWNED BY {SQL_ROLE} CASCADE")
    await superuser.close()


async def test_a_question_is_answered_with_labels_and_evidence(insights: Tools) -> None:
    """The views are those of the guide; others' words are labelled, ids and numbers are not; more rows are told of."""
    listed = await insights.both("list_views")
    assert {each["name"]: each["columns"] for each in listed["views"]} == {
        name: view.source.c.keys() for name, view in WIDE.items()
    }
    sql = "SELECT account_id, caption, likes, views FROM bi_posts WHERE likes <> 1 ORDER BY likes"
    told = await insights.both("run_sql", sql=sql)
    assert told["columns"] == ["account_id", "caption", "likes", "views"]
    assert told["rows"] == [
        ["1", {"untrusted_text": CAPTION}, 0, None],
        ["2", {"untrusted_text": "Kiln"}, 2, None],
    ]
    assert (told["complete"], told["evidence"]) == (True, {"views": ["bi_posts"], "sql": sql})
    short = await insights.rest("run_sql", sql=sql, limit=1)
    assert (len(short.body["rows"]), short.body["complete"]) == (1, False)


async def test_what_is_no_question_is_refused(insights: Tools) -> None:
    """By a stable code, over both interfaces; a key that is good for some accounts alone may not ask at all."""
    for sql in ("DELETE FROM bi_posts", "SELECT digest FROM access_keys", "SELECT pg_sleep(9)", "SELECT 1; SELECT 2"):
        assert (await insights.error("run_sql", sql=sql))["code"] == "sql_refused"
        assert (await insights.rest("run_sql", sql=sql)).status == 422
    assert (await insights.error("run_sql", sql="SELECT nothing FROM bi_posts"))["code"] == "sql_wrong"
    limited = await insights.other_key("tools:read", assets=["1"])
    answer = await call("POST", f"{insights.url}/tools/run_sql", key=limited, json={"sql": "SELECT 1"})
    assert (answer.status, answer.body["code"]) == (403, "sql_key_limited")


async def test_postgresql_without_the_role_answers_nothing(make_tools: MakeTools, postgres_url: str) -> None:
    """The owner of the tables is never asked in its place."""
    tools = await make_tools("insights", database_url=postgres_url)
    assert (await tools.error("run_sql", sql="SELECT 1"))["code"] == "sql_not_set_up"
