"""Stories, hour by hour: they are gone after a day, and nobody can have their numbers afterwards."""

from freehold.node.collection import instagram
from freehold.node.workflows.reading import reading
from freehold.node.workflows.schedule import Schedule
from freehold.node.workflows.workflow import HOURLY_TIMEOUT

STORIES = "instagram_stories"

WORKFLOW = reading(
    "stories_hourly",
    "the stories that are up now, and their insights before they expire",
    [stream for stream in instagram.STREAMS if stream.name == STORIES],
    days=1,
    schedule=Schedule(5),
    timeout=HOURLY_TIMEOUT,
)
