"""What a command for people prints, and what it keeps to itself."""

import json
import logging
from collections.abc import Iterator

import pytest

from freehold.cli.output import guarded
from freehold.kernel import logs

log = logs.get(__name__)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers = before[0]
    root.setLevel(before[1])


def test_a_command_for_people_logs_what_needs_their_attention(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, beside what it prints; that all goes well is not told line by line."""

    @guarded
    async def command() -> None:
        log.info("worker.ready")
        log.warning("run.part_failed")

    command()
    told = capsys.readouterr()
    assert told.out == ""
    assert [json.loads(line)["event"] for line in told.err.splitlines()] == ["run.part_failed"]
