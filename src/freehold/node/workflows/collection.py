"""Everything at once: every stream of every asset, as `freehold node collect` orders it."""

from freehold.node.collection import collect
from freehold.node.workflows.reading import reading

WORKFLOW = reading(
    "collection",
    "every stream of every confirmed asset; what a client that has just connected begins with",
    collect.STREAMS,
    days=collect.DAYS,
)
