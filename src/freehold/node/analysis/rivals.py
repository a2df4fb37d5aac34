"""What competitors advertise: ads that are new, and ads that run for so long that they are likely to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LONG = timedelta(days=60)


@dataclass(frozen=True)
class RivalAd:
    """An ad of another advertiser's, as a public library of ads shows it; `ended` is None while it runs."""

    ad_id: str
    advertiser: str
    started: date
    ended: date | None = None


@dataclass(frozen=True)
class RivalAds:
    """Those that began in a period, the newest first, and those running at its end for `LONG`, the oldest first."""

    new: tuple[RivalAd, ...]
    long_running: tuple[RivalAd, ...]


def rival_ads(ads: Sequence[RivalAd], first: date, last: date) -> RivalAds:
    """What is worth telling of competitors' ads from `first` to `last`. Facts, not tests: nothing is inferred."""
    ordered = sorted(ads, key=lambda each: (each.started, each.advertiser, each.ad_id))
    running = [each for each in ordered if each.started <= last and (each.ended is None or each.ended >= last)]
    return RivalAds(
        new=tuple(each for each in reversed(ordered) if first <= each.started <= last),
        long_running=tuple(each for each in running if last - each.started >= LONG),
    )
