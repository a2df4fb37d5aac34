"""Drives OAuth flows with raw asyncio streams, so that the client costs little and the same for every system."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

FORM_VALUE = re.compile(rb'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@dataclass
class Answer:
    """An HTTP answer: status, headers with lower-case names (cookies apart), body."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes


class Connection:
    """One keep-alive connection with a cookie jar of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def request(
        self, method: str, target: str, form: dict[str, str] | None = None, *, api_key: str | None = None
    ) -> Answer:
        """Send one request and read its answer. With an `api_key` it is a program's: its body an empty JSON object."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = b"{}" if api_key and method == "POST" else urlencode(form).encode() if form else b""
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if api_key:
            lines += [f"X-API-Key: {api_key}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        if form:
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"Origin: http://127.0.0.1:{self.port}",
            ]
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        answer = await self._read(self._reader)
        self.cookies.update(answer.cookies)
        return answer

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers, cookies = {}, {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.partition(";")[0]
            else:
                headers[name.lower()] = value
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split(" ")[1]), headers, cookies, body)


def path_of(location: str) -> str:
    """The request target of an absolute address."""
    url = urlsplit(location)
    return f"{url.path}?{url.query}" if url.query else url.path


@dataclass(frozen=True)
class Measured:
    """Completed flows, seconds for each, and the seconds that all took together."""

    durations: list[float]
    elapsed: float

    def percentile(self, share: float) -> float:
        """A percentile of the flows' durations, in milliseconds."""
        ordered = sorted(self.durations)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def drive(
    flow: Callable[[Connection, Connection], object], app: int, provider: int, count: int, workers: int
) -> Measured:
    """Run `flow` `count` times over `workers` pairs of connections, one to the app and one to the provider."""
    durations: list[float] = []
    remaining = iter(range(count))

    async def work() -> None:
        there, beyond = Connection(app), Connection(provider)
        for _ in remaining:
            started = time.perf_counter()
            await flow(there, beyond)  # type: ignore[misc]
            durations.append(time.perf_counter() - started)
            there.cookies.clear()
        await there.close()
        await beyond.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    return Measured(durations, time.perf_counter() - started)
