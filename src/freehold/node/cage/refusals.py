"""Why a question in SQL is not answered, in words for whoever asked."""

from typing import Final

from freehold.kernel.problems import Problem
from freehold.node.cage.bounds import MOST_ROW_BYTES, SECONDS

_WORDS: Final = {
    "refused": (422, "The database does not allow that.", "Ask about the views of list_views."),
    "wrong": (422, "The database says: {said}.", "Correct the question by list_views."),
    "misfit": (
        422,
        "A value does not fit what is done with it, such as a text that is read as a number (SQLSTATE {said}).",
        "Leave out such rows with WHERE, or do not use CAST.",
    ),
    "called": (422, "{said} may not stand after a dot.", "Name the column otherwise with AS, or leave out the dot."),
    "too_long": (422, f"It took longer than {SECONDS:g} s.", "Ask for fewer days or accounts, or join less."),
    "too_large": (
        422,
        f"A row is larger than {MOST_ROW_BYTES // 1000} KB, or the work needs too much memory.",
        "Name the columns that you need, cut texts with substr, and ask for fewer days.",
    ),
    "failed": (422, "The database could not answer.", "Ask for less."),
    "unavailable": (
        503,
        "The database cannot be reached by its role for questions, or all its places are taken.",
        "Try again in a few seconds.",
    ),
    "not_closed": (
        503,
        "The database's role for questions may do more than read the views, so that nothing is asked with it.",
        "The operator runs `freehold node bootstrap --only postgres`; the log names what is open.",
    ),
    "not_set_up": (
        503,
        "This node has no role for questions in its database.",
        "The operator sets FREEHOLD_NODE_SQL_DATABASE_URL; see the guide for Insights.",
    ),
    "key_limited": (
        403,
        "This key is good for some accounts alone, and the views hold all of them.",
        "Ask by query_metrics, or with a key that has no limit.",
    ),
}
"""Kind -> HTTP status, what happened, and what to do."""


def refusal(kind: str, said: str = "") -> Problem:
    """The problem `sql_<kind>`; `said` is what it is about: of the kind "wrong" the database's own word."""
    status, told, hint = _WORDS[kind]
    return Problem(
        status,
        f"sql_{kind}",
        told.format(said=said.rstrip(".")),
        hint,
        retry_after=5 if kind == "unavailable" else None,
    )
