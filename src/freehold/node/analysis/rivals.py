"""What competitors advertise: ads that are new, and ads that run for so long that they are likely to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from freehold.node.analysis.findings import Answer, Evidence, Fact, Query

LONG = timedelta(days=60)
NEW, LONG_RUNNING = "rival_new_ads", "rival_long_running_ads"
MOST_NAMED = 10
"""So many ads of an advertiser are named as evidence; all of them are counted."""


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


def rival_facts(ads: Sequence[RivalAd], first: date, last: date) -> list[Answer]:
    """What each advertiser newly began, and what it has been running for `LONG`: one fact of each kind at most.

    Numbers are how many ads, and of the longest-running one for how many days it has run.
    """
    found = rival_ads(ads, first, last)
    kinds = ((NEW, found.new), (LONG_RUNNING, found.long_running))
    return [
        _fact(kind, advertiser, [each for each in shown if each.advertiser == advertiser], (first, last))
        for kind, shown in kinds
        for advertiser in sorted({each.advertiser for each in shown})
    ]


def _fact(kind: str, advertiser: str, ads: Sequence[RivalAd], period: tuple[date, date]) -> Fact:
    first, last = period
    oldest = min(each.started for each in ads)
    numbers = (("ads", float(len(ads))), ("longest_days", float((last - oldest).days)))
    begin = max(first, oldest) if kind == NEW else oldest
    filters = (("advertiser", advertiser), *(("ad", each.ad_id) for each in ads[:MOST_NAMED]))
    evidence = Evidence(Query("competitor_ads", ("ad",), filters, oldest, last, "total"), len(ads), numbers)
    return Fact(kind, advertiser, begin, last, None, len(ads), evidence)
