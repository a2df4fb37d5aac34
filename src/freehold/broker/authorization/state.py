"""One-time state: 256 random bits that travel encrypted, and a record that one atomic operation takes away.

The record is kept under the SHA-256 of the handle and is encrypted, so that neither Redis nor the database holds
anything with which a flow could be completed.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError

from freehold.broker.authorization import queries
from freehold.broker.context import Broker
from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import WriteSession
from freehold.kernel.problems import Problem
from freehold.kernel.rate_limits import redis_unavailable

LIFETIME = timedelta(minutes=10)
COOKIE_PREFIX = "__Host-fh-"
_CONTEXT = "oauth_state"


@dataclass(frozen=True, repr=False)
class StateRecord:
    """What the broker remembers of a flow that went to the provider."""

    provider: str
    client_id: str
    flow_id: str
    verifier: str | None
    cookie_digest: str
    link: str | None
    link_id: str | None
    created: float


@dataclass(frozen=True, repr=False)
class Travelling:
    """What came back in `state`, decrypted: authentic, and perhaps too late or used before."""

    handle: str
    flow_id: str
    client_id: str
    created: float


@dataclass(frozen=True, repr=False)
class NewState:
    """A flow that begins: what goes into the URL, and the cookie that binds it to the browser."""

    text: str
    flow_id: str
    cookie: str


def cookie_name(flow_id: str) -> str:
    """The name of a flow's cookie; each has its own, so that two tabs do not disturb each other."""
    return COOKIE_PREFIX + flow_id[:8]


async def begin(
    broker: Broker,
    session: WriteSession,
    *,
    provider: str,
    client_id: str,
    verifier: str | None,
    link: str | None,
    link_id: str | None,
) -> NewState:
    """Remember a new flow for ten minutes; raises `Problem` 503 when the store is away.

    Without Redis it is remembered when the transaction of `session` is committed.
    """
    handle, cookie, flow_id = secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_hex(16)
    created = broker.clock.now().timestamp()
    record = StateRecord(
        provider=provider,
        client_id=client_id,
        flow_id=flow_id,
        verifier=verifier,
        cookie_digest=crypto.digest(cookie),
        link=link,
        link_id=link_id,
        created=created,
    )
    digest = crypto.digest(handle)
    sealed = broker.keys.keyring.encrypt(json.dumps(asdict(record)).encode(), f"{_CONTEXT}.record|{digest}")
    await _store(broker, session, digest, sealed)
    travelling = json.dumps([handle, flow_id, client_id, created]).encode()
    text = broker.keys.keyring.encrypt(travelling, f"{_CONTEXT}|{provider}")
    return NewState(text=text, flow_id=flow_id, cookie=cookie)


def read(broker: Broker, text: str, provider: str) -> Travelling:
    """Decrypt what came back; raises `Problem` 400 when it is not ours, was altered, or belongs to another provider."""
    try:
        handle, flow_id, client_id, created = json.loads(broker.keys.keyring.decrypt(text, f"{_CONTEXT}|{provider}"))
    except (InvalidCiphertextError, ValueError) as error:
        raise Problem(
            400,
            "state_invalid",
            "This answer does not belong to a connection that was started here.",
            "Start again from the link that you were given.",
        ) from error
    return Travelling(handle, flow_id, client_id, created)


async def take(broker: Broker, travelling: Travelling) -> StateRecord:
    """The record of a flow, exactly once; raises `Problem` 400 when it expired or was taken before, 503."""
    digest = crypto.digest(travelling.handle)
    sealed = await _take(broker, digest)
    if broker.clock.now() - datetime.fromtimestamp(travelling.created, UTC) >= LIFETIME:
        raise Problem(
            400,
            "state_expired",
            "More than ten minutes passed between the start and Facebook's answer.",
            "Start again from the link that you were given, or ask for a new one.",
        )
    if sealed is None:
        raise Problem(
            400,
            "state_unknown",
            "This answer was used already; each works once.",
            "If you see this after going back or reloading, nothing is wrong. Otherwise start again.",
        )
    return StateRecord(**json.loads(broker.keys.keyring.decrypt(sealed, f"{_CONTEXT}.record|{digest}")))


async def _store(broker: Broker, session: WriteSession, digest: str, sealed: str) -> None:
    if broker.redis is not None:
        try:
            await broker.redis.set(_key(digest), sealed, ex=int(LIFETIME.total_seconds()), nx=True)
        except (RedisError, OSError) as error:
            raise redis_unavailable(error) from error
        return
    now = broker.clock.now()
    await queries.insert_state(session, digest, sealed, now + LIFETIME)
    await queries.delete_expired(session, now)


async def _take(broker: Broker, digest: str) -> str | None:
    if broker.redis is not None:
        try:
            found = await broker.redis.getdel(_key(digest))
        except (RedisError, OSError) as error:
            raise redis_unavailable(error) from error
        return found.decode() if isinstance(found, bytes) else found
    async with broker.database.writing() as session:
        return await queries.take_state(session, digest)


def _key(digest: str) -> str:
    return f"freehold:state:{digest}"
