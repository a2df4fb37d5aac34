"""Send one call to the provider: admitted, within the budget, with the right token, recorded, its failure typed."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from freehold.kernel import logs
from freehold.kernel.clock import Clock
from freehold.kernel.database import Database, WriteSession
from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.replies import ApiReply
from freehold.node.governor import ledger
from freehold.node.governor.admission import admit, refuse_writes
from freehold.node.governor.budget import Priority, charge, decide, shut, told, weight
from freehold.node.settings import NodeSettings
from freehold.node.vault import Vault
from freehold.providers.calls import (
    JSON,
    ApiCall,
    ProviderError,
    Throttled,
    TokenRevoked,
    Unavailable,
)
from freehold.providers.meta import graph

log = logs.get(__name__)

TRIES = 3
BACKOFF_SECONDS = 0.5
NODE_BUCKET = "node"
PLATFORM_BUCKET = "usage:platform"
PLATFORM = frozenset({"app", "platform"})
"""Systems whose limit is the whole app's, not one asset's."""
PERSONAL = frozenset({"user"})
"""Systems whose limit is that of the person whose token was used, for all their assets together."""

_ID = re.compile(r"(?<=/)(?:act_)?\d[\d_]*(?=/|$)")


@dataclass(frozen=True, repr=False)
class _Ticket:
    """Leave to send one call: with whose token, counted in which bucket, after how many seconds."""

    credential_id: str
    person: str
    token: str
    proof: str | None
    cost: int
    pace: float


class Governor:
    """Everything that goes to a provider goes through `send`."""

    def __init__(
        self,
        settings: NodeSettings,
        database: Database,
        vault: Vault,
        http: HttpClient,
        clock: Clock,
        *,
        chance: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings, self._database, self._vault, self._http, self._clock = settings, database, vault, http, clock
        self._chance = chance or random.Random()  # noqa: S311 - spreads retries, decides nothing
        self._sleep = sleep
        self._slots = asyncio.Semaphore(settings.concurrent_calls)

    async def send(
        self,
        call: ApiCall,
        priority: Priority = Priority.SCHEDULED,
        *,
        patience: float = 0.0,
        run_id: str | None = None,
    ) -> JSON:
        """The provider's answer to `call`, which is written down as made for the run `run_id`.

        Raises `Throttled` when the budget or the provider asks to wait more than `patience` seconds in all;
        `TokenRevoked` when the person has to connect again (the credential is then marked so); `Rejected` when the
        call is wrong, writes, or is about something that is not this client's; `Unavailable` after three tries.
        """
        refuse_writes(call)
        tries = 0
        while True:
            try:
                return await self._once(call, priority, run_id, retry=tries > 0)
            except Unavailable:
                tries += 1
                if tries >= TRIES:
                    raise
                await self._sleep(BACKOFF_SECONDS * 2 ** (tries - 1) * (0.5 + self._chance.random()))
            except Throttled as error:
                if error.retry_after > patience:
                    raise
                patience -= error.retry_after
                await self._sleep(error.retry_after)

    async def spent(self) -> int:
        """Calls sent so far, each part of a batch counted."""
        async with self._database.reading() as session:
            return await ledger.calls_spent(session)

    async def _once(self, call: ApiCall, priority: Priority, run_id: str | None, *, retry: bool) -> JSON:
        async with self._slots:
            ticket = await self._reserve(call, priority)
            if ticket.pace > 0:
                await self._sleep(ticket.pace)
            started = time.perf_counter()
            reply, answer, error = await self._exchange(call, ticket)
            record = ledger.CallRecord(
                at=self._clock.now(),
                credential_id=ticket.credential_id,
                asset_id=call.asset_id,
                method=call.method,
                path=_ID.sub("{id}", call.path),
                parts=ticket.cost,
                priority=priority.name.lower(),
                outcome=_outcome(error),
                status=None if reply is None else reply.status,
                code=None if error is None else error.code,
                subcode=None if error is None else error.subcode,
                duration_ms=round((time.perf_counter() - started) * 1000, 2),
                bytes=0 if reply is None else len(reply.body),
                retry=retry,
                run_id=run_id,
            )
            await self._settle(call, ticket, reply, error, record)
        if error is not None:
            log.warning("governor.call_failed", path=record.path, outcome=record.outcome, code=record.code)
            raise error
        return answer

    async def _reserve(self, call: ApiCall, priority: Priority) -> _Ticket:
        """Admit the call and count it before it is sent; what is counted stays counted, whatever comes of it."""
        now, cost = self._clock.now(), weight(call.params)
        async with self._database.writing() as session:
            admitted = await admit(session, call)
            person = f"person:{admitted.credential.meta_user_id}"
            ceilings = {
                person: self._settings.ceiling_per_hour,
                NODE_BUCKET: self._settings.app_share_per_user * admitted.people,
            }
            buckets = await ledger.lock_buckets(
                session, dict.fromkeys([*ceilings, PLATFORM_BUCKET]), call.asset_id, now
            )
            decision = decide(list(buckets.values()), ceilings, cost, priority, now)
            if decision.wait > 0:
                raise Throttled(
                    f"the budget of {decision.bucket} is used up for now",
                    retry_after=decision.wait,
                    bucket=decision.bucket,
                )
            tokens = await self._vault.tokens(session, admitted.credential.id)
            token = None if tokens is None else tokens.token(call.token)
            if tokens is None or token is None:
                raise TokenRevoked(f"the node holds no token for {call.token}; have the client connect again")
            await ledger.save_buckets(session, [charge(buckets[key], cost, now) for key in ceilings], now)
        return _Ticket(tokens.credential_id, person, token, tokens.proofs.get(call.token), cost, decision.pace)

    async def _exchange(self, call: ApiCall, ticket: _Ticket) -> tuple[ApiReply | None, JSON, ProviderError | None]:
        """Send and parse: the reply where one came, and either an answer or the typed failure."""
        params = dict(call.params)
        if ticket.proof is not None:
            params["appsecret_proof"] = ticket.proof
        try:
            reply = await self._http.request(
                call.method,
                self._settings.graph_url + call.path,
                headers={"Authorization": f"Bearer {ticket.token}"},
                query=params if call.method == "GET" else None,
                form=params if call.method == "POST" else None,
                timeout=self._settings.provider_timeout,
            )
        except UnreachableError as error:
            return None, {}, Unavailable(f"the provider could not be reached: {error}")
        try:
            return reply, graph.parse(call, reply), None
        except ProviderError as error:
            for secret in filter(None, (ticket.token, ticket.proof)):
                error.message = error.message.replace(secret, logs.REDACTED)
            error.args = (error.message,)
            return reply, {}, error

    async def _settle(
        self,
        call: ApiCall,
        ticket: _Ticket,
        reply: ApiReply | None,
        error: ProviderError | None,
        record: ledger.CallRecord,
    ) -> None:
        """Write down the call, what its headers told of the limits, and what its failure means."""
        async with self._database.writing() as session:
            await ledger.record_call(session, record)
            await self._learn(session, call, ticket, reply, error)
            if isinstance(error, TokenRevoked):
                await self._end(session, call, ticket)

    async def _learn(
        self, session: WriteSession, call: ApiCall, ticket: _Ticket, reply: ApiReply | None, error: ProviderError | None
    ) -> None:
        """Fill the buckets with what the headers told, and shut the one that a throttle names."""
        now = self._clock.now()
        usages = [] if reply is None else graph.usage(reply.headers)
        shut_for = [(error.bucket, error.retry_after)] if isinstance(error, Throttled) else []
        systems = [*(item.system for item in usages), *(system for system, _ in shut_for)]
        owners = dict(_usage_bucket(system, call, ticket) for system in systems)
        if not owners:
            return
        held = await ledger.lock_buckets(session, owners, None, now)
        highest: dict[str, float] = {}
        for item in usages:
            key, _ = _usage_bucket(item.system, call, ticket)
            highest[key] = max(item.percent, highest.get(key, 0.0))
            held[key] = told(held[key], highest[key], item.regain_seconds, now)
        for system, seconds in shut_for:
            key, _ = _usage_bucket(system, call, ticket)
            held[key] = shut(held[key], seconds, now)
        await ledger.save_buckets(session, held.values(), now)

    async def _end(self, session: WriteSession, call: ApiCall, ticket: _Ticket) -> None:
        """The provider refuses the token: erase a page's alone, the person's with all that hangs on it.

        Not when another token has taken its place while the call was on its way.
        """
        held = await self._vault.tokens(session, ticket.credential_id)
        if held is None or held.token(call.token) != ticket.token:
            return
        if call.token == "user":  # noqa: S105 - which token, not a token
            await self._vault.revoke(session, ticket.credential_id, "refused_by_provider")
            log.warning("credential.revoked", credential_id=ticket.credential_id, reason="refused_by_provider")
        else:
            await self._vault.forget_page(session, ticket.credential_id, call.token)
            log.warning("credential.page_lost", credential_id=ticket.credential_id, page_id=call.token)


def _usage_bucket(system: str, call: ApiCall, ticket: _Ticket) -> tuple[str, str | None]:
    """The bucket for what the provider told of `system`, and the asset whose calls alone fill it."""
    if system in PLATFORM:
        return PLATFORM_BUCKET, None
    if system in PERSONAL or call.asset_id is None:
        return ticket.person, None
    return f"usage:{system or 'throttle'}:{call.asset_id}", call.asset_id


def _outcome(error: ProviderError | None) -> str:
    if error is None:
        return "ok"
    names: dict[type[ProviderError], str] = {
        Throttled: "throttled",
        TokenRevoked: "revoked",
        Unavailable: "unavailable",
    }
    return names.get(type(error), "rejected")
