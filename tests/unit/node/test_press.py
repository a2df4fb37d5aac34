"""The room in which reports are rendered: what it cannot reach, and what it makes of links, logos and colours."""

import json
import subprocess
import sys
from datetime import date
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import dates

from freehold.node.reports import charts
from freehold.node.reports.press import colours, logos
from freehold.node.reports.press.__main__ import light
from freehold.node.reports.press.language import Language
from freehold.node.reports.press.pages import Nowhere, link
from freehold.node.reports.press.pictures import Picture, draw_section
from freehold.node.reports.printing import Brand, PrintingError, open_press

TRY = """
import sys
from freehold.node.reports.press.__main__ import Guard, own_folders
sys.addaudithook(Guard(own_folders()))
try:
    {attempt}
except Exception as error:
    print(type(error).__name__)
else:
    print("done")
"""


def tried(attempt: str) -> str:
    """What becomes of an attempt inside the guard."""
    done = subprocess.run(
        [sys.executable, "-c", TRY.format(attempt=attempt)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd').read()",
        "__import__('os').open('/etc/hostname', 0)",
        "open(sys.prefix + '/../escape', 'w')",
        "open(sys.prefix + '/lib/../../../etc/passwd')",
        "__import__('socket').create_connection(('127.0.0.1', 9), 1)",
        "__import__('socket').getaddrinfo('localhost', 80)",
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "__import__('os').remove('/nowhere')",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:9/')",
    ],
)
def test_the_guard_leaves_no_door(attempt: str) -> None:
    """Connections, programs, writing and other people's files are refused."""
    assert tried(attempt) == "GuardError"


def test_the_guard_leaves_the_program_its_own() -> None:
    """It can read its templates, which stand beside it."""
    assert (
        tried("open(__import__('freehold.node.reports').node.reports.__path__[0] + '/templates/email.txt')") == "done"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "file:///etc/passwd", "data:text/css,a", "held:other", "//x", ""])
def test_a_pdf_fetches_nothing(url: str) -> None:
    """Only what it was given, under its name."""
    fetcher = Nowhere({"logo.png": b"picture"})
    with pytest.raises(ValueError, match="fetches nothing"):
        fetcher(url)
    assert fetcher("held:logo.png").read() == b"picture"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.instagram.com/p/abc/", True),
        ("https://instagram.com/p/abc/", True),
        ("http://www.instagram.com/p/abc/", False),
        ("javascript:alert(1)//instagram.com", False),
        ("https://evil.example/instagram.com", False),
        ("https://instagram.com@evil.example/", False),
        ("https://user@www.instagram.com/", False),
        ("https://notinstagram.com/", False),
        ("", False),
    ],
)
def test_only_meta_is_linked(url: str, *, shown: bool) -> None:
    """A post's address is a link where it leads to Meta over TLS."""
    assert link(url) == (url if shown else "")


@pytest.mark.parametrize("held", [b"", b"<svg/>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"http://example.com/logo.png"])
def test_what_is_no_picture_is_no_logo(held: bytes) -> None:
    """Anything but a PNG or JPEG that can be read is left out."""
    assert logos.drawn(held) == b""


@given(st.binary(min_size=3, max_size=3), st.sampled_from((colours.WHITE, colours.DARK)))
def test_every_colour_can_be_read(parts: bytes, ground: str) -> None:
    """Whatever a client chooses, its contrast with the ground is what WCAG asks for."""
    assert colours.contrast(colours.readable(f"#{parts.hex()}", ground), ground) >= colours.CONTRAST


def test_a_colour_that_can_be_read_stays() -> None:
    """Nothing is changed without need."""
    assert colours.readable("#1f6f5c", colours.WHITE) == "#1f6f5c"
    assert round(colours.contrast("#000000", "#ffffff"), 3) == 21


def test_an_email_has_as_many_pictures_as_stay_light() -> None:
    """The first of each section that still fits; a section whose picture does not has none."""

    def drawn(size: int) -> Picture:
        return Picture("chart", "", "", "", "", daily=True, png=bytes(size))

    sections = [[drawn(200_000), drawn(1)], [drawn(100_000)], [], [drawn(80_000)]]
    assert [[len(each.png) for each in section] for section in light(sections, 280_000)] == [
        [200_000],
        [],
        [],
        [80_000],
    ]


def test_an_order_that_is_none_ends_the_child_with_a_reason() -> None:
    """It writes no answer then."""
    done = subprocess.run(
        [sys.executable, "-m", "freehold.node.reports.press"],
        input=json.dumps({}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert done.stdout == ""


async def test_a_failure_quotes_no_report() -> None:
    """The child's last line names what it stumbled over, which is other people's text; only its kind is told."""
    async with open_press() as press:
        with pytest.raises(PrintingError, match="ValueError") as failed:
            await press.print_files({"sections": []}, "Praxis Dr. Muster", Brand("#1f6f5c"), ("html",))
    assert "Muster" not in str(failed.value)


def test_a_day_that_is_unknown_is_hatched_and_no_zero() -> None:
    """Bars and lines leave it out, and a legend says what the hatching is; where all is known there is none."""
    days = [f"2026-11-{day}" for day in range(16, 20)]
    for kind in ("bars", "lines"):
        drawn = {}
        for name, values in {"gap": [None, None, 3.0, 0.0], "whole": [1.0, 2.0, 3.0, 0.0]}.items():
            chart = {"kind": kind, "days": days, "values": values, "series": {"Followers": values}, "unknown": "?"}
            (axes,) = charts.figure_of(chart, framed=True).axes
            drawn[name] = axes
        hatched = [patch for patch in drawn["gap"].patches if patch.get_hatch()]
        first = dates.date2num(date(2026, 11, 16))
        assert [patch.get_extents().transformed(drawn["gap"].transData.inverted()).x0 for patch in hatched] == [
            pytest.approx(first - 0.5)
        ]
        assert hatched[0].get_label() == "?"
        assert not [patch for patch in drawn["whole"].patches if patch.get_hatch()]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_names_in_a_drawing_are_nothing_but_names() -> None:
    """Whatever looks like a colour, an id or a tag in them, and without what would break the drawing."""
    name = '#1d2733 id="a" <b>&\x0b\ufffe'
    campaign = {"name": name, "objective": "OUTCOME_SALES", "spend_minor": 100, "results": 2}
    section = {"kind": "ads", "currency": "EUR", "days": {}, "campaigns": [campaign] * 2}
    section["days"] = {"OUTCOME_SALES:results": {"2026-01-02": 2}}
    span = {"first": "2026-01-01", "last": "2026-01-03"}
    with mpl.rc_context():
        charts.prepare()
        _, drawn = draw_section(section, {"period": {"now": span}, "shown": span}, Language("en"), 1)
    for svg in (drawn.svg, drawn.flat):
        tree = ET.fromstring(svg)  # noqa: S314 - we drew it
        texts = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert texts.count(name[:-2]) == 2
