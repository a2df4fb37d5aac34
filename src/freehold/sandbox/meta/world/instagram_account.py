"""What happened on a whole account on a day: the sum over its posts, stories and ads, and what followed from it.

Additive numbers of a day are integers that add up over days, kinds of content and kinds of people. Reach and engaged
accounts are unions: they are computed for a window from its days and never add up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_end, day_start, settled
from freehold.sandbox.meta.world.instagram_feed import Feed, Line, count_until, follows_and_unfollows, pool, trend
from freehold.sandbox.meta.world.instagram_posts import COUNTED, LIFE_DAYS, STORY_SECONDS, counts_at, post_of, reach_of
from freehold.sandbox.meta.world.randomness import draws

PRODUCTS = ("POST", "CAROUSEL_CONTAINER", "REEL", "STORY", "AD")
PEOPLE = ("FOLLOWER", "NON_FOLLOWER", "UNKNOWN")
COUNTS = ("views", "likes", "comments", "saves", "shares", "replies", "reposts")
"""The columns of `AccountDay.products`."""
BUTTONS = ("BOOK_NOW", "CALL", "DIRECTION", "EMAIL", "INSTANT_EXPERIENCE", "TEXT", "UNDEFINED")
INTERACTIONS = ("likes", "comments", "saves", "shares", "replies", "reposts")
_FOLLOWER_PERCENT = {"POST": 78, "CAROUSEL_CONTAINER": 72, "REEL": 34, "STORY": 93, "AD": 6}
_UNKNOWN_PERCENT = 1
_ENGAGED_SHARE = 0.3
_QUIET_WEEKS = 0.35
_USED = len(COUNTS)


@dataclass(frozen=True)
class AccountDay:
    """An account's additive numbers on one day."""

    day: int
    products: Mapping[str, tuple[int, ...]]
    """By kind of content, the numbers of COUNTS."""
    buttons: Mapping[str, int]
    """Taps on the profile's contact buttons."""
    profile_views: int
    website_clicks: int
    follows: int
    unfollows: int

    def total(self, name: str, product: str | None = None) -> int:
        """One of COUNTS or `total_interactions`, over all kinds of content or one of them."""
        rows = self.products.values() if product is None else (self.products[product],)
        columns = INTERACTIONS if name == "total_interactions" else (name,)
        return sum(row[COUNTS.index(column)] for row in rows for column in columns)


@lru_cache(maxsize=16_384)
def account_day(feed: Feed, day: int) -> AccountDay:
    """The final numbers of a day."""
    products = {product: [0] * _USED for product in PRODUCTS}
    for product, gained in _gains(feed, day):
        row = products[product]
        for column in range(_USED):
            row[column] += gained[column]
    chance = draws(feed.seed, "account", feed.account.id, day)
    products["AD"] = _advertised(feed, day, chance)
    views = sum(row[0] for row in products.values())
    visits = int(views * 0.010 * (0.8 + 0.4 * chance[3]) + chance[4])
    follows, unfollows = follows_and_unfollows(feed, day)
    return AccountDay(
        day=day,
        products=MappingProxyType({product: tuple(row) for product, row in products.items()}),
        buttons=MappingProxyType(_taps(visits, chance)),
        profile_views=visits,
        website_clicks=int(visits * (0.05 + 0.05 * chance[5]) + chance[6] * 0.6),
        follows=follows,
        unfollows=unfollows,
    )


def _gains(feed: Feed, day: int) -> Iterable[tuple[str, tuple[int, ...]]]:
    """What each living post and story gained on a day: views and then COUNTED."""
    start, end = day_start(day), day_end(day)
    lives: tuple[tuple[Line, int], ...] = (("post", LIFE_DAYS * DAY_SECONDS), ("story", STORY_SECONDS))
    for line, life in lives:
        for number in range(count_until(feed, line, start - life), count_until(feed, line, end)):
            post = post_of(feed, line, number)
            before, after = counts_at(post, start), counts_at(post, end)
            yield post.product, tuple(late - early for early, late in zip(before, after, strict=True))


def _advertised(feed: Feed, day: int, chance: tuple[float, ...]) -> list[int]:
    """Views through ads and what they led to: in some weeks there are ads, in others none."""
    week = draws(feed.seed, "boost", feed.account.id, day // 7)
    if week[0] < _QUIET_WEEKS:
        return [0] * _USED
    views = int(trend(feed, day) * (0.05 + 0.25 * week[1]) * (0.7 + 0.6 * chance[0]))
    rates = {"likes": 0.011, "comments": 0.0006, "saved": 0.0011, "shares": 0.0007, "replies": 0.0, "reposts": 0.0002}
    return [views, *(int(views * rates[name] * (0.8 + 0.4 * chance[1])) for name in COUNTED if name in rates)]


def _taps(visits: int, chance: tuple[float, ...]) -> dict[str, int]:
    shares = (0.004, 0.012, 0.017, 0.013, 0.0, 0.006, 0.001)
    return {
        name: int(visits * share + chance[index])
        for index, (name, share) in enumerate(zip(BUTTONS, shares, strict=True))
    }


def shown_day(feed: Feed, day: int, now: int) -> AccountDay | None:
    """A day as the API shows it at `now`: None while it is absent, a little low until it is final."""
    share = settled(day, now)
    if share is None or feed.account.posts == 0:
        return None
    final = account_day(feed, day)
    if share == 1.0:
        return final
    return AccountDay(
        day=day,
        products=MappingProxyType(
            {name: tuple(int(count * share) for count in row) for name, row in final.products.items()}
        ),
        buttons=MappingProxyType({name: int(count * share) for name, count in final.buttons.items()}),
        profile_views=int(final.profile_views * share),
        website_clicks=int(final.website_clicks * share),
        follows=final.follows,
        unfollows=final.unfollows,
    )


def by_people(product: str, views: int) -> dict[str, int]:
    """Views of a kind of content on a day by who looked; adds up to them exactly."""
    unknown = views * _UNKNOWN_PERCENT // 100
    followers = (views - unknown) * _FOLLOWER_PERCENT[product] // 100
    return {"FOLLOWER": followers, "NON_FOLLOWER": views - unknown - followers, "UNKNOWN": unknown}


def reach(feed: Feed, days: Iterable[AccountDay], product: str | None = None) -> int:
    """Different people reached over days, by all content or one kind of it.

    Never above the views or the sum of the single days, never below the largest of them.
    """
    return _union([(pool(feed, day.day), day.total("views", product)) for day in days])


def accounts_engaged(feed: Feed, days: Iterable[AccountDay]) -> int:
    """Different people who interacted over days."""
    return _union([(_ENGAGED_SHARE * pool(feed, day.day), day.total("total_interactions")) for day in days])


def _union(parts: list[tuple[float, int]]) -> int:
    if not parts:
        return 0
    whole = reach_of(sum(count for _, count in parts), min(people for people, _ in parts))
    return max(whole, *(reach_of(count, people) for people, count in parts))


def reach_by_people(feed: Feed, days: list[AccountDay], product: str | None = None) -> dict[str, int]:
    """The people reached over days by whether they follow the account: disjoint, so they add up to the reach."""
    people = reach(feed, days, product)
    split = dict.fromkeys(PEOPLE, 0)
    for day in days:
        for kind in PRODUCTS if product is None else (product,):
            for name, views in by_people(kind, day.total("views", kind)).items():
                split[name] += views
    views = sum(split.values())
    if not views:
        return split
    unknown, followers = (people * split[name] // views for name in ("UNKNOWN", "FOLLOWER"))
    return {"FOLLOWER": followers, "NON_FOLLOWER": people - followers - unknown, "UNKNOWN": unknown}
