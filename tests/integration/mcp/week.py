"""The week that questions are asked about, and what the sandbox itself says of it."""

import json
from datetime import timedelta
from typing import Any

from tests.integration.collection.checks import TODAY
from tests.integration.mcp.conftest import Tools
from tests.meta_sandbox import CERAMICS_ADS, MARA

LENGTH = 14
"""Days that are collected, of which the week is the second half."""
FIRST, LAST = TODAY - timedelta(days=7), TODAY - timedelta(days=1)
WEEK = {"since": str(FIRST), "until": str(LAST)}
WEEK_BEFORE = {"since": str(FIRST - timedelta(days=7)), "until": str(LAST - timedelta(days=7))}
DAYS = [FIRST + timedelta(days=number) for number in range(7)]


async def world(insights: Tools, level: str, *, days: dict[str, str] = WEEK, **params: object) -> list[dict[str, Any]]:
    """What the sandbox sums itself of the ads of some days."""
    asked = {
        "level": level,
        "time_range": json.dumps(days),
        "fields": f"{level}_id,{level}_name,spend,impressions,clicks,inline_link_clicks",
        "limit": 200,
        **params,
    }
    answer = await insights.stage.meta.get(f"{CERAMICS_ADS}/insights", insights.stage.meta.token(MARA), **asked)
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.body["data"]
    return found


def minor(amount: str) -> int:
    """An amount in major units, as Meta writes it, in cents."""
    return round(float(amount) * 100)
