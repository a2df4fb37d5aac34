"""What DBOS and the records of runs remember: JSON, and nothing that opens a door or was read through it."""

import io
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.integration.collection.checks import CERAMICS_ASSETS, connected, rows
from tests.integration.conftest import MakeNode, OpenNode, grant_of
from tests.integration.workflows.conftest import POLL, ended, order, until
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, MetaSandbox

from freehold.demo.marks import Place, search
from freehold.kernel import logs
from freehold.node.runs.tables import collection_places, workflow_runs
from freehold.node.store import tables
from freehold.node.workflows.runtime import working

REMEMBERED = {
    "operation_outputs": ("output", "error"),
    "workflow_input": ("inputs",),
    "workflow_output": ("output", "error"),
}


async def remembered(opened: OpenNode) -> list[dict[str, Any]]:
    """Every row of DBOS's tables of steps and payloads."""
    settings = opened.node.settings
    if settings.database_url is None or settings.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(settings.runs_file())) as connection:
            connection.row_factory = sqlite3.Row
            return [
                dict(row) | {"table": table}
                for table in REMEMBERED
                for row in connection.execute(f"SELECT * FROM {table}")
            ]
    async with opened.node.database.reading() as session:
        return [
            dict(row) | {"table": table}
            for table in REMEMBERED
            for row in (await session.execute(text(f"SELECT * FROM dbos.{table}"))).mappings()
        ]


async def test_what_dbos_remembers_is_json_without_secrets(
    make_node: MakeNode, meta: MetaSandbox, database_url: str
) -> None:
    """A run with failures in it: plans, outcomes and reasons, but no token, address of a callback, caption or bio."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    grant = grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)
    meta.fault("error", path=f"{CERAMICS}/insights", code=10, count=3)
    url = "https://secret-receiver.example/hook?signature=hush"
    run_id = await order(opened.node, "collection", days=3, callback_url=url)
    async with working(opened.node):
        await ended(opened.node, run_id)
    found = await remembered(opened)
    assert {row["table"] for row in found} >= {"operation_outputs", "workflow_input"}
    for row in found:
        for column in REMEMBERED[row["table"]]:
            if row[column] is not None:
                json.loads(row[column])
    records = [*await rows(opened, workflow_runs), *await rows(opened, collection_places)]
    (account,) = await rows(opened, tables.instagram_accounts)
    captions = [row["caption"] for row in await rows(opened, tables.instagram_posts) if row["caption"]]
    assert captions
    held = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    secrets = [each.get_secret_value() for each in held]
    for text_of_others in [*secrets, account["biography"], *captions[:5]]:
        assert text_of_others
        assert text_of_others not in repr(found)
        assert text_of_others not in repr(records)
    assert "secret-receiver" not in repr(found)


async def everything(opened: OpenNode) -> dict[str, bytes]:
    """All that DBOS keeps, by table, whatever tables it has."""
    settings = opened.node.settings
    if settings.database_url is None or settings.database_url.startswith("sqlite"):
        with closing(sqlite3.connect(settings.runs_file())) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            found = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    else:
        async with opened.node.database.reading() as session:
            listed = await session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'dbos'"))
            names = list(listed.scalars())
            found = {
                name: [tuple(row) for row in await session.execute(text(f'SELECT * FROM dbos."{name}"'))]
                for name in names
            }
    return {name: repr(each).encode() for name, each in found.items()}


@pytest.mark.parametrize("code", [10, 190, 4, 2])
async def test_meta_s_words_stand_in_coverage_alone(
    make_node: MakeNode, meta: MetaSandbox, database_url: str, code: int
) -> None:
    """They may quote anything. Runs, logs and DBOS's tables, each of them, tell the code in words of our own; nor is
    there a token, in any form in which one may lie about.
    """
    lines, mark = io.StringIO(), "ErrorMark7733"
    logs.configure("node", lines)
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL)
    grant = grant_of(meta, "rosa", MARA, CERAMICS_ASSETS)
    words = f"the caption {mark} of Anna cannot be read"
    for path in (CERAMICS, CERAMICS_ADS):
        meta.fault("error", path=path, code=code, message=words, count=1_000)
    runs = [await order(opened.node, name, trigger="command") for name in ("stories_hourly", "ads_hourly")]
    async with working(opened.node):
        ends = [await ended(opened.node, run_id) for run_id in runs]
        await until(lambda: has_settled(opened))
    assert all(run.outcome == "failed" for run in ends)
    assert any(f"(code {code}" in reason for run in ends for reason in run.failures.values())
    kept = await everything(opened)
    assert {"workflow_status", "operation_outputs"} <= kept.keys()
    written = [*await rows(opened, workflow_runs), *await rows(opened, collection_places)]
    places = [
        Place("DBOS", "node", kept),
        Place("runs", "node", {"runs": repr(written).encode()}),
        Place("log", "node", {"log": lines.getvalue().encode()}),
    ]
    tokens = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    marks = {"Meta's words": mark} | {f"token {n}": each.get_secret_value() for n, each in enumerate(tokens)}
    assert search(marks, places) == []


async def test_runs_are_forgotten_after_their_time(make_node: MakeNode, meta: MetaSandbox, database_url: str) -> None:
    """The record, its places and what DBOS remembers of each attempt; what was collected stays, and newer runs do."""
    opened = await connected(make_node, meta, database_url=database_url, worker_poll=POLL, keep_runs_days=30)
    run_id = await order(opened.node, "ads_daily", days=1)
    async with working(opened.node) as worker:
        await ended(opened.node, run_id)
        await until(lambda: has_settled(opened))
        await worker.prune()
        assert await remembered(opened)
        meta.clock.advance(timedelta(days=31))
        newer = await order(opened.node, "token_refresh")
        await worker.prune()
        assert [row["run_id"] for row in await rows(opened, workflow_runs)] == [newer]
        assert await rows(opened, collection_places) == []
        assert run_id not in repr(await remembered(opened))
    assert await rows(opened, tables.ads)


async def has_settled(opened: OpenNode) -> bool:
    """Whether DBOS has written down that the run is over."""
    return any(row["table"] == "workflow_output" for row in await remembered(opened))
