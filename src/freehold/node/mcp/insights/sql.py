"""The tools for what no metric tells: which views there are, and one SELECT over them."""

import re
from typing import Annotated, Final

from pydantic import Field

from freehold.node.cage import ask
from freehold.node.cage.refusals import refusal
from freehold.node.cage.words import FUNCTIONS, Dialect
from freehold.node.mcp.instagram.reading import Number, Part
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText
from freehold.node.store.views import WIDE

Value = bool | Number | str | UntrustedText | None
_PLAIN: Final = re.compile(r"(?:act_)?[\d.:+TZ /-]{1,40}|[A-Z]{2,3}")
"""Ids, days, instants, amounts and currencies: texts that hold no words of anybody's."""


class ViewsAsked(Arguments):
    """Nothing to choose."""


class ViewShown(Part):
    """A view, and its columns in their order."""

    name: str
    about: str
    columns: list[str]


class ViewsListed(Answer):
    """The views, the SQL that their database speaks, and the functions that a question may call."""

    dialect: Dialect
    views: list[ViewShown]
    functions: list[str]


class SqlAsked(Arguments):
    """A question in SQL."""

    sql: Annotated[str, Field(min_length=1, max_length=8_000, description="one SELECT over the views of list_views")]
    limit: Annotated[int, Field(ge=1, le=1_000, description="rows that are told at most")] = 200


class SqlEvidence(Part):
    """The views that were read, by which question."""

    views: list[str]
    sql: str


class SqlAnswer(Answer):
    """Rows as lists in the order of `columns`; not `complete`: there are more. Texts that may hold words are labelled.

    `as_of` is when it was asked; the views' columns `read_at` tell how old their numbers are.
    """

    columns: list[str]
    rows: list[list[Value]]
    complete: bool
    evidence: SqlEvidence


async def list_views(call: Call, _asked: ViewsAsked) -> ViewsListed:
    """The views that run_sql may read, with their columns, and the functions that it may call."""
    dialect = ask.dialect_of(call.node)
    return ViewsListed(
        source="computed",
        as_of=call.now(),
        dialect=dialect,
        views=[ViewShown(name=name, about=view.about, columns=view.source.c.keys()) for name, view in WIDE.items()],
        functions=sorted(FUNCTIONS[dialect]),
    )


async def run_sql(call: Call, asked: SqlAsked) -> SqlAnswer:
    """One read-only SELECT over the views of list_views, for what query_metrics cannot tell. Joins, WITH and window
    functions are fine; anything else is refused. A number that is NULL was not read: it is not 0. Never sum reach.
    """
    if call.caller.assets is not None:
        raise refusal("key_limited")
    answered = await ask.ask(call.node, asked.sql, asked.limit)
    return SqlAnswer(
        source="stored",
        as_of=call.now(),
        columns=answered.found.columns,
        rows=[[labelled(value) for value in row] for row in answered.found.rows],
        complete=not answered.found.cut,
        evidence=SqlEvidence(views=list(answered.views), sql=asked.sql),
    )


def labelled(value: float | str | None) -> Value:
    """A value; a text that may hold other people's words is labelled as such."""
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    return UntrustedText(untrusted_text=value)
