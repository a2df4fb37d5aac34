"""Which advice is told where there is room for some of it."""

from dataclasses import dataclass

from freehold.node.advice.variety import varied


@dataclass(frozen=True)
class Piece:
    """Advice, as far as its order goes."""

    kind: str
    number: int


def test_each_kind_comes_before_more_of_any() -> None:
    """In the order in which they came otherwise."""
    ads = [Piece("creative", number) for number in range(3)]
    others = [Piece("format", 3), Piece("hashtag", 4), Piece("format", 5)]
    told = varied([*ads, *others])
    assert [each.number for each in told] == [0, 3, 4, 1, 5, 2]
    assert varied([]) == []
