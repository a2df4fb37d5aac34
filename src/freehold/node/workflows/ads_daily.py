"""Ads, day by day: campaigns to ads, and the days in which Meta may still change the figures."""

from freehold.node.collection import ads
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule

WORKFLOW = reading(
    "ads_daily",
    "campaigns, ad sets, ads and their days; days as far back as late conversions arrive are read again",
    ads.STREAMS,
    days=28,
    schedule=Schedule(40, hour=13),
)
