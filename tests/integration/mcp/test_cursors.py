"""A cursor is good for whom, for what and with what it was given, for a day; anything else is refused."""

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.mcp.conftest import Tools
from tests.integration.node.conftest import Answer, call

FIRST: dict[str, Any] = {"limit": 2}


async def a_cursor(ads: Tools) -> str:
    """The cursor of the second page of campaigns."""
    told: str = (await ads.rest("get_campaigns", **FIRST)).body["next_cursor"]
    return told


async def test_a_cursor_leads_to_the_next_page(ads: Tools) -> None:
    """With the same other arguments."""
    first = (await ads.rest("get_campaigns", **FIRST)).body
    second = (await ads.rest("get_campaigns", **FIRST, after=first["next_cursor"])).body
    assert not {each["id"] for each in first["campaigns"]} & {each["id"] for each in second["campaigns"]}


@pytest.mark.parametrize("change", ["last", "first", "cut", "empty", "meta"])
async def test_an_altered_cursor_is_refused(ads: Tools, change: str) -> None:
    """Also one of Meta's own: what it says is not known here."""
    cursor = await a_cursor(ads)
    forged = {
        "last": cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        "first": "v2" + cursor[2:],
        "cut": cursor[:-8],
        "empty": "",
        "meta": "QVFIUjE5",
    }[change]
    refused = await ads.rest("get_campaigns", **FIRST, after=forged)
    assert refused.refusal == (422, "cursor_invalid")


async def test_a_cursor_is_not_good_elsewhere(ads: Tools) -> None:
    """For another tool, other arguments, or another key."""
    cursor = await a_cursor(ads)
    assert (await ads.rest("get_adsets", **FIRST, after=cursor)).refusal == (422, "cursor_invalid")
    assert (await ads.rest("get_campaigns", limit=3, after=cursor)).refusal == (422, "cursor_invalid")
    key = await ads.other_key("tools:read")
    body = {**FIRST, "after": cursor}
    other: Answer = await call("POST", f"{ads.url}/tools/get_campaigns", key=key, json=body)
    assert other.refusal == (422, "cursor_invalid")
    assert (await ads.rest("get_campaigns", **FIRST, after=cursor)).status == 200


async def test_a_cursor_ends_after_a_day(ads: Tools) -> None:
    """Then the list is begun anew."""
    cursor = await a_cursor(ads)
    ads.stage.clock.advance(timedelta(days=1, seconds=1))
    assert (await ads.rest("get_campaigns", **FIRST, after=cursor)).refusal == (422, "cursor_invalid")


async def test_a_report_is_good_for_its_key_alone(ads: Tools) -> None:
    """And not as a cursor."""
    ordered = (await ads.rest("request_insights_report", level="ad")).body["report"]
    key = await ads.other_key("tools:read")
    other = await call("POST", f"{ads.url}/tools/get_insights_report", key=key, json={"report": ordered})
    assert other.refusal == (422, "cursor_invalid")
    assert (await ads.rest("get_campaigns", after=ordered)).refusal == (422, "cursor_invalid")
    assert (await ads.rest("get_insights_report", report=ordered)).status == 200
