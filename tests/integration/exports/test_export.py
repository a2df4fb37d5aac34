"""Views as files: the rows that were asked for, whole files only."""

import csv
import re
import stat
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pyarrow import parquet
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.integration.confirming import confirm

from freehold.kernel import migrations
from freehold.kernel.database import Database, open_database
from freehold.node.exports import formats
from freehold.node.exports.export import Exported, export_view
from freehold.node.exports.formats import TooLargeError
from freehold.node.exports.kinds import FORMATS, Format
from freehold.node.exports.queries import AT_ONCE, VIEWS, Choice
from freehold.node.store import tables
from freehold.node.store.views import View

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
DAYS = VIEWS["instagram_account_days"]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A node's database, empty."""
    opened = open_database(database_url)
    await migrations.upgrade(opened, "freehold.node")
    await confirm(opened, "a")
    yield opened
    await opened.close()


async def write(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    """Put rows into a table."""
    async with database.writing() as session:
        await session.execute(table.insert(), list(rows))


def reading(account: str, day: date, metric: str, value: float, **other: str) -> dict[str, Any]:
    """A reading of an account's day."""
    found = {"account_id": account, "subject_kind": "account", "subject_id": account, "period": "day", "part": ""}
    return {**found, "breakdown": "", "metric": metric, "day": day, "value": value, "read_at": NOW, **other}


async def export_csv(database: Database, view: View, choice: Choice, folder: Path) -> Exported:
    """A view as a CSV file."""
    return await export_view(database, view, choice, folder, "csv")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a file, as a program reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_the_chosen_days_of_the_chosen_accounts_are_written(database: Database, tmp_path: Path) -> None:
    """Both ends of the period are included; a metric that was not read is empty; a loss of followers is a number."""
    days = [date(2026, 3, day) for day in (1, 2, 3, 4)]
    await write(database, tables.instagram_insights, *(reading("a", day, "reach", 10 + day.day) for day in days))
    await write(database, tables.instagram_insights, reading("a", days[1], "follower_count", -5))
    await write(database, tables.instagram_insights, reading("b", days[1], "reach", 99))
    written = await export_csv(database, DAYS, Choice({"a"}, days[1], days[2]), tmp_path)
    rows = rows_of(written.path)
    assert [(row["account_id"], row["day"], row["reach"], row["follower_change"], row["views"]) for row in rows] == [
        ("a", "2026-03-02", "12", "-5", ""),
        ("a", "2026-03-03", "13", "", ""),
    ]
    assert (written.rows, written.size) == (2, written.path.stat().st_size)
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600


async def test_a_caption_is_one_cell_and_no_formula(database: Database, tmp_path: Path) -> None:
    """What others wrote breaks out of neither its cell nor its kind, and is in the file as it was written."""
    caption = '=HYPERLINK("https://example.com","ü")\r\nb,c'
    post: dict[str, Any] = {
        "post_id": "p",
        "account_id": "a",
        "caption": caption,
        "media_type": "IMAGE",
        "product_type": "FEED",
    }
    post |= {"permalink": "https://example.com/p", "shortcode": "s", "thumbnail_url": "", "published_at": NOW}
    await write(database, tables.instagram_posts, {**post, "likes": 3, "comments": 1, "read_at": NOW})
    read = reading("a", date(2026, 3, 8), "reach", 40, subject_kind="post", subject_id="p", period="lifetime")
    await write(database, tables.instagram_insights, read)
    written = await export_csv(database, VIEWS["instagram_post_results"], Choice(), tmp_path)
    (row,) = rows_of(written.path)
    assert (row["caption"], row["reach"], row["published_at"]) == (f"'{caption}", "40", "2026-03-09T07:00:00+00:00")


@pytest.mark.parametrize("name", VIEWS)
async def test_each_view_is_written_with_all_its_columns(database: Database, tmp_path: Path, name: str) -> None:
    """The file's head is what the view has in the database, also without a row."""
    async with database.reading() as session:
        there = list((await session.execute(text(f"SELECT * FROM {name}"))).keys())
    written = await export_csv(database, VIEWS[name], Choice(), tmp_path)
    with written.path.open(encoding="utf-8-sig", newline="") as file:
        assert set(next(csv.reader(file))) == set(there)


async def test_a_period_chooses_posts_by_the_day_of_publication(database: Database, tmp_path: Path) -> None:
    """In UTC, both days included to their last moment."""
    post = {"account_id": "a", "caption": "", "media_type": "IMAGE", "product_type": "FEED", "permalink": ""}
    post |= {"shortcode": "s", "thumbnail_url": ""}
    day = datetime(2026, 3, 8, tzinfo=UTC)
    moments = (day - timedelta(seconds=1), day, day + timedelta(hours=23, minutes=59), day + timedelta(days=1))
    posts = [{**post, "post_id": str(place), "published_at": at} for place, at in enumerate(moments)]
    await write(database, tables.instagram_posts, *(each | {"read_at": NOW} for each in posts))
    written = await export_csv(database, VIEWS["bi_posts"], Choice((), day.date(), day.date()), tmp_path)
    assert [row["post_id"] for row in rows_of(written.path)] == ["1", "2"]


async def test_more_rows_than_are_held_at_once_all_arrive(database: Database, tmp_path: Path) -> None:
    """The stream neither ends at its first part nor repeats one."""
    accounts = [f"{number:05}" for number in range(2 * AT_ONCE + 1)]
    await write(database, tables.instagram_insights, *(reading(each, NOW.date(), "reach", 1) for each in accounts))
    written = await export_csv(database, DAYS, Choice(), tmp_path)
    assert [row["account_id"] for row in rows_of(written.path)] == accounts


async def test_a_failure_leaves_the_earlier_file(database: Database, tmp_path: Path) -> None:
    """Half a file never takes the place of a whole one, and none is left beside it."""
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / "instagram_account_days.csv"
    path.write_text("earlier")
    async with database.writing() as session:
        await session.execute(text('DROP VIEW "Instagram days"'))
        await session.execute(text("DROP VIEW instagram_account_days"))
    with pytest.raises(DBAPIError):
        await export_csv(database, DAYS, Choice(), folder)
    assert [(each.name, each.read_text()) for each in folder.iterdir()] == [(path.name, "earlier")]


FORMULA = '=HYPERLINK("https://example.com","ü")'


async def write_post(database: Database, caption: str) -> None:
    """One post of the day, with its reach."""
    post: dict[str, Any] = {"post_id": "p", "account_id": "a", "caption": caption, "media_type": "IMAGE"}
    post |= {"product_type": "FEED", "permalink": "https://example.com/p", "shortcode": "s", "thumbnail_url": ""}
    await write(
        database, tables.instagram_posts, {**post, "published_at": NOW, "likes": 3, "comments": 1, "read_at": NOW}
    )
    read = reading("a", date(2026, 3, 8), "reach", 40, subject_kind="post", subject_id="p", period="lifetime")
    await write(database, tables.instagram_insights, read)


def cells_of(path: Path, number: int = 1) -> list[dict[str, tuple[str, str]]]:
    """The rows of a spreadsheet's page below its head: column -> kind of the cell, and what is in it."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        page = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314 - written by us just now
    assert not page.findall(f".//{main}f")
    assert not page.findall(f".//{main}hyperlink")
    rows = [
        {(each.get("r") or "").rstrip("0123456789"): (each.get("t", "n"), "".join(each.itertext())) for each in row}
        for row in page.iter(f"{main}row")
    ]
    names = {place: text for place, (_kind, text) in rows[0].items()}
    return [{names[place]: cell for place, cell in row.items()} for row in rows[1:]]


async def test_a_spreadsheet_has_texts_numbers_and_instants(database: Database, tmp_path: Path) -> None:
    """A caption that would be a formula is a text, as it was written; reach and instants are numbers."""
    await write_post(database, FORMULA)
    written = await export_view(database, VIEWS["bi_posts"], Choice(), tmp_path, "xlsx")
    (row,) = cells_of(written.path)
    assert row["caption"] == ("inlineStr", FORMULA)
    assert (row["reach"][0], float(row["reach"][1])) == ("n", 40)
    since = NOW.replace(tzinfo=None) - datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zone
    assert float(row["published_at"][1]) == pytest.approx(since / timedelta(days=1))
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600


async def test_parquet_keeps_kinds(database: Database, tmp_path: Path) -> None:
    """Texts as they were written, instants with their zone; what is absent is none."""
    await write_post(database, FORMULA)
    written = await export_view(database, VIEWS["bi_posts"], Choice(), tmp_path, "parquet")
    (row,) = parquet.read_table(written.path).to_pylist()
    assert (row["caption"], row["reach"], row["published_at"]) == (FORMULA, 40, NOW)
    assert None in row.values()


@pytest.mark.parametrize("kind", FORMATS)
async def test_each_view_fits_each_format(database: Database, tmp_path: Path, kind: Format) -> None:
    """Also without a row."""
    for name, view in VIEWS.items():
        written = await export_view(database, view, Choice(), tmp_path, kind)
        assert (written.rows, written.path.name) == (0, f"{name}.{kind}")
        if kind == "parquet":
            assert parquet.read_schema(written.path).names == view.source.c.keys()


async def test_a_spreadsheet_goes_on_with_further_pages(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a page is full the next begins, with the head on it; no row is left out, and none is there twice."""
    monkeypatch.setattr(formats, "MOST_ROWS", 3)
    await write(database, tables.instagram_insights, *(reading(each, NOW.date(), "reach", 1) for each in "abcde"))
    written = await export_view(database, DAYS, Choice(), tmp_path, "xlsx")
    found = [[row["account_id"][1] for row in cells_of(written.path, page)] for page in (1, 2, 3)]
    assert (found, written.rows) == ([["a", "b"], ["c", "d"], ["e"]], 5)
    with zipfile.ZipFile(written.path) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == ["instagram_account_days", "instagram_account_days (2)", "instagram_account_days (3)"]


async def test_more_than_a_spreadsheet_opens_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence that names what to take instead; no half file is left."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 500)  # it is 2 GB, which a test does not write
    with pytest.raises(TooLargeError, match="as csv or parquet"):
        await export_view(database, DAYS, Choice(), tmp_path / "files", "xlsx")
    assert not list((tmp_path / "files").iterdir())
