"""Pictures of single charts: names have room, and amounts are written as people read them."""

import io

import pytest
from PIL import Image, ImageColor

from freehold.node.mcp.insights.charting import title_of, written
from freehold.node.measures.catalogue import Unit
from freehold.node.reports import charts
from freehold.node.reports.picture import picture

WHITE, TITLE = 255, 26
DAYS = ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]


def test_long_names_have_room() -> None:
    """Those of four lines stand above them, and the lines keep the width of the picture."""
    charts.prepare()
    series = {f"Sales | Evergreen | collection {number:03}": [1.0, 2.0, 3.0, number] for number in range(1, 5)}
    drawn = picture({"kind": "lines", "title": "Clicks", "days": DAYS, "series": series})
    picture_of_lines = Image.open(io.BytesIO(drawn)).convert("RGB")
    title = picture_of_lines.crop((0, 0, picture_of_lines.width, TITLE))
    assert not {ImageColor.getrgb(each) for each in charts.COLOURS} & {
        colour for _, colour in title.getcolors(2**16) or ()
    }
    image = picture_of_lines.convert("L")
    below = image.crop((0, image.height // 2, image.width, image.height)).point(lambda shade: shade < WHITE and WHITE)
    assert (below.getbbox() or (0, 0, 0, 0))[2] > 0.95 * image.width


AMOUNTS: list[tuple[float | None, Unit, str | None, str]] = [
    (0.012402, "ratio", None, "1.24 %"),
    (0.125044, "ratio", None, "12.5 %"),
    (22730.666667, "average", None, "22,731"),
    (2.5, "average", None, "2.5"),
    (155_537, "count", None, "155,537"),
    (145.85, "minor_units", "USD", "1.46 USD"),
    (None, "count", None, "\u2013"),
]


@pytest.mark.parametrize(("value", "unit", "currency", "text"), AMOUNTS)
def test_amounts_are_written_for_people(value: float | None, unit: Unit, currency: str | None, text: str) -> None:
    """A part of a whole in per cent, money in major units, what is large without a fraction."""
    assert written(value, unit, currency) == text


def test_short_words_are_capitals() -> None:
    """As everybody writes them."""
    assert [title_of(name) for name in ("ctr", "link_ctr", "cpc_minor", "spend_minor")] == [
        "CTR",
        "Link CTR",
        "CPC",
        "Spend",
    ]
