"""The real Open WebUI, slim, installed by a hashed lock into a cache outside the clone; and a model by script."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from tests.stack import products
from tests.stack.npm import InstallError
from tests.stack.products import Program

from freehold.demo.processes import free_ports

LOCK = Path(__file__).parent / "locks" / "open_webui" / "requirements.lock"
NEWEST = (3, 12)
"""Open WebUI's packages are for Python 3.11 and 3.12."""
INSTALL_SECONDS = 900
EMAIL = "owner@example.com"
MODEL = "scripted-model"


def installed() -> Path:
    """The folder with Open WebUI's programs, installed now unless it was before; raises `InstallError`."""
    if sys.version_info[:2] > NEWEST:
        raise InstallError("Open WebUI needs Python 3.11 or 3.12")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "freehold" / "open_webui"
    target = cache / f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}-{sys.version_info[1]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (target / "whole").exists():  # an environment cannot be moved: it is made where it stays
            venv.create(target, with_pip=True, clear=True)
            _install(target)
            (target / "whole").touch()
    return target / "bin"


def _install(target: Path) -> None:
    python, quiet = target / "bin" / "python", ["--quiet", "--disable-pip-version-check"]
    exactly = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)]
    done = subprocess.run(
        [str(python), "-m", "pip", "install", *quiet, *exactly],
        check=False,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode:
        raise InstallError(f"pip could not install Open WebUI (it ended with {done.returncode})")


@dataclass(frozen=True)
class OpenWebUi:
    """A running Open WebUI, its administrator, and the secret with which it signs for whom it asks."""

    program: Program
    password: str = field(repr=False)
    identity_secret: str = field(repr=False)
    token: str = field(repr=False)
    """The administrator's session: Open WebUI lets nobody sign in more than a few times a minute."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.program.url


@contextlib.contextmanager
def open_webui(folder: Path) -> Iterator[OpenWebUi]:
    """Open WebUI as a machine of ours runs it, over SQLite, until the block ends. Raises `ProductError`."""
    programs, (port,) = installed(), free_ports(1)
    password, identity_secret = f"Fh1-{secrets.token_urlsafe(24)}", secrets.token_urlsafe(32)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **shipped(),
        "WEBUI_SECRET_KEY": secrets.token_urlsafe(32),
        "WEBUI_ADMIN_EMAIL": EMAIL,
        "WEBUI_ADMIN_PASSWORD": password,
        "WEBUI_ADMIN_NAME": "Owner",
        "WEBUI_NAME": "Northwind",
        "WEBUI_URL": url,
        "CORS_ALLOW_ORIGIN": url,
        "FORWARD_USER_INFO_HEADER_JWT_SECRET": identity_secret,
        "DATA_DIR": str(folder / "data"),
        "STATIC_DIR": str(folder / "static"),
        # Here it is reached without TLS.
        "WEBUI_SESSION_COOKIE_SECURE": "False",
        "WEBUI_AUTH_COOKIE_SECURE": "False",
    }
    (folder / "data").mkdir()
    arguments = [str(programs / "open-webui"), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with products.program(arguments, url=url, ready="/ready", folder=folder, environment=environment) as program:
        yield OpenWebUi(program, password, identity_secret, _signed_in(url, password))


def _signed_in(url: str, password: str) -> str:
    body = json.dumps({"email": EMAIL, "password": password}).encode()
    request = urllib.request.Request(f"{url}/api/v1/auths/signin", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        token: str = json.load(answer)["token"]
    return token


def shipped() -> dict[str, str]:
    """The settings that every machine gives its Open WebUI."""
    text = (files("freehold.node.bootstrap") / "templates" / "open-webui.env").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


Answer = dict[str, Any]
Script = Callable[[list[dict[str, Any]]], Answer]
"""From the messages so far to what the model says: {"content": …} or {"tool": …, "arguments": …}."""


@dataclass
class Model:
    """A server of one model that does what a script says, and keeps what it was asked."""

    script: Script
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def app(self) -> Starlette:
        """The server, as OpenAI's API is."""
        return Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
            ]
        )

    async def _models(self, _request: Request) -> JSONResponse:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "script"}]})

    async def _complete(self, request: Request) -> StreamingResponse | JSONResponse:
        body = await request.json()
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        answer = self.script(body["messages"])
        if not body.get("stream"):
            return JSONResponse({"id": "c1", "object": "chat.completion", "choices": [_whole(answer)]})
        return StreamingResponse(_pieces(answer), media_type="text/event-stream")


def _message(answer: Answer) -> dict[str, Any]:
    if "tool" not in answer:
        return {"role": "assistant", "content": answer["content"]}
    function = {"name": answer["tool"], "arguments": json.dumps(answer["arguments"])}
    call = {"index": 0, "id": f"call_{secrets.token_hex(4)}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _reason(answer: Answer) -> str:
    return "tool_calls" if "tool" in answer else "stop"


def _whole(answer: Answer) -> dict[str, Any]:
    return {"index": 0, "message": _message(answer), "finish_reason": _reason(answer)}


def _pieces(answer: Answer) -> Iterator[str]:
    for delta, reason in ((_message(answer), None), ({}, _reason(answer))):
        chunk = {"index": 0, "delta": delta, "finish_reason": reason}
        told = {"id": "c1", "object": "chat.completion.chunk", "model": MODEL, "choices": [chunk]}
        yield f"data: {json.dumps(told)}\n\n"
    yield "data: [DONE]\n\n"
