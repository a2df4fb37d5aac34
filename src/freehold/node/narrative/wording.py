"""Drafts in words: by a model where the node has one and its words pass the check, else as the template has them."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from freehold.kernel import logs
from freehold.kernel.addresses import AddressRefusedError
from freehold.node.context import Node
from freehold.node.narrative import allowance
from freehold.node.narrative.allowance import NOT_ASKED, Asking, Outcome
from freehold.node.narrative.asking import DEFAULT_URLS, answers
from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import TEMPLATE, Draft, Language, Worded
from freehold.node.narrative.keeping import departures
from freehold.node.narrative.pseudonyms import disguised, undisguised

log = logs.get(__name__)


async def word(node: Node, drafts: Sequence[Draft], language: Language) -> list[Worded | None]:
    """A text for each draft, in their order: by the model that `node` is set up with, else the template's own.

    None for a template that tells what its own evidence does not hold: it must not be told. Never raises for what a
    model does or does not do; raises `Problem` 503 when the database is away.
    """
    worded = [_by_template(draft, language) for draft in drafts]
    proven = {place: draft for place, draft in enumerate(drafts) if worded[place] is not None}
    if proven and _may_ask(node):
        for place, text in (await _by_model(node, proven, language)).items():
            worded[place] = text
    return worded


def _by_template(draft: Draft, language: Language) -> Worded | None:
    wrong = problems(f"{draft.title}\n{draft.text}", draft.facts, language)
    if wrong:
        log.error("narrative.template_unproven", draft=draft.key, problems=len(wrong))
        return None
    return Worded(draft.title, draft.text, TEMPLATE)


def _may_ask(node: Node) -> bool:
    """Whether there is a model, at an address that this node may speak to."""
    settings = node.settings
    if settings.model_provider is None:
        return False
    try:
        settings.addresses().check_url(settings.model_url or DEFAULT_URLS[settings.model_provider])
    except AddressRefusedError as error:
        log.warning("narrative.address_refused", reason=error.code)
        return False
    return True


async def _by_model(node: Node, drafts: Mapping[int, Draft], language: Language) -> dict[int, Worded]:
    """What the model made of drafts, by their places, where it passes the check."""
    asked = await _begin(node, drafts, language)
    found: dict[int, Worded] = {}
    waiting = dict(asked)
    async with contextlib.aclosing(answers(node, list(asked.values()), language)) as said:
        async for answer in said:
            place = next(iter(waiting))
            asking = waiting.pop(place)
            worded, outcome = _judge(drafts[place], answer, language, node.settings.model_name)
            await allowance.end(node, asking, outcome)
            found |= {} if worded is None else {place: worded}
    for number, asking in enumerate(waiting.values()):
        # The child ended: the first of them may have reached the model; those behind it have not.
        await allowance.end(node, asking, Outcome(NOT_ASKED) if number else Outcome("failed", "silent"))
    return found


async def _begin(node: Node, drafts: Mapping[int, Draft], language: Language) -> dict[int, Asking]:
    """The requests for drafts, as many as the month has room for."""
    asked: dict[int, Asking] = {}
    for place, draft in drafts.items():
        asking = await allowance.begin(node, disguised(draft), language)
        if asking is None:
            log.warning("narrative.limit_reached", left=len(drafts) - len(asked))
            break
        asked[place] = asking
    return asked


def _judge(draft: Draft, answer: dict[str, Any], language: Language, model: str) -> tuple[Worded | None, Outcome]:
    """An answer of the child as a text with its names, if it is one: the child has read what a server said."""
    counts = {name: _count(answer.get(name)) for name in ("rounds", "input_tokens", "output_tokens")}
    title, text, error = (str(answer.get(name, "")) for name in ("title", "text", "error"))
    if error == NOT_ASKED:
        return None, Outcome(NOT_ASKED)
    if error:
        log.warning("narrative.failed", draft=draft.key, error=error[:64])
        return None, Outcome("failed", error[:64], **counts)
    title, text = undisguised(title, draft), undisguised(text, draft)
    if departures(draft, title, text, language):
        return None, Outcome("refused", "", **counts)
    return Worded(title, text, model), Outcome("worded", "", **counts)


def _count(said: object) -> int:
    return said if isinstance(said, int) and said >= 0 else 0
