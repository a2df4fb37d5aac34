"""What is told: one thing, in words for people, and how it goes out."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

Severity = Literal["info", "warning", "critical"]

CALLERS = "workflow"
"""The kind of what callers of the API have told, and the beginning of its keys."""
AD_BANDS = "ad_bands"
"""The kind of what tells of ads outside their band, and the beginning of what `GET /ads/bands` gives as its key."""
READER_SECONDS = 20.0
MOST_PATIENCE = 110.0
TITLE_LENGTH = 200
"""Characters of a title that are kept."""
NAME_LENGTH = 60
_CALLS_EVERYBODY = re.compile(r"@+(?=everyone|here|channel|all\b)", re.IGNORECASE)
_NO_MARKUP = str.maketrans("<>", "()")


@dataclass(frozen=True)
class Notice:
    """One thing to tell. The same `key` is told once; after `valid_until` it is not told any more."""

    key: str
    kind: str
    severity: Severity
    title: str
    text: str
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Enclosure:
    """An edition of the report as an e-mail has it: `html` shows `pictures` by their names, and `pdf` goes with it."""

    html: str
    text: str
    pictures: Mapping[str, bytes]
    pdf: bytes
    pdf_name: str
    language: str

    def as_json(self) -> dict[str, Any]:
        """The enclosure as the sending process is given it."""
        pictures = {name: base64.b64encode(held).decode() for name, held in self.pictures.items()}
        return {**vars(self), "pictures": pictures, "pdf": base64.b64encode(self.pdf).decode()}

    @classmethod
    def of_words(cls, text: str) -> Self:
        """Words alone."""
        return cls(html="", text=text, pictures={}, pdf=b"", pdf_name="", language="")

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """The enclosure that was given."""
        pictures = {name: base64.b64decode(held) for name, held in given["pictures"].items()}
        return cls(**{**given, "pictures": pictures, "pdf": base64.b64decode(given["pdf"])})


@dataclass(frozen=True)
class Letter:
    """A notice on its way to one target; `at` is when it was written. Only e-mail carries what is `enclosed`.

    `had` names the target's readers that have it from an earlier attempt.
    """

    key: str
    kind: str
    severity: Severity
    title: str
    text: str
    at: datetime
    enclosed: Enclosure | None = None
    had: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a letter at one target, empty for all being well.

    `error` is why it is to be tried again, by whom it does not count as `had`; `missed` how many of its readers will
    not get what others did. `had` names those that have it by now.
    """

    error: str = ""
    missed: str = ""
    had: tuple[str, ...] = ()


def patience(readers: int) -> float:
    """For so many seconds after it began, a letter's further readers are turned to; who is left is tried again."""
    return min(READER_SECONDS * (readers - 1), MOST_PATIENCE)


def plain(name: str) -> str:
    """A name that somebody chose, without what mail or chat programs would act upon: markup, mentions, line breaks."""
    kept = "".join(character if character.isalnum() or character in " .,-_&'()" else " " for character in name)
    return shortened(" ".join(kept.split()), NAME_LENGTH)


def shortened(text: str, length: int) -> str:
    """At most so many characters of a text; where more are left out, an ellipsis says so."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def legible(text: str, *, lines: bool = True) -> str:
    """A text that another program wrote: no control characters, no markup, nothing that calls everybody in a chat.

    Its lines are kept, or else joined.
    """
    kept = "".join(each if each.isprintable() or (each == "\n" and lines) else " " for each in text)
    return _CALLS_EVERYBODY.sub("", kept.translate(_NO_MARKUP)).strip()
