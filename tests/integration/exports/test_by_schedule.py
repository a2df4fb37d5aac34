"""Exports that are made by themselves: a folder for each day, the newest under a name that stays."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from tests.integration.confirming import confirm
from tests.integration.conftest import MakeNode, OpenNode
from tests.integration.workflows.conftest import POLL, ended, order
from tests.meta_sandbox import MetaSandbox

from freehold.kernel.database import insert
from freehold.node.runs.queries import RunRecord
from freehold.node.store.instagram.tables import instagram_posts
from freehold.node.workflows.registry import schedules
from freehold.node.workflows.runtime import working

POST = {
    "account_id": "a", "caption": "=1+1", "media_type": "IMAGE", "product_type": "FEED", "permalink": "",
    "shortcode": "s", "thumbnail_url": "", "published_at": datetime(2026, 11, 1, tzinfo=UTC),
    "read_at": datetime(2026, 11, 2, tzinfo=UTC),
}  # fmt: skip
"""A post with a caption that a spreadsheet would calculate."""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder for exports."""
    made = tmp_path / "shelf"
    made.mkdir()
    return made


async def exported(opened: OpenNode) -> RunRecord:
    """A run of the export, once a worker is through with it."""
    run_id = await order(opened.node, "export")
    async with working(opened.node):
        return await ended(opened.node, run_id)


async def opened_with(make_node: MakeNode, meta: MetaSandbox, shelf: Path, **chosen: Any) -> OpenNode:
    """A node that holds one post and exports into `shelf`."""
    opened: OpenNode = await make_node(clock=meta.clock, worker_poll=POLL, export_to=shelf, **chosen)
    await confirm(opened.node.database, "a")
    async with opened.node.database.writing() as session:
        await session.execute(insert(session, instagram_posts).values(post_id="p", **POST))
    return opened


async def test_a_days_files_are_written_and_the_oldest_days_let_go(
    make_node: MakeNode, meta: MetaSandbox, database_url: str, shelf: Path
) -> None:
    """`latest` leads to them, only the owner reads them, and what somebody else put there stays."""
    old = [shelf / f"2026-01-0{day}" for day in (1, 2, 3)]
    for day in old:
        day.mkdir()
        for name in ("bi_posts.csv", ".bi_posts.csv.4711"):  # one of them in the middle of which a process died
            (day / name).write_text("old")
    (old[1] / "notes.txt").write_text("somebody's")
    chosen = {"export_views": ("bi_posts", "bi_campaign_days"), "export_format": "parquet", "export_keep": 2}
    opened = await opened_with(make_node, meta, shelf, database_url=database_url, **chosen)

    run = await exported(opened)

    assert (run.outcome, dict(run.failures)) == ("complete", {})
    today = shelf / f"{meta.clock.now():%Y-%m-%d}"
    assert (shelf / "latest").resolve() == today
    assert sorted(each.name for each in shelf.iterdir()) == [old[1].name, old[2].name, today.name, "latest"]
    assert [each.name for each in old[1].iterdir()] == ["notes.txt"]
    assert sorted(each.name for each in today.iterdir()) == ["bi_campaign_days.parquet", "bi_posts.parquet"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in today.iterdir()} == {0o600}
    assert parquet.read_table(today / "bi_posts.parquet").column("caption").to_pylist() == ["=1+1"]


async def test_what_cannot_be_written_is_told_and_latest_stays(
    make_node: MakeNode, meta: MetaSandbox, shelf: Path
) -> None:
    """By view: one that there is not, and one in whose place something stands; the others are there all the same.

    Old days are let go of as ever, but for the one that `latest` leads to.
    """
    today = shelf / f"{meta.clock.now():%Y-%m-%d}"
    (today / "bi_posts.csv").mkdir(parents=True)
    old = [shelf / f"2026-01-0{day}" for day in (1, 2, 3)]
    for day in old:
        day.mkdir()
        (day / "bi_posts.csv").write_text("old")
    (shelf / "latest").symlink_to("2026-01-01")
    views = ("bi_posts", "bi_campaign_days", "meta_credentials")
    opened = await opened_with(make_node, meta, shelf, export_views=views, export_keep=1)

    run = await exported(opened)

    assert run.outcome == "incomplete"
    assert run.failures["meta_credentials"].startswith("there is no such view; choose from ")
    assert run.failures["export"] == "bi_posts: the file cannot be written: Is a directory"
    assert (shelf / "latest").readlink() == Path("2026-01-01")
    assert (today / "bi_campaign_days.csv").exists()
    assert sorted(each.name for each in shelf.iterdir()) == [old[0].name, today.name, "latest"]
    assert (shelf / "latest" / "bi_posts.csv").read_text() == "old"


async def test_old_days_go_also_when_nothing_could_be_written(
    make_node: MakeNode, meta: MetaSandbox, shelf: Path
) -> None:
    """Here the time is up before a file is written; what stands in the place of one is left, and hinders nothing."""
    old = [shelf / f"2026-01-0{day}" for day in (1, 2)]
    for day in old:
        day.mkdir()
        (day / "bi_posts.csv").write_text("old")
    (old[0] / "bi_campaign_days.csv").mkdir()
    opened = await opened_with(make_node, meta, shelf, export_keep=2, step_timeout=0.001)

    run = await exported(opened)

    assert "export" in run.failures
    assert [each.name for each in old[0].iterdir()] == ["bi_campaign_days.csv"]
    assert (old[1] / "bi_posts.csv").exists()
    assert not (shelf / "latest").exists()


async def test_nothing_is_exported_unless_a_time_is_given(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Then it begins like every workflow."""
    opened: OpenNode = await make_node(clock=meta.clock)
    settings = opened.node.settings
    assert "export" not in schedules(settings)
    chosen = settings.model_copy(update={"schedules": {"export": "daily 16:20"}})
    assert str(schedules(chosen)["export"]) == "daily 16:20"
