"""Every service of tools, by name."""

from collections.abc import Mapping
from typing import Final

from freehold.node.mcp.insights.tools import INSIGHTS
from freehold.node.mcp.instagram.tools import INSTAGRAM
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.mcp.tool import Service

SERVICES: Final[Mapping[str, Service]] = {service.name: service for service in (META_ADS, INSTAGRAM, INSIGHTS)}
