"""Where notifications arrive in tests: a mail server and an HTTP server, both real, which remember what they took."""

import asyncio
import base64
import contextlib
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LARGEST = 8 * 1024 * 1024
"""Bytes of a message that the mail server takes."""


@dataclass
class MailSink:
    """An SMTP server that takes every message, or while it is `away` refuses each connection with 421.

    It refuses readers whose address begins with `nobody@`, while it is `full` those with `full@` for the moment, and at
    `broken@` it answers 421 and closes the connection.
    With `tls` it speaks STARTTLS and asks for a password.
    """

    port: int = 0
    away: bool = False
    full: bool = False
    slow: float = 0.0
    """Seconds that it takes over each message."""
    tls: ssl.SSLContext | None = None
    connections: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    readers: list[list[str]] = field(default_factory=list)
    """Of each message to whom it was sent, whatever it says itself."""
    weights: list[int] = field(default_factory=list)
    """Of each message its bytes on the wire."""
    logins: list[str] = field(default_factory=list)
    """Names and passwords that came encrypted."""

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        readers: list[str] = []
        writer.write(b"421 closed\r\n" if self.away else b"220 sink\r\n")
        with contextlib.suppress(ConnectionError):
            while not self.away and (line := await reader.readline()):
                command = line[:4].upper()
                if command == b"EHLO" and self.tls is not None:
                    writer.write(b"250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
                    continue
                if command == b"STAR" and self.tls is not None:
                    writer.write(b"220 go on\r\n")
                    await writer.start_tls(self.tls)
                    continue
                if command == b"AUTH" and writer.get_extra_info("sslcontext"):
                    self.logins.append(base64.b64decode(line.split()[2]).decode())
                    writer.write(b"235 welcome\r\n")
                    continue
                if command == b"RCPT" and (refusal := self._refusal(line)):
                    writer.write(refusal)
                    if refusal.startswith(b"421"):
                        break
                    continue
                if command == b"RCPT":
                    readers.append(line.partition(b"<")[2].partition(b">")[0].decode())
                if command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self._keep(await reader.readuntil(b"\r\n.\r\n"), readers)
                    readers = []
                    await asyncio.sleep(self.slow)
                writer.write(b"221 bye\r\n" if command == b"QUIT" else b"250 fine\r\n")
                if command == b"QUIT":
                    break
            await writer.drain()
        writer.close()

    def _refusal(self, line: bytes) -> bytes:
        """What is answered to a reader that it does not take; empty for others."""
        if b"<nobody@" in line:
            return b"550 nobody of that name\r\n"
        if b"<broken@" in line:
            return b"421 closing\r\n"
        return b"452 no room at the moment\r\n" if b"<full@" in line and self.full else b""

    def _keep(self, data: bytes, readers: list[str]) -> None:
        """Take a message as it came: dots at the beginning of lines are doubled on the wire (RFC 5321, 4.5.2)."""
        message = data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        self.messages.append(email.message_from_bytes(message, _class=EmailMessage, policy=email.policy.default))
        self.readers.append(readers)
        self.weights.append(len(data))


@contextlib.asynccontextmanager
async def mail_sink(tls: ssl.SSLContext | None = None) -> AsyncIterator[MailSink]:
    """A mail server on a free loopback port."""
    sink = MailSink(tls=tls)
    server = await asyncio.start_server(sink._speak, "127.0.0.1", 0, limit=LARGEST)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()


@dataclass
class HttpSink:
    """Takes every POST with `status`, and remembers path and JSON. What is for a channel that is `shut` it refuses."""

    status: int = 200
    shut: str = ""
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
        body = await request.json()
        if self.shut and body.get("channel") == self.shut:
            self.refused += 1
            return PlainTextResponse("no", 503)
        self.taken.append((request.url.path, body))
        return PlainTextResponse("ok")
