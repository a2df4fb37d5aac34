"""Groups added up to fewer dimensions: the whole is the sum of its parts, and what was never read stays unknown."""

from datetime import UTC, date, datetime

from freehold.node.measures.queries import Group, added_up

DAY, EARLY, LATE = date(2026, 3, 2), datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)


def group(campaign: str, ad: str, clicks: int | None, currency: str = "EUR", read_at: datetime = LATE) -> Group:
    """An ad's two days."""
    return Group((campaign, ad), DAY, currency, {"clicks": clicks}, 2, read_at)


def test_parts_are_added_up() -> None:
    """Values and rows are summed, and the oldest reading counts."""
    found = added_up([group("a", "1", 3), group("a", "2", 4, read_at=EARLY), group("b", "3", 5)], [0])
    assert found == [
        Group(("a",), DAY, "EUR", {"clicks": 7}, 4, EARLY),
        Group(("b",), DAY, "EUR", {"clicks": 5}, 2, LATE),
    ]


def test_currencies_stay_apart() -> None:
    """Nothing adds up money of two."""
    found = added_up([group("a", "1", 3), group("a", "2", 4, currency="JPY")], [])
    assert [(each.currency, each.sums["clicks"]) for each in found] == [("EUR", 3), ("JPY", 4)]


def test_what_nobody_knows_is_not_zero() -> None:
    """A part without any value has none as a whole; beside a value it adds nothing."""
    assert added_up([group("a", "1", None), group("a", "2", None)], [0])[0].sums == {"clicks": None}
    assert added_up([group("a", "1", None), group("a", "2", 4)], [0])[0].sums == {"clicks": 4}
    assert added_up([group("a", "1", 4), group("a", "2", None)], [0])[0].sums == {"clicks": 4}
