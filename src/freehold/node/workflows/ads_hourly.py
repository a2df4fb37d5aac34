"""Ads, hour by hour: what today has cost so far, before somebody spends the whole month's money by noon."""

from freehold.node.collection import ads
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import HOURLY_TIMEOUT

WORKFLOW = reading(
    "ads_hourly",
    "today's spend of each ad account so far",
    (ads.TODAY,),
    days=1,
    schedule=Schedule(50),
    timeout=HOURLY_TIMEOUT,
)
