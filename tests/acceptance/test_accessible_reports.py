"""Reports can be read by everybody: on the page, in the e-mail, by a link and where a link has ended."""

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser
from sqlalchemy import delete, func, update
from tests.acceptance.accessibility import LOOKS, faults, opened, wrong
from tests.integration.collection.checks import AMPLE
from tests.integration.collection.collecting import collect
from tests.integration.conftest import make_node, meta  # noqa: F401 - fixtures
from tests.integration.node.conftest import MakeStage, Stage, make_stage  # noqa: F401 - fixtures
from tests.integration.node.test_report_links import reached
from tests.integration.store.test_recommendations_store import REELS
from tests.meta_sandbox import MetaSandbox

from freehold.node.narrative.facts import Language
from freehold.node.reports.editions import EMAIL, IMAGES, folder_of, write_edition
from freehold.node.sharing import links
from freehold.node.store.ads.tables import ad_insights
from freehold.node.store.instagram.tables import instagram_insights
from freehold.node.store.recommendations import upserts
from freehold.node.store.recommendations.tables import ai_recommendations

GOOD = """<!doctype html><html lang="en"><head><title>A page</title><style>
    body { background: #fff; color: #222 } a:focus { outline: 2px solid #222 } @media (prefers-color-scheme: dark)
    { {dark} } </style></head><body><main><h1>One</h1><p>Words, <a href="#two">a link</a></p><h2 id="two">Two</h2>
    <img src="data:," alt="a picture"><table><caption>Numbers</caption><thead><tr><th scope="col">Day</th>
    <th scope="col">Views</th></tr></thead><tbody><tr><th scope="row">Monday</th><td>5</td></tr></tbody></table></main>
    </body></html>"""
TOO_LONG = "white-space: nowrap; width: 4em"
BROKEN = {
    "no language": (' lang="en"', ""),
    "no title": ("A page</title>", "</title>"),
    "0 main landmarks": ("main>", "div>"),
    "outside of any landmark": ("</main>", "</main><p>lost</p>"),
    "2 headings of the first level": ('<h2 id="two">Two</h2>', '<h1 id="two">Two</h1>'),
    "a level of headings is left out": ('<h2 id="two">Two</h2>', '<h3 id="two">Two</h3>'),
    "an empty heading": ('<h2 id="two">Two</h2>', '<h2 id="two"></h2>'),
    "a picture without alt": (' alt="a picture"', ""),
    "a large picture with an empty alt": (' alt="a picture"', ' alt="" width="300" height="9"'),
    "a part without a name": ("<main>", '<main><div role="img">drawn</div>'),
    "a drawing that is read out": ("<main>", '<main><svg><text x="9" y="9">drawn</text></svg>'),
    "a link without a name": (">a link<", "><"),
    "a name without what is shown": ('href="#two"', 'href="#two" aria-label="Two"'),
    "a link to nowhere": ('href="#two"', 'href="#three"'),
    "a name that is not there": ("<main>", '<main aria-labelledby="three">'),
    "the id two twice": ("<p>", '<p id="two">'),
    "a layout that claims to be a table": ("<table>", '<table role="presentation">'),
    "a table without a caption": ("<caption>Numbers</caption>", ""),
    "a table without a head": ("thead", "tbody"),
    "a head of a table without its scope": (' scope="row"', ""),
    "an empty head of a table": (">Views<", "><"),
    "a row without a head": ('<th scope="row">Monday</th>', "<td>Monday</td>"),
    "contrast 4.48": ("#222 }", "#777 }"),
    "contrast 1.26": ("{dark}", "p { background: #333 }"),
    "wider than the screen by": ("<p>", '<p style="width: 500px">'),
    "scrolls, but not by keyboard": ("<p>", f'<p style="overflow-x: auto; {TOO_LONG}">'),
    "cut off": ("<p>", f'<p style="overflow: hidden; {TOO_LONG}">'),
    "focus is not seen": ("2px solid #222", "none"),
    "the keyboard reaches 0 of 1": ('href="#two"', 'href="#two" tabindex="-1"'),
}
"""A fault, and what of a good page makes it when it is replaced."""
LANGUAGES: tuple[Language, ...] = ("en", "de")
A_DAY = date(2026, 11, 18)


async def test_each_fault_is_found(browser: Browser) -> None:
    """A good page has none; with one thing wrong, that is told."""
    assert await faults(browser, "good", html=GOOD.replace("{dark}", "")) == set()
    async with opened(browser, *LOOKS[-1]) as page:
        for fault, (right, broken) in BROKEN.items():
            assert right in GOOD
            await page.set_content(GOOD.replace(right, broken).replace("{dark}", ""))
            told = await wrong(page, by_keyboard=True)
            assert any(fault in each for each in told), (fault, told)


async def prepared(make_stage: MakeStage, meta: MetaSandbox) -> Stage:  # noqa: F811 - the fixture
    """A company with a pale colour and a long name, whose week has advice and a day that is missing."""
    stage = await make_stage(**AMPLE, report_colour="#ffe45c", company_name="Töpferei Überlänge " + "x" * 60)
    await stage.connect()
    await collect(stage.node, 9)
    at = meta.clock.now()
    gone = (instagram_insights.c.day == A_DAY) & (instagram_insights.c.metric == "views")
    async with stage.node.database.writing() as session:
        await session.execute(delete(instagram_insights).where(gone))
        await upserts.add(session, [replace(REELS, made_at=at, found_at=at)], at, ())
    return stage


async def edition(stage: Stage, language: Language) -> tuple[str, str]:
    """A link to an edition of the last week, and its e-mail with the pictures in place."""
    made = await write_edition(stage.node, "week", language, formats=("email",))
    folder = folder_of(stage.node, made)
    mail = (folder / EMAIL).read_text()
    for picture in (folder / IMAGES).iterdir():
        held = base64.b64encode(picture.read_bytes()).decode()
        mail = mail.replace(f"cid:{picture.name}", f"data:image/png;base64,{held}")
    assert "cid:" not in mail
    return reached(stage, (await links.share(stage.node, made)).url), mail


async def test_reports_can_be_read_by_everybody(
    make_stage: MakeStage,  # noqa: F811 - the fixture
    meta: MetaSandbox,  # noqa: F811 - the fixture
    browser: Browser,
) -> None:
    """The page as it is shared, the e-mail, and where a link leads nowhere: in both languages, light, dark, small.

    It takes a collection, two editions and thirty looks, because contrast and order are made by all of a page together.
    """
    stage = await prepared(make_stage, meta)
    found: set[str] = set()
    for language in LANGUAGES:
        address, mail = await edition(stage, language)
        found |= await faults(browser, f"report-{language}", address)
        found |= await faults(browser, f"mail-{language}", html=mail)
        async with stage.node.database.writing() as session:
            await session.execute(
                update(ad_insights)
                .where(ad_insights.c.day == A_DAY)
                .values(results=func.coalesce(ad_insights.c.results, 0) + 6)
            )
            await session.execute(update(ai_recommendations).values(language="de"))
        meta.clock.advance(timedelta(minutes=1))
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_link_that_leads_nowhere_can_be_read_by_everybody(
    make_stage: MakeStage,  # noqa: F811 - the fixture
    browser: Browser,
    language: Language,
) -> None:
    """So can what messengers are shown."""
    stage = await make_stage(language=language)
    assert await faults(browser, f"gone-{language}", f"{stage.workflows}/reports/none") == set()
