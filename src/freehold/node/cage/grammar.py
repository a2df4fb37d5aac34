"""What may be asked in SQL: one SELECT over the wide views, of words and functions that are listed.

This is the first of two fences, the same for both databases; the second is the database's own.
It reads left to right and keeps, for each open parenthesis, what that parenthesis is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from freehold.node.cage.tokens import Token, cut, refused
from freehold.node.cage.words import (
    BEFORE_PARENTHESES,
    FUNCTIONS,
    KEYWORDS,
    PREFIXES,
    REFUSED,
    TYPES,
    WRITTEN,
    Dialect,
)
from freehold.node.store.views import WIDE

MOST_SELECTS: Final = 20
MOST_DEPTH: Final = 30
MOST_JOINED_TEXTS: Final = 8
"""How often `||` may stand in a question: each may double a text, and the server would hold all of it."""

Purpose = Literal["query", "subquery", "relation", "call", "list", "window", "cast", "group"]
_WITHOUT_COMMAS: Final = frozenset({"group", "cast", "relation"})
_END: Final = Token("sign", "")
_COLUMNS: Final = frozenset(name for view in WIDE.values() for name in view.source.c.keys())  # noqa: SIM118 - columns, not names
_AFTER_FROM: Final = frozenset({"where", "group", "having", "order", "limit", "offset", "union", "except", "intersect"})


@dataclass
class _Level:
    """An open parenthesis: what it is for (a subquery stands for a relation), and whether relations are being named."""

    purpose: Purpose
    naming: bool = False


@dataclass
class _Reader:
    """How far the reading has come."""

    tokens: Sequence[Token]
    functions: frozenset[str]
    levels: list[_Level] = field(default_factory=lambda: [_Level("query")])
    relations: set[str] = field(default_factory=set)
    """Subqueries that were named by WITH so far."""
    stand_for_rows: set[str] = field(default_factory=set)
    """Names of relations and their second names."""
    stand_for_values: set[str] = field(default_factory=set)
    views: dict[str, None] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    """Names after a dot."""
    relation_ended: bool = False
    """Whether a relation has just been named, so that its second name may follow."""

    def at(self, place: int) -> Token:
        return self.tokens[place] if 0 <= place < len(self.tokens) else _END


@dataclass(frozen=True)
class Question:
    """A question that may be asked: without a semicolon at its end, with the views that it is about.

    `members` are names that stand after a dot and are no column of a view. Where no column has such a name PostgreSQL
    takes `a.f` for `f(a)`, so it must not be the name of a function or a type either, which only the server knows.
    """

    sql: str
    views: tuple[str, ...]
    members: tuple[str, ...]


def understood(sql: str, dialect: Dialect) -> Question:
    """The question, read whole. Raises `Problem` 422."""
    asked = sql.strip().removesuffix(";").strip()
    tokens = cut(asked)
    if not tokens or not tokens[0].is_word("select", "with"):
        raise refused("A question begins with SELECT or WITH.")
    _limit(tokens)
    reader = _Reader(tokens, FUNCTIONS[dialect])
    for place, token in enumerate(tokens):
        if token.named:
            _name(reader, place, token)
        elif token.kind == "sign":
            _sign(reader, place, token)
        else:
            reader.relation_ended = False
    if len(reader.levels) != 1:
        raise refused("A parenthesis is not closed.")
    both = sorted(reader.stand_for_rows & reader.stand_for_values)
    if both:
        raise refused(f"{both[0]} stands for a relation and for a value.", "Name the columns, or rename the relation.")
    return Question(asked, tuple(reader.views), tuple(sorted(reader.members - _COLUMNS)))


def _limit(tokens: Sequence[Token]) -> None:
    if sum(token.is_word("select") for token in tokens) > MOST_SELECTS:
        raise refused(f"A question has {MOST_SELECTS} SELECTs at most.")
    if sum(token == Token("sign", "||") for token in tokens) > MOST_JOINED_TEXTS:
        raise refused(f"A question has {MOST_JOINED_TEXTS} times || at most.")


def _name(reader: _Reader, place: int, token: Token) -> None:
    """A word or a quoted name: a keyword, a relation, a function, a type, or a name that stands for a value."""
    before, after = reader.at(place - 1), reader.at(place + 1)
    _check_name(token, before, after)
    level = reader.levels[-1]
    if token.is_word(*KEYWORDS) and before.text != ".":
        _keyword(reader, place, token.text)
    elif _expects_relation(reader, place):
        _relation(reader, token, after)
    elif reader.relation_ended:
        reader.stand_for_rows.add(token.name)
        reader.relation_ended = False
        _refuse_call(after)
    elif before.is_word("as") and level.purpose == "cast":
        _check_type(token)
    elif after.text == "(":
        _check_function(reader, token, before)
    elif after.is_word("as") and reader.at(place + 2).text == "(" and (before.is_word("with") or before.text == ","):
        _subquery(reader, token)
    elif before.text != "." and after.text != "." and not before.is_word("as"):
        reader.stand_for_values.add(token.name)


def _check_name(token: Token, before: Token, after: Token) -> None:
    """Refuse a name that leads out of the views, wherever it stands."""
    if token.name.startswith(PREFIXES) or token.is_word(*REFUSED):
        raise refused(f"{token.text} may not stand in a question.")
    keyword = token.is_word(*KEYWORDS) and before.text != "."
    if after.kind == "text" and not keyword and (not token.is_word(*WRITTEN) or before.text == "."):
        raise refused(f"{token.text} may not stand before a text.")


def _check_function(reader: _Reader, token: Token, before: Token) -> None:
    if before.text == "." or not token.is_word(*reader.functions):
        raise refused(
            f"{token.text} is no function of a question.", f"There are {', '.join(sorted(reader.functions))}."
        )


def _keyword(reader: _Reader, place: int, word: str) -> None:
    level, after = reader.levels[-1], reader.at(place + 1)
    if word == "in" and after.text != "(":
        raise refused("IN is followed by a list or a SELECT in parentheses.")
    if after.text == "(" and word not in BEFORE_PARENTHESES:
        raise refused(f"No parenthesis follows {word.upper()}.")
    if word == "from" and not _compares(reader, place):
        level.naming = True
    elif word == "join" and not level.naming:
        raise refused("JOIN stands in FROM alone.")
    elif word in _AFTER_FROM:
        level.naming = False
    if word != "as":
        reader.relation_ended = False


def _compares(reader: _Reader, place: int) -> bool:
    """Whether the FROM at `place` is that of IS DISTINCT FROM."""
    return reader.at(place - 1).is_word("distinct") and reader.at(place - 2).is_word("is", "not")


def _expects_relation(reader: _Reader, place: int) -> bool:
    """Whether a relation is named here: after FROM or JOIN, also behind parentheses."""
    place -= 1
    while reader.at(place).text == "(":
        place -= 1
    word = reader.at(place)
    return word.is_word("join") or (word.is_word("from") and not _compares(reader, place))


def _relation(reader: _Reader, token: Token, after: Token) -> None:
    if token.name not in reader.relations:
        if token.name not in WIDE:
            raise refused(f"There is no view {token.text}.", f"There are {', '.join(WIDE)}.")
        reader.views[token.name] = None
    if after.text == ".":
        raise refused("A view is named without a schema.")
    _refuse_call(after)
    reader.stand_for_rows.add(token.name)
    reader.relation_ended = True


def _refuse_call(after: Token) -> None:
    if after.text == "(":
        raise refused("A relation takes no list in parentheses.", "Name columns with AS inside of it.")


def _subquery(reader: _Reader, token: Token) -> None:
    if token.name in WIDE:
        raise refused(f"{token.text} is a view already.", "Give the subquery another name.")
    reader.relations.add(token.name)


def _check_type(token: Token) -> None:
    if not token.is_word(*TYPES):
        raise refused(f"{token.text} is no type of a question.", f"There are {', '.join(sorted(TYPES))}.")


def _sign(reader: _Reader, place: int, token: Token) -> None:
    level = reader.levels[-1]
    if token.text == "(":
        _open(reader, place)
    elif token.text == ")":
        closed = reader.levels.pop()
        if not reader.levels:
            raise refused("A parenthesis is closed that was not open.")
        reader.relation_ended = closed.purpose in {"relation", "subquery"}
        return
    elif token.text == ".":
        _member(reader, place)
    elif token.text == ",":
        if level.naming:
            raise refused("Relations are put together by JOIN, not by a comma.")
        if level.purpose in _WITHOUT_COMMAS:
            raise refused("A list in parentheses stands after IN, USING or a function alone.")
    reader.relation_ended = False


def _member(reader: _Reader, place: int) -> None:
    """A dot stands between a relation's name and a column's: behind anything else it would call a function."""
    relation, member = reader.at(place - 1), reader.at(place + 1)
    if not relation.named or relation.is_word(*KEYWORDS) or reader.at(place - 2).text == ".":
        raise refused("A dot stands between the name of a relation and that of a column alone.")
    if member.named:
        reader.members.add(member.name)


def _open(reader: _Reader, place: int) -> None:
    """Enter a parenthesis, whose purpose follows from what is before it and what begins in it."""
    before, first = reader.at(place - 1), reader.at(place + 1)
    if len(reader.levels) > MOST_DEPTH:
        raise refused(f"Parentheses are nested {MOST_DEPTH} deep at most.")
    purpose = _purpose(before, first, relation=_expects_relation(reader, place))
    reader.levels.append(_Level(purpose, naming=purpose == "relation"))


def _purpose(before: Token, first: Token, *, relation: bool) -> Purpose:
    if first.is_word("select", "with"):
        return "subquery" if relation else "query"
    if relation:
        return "relation"
    if before.is_word("cast"):
        return "cast"
    if before.is_word("in", "using"):
        return "list"
    if before.is_word("over", "as", "group"):
        return "window"
    called = before.named and not before.is_word(*(KEYWORDS - {"left", "right"}))
    return "call" if called else "group"
