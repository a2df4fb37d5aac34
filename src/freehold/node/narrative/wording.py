"""Drafts in words: each as its template has it, checked against its evidence."""

from collections.abc import Sequence

from freehold.kernel import logs
from freehold.node.context import Node
from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import TEMPLATE, Draft, Language, Worded

log = logs.get(__name__)


async def word(node: Node, drafts: Sequence[Draft], language: Language) -> list[Worded | None]:  # noqa: ARG001 - a template needs none
    """A text for each draft, in their order: by the model that `node` is set up with, else the template's own.

    None for a template that tells what its own evidence does not hold: it must not be told. Never raises for what a
    model does or does not do.
    """
    return [_by_template(draft, language) for draft in drafts]


def _by_template(draft: Draft, language: Language) -> Worded | None:
    wrong = problems(f"{draft.title}\n{draft.text}", draft.facts, language)
    if wrong:
        log.error("narrative.template_unproven", draft=draft.key, problems=len(wrong))
        return None
    return Worded(draft.title, draft.text, TEMPLATE)
