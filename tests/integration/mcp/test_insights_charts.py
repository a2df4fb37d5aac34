"""Charts: a picture of what a question answers, beside its values; names are text, and what is not known is a gap."""

import base64
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from mcp_types import ImageContent, TextContent
from PIL import Image
from sqlalchemy import delete, select, update
from tests.integration.mcp.conftest import Tools
from tests.integration.mcp.week import DAYS, WEEK

from freehold.node.analysis.features import WEEKDAYS
from freehold.node.reports.drawing import DrawingError, draw_png
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.coverage.tables import coverage

HOSTILE = r"$\frac{1}{", "_hidden", "<script>alert(1)</script>", "\u202egnp.exe\n\x07", "%(x)s {0} 🍵"
"""Names that are a formula, hidden in a legend, markup, turned round, or a format."""


def opened(text: str) -> Image.Image:
    """The picture in a base64 text, read whole."""
    image = Image.open(io.BytesIO(base64.b64decode(text)))
    image.load()
    return image


async def test_a_chart_is_a_picture_of_the_values_that_a_question_has(insights: Tools) -> None:
    """An image beside the answer over the protocol, and in it over REST; no text has its bytes."""
    asked: dict[str, Any] = {"metric": "spend_minor", "period": WEEK, "dimension": "campaign", "limit": 3}
    result = await insights.result("draw_chart", **asked)
    text, image = result.content
    assert isinstance(text, TextContent)
    assert isinstance(image, ImageContent)
    told = json.loads(text.text)
    assert told == result.structured_content
    insights.fits("draw_chart", told)
    assert "base64" not in told["image"]
    over_rest = (await insights.rest("draw_chart", **asked)).body
    picture = opened(image.data)
    assert (picture.format, opened(over_rest["image"].pop("base64")).size) == ("PNG", picture.size)
    assert over_rest == told
    assert len(picture.getcolors(2**24) or []) > 20

    by_day = await insights.ask(
        "query_metrics", metrics=["spend_minor"], dimensions=["campaign"], period=WEEK, grain="day", limit=500
    )
    real = {(row["dimensions"]["campaign"], row["since"]): row["values"]["spend_minor"] for row in by_day["rows"]}
    assert len(told["series"]) == 3 <= told["series_in_all"]
    for series in told["series"]:
        assert [point["since"] for point in series["points"]] == [str(day) for day in DAYS]
        assert all(point["value"] == real.get((series["group"], point["since"]), 0) for point in series["points"])


async def test_names_are_drawn_as_text(insights: Tools) -> None:
    """Whatever they hold: as bars and as lines."""
    async with insights.stage.node.database.writing() as session:
        ids = (await session.execute(select(ad_campaigns.c.campaign_id))).scalars().all()
        for number, campaign in enumerate(ids):
            named = update(ad_campaigns).where(ad_campaigns.c.campaign_id == campaign)
            await session.execute(named.values(name=HOSTILE[number % len(HOSTILE)]))
    for grain in ("total", "week"):
        asked = {"metric": "impressions", "period": WEEK, "dimension": "campaign", "grain": grain}
        told = await insights.rest("draw_chart", **asked)
        assert told.status == 200, told.text
        opened(told.body["image"]["base64"])
        assert not any(name in told.body["image"]["alt"] for name in HOSTILE)


async def test_a_day_that_is_not_known_is_a_gap(insights: Tools) -> None:
    """And no zero; a day that is known, on which nothing was shown, is one."""
    unread, idle = DAYS[2], DAYS[4]
    async with insights.stage.node.database.writing() as session:
        await session.execute(delete(ad_insights).where(ad_insights.c.day.in_((unread, idle))))
        await session.execute(delete(coverage).where(coverage.c.metric == "ad_insights", coverage.c.day == unread))
    told = await insights.ask("draw_chart", metric="impressions", period=WEEK)
    points = {point["since"]: point.get("value") for point in told["series"][0]["points"]}
    assert (points[str(unread)], points[str(idle)]) == (None, 0)
    assert all(points[str(day)] > 0 for day in DAYS if day not in {unread, idle})
    assert not told["complete"]
    by_month = await insights.error("draw_chart", metric="impressions", period=WEEK, grain="month")
    assert by_month["code"] == "nothing_to_draw"
    bars = await insights.ask("draw_chart", metric="impressions", period=WEEK, grain="total", dimension="campaign")
    assert "1 of 7 days not known" in bars["image"]["alt"]


async def test_what_cannot_be_drawn_is_refused(insights: Tools) -> None:
    """One number is no chart, and neither is none."""
    alone = await insights.error("draw_chart", metric="impressions", period=WEEK, grain="total")
    assert (alone["code"], bool(alone["hint"])) == ("dimension_missing", True)
    years = {"since": "2015-01-01", "until": "2015-01-31"}
    assert (await insights.error("draw_chart", metric="account_views", period=years))["code"] == "nothing_to_draw"


async def test_a_chart_that_fails_tells_none_of_its_text(insights: Tools) -> None:
    """Only the kind of the error: what is drawn holds other people's words."""
    with pytest.raises(DrawingError) as failed:
        await draw_png({"kind": "lines", "title": "x", "days": ["a secret caption"]}, insights.stage.node.children)
    assert str(failed.value) == "ValueError"


async def test_weekdays_stand_in_their_order(insights: Tools) -> None:
    """Bars of what has an order are read in it; the title says where only the largest are drawn."""
    months = {"since": str(DAYS[-1] - timedelta(days=89)), "until": str(DAYS[-1])}
    asked: dict[str, Any] = {"metric": "views_per_post", "period": months, "grain": "total"}
    drawn = await insights.ask("draw_chart", **asked, dimension="weekday")
    groups = [each["group"] for each in drawn["series"]]
    assert groups == [day for day in WEEKDAYS if day in groups]
    assert drawn["unit"] == "average"
    whole = await insights.ask("draw_chart", **asked, dimension="hour")
    assert len(whole["series"]) == whole["series_in_all"] > 12
    hours = await insights.ask("draw_chart", **asked, dimension="hour", limit=2)
    assert hours["series"][0]["group"] < hours["series"][1]["group"]
    assert f", the largest 2 of {hours['series_in_all']}" in hours["image"]["alt"]


async def test_counts_beside_two_currencies_are_one_line(insights: Tools) -> None:
    """A number of impressions is no money; spend has a line for each currency."""
    before = await insights.ask("draw_chart", metric="impressions", period=WEEK)
    async with insights.stage.node.database.writing() as session:
        one = (
            await session.execute(select(ad_insights.c.ad_id).where(ad_insights.c.day == DAYS[0]).limit(1))
        ).scalar_one()
        await session.execute(update(ad_insights).where(ad_insights.c.ad_id == one).values(currency="JPY"))
    told = await insights.ask("draw_chart", metric="impressions", period=WEEK)
    assert (told["series"], told["series_in_all"]) == (before["series"], 1)
    spent = await insights.ask("draw_chart", metric="spend_minor", period=WEEK)
    assert sorted(each["currency"] for each in spent["series"]) == ["JPY", "USD"]
