"""Brings letters to a target: a webhook by the node's own client, everything else by Apprise in a child process."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from freehold.kernel.http import HttpClient, UnreachableError
from freehold.node.notifications.notice import Letter, Outcome, patience
from freehold.node.notifications.targets import Target

COURIER = "freehold.node.notifications.courier"
LETTER_SECONDS = 60.0
"""How long one letter may take for one reader, and the start of the child process."""
WEBHOOK_SECONDS = 15.0
MAX_ANSWER = 64 * 1024
_ENVIRONMENT = ("LANG", "PATH", "PYTHONPATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ")
"""What the child sees of our environment: no proxy, no setting, no secret."""


@dataclass(frozen=True)
class Sender:
    """What sending needs: our HTTP client, the networks that may be reached, and whose node this is.

    A letter may take `letter_seconds`, and longer with more than one reader.
    """

    http: HttpClient
    networks: tuple[str, ...]
    client_id: str
    letter_seconds: float = LETTER_SECONDS


async def send(sender: Sender, target: Target, letters: Sequence[Letter]) -> AsyncGenerator[tuple[Letter, Outcome]]:
    """Send letters one after the other; gives each with what came of it."""
    if target.way == "webhook":
        for letter in letters:
            yield letter, Outcome(await _post(sender, target, letter))
        return
    async with contextlib.aclosing(_by_apprise(sender, target, letters)) as answers:
        verdict = await anext(answers)
        for letter in letters:
            yield letter, verdict if verdict.error else await anext(answers)


async def understand(sender: Sender, target: Target) -> str:
    """Why a target's address cannot be used, empty when it can; nothing is sent."""
    if target.way == "webhook":
        return ""
    async with contextlib.aclosing(_by_apprise(sender, target, [])) as answers:
        return (await anext(answers)).error


async def _post(sender: Sender, target: Target, letter: Letter) -> str:
    payload = {
        "id": letter.key,
        "kind": letter.kind,
        "severity": letter.severity,
        "title": letter.title,
        "text": letter.text,
        "node": sender.client_id,
        "at": letter.at.isoformat(),
    }
    try:
        reply = await sender.http.request(
            "POST", target.webhook, json=payload, timeout=WEBHOOK_SECONDS, max_body=MAX_ANSWER
        )
    except UnreachableError as error:
        return str(error)
    return "" if 200 <= reply.status < 300 else f"it answered with HTTP status {reply.status}"  # noqa: PLR2004


async def _by_apprise(sender: Sender, target: Target, letters: Sequence[Letter]) -> AsyncGenerator[Outcome]:
    """The child's verdict on the target, then on each letter; for ever the same one once the child has ended."""
    order = {
        "url": target.url.get_secret_value(),
        "encrypted": target.encrypted,
        "networks": sender.networks,
        "node": sender.client_id,
        "letters": [_ordered(each) for each in letters],
    }
    child, seconds = await _start(), LETTER_SECONDS
    try:
        assert child.stdin is not None
        child.stdin.write(json.dumps(order).encode())
        child.stdin.close()
        while said := await _line(child, seconds):
            if "readers" in said:
                seconds = sender.letter_seconds + patience(int(said["readers"]))
            yield Outcome(str(said.get("error", "")), str(said.get("missed", "")), tuple(said.get("had", ())))
        while True:
            yield Outcome("the sending process ended before it was sent")
    except TimeoutError:
        while True:
            yield Outcome(f"it was not taken within {seconds:g} seconds")
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _ordered(letter: Letter) -> dict[str, Any]:
    """A letter as the child is given it."""
    ordered: dict[str, Any] = {name: getattr(letter, name) for name in ("key", "title", "text", "severity", "had")}
    enclosed = {} if letter.enclosed is None else {"enclosed": letter.enclosed.as_json()}
    return {**ordered, "at": letter.at.isoformat(), **enclosed}


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        COURIER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )


async def _line(child: asyncio.subprocess.Process, seconds: float) -> dict[str, Any]:
    """The child's next answer, empty at its end; raises `TimeoutError`."""
    assert child.stdout is not None
    async with asyncio.timeout(seconds):
        line = await child.stdout.readline()
    answer: dict[str, Any] = json.loads(line) if line else {}
    return answer
