"""What a client's month may use of a model: reserved before a request is sent, corrected when its answer is there.

A request whose end nobody saw stays counted as much as it could have used: a limit is passed by nothing.
"""

from dataclasses import dataclass

from freehold.node.context import Node
from freehold.node.narrative import queries
from freehold.node.narrative.facts import Draft, Language
from freehold.node.narrative.prompt import MAX_TOKENS, ROUNDS, instructions, request
from freehold.node.narrative.queries import Usage

NOT_ASKED = "not_asked"
"""The outcome of what was never sent."""
_CHARACTERS_IN_TOKEN = 2
"""At least, in the languages and scripts that occur, so that no request uses more than is reserved."""
_CHARACTERS_IN_LONG_TOKEN = 8
_OVERHEAD = 400
"""Tokens of a request that are not ours: the form of the answer, and what is wrong in the second round."""
_MOST_TOKENS = 10_000_000
_MICROS = 10_000
"""Millionths of a dollar in a cent."""


@dataclass(frozen=True)
class Asking:
    """One request: the disguised draft, what the model is shown, the row in the log, and what is reserved for it."""

    draft: Draft
    request: str
    call_id: int
    month: str
    reserved: Usage


@dataclass(frozen=True)
class Outcome:
    """What came of a request: its outcome and error in one word each, and what the server says that it used."""

    outcome: str
    error: str = ""
    rounds: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


async def begin(node: Node, draft: Draft, language: Language) -> Asking | None:
    """Reserve for one request of a disguised draft and write it down; None where the month has too little left."""
    shown = request(draft)
    settings, now = node.settings, node.clock.now()
    month = f"{now:%Y-%m}"
    written = len(instructions(language)) + len(shown)
    read = (written // _CHARACTERS_IN_TOKEN + _OVERHEAD) * ROUNDS + MAX_TOKENS
    reserved = _usage(node, read, MAX_TOKENS * ROUNDS)
    cents = settings.model_cost_per_month
    call = {
        "at": now,
        "draft": draft.key[:200],
        "language": language,
        "provider": settings.model_provider,
        "model": settings.model_name,
        "sent": shown,
        **vars(Outcome("asked")),
    }
    async with node.database.writing() as session:
        limit = None if cents is None else cents * _MICROS
        if not await queries.reserve(session, month, reserved, settings.model_tokens_per_month, limit):
            return None
        return Asking(draft, shown, await queries.begin(session, call), month, reserved)


async def end(node: Node, asking: Asking, outcome: Outcome) -> None:
    """Correct what was reserved, and write down what came of the request.

    A server that says too little is not believed: characters that were sent cost something.
    """
    if outcome.outcome == NOT_ASKED:
        spent = Usage(0, 0)
    elif outcome.rounds == ROUNDS or (outcome.rounds and not outcome.error):
        least = len(asking.request) // _CHARACTERS_IN_LONG_TOKEN
        read = min(max(outcome.input_tokens, least), _MOST_TOKENS)
        spent = _usage(node, read, min(max(outcome.output_tokens, 1), _MOST_TOKENS))
    else:
        spent = asking.reserved
    async with node.database.writing() as session:
        await queries.correct(session, asking.month, asking.reserved, spent)
        await queries.end(session, asking.call_id, vars(outcome))


def _usage(node: Node, read: int, written: int) -> Usage:
    """Tokens, and their cost: a price per million tokens is one of millionths of a dollar per token."""
    settings = node.settings
    cost = read * (settings.model_price_input or 0) + written * (settings.model_price_output or 0)
    return Usage(read + written, round(cost))
