"""Links to reports: which file they lead to, for how long, and what is no link of this node's."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.clock import MovableClock
from freehold.kernel.crypto import Keyring
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.pages import report_links
from freehold.node.settings import NodeSettings


@dataclass
class Ring:
    """A keyring that is in no file."""

    ring: Keyring

    def current(self) -> Keyring:
        """The ring as it is now."""
        return self.ring


@dataclass(frozen=True)
class Keys:
    """The only key that links need."""

    keyring: Ring


@dataclass(frozen=True)
class Linking:
    """As much of a node as links need."""

    settings: NodeSettings
    keys: Keys
    clock: MovableClock


def node(folder: Path = Path("/nowhere")) -> Linking:
    """A node that only makes and finds links."""
    settings = NodeSettings(client_id="rosa", company_name="Rosa", data_dir=folder, public_url="https://node.example/")
    return Linking(settings, Keys(Ring(Keyring.generate())), MovableClock(datetime(2026, 11, 23, tzinfo=UTC)))


def refused(linking: Linking, link: str) -> tuple[int, str]:
    """Why a link leads nowhere."""
    with pytest.raises(Problem) as problem:
        report_links.find(cast("Node", linking), link)
    return problem.value.status, problem.value.code


def made(linking: Linking, report: Path) -> str:
    """What of a link stands after the last slash."""
    url = report_links.make(cast("Node", linking), report)
    assert url.startswith("https://node.example/reports/v1.")
    return url.rpartition("/")[2]


@given(st.text(max_size=200) | st.from_regex(r"v1\.[\w.-]{0,80}", fullmatch=True))
def test_any_other_text_is_no_link(text: str) -> None:
    """Whatever stands there, it is refused and nothing fails."""
    assert refused(node(), text) == (403, "report_link_invalid")


def test_a_link_lasts_seven_days() -> None:
    """To the second; while it lasts, a missing file is told as such."""
    linking = node()
    link = made(linking, Path("/nowhere/reports/latest.html"))
    linking.clock.advance(timedelta(days=7, seconds=-1))
    assert refused(linking, link) == (404, "report_gone")
    linking.clock.advance(timedelta(seconds=1))
    assert refused(linking, link) == (403, "report_link_expired")


def test_another_node_s_link_is_refused() -> None:
    """Each node has keys of its own."""
    assert refused(node(), made(node(), Path("latest.html"))) == (403, "report_link_invalid")


def test_a_link_outlives_one_rotation_of_the_keys() -> None:
    """The key before stays in the ring until the next rotation."""
    linking = node()
    link = made(linking, Path("latest.html"))
    ring = linking.keys.keyring.ring.rotate()
    rotated: Any = dataclasses.replace(linking, keys=Keys(Ring(ring)))
    assert refused(rotated, link) == (404, "report_gone")
    rotated = dataclasses.replace(linking, keys=Keys(Ring(ring.without_old())))
    assert refused(rotated, link) == (403, "report_link_invalid")
