"""Limits on how often our own endpoints may be called, per address or key.

Counted in this process's memory, or in Redis where several replicas share the counts.
"""

import ipaddress
import time
from typing import Any

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from freehold.kernel.problems import Problem

REDIS_TIMEOUT = 2.0


class RateLimits:
    """Counts hits; `redis_url` shares the counts between replicas, None keeps them in memory."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._storage = _storage(redis_url)
        self._unreachable = _unreachable(self._storage)
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._rules: dict[str, RateLimitItem] = {}

    async def hit(self, scope: str, key: str, rule: str) -> None:
        """Count one call by `key` under `rule` ("60/minute"); raises `Problem` 429 when that is one too many.

        An IPv6 address counts as its network of 64 bits: whoever has one address there has all of them.

        Raises `Problem` 503 (`redis_unavailable`) when the counts cannot be reached: a limit fails closed.
        """
        key = _counted(key)
        item = self._rules.get(rule) or self._rules.setdefault(rule, parse(rule))
        try:
            if await self._limiter.hit(item, scope, key):
                return
            reset = (await self._limiter.get_window_stats(item, scope, key)).reset_time
        except self._unreachable as error:
            raise redis_unavailable(error) from error
        raise Problem(
            429,
            "too_many_requests",
            "Too many requests came from here in a short time.",
            "Wait for as many seconds as Retry-After says, then try again.",
            retry_after=max(1.0, reset - time.time()),
        )

    async def close(self) -> None:
        """Let go of the connections to Redis."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge
            await bridge.storage.aclose()


def redis_unavailable(error: Exception) -> Problem:
    """The answer while Redis cannot be reached, because of `error`, which is Redis's own or an `OSError`."""
    return Problem(
        503,
        "redis_unavailable",
        "Redis cannot be reached, so one-time state and limits cannot be checked.",
        "Nothing was lost. Try again in a few seconds; the operator finds the cause at /ready.",
        retry_after=5,
        advice=_redis_advice(error),
    )


def _redis_advice(error: Exception) -> str:
    """What the operator reads; the library's errors are told apart by their names, so that it need not be loaded."""
    kind = type(error).__name__
    if kind == "AuthenticationError" or "NOAUTH" in str(error) or "WRONGPASS" in str(error):
        return "Redis refuses the password; correct it in FREEHOLD_BROKER_REDIS_URL"
    if kind in {"ReadOnlyError", "OutOfMemoryError", "BusyLoadingError"}:
        return f"Redis does not take what is written to it ({kind}); look into its log"
    return "Redis cannot be reached; start it, or correct its address in FREEHOLD_BROKER_REDIS_URL"


def _unreachable(storage: Storage) -> tuple[type[Exception], ...]:
    """The errors of `storage` that mean that its counts cannot be reached.

    They are asked of the storage, so that Redis's library is loaded only where the counts are in Redis.
    """
    if not isinstance(storage, RedisStorage):
        return ()
    errors = storage.base_exceptions
    return (*(errors if isinstance(errors, tuple) else (errors,)), OSError)


def _counted(key: str) -> str:
    """The key under which a call is counted."""
    if ":" not in key:
        return key
    try:
        address = ipaddress.IPv6Address(key.partition("%")[0])
    except ValueError:
        return key
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.IPv6Network((address, 64), strict=False))


def _storage(redis_url: str | None) -> Storage:
    if redis_url is None:
        return MemoryStorage()
    return RedisStorage(
        f"async+{redis_url}",
        implementation="redispy",
        key_prefix="freehold:limits",
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
    )
