"""What is told: one thing, in words for people, and how it goes out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["info", "warning", "critical"]

NAME_LENGTH = 60


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
class Letter:
    """A notice on its way to one target; `at` is when it was written."""

    key: str
    kind: str
    severity: Severity
    title: str
    text: str
    at: datetime


def plain(name: str) -> str:
    """A name that somebody chose, without what mail or chat programs would act upon: markup, mentions, line breaks."""
    kept = "".join(character if character.isalnum() or character in " .,-_&'()" else " " for character in name)
    short = " ".join(kept.split())
    return short if len(short) <= NAME_LENGTH else short[: NAME_LENGTH - 1].rstrip() + "…"
