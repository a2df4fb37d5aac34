"""Where notifications arrive in tests: a mail server and an HTTP server, both real, which remember what they took."""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


@dataclass
class MailSink:
    """An SMTP server that takes every message, or while it is `away` refuses each connection with 421."""

    port: int = 0
    away: bool = False
    connections: int = 0
    messages: list[EmailMessage] = field(default_factory=list)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"421 closed\r\n" if self.away else b"220 sink\r\n")
        with contextlib.suppress(ConnectionError):
            while not self.away and (line := await reader.readline()):
                command = line[:4].upper()
                if command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self.messages.append(_message(await reader.readuntil(b"\r\n.\r\n")))
                writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 fine\r\n")
                if command == b"QUIT":
                    break
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def mail_sink() -> AsyncIterator[MailSink]:
    """A mail server on a free loopback port."""
    sink = MailSink()
    server = await asyncio.start_server(sink._speak, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


def _message(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)


@dataclass
class HttpSink:
    """Takes every POST with `status`, and remembers path and JSON."""

    status: int = 200
    location: str | None = None
    taken: list[tuple[str, Any]] = field(default_factory=list)
    refused: int = 0

    def app(self) -> Starlette:
        """Its one endpoint."""
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        if self.status >= 300:
            self.refused += 1
            headers = {"Location": self.location} if self.location else {}
            return PlainTextResponse("no", self.status, headers=headers)
        self.taken.append((request.url.path, await request.json()))
        return PlainTextResponse("ok")
