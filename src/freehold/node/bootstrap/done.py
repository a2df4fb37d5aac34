"""What bootstrap did, in lines that people and programs read."""

from dataclasses import dataclass
from typing import Literal

Change = Literal["created", "updated", "unchanged", "kept"]


@dataclass(frozen=True)
class Done:
    """A part and what happened to it; "kept" means that people changed or removed it, and that it is theirs."""

    what: str
    change: Change
