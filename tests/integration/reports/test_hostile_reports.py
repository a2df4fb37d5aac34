"""Whatever people wrote into captions, names and logos stays text in every file of an edition."""

import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image
from sqlalchemy import update
from tests.integration.collection.checks import connected
from tests.integration.collection.collecting import collect
from tests.integration.conftest import MakeNode
from tests.integration.store.test_recommendations_store import REELS
from tests.meta_sandbox import MetaSandbox

from freehold.node.reports.editions import (
    EMAIL,
    EMAIL_TEXT,
    IMAGES,
    LINK,
    PDF,
    REPORT,
    SUMMARY,
    folder_of,
    write_edition,
)
from freehold.node.store.ads.tables import ad_campaigns
from freehold.node.store.facebook.tables import facebook_posts
from freehold.node.store.instagram.tables import instagram_posts
from freehold.node.store.recommendations import upserts

HOSTILE = (
    "</title></style><script>alert(1)</script><img src=http://127.0.0.1:9/x><link rel=attachment href=file:///etc/passwd>"
    "{{ 7*7 }}{% raw %} $\\frac{1}{$ %(day)s \"'><svg onload=alert(1)>"
)
SCRIPT = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'
MOST_BYTES = 500_000


class Parts(HTMLParser):
    """The tags of a page, and every address in its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one."""
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href", "action"}]


async def test_texts_stay_texts_and_an_email_stays_light(
    make_node: MakeNode, meta: MetaSandbox, tmp_path: Path
) -> None:
    """A report of nothing but hostile texts has no tag, address, formula or file that is not its own."""
    logo = tmp_path / "logo.png"
    logo.write_text(SCRIPT)
    opened = await connected(make_node, meta, report_logo=logo, company_name=HOSTILE[:200])
    await collect(opened.node, 8)
    at = meta.clock.now()
    advised = replace(REELS, title=HOSTILE, text=HOSTILE, made_at=at, found_at=at)
    async with opened.node.database.writing() as session:
        bad = {"caption": HOSTILE, "permalink": "javascript:alert(1)//instagram.com"}
        await session.execute(update(instagram_posts).values(bad))
        page_post = {"message": HOSTILE, "permalink": "javascript:alert(1)//facebook.com"}
        await session.execute(update(facebook_posts).values(page_post))
        await session.execute(update(ad_campaigns).values(name=HOSTILE))
        await upserts.add(session, [advised], at, ())
    folder = folder_of(opened.node, await write_edition(opened.node, "week", "en"))
    for name in (REPORT, EMAIL):
        html = (folder / name).read_text()
        parts = Parts(html)
        assert not parts.tags & {"script", "link", "iframe", "object", "embed", "form", "image"}, name
        assert not parts.handlers
        assert all(
            address == LINK or address.startswith(("#", "cid:chart-", "data:image/png")) for address in parts.addresses
        ), name
        assert "&lt;script&gt;alert(1)" in html
        assert "7*7" in html
        assert "root:" not in html
    assert not re.search(r"url\((?!#)", (folder / REPORT).read_text())
    assert HOSTILE in (folder / EMAIL_TEXT).read_text()
    assert (folder / SUMMARY).read_text().startswith(f"{HOSTILE[:200]}: Weekly report")
    printed = (folder / PDF).read_bytes()
    assert printed.startswith(b"%PDF-")
    assert not re.search(rb"/(?:JavaScript|JS|EmbeddedFile|Launch)\b", printed)
    assert not (folder / IMAGES / "logo.png").exists()
    assert len(as_message(folder).as_bytes()) < MOST_BYTES


async def test_a_logo_is_drawn_anew(make_node: MakeNode, meta: MetaSandbox, tmp_path: Path) -> None:
    """A PNG with words hidden behind its end is shown without them, on the page and in the e-mail."""
    logo = tmp_path / "logo.png"
    Image.new("RGB", (800, 400), "#884422").save(logo)
    logo.write_bytes(logo.read_bytes() + b"<script>alert(1)</script>")
    opened = await connected(make_node, meta, report_logo=logo)
    await collect(opened.node, 8)
    folder = folder_of(opened.node, await write_edition(opened.node, "week", "de", formats=("email",)))
    shown = folder / IMAGES / "logo.png"
    assert b"script" not in shown.read_bytes()
    with Image.open(shown) as picture:
        assert picture.size == (320, 160)
    assert 'src="cid:logo.png"' in (folder / EMAIL).read_text()
    assert '<img src="data:image/png;base64,' in (folder / REPORT).read_text()


def as_message(folder: Path) -> EmailMessage:
    """The e-mail as it would be sent, its pictures inside."""
    message = EmailMessage(policy=policy.SMTP)
    message.set_content((folder / EMAIL_TEXT).read_text())
    message.add_alternative((folder / EMAIL).read_text(), subtype="html")
    html = message.get_payload()[1]  # type: ignore[index]
    for picture in (folder / IMAGES).iterdir():
        html.add_related(picture.read_bytes(), "image", "png", cid=f"<{picture.name}>")  # type: ignore[union-attr]
    return message
