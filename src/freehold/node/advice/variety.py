"""The order in which advice is told, where not all of it is: some of each kind before more of any."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol, TypeVar


class _OfAKind(Protocol):
    @property
    def kind(self) -> str: ...


Each = TypeVar("Each", bound=_OfAKind)


def varied(found: Iterable[Each]) -> list[Each]:
    """The first of each kind, then the second of each, and so on; within that as they came.

    An account of many ads would otherwise be told of nothing but its ads.
    """
    seen: Counter[str] = Counter()
    places = []
    for each in found:
        places.append((seen[each.kind], each))
        seen[each.kind] += 1
    return [each for _, each in sorted(places, key=lambda place: place[0])]
