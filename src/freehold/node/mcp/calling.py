"""A tool is called: its arguments are understood, it is done, and whatever goes wrong has a stable code."""

import functools
import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from freehold.kernel import crypto, logs
from freehold.kernel.problems import Problem, unexpected
from freehold.node.access import AccessKey
from freehold.node.context import Node
from freehold.node.failures import problem_of, retryable
from freehold.node.keys import KeysMissingError
from freehold.node.live_answers import LIFE
from freehold.node.mcp.secrecy import Scrubber
from freehold.node.mcp.tool import Answer, Call, Channel, Tool
from freehold.node.vault.vault import TokensUnreadableError
from freehold.providers.calls import ProviderError

log = logs.get(__name__)

CURSOR = "after"
"""The argument that says where a list goes on; a cursor is bound to all the others."""


def understood(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    """The arguments as the tool takes them; raises `Problem` 422 that names each place, and never a value."""
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise Problem(
            422,
            "invalid_arguments",
            "; ".join(wrong[:20]),
            f"Correct these arguments by the schema of {tool.name}, and call it again.",
        ) from error


async def perform(node: Node, caller: AccessKey, channel: Channel, tool: Tool, arguments: BaseModel) -> dict[str, Any]:
    """What the tool answers, as JSON has it; raises `Problem`, whatever goes wrong. Nothing secret is in either.

    Writes down who called what, and how it went.
    """
    scrubber = _scrubber(node.settings.graph_url)
    started, outcome = time.perf_counter(), "ok"
    try:
        _check_person(caller)
        asked = _written(arguments)
        call = Call(node, caller, channel, tool.name, crypto.digest(asked), _max_age(arguments))
        answer = _dated(await tool.run(call, arguments), call)
        return scrubber.answer(plain(answer), answer.model_dump_json(exclude_none=True))
    except Exception as error:
        problem = scrubber.problem(_problem(error))
        outcome = problem.code
        if problem is error:
            raise
        raise problem from error
    finally:
        took = round((time.perf_counter() - started) * 1000, 2)
        log.info("tool.called", tool=tool.name, caller=caller.name, outcome=outcome, duration_ms=took)


def _check_person(caller: AccessKey) -> None:
    """A key that calls tools for others is good for nothing while nobody is named."""
    if "tools:on-behalf" in caller.scopes and caller.person is None:
        told = "This key calls tools for people, and the call does not prove for whom."
        raise Problem(401, "identity_missing", told, "Ask in the chat, signed in; it proves to the node who asks.")


def failure(problem: Problem) -> dict[str, Any]:
    """A failure as a model is told of it: what happened, whether and when to try again, and what to do."""
    wait = problem.retry_after
    told = {
        "code": problem.code,
        "message": problem.detail,
        "hint": problem.hint,
        "retryable": retryable(problem),
        "wait_seconds": None if wait is None else max(1, round(wait)),
        "request_id": logs.request_id() or None,
    }
    return {key: value for key, value in told.items() if value is not None}


def plain(answer: BaseModel) -> dict[str, Any]:
    """An answer as JSON has it; what is not there is left out."""
    return answer.model_dump(mode="json", exclude_none=True)


def text(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _written(arguments: BaseModel) -> str:
    """The arguments as one text, but for the cursor; refuses (`Problem` 422) texts that nothing can store."""
    try:
        asked = arguments.model_dump_json(exclude={CURSOR}, exclude_none=True)
    except ValueError as error:  # half a character, or a structure too deep to be written
        raise _unstorable() from error
    if r"\u0000" in asked:
        raise _unstorable()
    return asked


def _unstorable() -> Problem:
    told = "A text holds half a character or a NUL, or a structure is too deep: nothing can store that."
    return Problem(422, "invalid_arguments", told, "Send well-formed Unicode, and structures as Meta has them.")


@functools.cache
def _scrubber(graph_url: str) -> Scrubber:
    return Scrubber(graph_url)


def _max_age(arguments: BaseModel) -> timedelta:
    """How old an answer of Meta's may be: as the caller says, where the tool lets it."""
    minutes: int | None = getattr(arguments, "max_age_minutes", None)
    return LIFE if minutes is None else timedelta(minutes=minutes)


def _dated(answer: BaseModel, call: Call) -> BaseModel:
    """An answer of Meta's with the time at which the oldest part of it was asked for."""
    if not isinstance(answer, Answer) or answer.source != "live" or not call.asked_at:
        return answer
    return answer.model_copy(update={"as_of": min(answer.as_of, *call.asked_at)})


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, ProviderError | TokensUnreadableError | KeysMissingError):
        return problem_of(error)
    log.error("tool.failed", error=type(error).__name__, frames=logs.frames(error))
    return unexpected()
