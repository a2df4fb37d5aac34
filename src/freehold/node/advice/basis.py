"""What advice rests on, as it is kept beside it: all that may be told of it, in any language, and where it is from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from freehold.node.analysis.findings import Contribution, Query


@dataclass(frozen=True)
class Basis:
    """The evidence of one piece of advice.

    `phrase` names the words for it. `numbers` are by the names that phrases give them, with `units` as `Facts` has
    them, and "share" for a part of a whole; `names` are what people called things, `labels` which metric and group of
    posts it is about, `zone` the time zone of its hours, "" where it has none. `expected` says by what the forecast is
    measured, "" for none. The rest says where the numbers are from: the query, how many rows answered it, the sample,
    how probable it is by chance (None for a plain fact), and what drove a change.
    """

    phrase: str
    first: date
    last: date
    numbers: Mapping[str, float]
    units: Mapping[str, str]
    names: Mapping[str, str]
    labels: Mapping[str, str]
    query: Query
    rows: int
    sample: int
    subject: str = ""
    chance: float | None = None
    expected: str = ""
    zone: str = ""
    drivers: tuple[Contribution, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        kept: dict[str, Any] = _BASIS.dump_python(self, mode="json")
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Basis":
        """As it was stored."""
        return _BASIS.validate_python(kept)


_BASIS: TypeAdapter[Basis] = TypeAdapter(Basis)
