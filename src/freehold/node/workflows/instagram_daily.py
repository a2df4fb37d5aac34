"""Instagram, day by day: what is due of each account and its posts, once Meta's day is over in Los Angeles."""

from freehold.node.collection import instagram
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule

WORKFLOW = reading(
    "instagram_daily",
    "Instagram accounts, their days, audience and posts, with the insights that are due",
    instagram.STREAMS,
    days=7,
    schedule=Schedule(10, hour=9),
)
