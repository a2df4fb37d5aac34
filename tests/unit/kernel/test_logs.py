"""What a line of the log shows, and what it hides."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from freehold.kernel import logs

log = logs.get(__name__)
TOKEN = "EAA" + "x1Y2" * 8


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; afterwards logs go where they went before."""
    root, sink = logging.getLogger(), io.StringIO()
    before = (root.handlers, root.level)
    logs.configure("test", sink)
    yield sink
    root.handlers = before[0]
    root.setLevel(before[1])


@pytest.mark.parametrize(
    "value",
    [
        {"1": f"refused {TOKEN}"},
        [f"refused {TOKEN}"],
        {"1": [{"why": (TOKEN,)}]},
        {"call": {"access_token": TOKEN[3:]}},
    ],
)
def test_a_secret_is_hidden_however_deep_it_lies(lines: io.StringIO, value: Any) -> None:
    """In mappings and lists within each other, by its name and by its looks."""
    log.warning("run.ended", failures=value, kept="this")
    told = json.loads(lines.getvalue())
    assert told["kept"] == "this"
    assert TOKEN[3:] not in lines.getvalue()
    assert logs.REDACTED in json.dumps(told["failures"])


def test_what_is_below_the_level_is_not_told(lines: io.StringIO) -> None:
    """A command for people tells what needs their attention."""
    logs.configure("test", lines, level="warning")
    log.info("worker.ready")
    log.warning("run.part_failed")
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["run.part_failed"]


def test_the_level_that_was_chosen_last_counts(lines: io.StringIO) -> None:
    """Also for a logger that was used before: a server that is begun by a command tells of what it does."""
    fresh = logs.get("fresh")
    logs.configure("test", lines, level="critical")
    fresh.info("not.told")
    logs.configure("test", lines)
    fresh.info("told")
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["told"]
