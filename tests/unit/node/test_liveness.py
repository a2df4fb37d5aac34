"""Which workers on other machines count as lost, and to whom."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from freehold.node.runs.workers import SeenWorker
from freehold.node.workflows.liveness import FOLDER, Pulse, held, is_lost, new_worker_id

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PATIENCE = 60 * SECOND
ELSEWHERE = SeenWorker("elsewhere-1", NOON, NOON)


def beating(pulse: Pulse, first: int, last: int) -> datetime:
    """Beat every five seconds, from so many seconds after noon to so many; gives the time of the last."""
    for second in range(first, last + 1, 5):
        pulse.beat(NOON + second * SECOND)
    return NOON + last * SECOND


def test_a_worker_that_is_not_seen_for_long_is_lost(tmp_path: Path) -> None:
    """To one that was there all the time."""
    pulse = Pulse(PATIENCE)
    assert not is_lost(tmp_path, ELSEWHERE, beating(pulse, 0, 60), pulse)
    assert is_lost(tmp_path, ELSEWHERE, beating(pulse, 65, 65), pulse)


def test_after_an_outage_nobody_is_lost_to_whoever_comes_back_first(tmp_path: Path) -> None:
    """The others have the whole patience for their next sign of life."""
    pulse = Pulse(PATIENCE)
    beating(pulse, -300, 0)
    assert not is_lost(tmp_path, ELSEWHERE, beating(pulse, 90, 90), pulse)
    assert not is_lost(tmp_path, ELSEWHERE, beating(pulse, 95, 145), pulse)
    assert is_lost(tmp_path, ELSEWHERE, beating(pulse, 150, 150), pulse)


def test_a_worker_is_lost_as_soon_as_its_lock_is_free(tmp_path: Path) -> None:
    """To those that share its folder: not while it lives, and without waiting afterwards."""
    worker = SeenWorker(new_worker_id(), NOON, NOON)
    lock = tmp_path / FOLDER / f"{worker.worker_id}.lock"
    with held(tmp_path, worker.worker_id):
        assert not is_lost(tmp_path, worker, NOON, Pulse(PATIENCE))
    assert lock.exists()
    assert is_lost(tmp_path, worker, NOON, Pulse(PATIENCE))


def test_a_copied_lock_says_nothing(tmp_path: Path) -> None:
    """Whoever works in a copy of the folder leaves the living alone, and takes over from those not seen for long."""
    worker, copy, pulse = SeenWorker(new_worker_id(), NOON, NOON), tmp_path / "copy", Pulse(PATIENCE)
    with held(tmp_path / "first", worker.worker_id):
        shutil.copytree(tmp_path / "first", copy)
        assert not is_lost(copy, worker, NOON, pulse)
        assert is_lost(copy, worker, beating(pulse, 0, 65), pulse)


def test_a_lock_of_another_machine_says_nothing(tmp_path: Path) -> None:
    """One that is free here may be held there, where the folder is shared by a file system that does not say so."""
    worker = SeenWorker(new_worker_id(), NOON, NOON)
    with held(tmp_path, worker.worker_id):
        lock = tmp_path / FOLDER / f"{worker.worker_id}.lock"
        written = lock.read_text()
    lock.write_text(written.replace(written.split()[0], "another"))
    assert not is_lost(tmp_path, worker, NOON, Pulse(PATIENCE))
