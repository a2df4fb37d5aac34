"""Which workers on other machines count as lost, and to whom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from freehold.node.runs.workers import SeenWorker
from freehold.node.workflows.liveness import Pulse, is_lost

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
