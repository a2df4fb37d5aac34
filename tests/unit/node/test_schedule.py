"""When posts are due again, and the pages that hold those that are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.collection.schedule import EXTRAS, INSIGHTS, is_due, spans
from freehold.node.store.instagram.queries import KnownPost

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIZE = 4


@pytest.mark.parametrize(
    ("age", "every"), [(12 * HOUR, HOUR), (3 * DAY, DAY), (29 * DAY, DAY), (40 * DAY, 7 * DAY), (400 * DAY, 30 * DAY)]
)
def test_posts_are_read_seldom_when_they_are_old(age: timedelta, every: timedelta) -> None:
    """Due when its time has gone by, with some room for a run that starts early, and not much before."""
    assert is_due(NOW - age, NOW - every, NOW, INSIGHTS)
    assert is_due(NOW - age, NOW - every + min(every / 5, 5 * HOUR), NOW, INSIGHTS)
    assert not is_due(NOW - age, NOW - every * 0.7, NOW, INSIGHTS)
    assert is_due(NOW - age, NOW - every * 0.7, NOW, INSIGHTS, part=0.5)
    assert not is_due(NOW - age, NOW - every * 0.3, NOW, INSIGHTS, part=0.5)


def test_what_was_never_read_is_due() -> None:
    """At any age as long as there are steps."""
    assert is_due(NOW - 3000 * DAY, None, NOW, INSIGHTS)
    assert not is_due(NOW - 400 * DAY, None, NOW, EXTRAS)


def known(place: int) -> KnownPost:
    """A post that lies so many hours back."""
    at = NOW - place * HOUR
    return KnownPost(str(place), "FEED", at, at, None, None)


def fewest(due: list[bool]) -> int:
    """How many windows of SIZE neighbours hold all that are due, tried out from the far end."""
    best = [0] * (len(due) + SIZE + 1)
    for place in reversed(range(len(due))):
        best[place] = 1 + best[place + SIZE] if due[place] else best[place + 1]
    return best[0]


@given(st.lists(st.sampled_from(["due", "near", "far"]), max_size=40))
def test_the_fewest_pages_hold_all_that_are_due(states: list[str]) -> None:
    """No page is too large, none is superfluous, and none reads on behind the last that is due or nearly so."""
    posts = [known(place) for place in range(len(states))]
    found = spans(
        posts, SIZE, lambda post: states[int(post.post_id)] == "due", lambda post: states[int(post.post_id)] != "far"
    )
    held = [[post for post in posts if span.since <= post.published_at <= span.until] for span in found]
    assert all(len(page) <= SIZE for page in held)
    assert [post for span in found for post in span.due] == [
        post for post in posts if states[int(post.post_id)] == "due"
    ]
    assert all(states[int(page[-1].post_id)] != "far" for page in held)
    assert len(found) == fewest([state == "due" for state in states])
