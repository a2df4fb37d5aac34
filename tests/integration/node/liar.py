"""A language model that says what a test wants, over the APIs of OpenAI and Anthropic, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


def told(title: str, text: str) -> str:
    """A rewording as the model is asked to write it."""
    return json.dumps({"title": title, "text": text})


async def for_ever() -> AsyncIterator[bytes]:
    """An answer that does not end."""
    yield b'{"id": "'
    while True:
        yield b"a" * 65_536
        await asyncio.sleep(0)


def endless() -> Response:
    """The same as a response."""
    return StreamingResponse(for_ever(), media_type="application/json")


@dataclass
class Liar:
    """Answers each request with the next of `says`, the last one for ever; keeps what it was asked.

    What it says is a text, a whole message (dict), a `Response`, or a number of seconds in which it is silent.
    """

    says: list[object] = field(default_factory=list)
    of: dict[str, object] = field(default_factory=dict)
    """What it says to a request in which such a word stands, instead."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tokens: tuple[int, int] = (900, 120)

    def app(self) -> Starlette:
        """It as an application."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._openai, methods=["POST"]),
                Route("/v1/messages", self._anthropic, methods=["POST"]),
            ]
        )

    async def _openai(self, request: Request) -> Response:
        return await self._answer(request, self._openai_body)

    async def _anthropic(self, request: Request) -> Response:
        return await self._answer(request, self._anthropic_body)

    async def _answer(self, request: Request, body: Callable[[object], dict[str, Any]]) -> Response:
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        said = self._next(json.dumps(self.asked[-1]))
        if isinstance(said, float):
            await asyncio.sleep(said)
        return said if isinstance(said, Response) else JSONResponse(body(said))

    def _next(self, asked: str) -> object:
        marked = next((said for word, said in self.of.items() if word in asked), None)
        return marked if marked is not None else self.says[min(len(self.asked), len(self.says)) - 1]

    def _openai_body(self, said: object) -> dict[str, Any]:
        message = said if isinstance(said, dict) else {"role": "assistant", "content": str(said)}
        read, written = self.tokens
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1_770_000_000,
            "model": "lies",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }

    def _anthropic_body(self, said: object) -> dict[str, Any]:
        read, written = self.tokens
        return {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": "lies",
            "content": [{"type": "text", "text": str(said)}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": read, "output_tokens": written},
        }
