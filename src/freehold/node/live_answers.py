"""What Meta answered a moment ago, so that the same question costs no second call: in memory, for this client alone.

A node is one client's. An answer is given again only for the same question about the same asset under the same
connection, to a key for the same assets; it holds no token and no link, since those are taken out before it is kept.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from freehold.kernel.clock import Clock
from freehold.providers.calls import JSON, ApiCall

LIFE: Final = timedelta(minutes=1)
"""So old an answer may be where nobody said how old it may be."""
LONGEST_LIFE: Final = timedelta(minutes=5)
"""So old an answer may be, however old the caller would take it."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""What all answers come to; the oldest make room."""
LARGEST: Final = 1024 * 1024
"""Bytes of an answer that is kept."""
_LINKS: Final = frozenset({"next", "previous"})


@dataclass(frozen=True)
class Question:
    """A read of the provider's, under which connection it is asked, and for which assets the asking key is good."""

    path: str
    params: tuple[tuple[str, str], ...]
    asset_id: str | None
    token: str
    connection: str
    assets: frozenset[str] | None


@dataclass(frozen=True)
class _Kept:
    at: datetime
    text: bytes


def question_of(call: ApiCall, connection: str, assets: frozenset[str] | None) -> Question:
    """What `call` asks, by whose leave."""
    return Question(call.path, tuple(sorted(call.params.items())), call.asset_id, call.token, connection, assets)


class LiveAnswers:
    """Answers by their question, until they are too old, too many, or dropped because something was changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Question, _Kept] = OrderedDict()
        self._bytes = 0
        self._changes = 0

    def get(self, question: Question, life: timedelta) -> tuple[JSON, datetime] | None:
        """An answer that is younger than `life`, and when it was given; each caller gets a copy of its own."""
        kept = self._kept.get(question)
        if kept is None or self._clock.now() - kept.at >= min(life, LONGEST_LIFE):
            return None
        answer: JSON = json.loads(kept.text)
        return answer, kept.at

    @property
    def changes(self) -> int:
        """How often something was changed: an answer that was asked for before is not kept after."""
        return self._changes

    def keep(self, question: Question, answer: JSON, asked_at: datetime, changes: int) -> None:
        """Keep the answer to a question that was asked at `asked_at`, when there had been so many `changes`."""
        text = json.dumps(_without_links(answer), separators=(",", ":")).encode()
        if changes != self._changes or len(text) > LARGEST:
            return
        self._forget(question)
        self._kept[question] = _Kept(asked_at, text)
        self._bytes += len(text)
        while self._bytes > MOST_BYTES:
            self._forget(next(iter(self._kept)))

    def drop(self) -> None:
        """Forget everything: something was changed, and what is told of it may have been asked in another's name."""
        self._changes += 1
        self._kept.clear()
        self._bytes = 0

    def _forget(self, question: Question) -> None:
        kept = self._kept.pop(question, None)
        self._bytes -= len(kept.text) if kept else 0


def _without_links(value: Any) -> Any:
    """The same JSON without what carries a token: of the links of paging stays only that there is one."""
    if isinstance(value, list):
        return [_without_links(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_links(each) for name, each in value.items() if name != "access_token"}
    if isinstance(kept.get("paging"), dict):
        kept["paging"] = {name: True if name in _LINKS else each for name, each in kept["paging"].items()}
    return kept
