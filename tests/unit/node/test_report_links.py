"""What stands at the end of a report's link is opened if this node sealed it, and else never fails."""

import asyncio
from dataclasses import dataclass
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.crypto import Keyring
from freehold.node.context import Node
from freehold.node.reports.editions import REPORT
from freehold.node.sharing import links


@dataclass(frozen=True)
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
    """As much of a node as is there before a link has opened: no database to ask."""

    keys: Keys


@given(st.text(max_size=200) | st.from_regex(r"v1\.[\w.-]{0,80}", fullmatch=True))
def test_any_other_text_is_no_link(text: str) -> None:
    """It leads nowhere, nothing fails, and the database is not asked."""
    node = Linking(Keys(Ring(Keyring.generate())))
    assert asyncio.run(links.follow(cast("Node", node), text, REPORT)) is None
