"""Stories and the posts of the last day, hour by hour: a story is gone after a day, with its numbers."""

from freehold.node.collection import instagram
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import HOURLY_TIMEOUT

STORIES = "instagram_stories"

WORKFLOW = reading(
    "stories_hourly",
    "the stories that are up now, before they expire, and the posts of the last day, each with its insights",
    [stream for stream in instagram.STREAMS if stream.name == STORIES],
    days=1,
    schedule=Schedule(5),
    timeout=HOURLY_TIMEOUT,
)
