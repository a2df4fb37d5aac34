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


def test_a_command_for_people_says_what_it_has_to_say_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines of a log beside that would only hide it; what has no message of its own is still told."""

    @guarded
    async def command() -> None:
        log.info("worker.ready")
        log.error("database.unavailable")
        log.critical("told.nowhere_else")

    command()
    told = capsys.readouterr()
    assert told.out == ""
    assert [json.loads(line)["event"] for line in told.err.splitlines()] == ["told.nowhere_else"]
