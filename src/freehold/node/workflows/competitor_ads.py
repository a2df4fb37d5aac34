"""Competitors, once a day: the accounts that are watched, and the ads that Meta's archive shows."""

from freehold.node.collection import competitors
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule

WORKFLOW = reading(
    "competitor_ads",
    "watched Instagram accounts with their newest posts, and the ads that Meta's archive shows of whom is watched",
    competitors.STREAMS,
    days=1,
    schedule=Schedule(20, hour=6),
)
