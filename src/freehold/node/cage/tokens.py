"""A question in SQL cut into its pieces; what is no plain piece is refused, so that nothing is read in two ways.

Comments, parameters, dollar quotes, escapes, arrays, regular expressions and `::` are no pieces of a question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from freehold.kernel.problems import Problem

Kind = Literal["word", "quoted", "text", "number", "sign"]
KINDS: Final[tuple[Kind, ...]] = ("word", "quoted", "text", "number", "sign")
_PIECE: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
    |(?P<text>'(?:[^'\x00]|'')*')
    |(?P<quoted>"[^\W\d][\w %€-]{0,62}"(?!"))
    |(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?(?![\w.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*(?![^\x00-\x7f]))
    |(?P<sign><=|>=|<>|!=|\|\||[-+*/%=<>(),.])
    """,
    re.VERBOSE,
)
HINT: Final = (
    "Write one plain SELECT over the views of list_views, without comments, parameters, :: or regular expressions."
)


@dataclass(frozen=True)
class Token:
    """A piece: words in lower case, the rest as it is written, with its quotes."""

    kind: Kind
    text: str

    @property
    def named(self) -> bool:
        """Whether it is a word or a quoted name."""
        return self.kind in {"word", "quoted"}

    @property
    def name(self) -> str:
        """A name without quotes, in lower case."""
        return self.text.strip('"').lower()

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, and not quoted."""
        return self.kind == "word" and self.text in words


def refused(told: str, hint: str = HINT) -> Problem:
    """A question that is not asked."""
    return Problem(422, "sql_refused", told, hint)


def cut(sql: str) -> list[Token]:
    """The pieces of a question. Raises `Problem` 422 at the first thing that is none."""
    return list(_cut(sql))


def _cut(sql: str) -> Iterator[Token]:
    place = 0
    while place < len(sql):
        found = _PIECE.match(sql, place)
        if found is None or sql.startswith(("--", "/*"), place):
            raise refused(f"Nothing that starts as {sql[place : place + 12]!r} may stand in a question.")
        place = found.end()
        for kind in KINDS:
            text = found.group(kind)
            if text is not None:
                yield Token(kind, text.lower() if kind == "word" else text)
