"""The HTTP client: no redirects, no proxies, no cookies; only allowed addresses; bodies and times limited.

No error of the library crosses this boundary: every failure is an `UnreachableError`.
"""

import asyncio
import ssl
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractCookieJar, AbstractResolver

from freehold.kernel.addresses import AddressPolicy, AddressRefusedError
from freehold.kernel.replies import ApiReply

CONNECT_SECONDS = 10.0
_CHUNK = 64 * 1024


class UnreachableError(Exception):
    """No usable answer came; `reason` is a stable word: refused, timeout, too_large, connection."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class HttpClient:
    """One pool of at most `concurrent` connections for the whole process, whose answers hold at most `max_body` bytes.

    Names are resolved anew after `remember_names` seconds. `tls` says whom to trust, and which certificate to show to
    servers that ask for one; without it, whom the machine trusts, and none.
    """

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        concurrent: int,
        max_body: int,
        resolver: AbstractResolver | None = None,
        remember_names: int = 60,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy, self._max_body = policy, max_body
        self._concurrent = concurrent
        self._resolver, self._remember_names = resolver, remember_names
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109 - the library's own time-out covers reading the body too
        max_body: int | None = None,
    ) -> ApiReply:
        """Send one request and read the whole answer, of any status; raises `UnreachableError`."""
        try:
            self._policy.check_url(url)
            async with self._open().request(
                method,
                url,
                headers=headers,
                params=query,
                data=form if body is None else body,
                json=json,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_SECONDS),
            ) as answer:
                content = await _read(answer, max_body or self._max_body)
                lowered = {name.lower(): value for name, value in answer.headers.items()}
                return ApiReply(status=answer.status, headers=lowered, body=content)
        except AddressRefusedError as error:
            raise UnreachableError("refused", f"this address may not be reached: {error.reason}") from error
        except TimeoutError as error:
            raise UnreachableError("timeout", "no answer came in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(error) from error

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)

    def _open(self) -> aiohttp.ClientSession:
        """The session, made inside the running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._concurrent,
                socket_factory=self._policy.socket_factory,
                resolver=self._resolver,
                use_dns_cache=self._remember_names > 0,
                ttl_dns_cache=self._remember_names or None,
                ssl=self._tls or True,
            )
            jar: AbstractCookieJar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=jar)
        return self._session


async def _read(answer: aiohttp.ClientResponse, max_body: int) -> bytes:
    parts, size = [], 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > max_body:
            raise UnreachableError("too_large", f"the answer is larger than {max_body} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _unreachable(error: Exception) -> UnreachableError:
    """A refusal of the socket factory arrives wrapped in the library's own error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefusedError):
            return UnreachableError("refused", f"this address may not be reached: {cause.reason}")
        cause = cause.__cause__ or cause.__context__
    return UnreachableError("connection", f"the connection failed ({type(error).__name__})")
