"""Facebook pages, day by day: what is due of each page and its posts, once Meta's day is over in Los Angeles."""

from freehold.node.collection import facebook
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule

WORKFLOW = reading(
    "facebook_page_daily",
    "Facebook pages, their days and posts, with the insights that are due",
    facebook.STREAMS,
    days=7,
    schedule=Schedule(25, hour=10),
)
