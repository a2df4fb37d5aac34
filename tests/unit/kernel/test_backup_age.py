"""How the age of the newest backup is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from freehold.kernel.backups.age import check_age
from freehold.kernel.backups.shelf import Shelf
from freehold.kernel.checks import Check

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def checked(folder: Path, *hours: int) -> Check:
    """What is said of backups made so many hours ago."""
    shelf = Shelf(folder, "key", "node-rosa", 7, 4)
    for ago in hours:
        shelf.path_at(NOW - timedelta(hours=ago)).write_bytes(bytes(1_500_000))
    return check_age(shelf, NOW, "FREEHOLD_NODE_BACKUP_KEY", "freehold node backup")


@pytest.mark.parametrize(
    ("hours", "passed", "told"),
    [((0,), True, "0 hours"), ((20, 90), True, "20 hours"), ((48,), True, "2 days"), ((49, 73), False, "2 days"),
     ((24 * 30,), False, "30 days")],
)  # fmt: skip
def test_two_days_are_too_old(tmp_path: Path, hours: tuple[int, ...], passed: bool, told: str) -> None:
    """The newest counts, whatever stands beside it."""
    check = checked(tmp_path, *hours)
    assert (check.passed, check.warning) == (passed, False)
    assert check.detail.startswith(f"the newest is {told} old ({tmp_path}/node-rosa-2026")
    assert check.detail.endswith(", 1.5 MB)")
    assert "freehold node backup" in check.fix


def test_a_folder_without_a_backup_fails(tmp_path: Path) -> None:
    """Half a backup, another client's, and a folder that is not there are none."""
    (tmp_path / ".node-rosa-20261125T080000Z.fhbackup.part").touch()
    (tmp_path / "node-mara-20261125T080000Z.fhbackup").touch()
    for folder in (tmp_path, tmp_path / "absent"):
        check = checked(folder)
        assert (check.passed, check.detail) == (False, f"there is none in {folder}")


def test_without_a_key_there_is_a_warning() -> None:
    """Other means may back the machine up, so that it is no failure."""
    check = check_age(None, NOW, "FREEHOLD_NODE_BACKUP_KEY", "freehold node backup")
    assert (check.passed, check.warning) == (True, True)
    assert "FREEHOLD_NODE_BACKUP_KEY" in check.fix
