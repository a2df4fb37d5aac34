"""What every listener of ours puts around its application, and how several of them run in one process.

Around the application: a request id, one log line and one record for each request (path without query and without what
is sealed, so that no code, handle or link is written down), a limit on the body, the media types we read, security
headers, and a problem instead of a stack trace.
"""

import asyncio
import contextlib
import errno
import math
import secrets
import signal
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.kernel import logs
from freehold.kernel.problem_responses import problem_response
from freehold.kernel.problems import ExplainedError, Problem, unexpected
from freehold.kernel.request_record import RequestRecord

log = logs.get(__name__)

MAX_BODY = 256 * 1024
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
READABLE = frozenset({"application/json", "application/x-www-form-urlencoded", "multipart/form-data"})
GRACE_SECONDS = 10
BACKLOG = 2048


def set_caller(scope: Scope, caller: str) -> None:
    """Name the accepted caller of this request in its record."""
    scope["freehold.caller"] = caller


def set_tool(scope: Scope, tool: str) -> None:
    """Name the tool that this request calls in its record: one path may lead to many."""
    scope["freehold.tool"] = tool


def set_person(scope: Scope, person: str) -> None:
    """Name the person for whom the caller asks in this request's record."""
    scope["freehold.person"] = person


def client_address(scope: Mapping[str, object]) -> str:
    """The address that the request came from."""
    client = scope.get("client")
    return str(client[0]) if isinstance(client, tuple | list) else "unknown"


def wrap(
    app: ASGIApp, name: str, *, max_body: int = MAX_BODY, record: Callable[[RequestRecord], None] | None = None
) -> ASGIApp:
    """`app` with all that the module describes; `record` is called once for each request, after it."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        exchange, headers = _Exchange(name, scope, send), Headers(scope=scope)
        cause = logs.caused_by(headers.get(logs.REQUEST_ID_HEADER))
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id, listener=name, **cause):
            try:
                _check(headers, scope["method"], max_body)
                if "transfer-encoding" in headers:
                    receive = await _read_whole(receive, max_body)
                await app(scope, receive, exchange.send)
            except Exception as error:  # noqa: BLE001 - the last resort of a listener
                await exchange.fail(error, receive)
            finally:
                exchange.finish(record)

    return wrapped


class _Exchange:
    """One request on its way: adds the headers to its answer and writes it down when it is over."""

    def __init__(self, listener: str, scope: Scope, send: Send) -> None:
        self.request_id = secrets.token_hex(8)
        self._listener, self._scope, self._send = listener, scope, send
        self._status = 0
        self._started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            for key, value in SECURITY_HEADERS.items():
                headers.setdefault(key, value)
            headers[logs.REQUEST_ID_HEADER] = self.request_id
        await self._send(message)

    async def fail(self, error: Exception, receive: Receive) -> None:
        """Answer with a problem, unless an answer has begun; the log has the cause."""
        if isinstance(error, Problem):
            problem = error
        else:
            problem = unexpected()
            log.error("http.failed", error=type(error).__name__, frames=logs.frames(error))
        if not self._status:
            await problem_response(problem)(self._scope, receive, self.send)

    def finish(self, record: Callable[[RequestRecord], None] | None) -> None:
        done = RequestRecord(
            request_id=self.request_id,
            listener=self._listener,
            method=self._scope["method"],
            path=logs.redacted(self._scope["path"])[:200],
            status=self._status,
            duration_ms=round((time.perf_counter() - self._started) * 1000, 2),
            address=client_address(self._scope),
            caller=self._scope.get("freehold.caller"),
            tool=self._scope.get("freehold.tool"),
            person=self._scope.get("freehold.person"),
        )
        log.info(
            "http.answered",
            method=done.method,
            path=done.path,
            status=done.status,
            duration_ms=done.duration_ms,
            address=done.address,
            caller=done.caller,
        )
        if record is not None:
            record(done)


def _too_large(max_body: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {max_body} bytes.", "Send a smaller body.")


def _check(headers: Headers, method: str, max_body: int) -> None:
    """Refuse (`Problem`) a request before anyone reads its body."""
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise Problem(400, "bad_request", "Content-Length is not a number.", "Send the length of the body in bytes.")
    if int(length) > max_body:
        raise _too_large(max_body)
    has_body = int(length) > 0 or "transfer-encoding" in headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method in {"POST", "PUT", "PATCH"} and has_body and media_type not in READABLE:
        raise Problem(
            415,
            "unsupported_media_type",
            "The body is of a media type that this endpoint does not read.",
            "Send JSON with Content-Type: application/json, or a form where a form is described.",
        )


async def _read_whole(receive: Receive, max_body: int) -> Receive:
    """Read a body whose headers did not tell its length, at most `max_body` bytes, and hand it on in one piece."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > max_body:
            raise _too_large(max_body)
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return whole.pop() if whole else await receive()

    return read


@dataclass(frozen=True)
class Listener:
    """An application and where it listens; port 0 takes a free one. `setting` is what moves it elsewhere."""

    name: str
    app: ASGIApp
    host: str
    port: int
    setting: str = "the port"


class ListenError(ExplainedError):
    """An address and port cannot be had; the message says why, and what to do."""


class _Server(uvicorn.Server):
    """A server whose signals are handled once for the whole process, by `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.contextmanager
def claimed(listeners: Sequence[Listener]) -> Generator[list[socket.socket], None, None]:
    """Have the ports of all `listeners`, or raise `ListenError`: before anything else is begun that they belong to.

    Whoever connects before they are served waits.
    """
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_bind(listener)) for listener in listeners]


async def serve(
    listeners: Sequence[Listener],
    *,
    sockets: Sequence[socket.socket] | None = None,
    stop: asyncio.Event | None = None,
    ready: Callable[[dict[str, int]], None] | None = None,
    trusted_proxies: Sequence[str] = (),
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Run all `listeners` in this process until `stop` is set, or until SIGINT or SIGTERM when no `stop` is given.

    `sockets` are what `claimed` gave; without them the ports are claimed now, which may raise `ListenError`.
    `ready` is told the port of each listener by name, once all of them are served. `trusted_proxies` are the
    addresses whose X-Forwarded-For is believed. Requests that are under way at the end are given `grace_seconds`.
    """
    with claimed(listeners) if sockets is None else contextlib.nullcontext(sockets) as bound:
        servers = [_server(listener, trusted_proxies, grace_seconds) for listener in listeners]
        await _run(servers, listeners, bound, stop or _stop_on_signals(), ready)


async def _run(
    servers: Sequence[uvicorn.Server],
    listeners: Sequence[Listener],
    sockets: Sequence[socket.socket],
    stopping: asyncio.Event,
    ready: Callable[[dict[str, int]], None] | None,
) -> None:
    pairs = zip(servers, sockets, strict=True)
    tasks = [asyncio.create_task(server.serve([bound])) for server, bound in pairs]
    try:
        while not all(server.started for server in servers):
            if any(task.done() for task in tasks):
                raise RuntimeError("a listener did not start; the log line before this one says why")
            await asyncio.sleep(0.01)
        ports = {listener.name: bound.getsockname()[1] for listener, bound in zip(listeners, sockets, strict=True)}
        log.info("listener.ready", ports=ports)
        if ready is not None:
            ready(ports)
        await stopping.wait()
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)


def _bind(listener: Listener) -> socket.socket:
    """A socket that listens: only then does another program that would take the same port find it taken."""
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listener.host, listener.port))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise _refused(listener, error) from error
    return bound


def _refused(listener: Listener, error: OSError) -> ListenError:
    """Why a listener cannot have its address, in words."""
    where = f"port {listener.port} at {listener.host}"
    if error.errno == errno.EADDRINUSE:
        advice = (
            f"find that program with `ss -ltnp 'sport = :{listener.port}'` and stop it, or change {listener.setting}"
        )
        return ListenError(f"{where} is taken by another program; {advice}")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return ListenError(f"{where} may not be taken by this user; change {listener.setting} to 1024 or above")
    why = error.strerror or "it cannot be had"
    return ListenError(f"{where} cannot be listened at ({why}); the host has to be an address of this machine")


def _server(listener: Listener, trusted_proxies: Sequence[str], grace_seconds: float) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            listener.app,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="on",
            ws="none",
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            timeout_graceful_shutdown=math.ceil(grace_seconds),
        )
    )


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
