"""Which days a look is about, and how far back it reads to know what is usual."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from freehold.node.assets import ConnectedAsset
from freehold.node.collection.source import window, zone_of

LOOK_DAYS: Final = 28
"""Four whole weeks: each weekday counts alike."""
HISTORY_DAYS: Final = 400
"""A year and its season."""
POSTS_DAYS: Final = 180
ADS_DAYS: Final = 90
"""So long Meta tells, day by day, how often people have seen an ad."""
ARRIVING_DAYS: Final = 8
"""Most conversions are told within the week of the default attribution; younger days would look dear."""


@dataclass(frozen=True)
class Periods:
    """The days from `first` to `last` are looked at, from `history` (and for posts and ads from those) on is read."""

    now: datetime
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days are looked at."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The first of as many days before them."""
        return self.first - timedelta(days=self.days)

    @property
    def history(self) -> date:
        """The first day of series."""
        return self.last - timedelta(days=HISTORY_DAYS)

    @property
    def posts(self) -> date:
        """The first day of posts."""
        return self.last - timedelta(days=POSTS_DAYS)

    @property
    def ads(self) -> date:
        """The first day of each single ad."""
        return self.last - timedelta(days=ADS_DAYS)

    @property
    def settled(self) -> date:
        """The last day whose conversions have mostly arrived."""
        return self.last - timedelta(days=ARRIVING_DAYS)


def periods_of(assets: Iterable[ConnectedAsset], now: datetime) -> Periods:
    """The last four weeks that are over in the zones of all the assets."""
    zones = [zone_of(asset) for asset in assets]
    last = min((window(now, 1, zone).last for zone in zones), default=window(now, 1).last)
    return Periods(now, last - timedelta(days=LOOK_DAYS - 1), last)
