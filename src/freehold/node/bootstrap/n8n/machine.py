"""What setting up n8n works with."""

from dataclasses import dataclass

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.bootstrap.n8n.client import N8nApi

PRODUCT = "n8n"
"""Its name among the parts that were installed."""


@dataclass(frozen=True)
class Machine:
    """n8n's API, and where it is remembered what we wrote there."""

    api: N8nApi
    database: Database
    clock: Clock
