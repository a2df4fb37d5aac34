"""Competitors' ads: which are new and which run for long."""

from datetime import date

from freehold.node.analysis.rivals import RivalAd, rival_ads

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)


def test_new_and_long_running_ads_are_told() -> None:
    """New is what began within the period; long is what still runs at its end after sixty days, and only that."""
    ads = [
        RivalAd("began", "bakery", date(2026, 6, 3)),
        RivalAd("later", "bakery", date(2026, 6, 30)),
        RivalAd("after", "bakery", date(2026, 7, 1)),
        RivalAd("long", "bakery", date(2026, 5, 1)),
        RivalAd("longest", "bakery", date(2026, 1, 1), date(2026, 6, 30)),
        RivalAd("a-day-short", "bakery", date(2026, 5, 2)),
        RivalAd("gone", "bakery", date(2026, 1, 1), date(2026, 6, 29)),
    ]
    found = rival_ads(ads[::-1], FIRST, LAST)

    assert [each.ad_id for each in found.new] == ["later", "began"]
    assert [each.ad_id for each in found.long_running] == ["longest", "long"]
    assert found == rival_ads(ads, FIRST, LAST)
