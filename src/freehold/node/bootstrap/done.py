"""What bootstrap did, in lines that people and programs read."""

from dataclasses import dataclass
from typing import Literal

Change = Literal["created", "updated", "unchanged", "kept", "warning"]


@dataclass(frozen=True)
class Done:
    """A part and what happened to it; "kept" means that people changed or removed it, and that it is theirs, "warning"
    that something people set is left so, and that they should look at it.
    """

    what: str
    change: Change
