"""An edition as an e-mail: its parts, its head, and what it weighs."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.notifications.message import MOST_BYTES, Envelope, compose
from freehold.node.notifications.notice import Enclosure, legible
from freehold.node.reports.press.__main__ import MOST_MAIL_BYTES

PAGE = '<p>Größe</p><img src="cid:chart-1-1.png"><img src="cid:logo.png">'
EDITION = Enclosure(PAGE, "Größe", {"chart-1-1.png": b"chart", "logo.png": b"logo"}, b"%PDF-", "report.pdf", "de")
ENVELOPE = Envelope(
    subject="Größe & Söhne: Wochenbericht",
    key="report:1",
    list_name="reports.rosa",
    at=datetime(2026, 11, 23, 15, tzinfo=UTC),
    sender=("Größe, GmbH", "node@rosa.example"),
    recipient=("", "people@rosa.example"),
)


def read(made: bytes) -> EmailMessage:
    """A message as whoever receives it reads it."""
    return email.message_from_bytes(made, _class=EmailMessage, policy=email.policy.default)


def composed(enclosure: Enclosure = EDITION, **changes: object) -> EmailMessage:
    """An edition, sent and read."""
    return read(compose(enclosure, replace(ENVELOPE, **changes), "Two sentences."))  # type: ignore[arg-type]


def shape(part: EmailMessage) -> object:
    """What is inside what."""
    if not part.is_multipart():
        return part.get_content_type()
    return {part.get_content_type(): [shape(each) for each in part.iter_parts()]}  # type: ignore[arg-type]


def test_words_page_pictures_and_pdf_stand_where_readers_look_for_them() -> None:
    """The pictures belong to the page, the words stand for both, and the PDF is beside them."""
    related = {"multipart/related": ["text/html", "image/png", "image/png"]}
    assert shape(composed()) == {
        "multipart/mixed": [{"multipart/alternative": ["text/plain", related]}, "application/pdf"]
    }
    assert shape(composed(replace(EDITION, pdf=b""))) == {"multipart/alternative": ["text/plain", related]}


def test_its_head_says_who_and_that_nobody_wrote_it() -> None:
    """Names beyond ASCII are read as they are; programs that answer by themselves are told not to."""
    made = composed(copies=(("", "boss@rosa.example"),), replies=(("Rosa", "rosa@rosa.example"),))
    assert made["From"].addresses[0].display_name == "Größe, GmbH"
    assert [made[name] for name in ("To", "Cc", "Reply-To", "Subject", "Auto-Submitted", "List-Id")] == [
        "people@rosa.example",
        "boss@rosa.example",
        "Rosa <rosa@rosa.example>",
        "Größe & Söhne: Wochenbericht",
        "auto-generated",
        "<reports.rosa.rosa.example>",
    ]
    assert made["Date"].datetime == ENVELOPE.at
    assert made["Content-Language"] == "de"
    assert made["MIME-Version"] == "1.0"


def test_the_same_thing_has_the_same_id() -> None:
    """Sent again it is the same message; another edition, or another reader, makes another."""
    ids = {composed()["Message-ID"] for _ in range(2)}
    assert len(ids) == 1
    assert composed(key="report:2")["Message-ID"] not in ids
    assert composed(recipient=("", "boss@rosa.example"))["Message-ID"] not in ids
    assert all(each.endswith("@rosa.example>") for each in ids)


def test_a_target_s_wishes_replace_nothing_of_ours() -> None:
    """A header that its address asks for is there, unless it would change who gets what, or how it is read."""
    wishes = {"X-Team": "sales", "to": "x@evil.example", "Bcc": "x@evil.example", "Content-Type": "text/html"}
    made = composed(headers=wishes)
    assert made["X-Team"] == "sales"
    assert made.get_all("To") == ["people@rosa.example"]
    assert made["Bcc"] is None
    assert made.get_content_type() == "multipart/mixed"


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r"])
def test_no_name_begins_a_line_of_the_head(breaks: str) -> None:
    """What would add a header is refused."""
    for changes in ({"subject": f"a{breaks}Bcc: b@evil.example"}, {"sender": (f"a{breaks}Bcc: b", "a@b.example")}):
        with pytest.raises(ValueError, match=r"linefeed|CR or LF|invalid arguments"):
            composed(**changes)


@given(name=st.text())
def test_whatever_a_client_is_called_is_one_subject(name: str) -> None:
    """A title is made legible when it is written down; as a subject it adds no header, and reads as it was."""
    title = legible(f"{name}: report", lines=False)
    made = compose(replace(EDITION, pdf=b""), replace(ENVELOPE, subject=title), "")
    made.decode("ascii")
    assert sorted(read(made).keys()) == sorted(composed(replace(EDITION, pdf=b"")).keys())
    assert " ".join(read(made)["Subject"].split()) == " ".join(title.split())


@pytest.mark.parametrize("word", ["Reach ", "Größe ", "Охват ", 'class="ink" '])
def test_a_whole_page_and_its_pictures_stay_light_in_every_script(word: str) -> None:
    """As many bytes as the press puts into an e-mail keep page and pictures, whatever script the words are in."""
    words = "<p>A report</p>\n" * 20 + f"{word * 12}\n" * 1000
    room = MOST_MAIL_BYTES - len(words.encode()) * 2
    made = compose(replace(EDITION, html=words, text=words, pictures={"a.png": bytes(room)}, pdf=b""), ENVELOPE, "")
    assert len(made) < MOST_BYTES
    page = read(made).get_body(("html",))
    assert page is not None
    assert page.get_content().splitlines() == words.splitlines()


@pytest.mark.parametrize(
    ("pdf", "picture", "kinds"),
    [
        (300_000, 10_000, {"text/plain", "text/html", "image/png", "application/pdf"}),
        (370_000, 10_000, {"text/plain", "text/html", "image/png"}),
        (370_000, 380_000, {"text/plain"}),
    ],
)
def test_what_is_too_heavy_stays_behind(pdf: int, picture: int, kinds: set[str]) -> None:
    """Less than half a megabyte as it is sent: first the PDF goes, then all but a few words."""
    heavy = replace(EDITION, pdf=bytes(pdf), pictures={"chart-1-1.png": bytes(picture)})
    made = compose(heavy, ENVELOPE, "Two sentences.")
    assert len(made) < MOST_BYTES
    assert {part.get_content_type() for part in read(made).walk() if not part.is_multipart()} == kinds
    words = read(made).get_body(("plain",))
    assert words is not None
    assert words.get_content().strip() == ("Größe" if "text/html" in kinds else "Two sentences.")
