"""Asks a language model to reword drafts, in a short-lived process of its own: such libraries stay out of the node.

Reads an order from standard input: {"provider" (openai, or whatever speaks its API, or anthropic), "model", "url",
"key", "networks" (CIDR that may be reached), "language", "seconds" for one draft, "drafts": [{"title", "text",
"facts", "request"}]}. Writes one JSON object a line for each draft, as it comes:
{"title", "text", "error" (empty when it was worded, "not_asked" when the server seemed to be away), "rounds",
"input_tokens", "output_tokens"}.

A text that departs from its draft goes back to the model once, with what is wrong. Whoever ordered checks again.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import date
from typing import Any, TextIO

import httpx2
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelRetry, PromptedOutput, RunUsage, UsageLimits
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.connection_guard import ConnectionGuard
from freehold.node.narrative.facts import Draft, Facts, Language
from freehold.node.narrative.keeping import departures
from freehold.node.narrative.prompt import MAX_TOKENS, ROUNDS, instructions

MAX_ANSWER = 256 * 1024
"""Bytes of one answer of the model's server."""
PROBLEMS_TOLD = 6
GIVE_UP_AFTER = 2
"""Drafts in a row that brought no usable answer, after which no more is asked."""


class Wording(BaseModel):
    """The reworded message."""

    title: str = Field(max_length=400)
    text: str = Field(max_length=8_000)


class _Bounded(httpx2.AsyncByteStream):
    """The body of an answer, up to `MAX_ANSWER` bytes."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_ANSWER:
                raise httpx2.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Transport(httpx2.AsyncHTTPTransport):
    """Answers of limited length, and none that grows when it is unpacked."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        answer = await super().handle_async_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise httpx2.ReadError("the answer is packed")
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Bounded(answer.stream)
        return answer


def model_of(order: dict[str, Any], client: httpx2.AsyncClient) -> Model:
    """The model that an order names. Neither library retries: the next look words anew."""
    url, key, name = order["url"], order["key"] or "none", order["model"]
    if order["provider"] == "anthropic":
        anthropic = AsyncAnthropic(api_key=key, base_url=url, http_client=client, max_retries=0)
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=anthropic))
    openai = AsyncOpenAI(api_key=key, base_url=url, http_client=client, max_retries=0)
    return OpenAIChatModel(name, provider=OpenAIProvider(openai_client=openai))


def agent_for(model: Model, draft: Draft, language: Language) -> Agent[object, Wording]:
    """An agent without tools, whose answer is checked, and asked for once more when it departs from the draft."""
    agent: Agent[object, Wording] = Agent(
        model,
        output_type=PromptedOutput(Wording),
        instructions=instructions(language),
        model_settings=ModelSettings(max_tokens=MAX_TOKENS),
        retries={"output": ROUNDS - 1, "tools": 0},
    )

    @agent.output_validator
    def _keeps(said: Wording) -> Wording:
        wrong = departures(draft, said.title, said.text, language)
        if wrong:
            raise ModelRetry("Write it again. What is wrong: " + "; ".join(wrong[:PROBLEMS_TOLD]))
        return said

    return agent


async def reword(model: Model, asked: dict[str, Any], language: Language, seconds: float) -> dict[str, Any]:
    """Ask for one draft; gives the answer as it is written out. A failure of any kind is one word in `error`."""
    draft, usage = draft_of(asked), RunUsage()
    title = text = error = ""
    try:
        async with asyncio.timeout(seconds):
            limits = UsageLimits(request_limit=ROUNDS)
            agent = agent_for(model, draft, language)
            said = (await agent.run(asked["request"], usage=usage, usage_limits=limits)).output
        title, text = said.title, said.text
    except TimeoutError:
        error = "timeout"
    except Exception as failure:  # noqa: BLE001 - a server may answer anything; its words may hold anything
        error = type(failure).__name__
    tokens = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    return {"title": title, "text": text, "error": error, "rounds": usage.requests, **tokens}


def draft_of(asked: dict[str, Any]) -> Draft:
    """A draft as the order writes it."""
    facts = asked["facts"]
    dates = tuple(date.fromisoformat(day) for day in facts["dates"])
    known = Facts(facts["numbers"], facts["units"], dates, tuple(facts["names"]))
    return Draft("", asked["title"], asked["text"], known)


async def answer_all(order: dict[str, Any], guard: ConnectionGuard, out: TextIO) -> None:
    """Ask for one draft after the other, until all are asked for or the server seems to be away."""
    transport = _Transport(trust_env=False, retries=0)
    async with httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False) as client:
        model, failed = model_of(order, client), 0
        for asked in order["drafts"]:
            if failed >= GIVE_UP_AFTER or guard.refusal:
                said: dict[str, Any] = {"error": "not_asked"}
            else:
                said = await reword(model, asked, order["language"], order["seconds"])
                failed = failed + 1 if said["error"] and not said["rounds"] else 0
            out.write(json.dumps(said) + "\n")
            out.flush()


def main() -> None:
    """Do what standard input orders."""
    order, answers = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr
    guard = ConnectionGuard(AddressPolicy.of(*order["networks"]))
    guard.encrypted = order["url"].startswith("https://")
    sys.addaudithook(guard)
    asyncio.run(answer_all(order, guard, answers))


if __name__ == "__main__":
    main()
