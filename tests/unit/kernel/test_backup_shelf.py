"""Which backups are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from freehold.kernel.backups.errors import BackupError
from freehold.kernel.backups.shelf import Shelf, chosen

NEWEST = datetime(2026, 11, 25, 2, 15, tzinfo=UTC)


def test_days_then_weeks_are_kept() -> None:
    """Of sixty nights, with a second backup on the newest day: seven days, and four weeks by their newest."""
    nights = [NEWEST - timedelta(days=number) for number in range(60)]
    kept = sorted(chosen([*nights, NEWEST - timedelta(hours=1)], daily=7, weekly=4), reverse=True)
    assert [moment.day for moment in kept[:7]] == [25, 24, 23, 22, 21, 20, 19]
    assert kept[0] == NEWEST
    assert [f"{moment:%m-%d %a}" for moment in kept[7:]] == ["11-15 Sun", "11-08 Sun"]


def test_the_newest_is_kept_whatever_is_wanted() -> None:
    """Backups that were long not made do not disappear by their age."""
    assert chosen([NEWEST - timedelta(days=900), NEWEST - timedelta(days=901)], 1, 0) == {NEWEST - timedelta(days=900)}
    assert chosen([], 7, 4) == set()


def test_only_its_own_backups_are_deleted(tmp_path: Path) -> None:
    """Another client's, another program's, and half-written ones of others stay."""
    shelf = Shelf(tmp_path, "key", "node-rosa", 1, 0)
    own = [shelf.path_at(NEWEST - timedelta(days=days)) for days in range(3)]
    others = [tmp_path / name for name in ("node-rosa-two-20200101T000000Z.fhbackup", "notes.txt", "x.fhbackup")]
    for path in (*own, *others):
        path.write_bytes(b"x")
    assert set(shelf.prune()) == set(own[1:])
    assert set(tmp_path.iterdir()) == {own[0], *others}


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """The second is told; what a dead one left half done is cleared by the next."""
    shelf = Shelf(tmp_path, "key", "node-rosa", 1, 0)
    left = tmp_path / ".node-rosa-20261125T021500Z.fhbackup.part"
    left.write_bytes(b"half")
    with shelf.locked():
        assert not left.exists()
        with pytest.raises(BackupError, match="another backup"), shelf.locked():
            pass
    with shelf.locked():
        pass


def test_what_another_client_is_writing_is_left_alone(tmp_path: Path) -> None:
    """Also where its name begins as this one's does: `node-rosa-two` is not `node-rosa`."""
    shelf, other = (Shelf(tmp_path, "key", label, 1, 0) for label in ("node-rosa", "node-rosa-two"))
    with other.locked():
        writing = tmp_path / f".{other.path_at(NEWEST).name}.part"
        writing.write_bytes(b"half")
        with shelf.locked():
            assert writing.exists()
