"""Which figures count as moved since they were told, and what is told from then on."""

from datetime import date, timedelta
from typing import Any

from freehold.node.measures.question import Span
from freehold.node.reports.restatements import MOST, Restatement, as_told, latest_told, restated, telling

DAY = date(2026, 11, 17)


def document(**told: Any) -> dict[str, Any]:
    """The figures of an edition about one account."""
    return {"told": {"act_1": told}}


def test_a_figure_that_moved_is_told_as_it_was_and_is() -> None:
    """41 became 47."""
    assert restated({"results": {DAY: 41}}, {"results": {DAY: 47}}) == (Restatement("results", DAY, 41, 47),)


def test_a_hair_s_breadth_is_no_move() -> None:
    """One per cent is told as it was, more is not; from nothing to something always is."""
    told = {"views": {DAY: 1000.0, DAY - timedelta(days=1): 1000.0, DAY - timedelta(days=2): 0.0}}
    now = {"views": {DAY: 1010.0, DAY - timedelta(days=1): 1011.0, DAY - timedelta(days=2): 1.0}}
    assert [each.now for each in restated(told, now)] == [1011.0, 1.0]


def test_a_day_that_is_unknown_now_did_not_move() -> None:
    """Nothing is said of what cannot be compared."""
    assert restated({"views": {DAY: 5.0}}, {"views": {}}) == ()
    assert restated({"views": {DAY: 5.0}}, {}) == ()


def test_those_that_moved_most_are_told() -> None:
    """A dozen, the newest day first."""
    days = [DAY - timedelta(days=back) for back in range(20)]
    found = restated({"r": dict.fromkeys(days, 10.0)}, {"r": {day: 20.0 + back for back, day in enumerate(days)}})
    assert [each.day for each in found] == days[-MOST:]


def test_the_newest_edition_s_word_counts() -> None:
    """What a later edition told of a day stands for it, and days that are too long ago are left out."""
    first = document(results={"2026-11-17": 41, "2026-10-01": 3})
    second = document(results={"2026-11-17": 47})
    assert latest_told([first, second], DAY - timedelta(days=35)) == {"act_1": {"results": {DAY: 47}}}


def test_what_is_told_again_counts_as_told() -> None:
    """An edition keeps its own days and those that were told before, as they are now."""
    day_before, long_ago = DAY - timedelta(days=1), DAY - timedelta(days=9)
    now = {"results": {DAY: 5.0, day_before: 6.0, long_ago: 7.0}}
    kept = telling(now, {"results": {long_ago: 1.0}}, DAY, DAY)
    assert kept == {"results": {"2026-11-17": 5.0, "2026-11-08": 7.0}}


def test_young_days_are_set_beside_days_told_as_young() -> None:
    """Of the days before, what the first edition said that was as old; one made days later is no longer as young."""

    def edition(made_at: str, told: float, first: str = "2026-11-09", last: str = "2026-11-15") -> dict[str, Any]:
        figures = [{"key": "results", "now": told}]
        return {
            "edition": {"first": first, "last": last, "made_at": f"{made_at}T15:30:00+00:00"},
            "sections": [{"account_id": "act_1", "figures": figures}],
        }

    before = Span(date(2026, 11, 9), date(2026, 11, 15))
    other = edition("2026-11-16", 1, "2026-11-08", "2026-11-14")
    documents = [other, edition("2026-11-16", 41), edition("2026-11-17", 44), edition("2026-11-20", 47)]
    assert as_told(documents, before, 1) == {"act_1": {"results": 41}}
    assert as_told(documents[3:], before, 1) == {}
