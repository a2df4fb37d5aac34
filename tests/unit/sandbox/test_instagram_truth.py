"""What is true in the sandbox's Instagram: when posts come, how counts grow, and how days, splits and people add up."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from freehold.sandbox.meta.world import instagram_account as days_of_account
from freehold.sandbox.meta.world.instagram_account import PRODUCTS, account_day
from freehold.sandbox.meta.world.instagram_audience import people_by
from freehold.sandbox.meta.world.instagram_days import (
    DAY_SECONDS,
    FINAL_SECONDS,
    day_end,
    day_of,
    day_start,
    days_within,
    written,
)
from freehold.sandbox.meta.world.instagram_feed import (
    Feed,
    count_until,
    feed_of,
    followers_at,
    followers_at_start,
    follows_and_unfollows,
    pool,
    published_at,
)
from freehold.sandbox.meta.world.instagram_lists import live_stories, posts
from freehold.sandbox.meta.world.instagram_posts import LIFE_DAYS, counts_at, lifetime, post_of, reach_of
from freehold.sandbox.meta.world.instagram_words import Comments, comment_count
from freehold.sandbox.meta.world.people import build_world, instagram_id

EPOCH = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NOW = int(EPOCH.timestamp())
TODAY = day_of(NOW)
WORLD = build_world(20_260_729, EPOCH)
CERAMICS, SURF, BOOKS, OUTDOOR = 1, 3, 5, 6


def feed(number: int) -> Feed:
    account = WORLD.instagram(instagram_id(number))
    assert account is not None
    return feed_of(WORLD.seed, WORLD.epoch, account)


def test_a_day_ends_at_midnight_in_los_angeles() -> None:
    """`end_time` is 08:00 UTC in winter and 07:00 UTC in summer."""
    ends = [written(day_end(datetime(2026, month, 15, tzinfo=UTC).toordinal())) for month in (1, 7)]
    assert ends == ["2026-01-16T08:00:00+0000", "2026-07-16T07:00:00+0000"]


@pytest.mark.parametrize(("early", "late"), [(0, 0), (0, -1), (-7 * 3600, -7 * 3600)])
def test_a_window_takes_whole_days_however_midnights_are_written(early: int, late: int) -> None:
    """From midnight to midnight, to a second before it, or between midnights in UTC: the same days."""
    assert days_within(day_start(TODAY - 5) + early, day_end(TODAY - 3) + late) == range(TODAY - 5, TODAY - 2)


@pytest.mark.parametrize("number", [CERAMICS, SURF, BOOKS, OUTDOOR])
def test_an_account_has_published_exactly_its_posts_by_the_epoch(number: int) -> None:
    """Post n is the n-th: times rise, and the count at any post's second includes that post."""
    one = feed(number)
    count = one.account.posts
    times = [published_at(one, "post", post) for post in range(count - 40, count + 10)]
    assert count_until(one, "post", NOW) == count
    assert all(early <= late for early, late in pairwise(times))
    assert [count_until(one, "post", at - 1) for at in times] == sorted(
        count_until(one, "post", at) - 1 for at in times
    )


def test_posts_come_at_waking_hours_of_the_account() -> None:
    """Nothing is published between midnight and five in the account's own time zone."""
    one = feed(SURF)
    hours = {datetime.fromtimestamp(published_at(one, "post", number), one.zone).hour for number in range(120)}
    assert min(hours) >= 5


def test_every_kind_of_media_is_there() -> None:
    """Images, carousels with children, feed videos and reels, and stories beside them."""
    rows = posts(feed(OUTDOOR), NOW)[:300]
    kinds = {(post.media_type, post.product_type) for post in rows}
    assert kinds == {("IMAGE", "FEED"), ("CAROUSEL_ALBUM", "FEED"), ("VIDEO", "FEED"), ("VIDEO", "REELS")}
    assert all(2 <= len(post.children) <= 10 for post in rows if post.media_type == "CAROUSEL_ALBUM")
    assert any(live_stories(feed(OUTDOOR), NOW + day * DAY_SECONDS) for day in range(5))


def test_some_reels_go_far_beyond_the_others() -> None:
    """Viral outliers: the largest of many is more than ten times the median."""
    views = sorted(post.full_views for post in posts(feed(OUTDOOR), NOW)[:400])
    assert views[-1] > 10 * views[len(views) // 2]


def test_a_story_is_live_for_a_day() -> None:
    """It is listed until 24 hours after it came, and gathers nothing afterwards."""
    one = feed(CERAMICS)
    story = post_of(one, "story", count_until(one, "story", NOW) - 1)
    at = {offset: [live.number for live in live_stories(one, story.at + offset)] for offset in (0, 86_399, 86_400)}
    assert story.number in at[0]
    assert story.number in at[86_399]
    assert story.number not in at[86_400]
    assert counts_at(story, story.at + 86_400) == counts_at(story, story.at + 10 * 86_400)


def test_counts_of_a_post_never_fall_and_come_to_rest() -> None:
    """Views and everything that follows from them grow with age, and stand still after the post's life."""
    for post in posts(feed(CERAMICS), NOW)[:30]:
        rows = [counts_at(post, post.at + hours * 3600) for hours in (0, 1, 5, 24, 100, 1_000, 24 * LIFE_DAYS)]
        assert rows[0][0] == 0
        assert all(
            earlier <= later for early, late in pairwise(rows) for earlier, later in zip(early, late, strict=True)
        )
        assert counts_at(post, post.at + 2 * LIFE_DAYS * DAY_SECONDS) == rows[-1]
        assert rows[-1][0] == post.full_views


def test_parts_of_a_post_stay_below_their_whole() -> None:
    """Reach never exceeds views, interactions are the sum of their parts, and totals include Facebook."""
    for post in posts(feed(OUTDOOR), NOW)[:100]:
        found = lifetime(post, NOW)
        assert found["reach"] <= found["views"] <= found["total_views"]
        assert found["total_interactions"] == sum(found[name] for name in ("likes", "comments", "saved", "shares"))
        assert found["total_likes"] >= found["likes"]


@pytest.mark.parametrize("number", [CERAMICS, BOOKS])
def test_days_of_an_account_are_what_its_posts_gained(number: int) -> None:
    """Views of reels over a fortnight, day by day, are what the reels gained between its ends."""
    one = feed(number)
    first, last = TODAY - 20, TODAY - 7
    gained = sum(
        counts_at(post, day_end(last))[0] - counts_at(post, day_start(first))[0]
        for post in posts(one, day_end(last))
        if post.product == "REEL"
    )
    assert gained == sum(account_day(one, day).total("views", "REEL") for day in range(first, last + 1))


def test_splits_of_additive_numbers_add_up() -> None:
    """By kind of content, and by who looked."""
    one = feed(OUTDOOR)
    for day in range(TODAY - 10, TODAY):
        found = account_day(one, day)
        for name in (*days_of_account.COUNTS, "total_interactions"):
            assert sum(found.total(name, product) for product in PRODUCTS) == found.total(name)
        for product in PRODUCTS:
            views = found.total("views", product)
            assert sum(days_of_account.by_people(product, views).values()) == views


@pytest.mark.parametrize("number", [CERAMICS, BOOKS, OUTDOOR])
def test_reach_is_a_union(number: int) -> None:
    """Over a window it is at most the views and the sum of the days, and at least the largest day."""
    one = feed(number)
    days = [account_day(one, day) for day in range(TODAY - 28, TODAY)]
    single = [days_of_account.reach(one, [day]) for day in days]
    whole = days_of_account.reach(one, days)
    assert max(single) <= whole <= min(sum(single), sum(day.total("views") for day in days))
    assert sum(days_of_account.reach_by_people(one, days).values()) == whole
    assert days_of_account.accounts_engaged(one, days) <= whole


def test_reach_of_a_day_comes_out_of_the_pool_of_that_day() -> None:
    """A pool of three times the followers and 500 more."""
    one, day = feed(CERAMICS), TODAY - 90
    found = account_day(one, day)
    assert pool(one, day) == pytest.approx(3 * followers_at_start(one, day) + 500, rel=0.001)
    assert days_of_account.reach(one, [found]) == reach_of(found.total("views"), pool(one, day))


def test_reach_saturates() -> None:
    """A hundred times the views of a pool reach the pool and nobody else."""
    assert reach_of(100 * 5_000, 5_000.0) == 5_000
    assert reach_of(1, 5_000.0) == 1
    assert reach_of(0, 5_000.0) == 0


@pytest.mark.parametrize("number", [CERAMICS, BOOKS, OUTDOOR])
def test_followers_change_by_follows_and_unfollows(number: int) -> None:
    """The running total is `size` at the epoch's day, and each day's change is its follows less its unfollows."""
    one = feed(number)
    assert followers_at_start(one, TODAY) == one.account.size
    for day in range(TODAY - 60, TODAY + 60):
        gained, lost = follows_and_unfollows(one, day)
        assert min(gained, lost) >= 0
        assert followers_at_start(one, day + 1) - followers_at_start(one, day) == gained - lost
    assert followers_at(one, NOW - 700 * DAY_SECONDS) < one.account.size < followers_at(one, NOW + 700 * DAY_SECONDS)


def test_a_day_is_absent_then_low_then_final() -> None:
    """Absent until it has ended and a little longer, then never above the final number, and final after 48 hours."""
    one, day = feed(CERAMICS), TODAY - 1
    final = account_day(one, day).total("views")
    shown = [
        days_of_account.shown_day(one, day, day_end(day) + wait) for wait in (0, 6 * 3600, 30 * 3600, FINAL_SECONDS)
    ]
    views = [None if found is None else found.total("views") for found in shown]
    assert views[0] is None
    assert [view for view in views[1:] if view is not None] == sorted(view for view in views[1:] if view is not None)
    assert views[1] is not None
    assert views[1] < final
    assert views[3] == final


def test_people_by_age_and_gender_are_all_the_people() -> None:
    """Whole people, none lost, and at most 45 places."""
    one = feed(CERAMICS)
    assert sum(people_by(one, ("age",), 18_403).values()) == 18_403
    assert sum(people_by(one, ("age", "gender"), 997).values()) == 997
    assert len(people_by(one, ("country",), 18_403)) == 45


def test_comments_come_in_order_and_as_many_as_counted() -> None:
    """Newest first, each after the post and before now."""
    post = next(post for post in posts(feed(CERAMICS), NOW) if comment_count(post, NOW) > 5)
    found = Comments(post, NOW)
    times = [comment.at for comment in found]
    assert len(found) == comment_count(post, NOW)
    assert times == sorted(times, reverse=True)
    assert post.at <= times[-1] <= times[0] <= NOW


def test_the_same_seed_gives_the_same_world() -> None:
    """Another world of the same seed and epoch tells the same numbers; one of another seed others."""
    account = feed(CERAMICS).account
    same, other = feed_of(WORLD.seed, EPOCH, account), feed_of(1, EPOCH, account)
    assert account_day(same, TODAY - 3) == account_day(feed(CERAMICS), TODAY - 3)
    assert account_day(other, TODAY - 3) != account_day(same, TODAY - 3)
