"""Send one call to the provider: admitted, within the budget, with the right token, recorded, its failure typed."""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freehold.kernel import logs
from freehold.kernel.clock import Clock
from freehold.kernel.database import Database, WriteSession
from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.replies import ApiReply
from freehold.node.governor import ledger
from freehold.node.governor.admission import Admitted, admit, refuse_writes
from freehold.node.governor.approved import ApprovedWrite
from freehold.node.governor.budget import (
    Bucket,
    Decision,
    Priority,
    Rivalry,
    charged,
    claimed,
    decide,
    eased,
)
from freehold.node.governor.learning import Asked, lessons_of, teach
from freehold.node.governor.limits import Demand, alike, charges_of, demands_of, share_key
from freehold.node.governor.waiting import Places, Queues
from freehold.node.governor.wording import wait_told
from freehold.node.settings import NodeSettings
from freehold.node.vault import Vault
from freehold.providers.calls import (
    JSON,
    ApiCall,
    ProviderError,
    Rejected,
    Throttled,
    TokenRevoked,
    Unavailable,
)
from freehold.providers.meta import graph

log = logs.get(__name__)

TRIES = 3
BACKOFF_SECONDS = 0.5
CLAIM = timedelta(minutes=2)
"""How long beyond the time that it was told, or since it was last served, an account is believed to want room."""

_ID = re.compile(r"(?<=/)(?:act_)?\d[\d_]*(?=/|$)")


@dataclass(frozen=True, repr=False)
class _Ticket:
    """Leave to send one call: with whose token, as how many calls, and what it was decided by."""

    credential_id: str
    token: str
    proof: str | None
    cost: int
    asked: Asked


@dataclass(frozen=True)
class _Caller:
    """How urgent a call is, until when it may wait, and the run that it is made for."""

    priority: Priority
    until: datetime
    run_id: str | None


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
        self._places = Places(settings.concurrent_calls)
        self._queues = Queues()

    async def send(
        self,
        call: ApiCall,
        priority: Priority = Priority.SCHEDULED,
        *,
        patience: float = 0.0,
        run_id: str | None = None,
        approved: ApprovedWrite | None = None,
    ) -> JSON:
        """The provider's answer to `call`, which is written down as made for the run `run_id`.

        A call that changes something needs `approved`, which only spending makes.

        Raises `Throttled` when the budget or the provider asks to wait more than `patience` seconds in all;
        `TokenRevoked` when the person has to connect again (the credential is then marked so); `Rejected` when the
        call is wrong, writes without leave, or is about something that is not this client's; `Unavailable` after three
        tries, after the only one of a write that may not be repeated, or once a try of a write may have arrived.
        """
        refuse_writes(call, approved)
        most = TRIES if approved is None or approved.repeatable else 1
        caller = _Caller(priority, self._clock.now() + timedelta(seconds=patience), run_id)
        tries = 0
        while True:
            try:
                return await self._once(call, caller, retry=tries > 0)
            except Unavailable:
                tries += 1
                if tries >= most:
                    raise
                await self._sleep(BACKOFF_SECONDS * 2 ** (tries - 1) * (0.5 + self._chance.random()))
            except (Rejected, Throttled, TokenRevoked) as error:
                if isinstance(error, Throttled) and error.code is not None and error.retry_after <= self._left(caller):
                    continue
                if tries and approved is not None:
                    raise Unavailable(f"an earlier try may have arrived, and then: {error.message}") from error
                raise

    async def pause(self, seconds: float) -> None:
        """Let time pass as between two tries: for what a provider needs time to prepare."""
        await self._sleep(seconds)

    async def _once(self, call: ApiCall, caller: _Caller, *, retry: bool) -> JSON:
        """Wait for the budget, holding no place; then send, holding one."""
        kind = (caller.priority, *alike(call))
        queued = paced = False
        async with contextlib.AsyncExitStack() as turn:
            while True:
                behind = not queued and self._queues.occupied(kind) and self._left(caller) > 0
                if behind:
                    queued = True
                    await turn.enter_async_context(self._queues.head(kind, self._left(caller)))
                async with self._places.taken(caller.priority):
                    leave = await self._reserve(call, caller.priority, paced=paced)
                    if isinstance(leave, _Ticket):
                        await turn.aclose()
                        return await self._sent(call, caller, leave, retry=retry)
                if leave.wait > self._left(caller):
                    raise self._refusal(leave)
                if leave.wait > 0 and not queued and not self._queues.occupied(kind):
                    queued = True
                    await turn.enter_async_context(self._queues.head(kind, self._left(caller)))
                if leave.wait == 0 or queued:
                    await self._sleep(leave.wait or leave.pace)
                    paced = leave.wait == 0

    def _left(self, caller: _Caller) -> float:
        """Seconds that the caller will still wait."""
        return (caller.until - self._clock.now()).total_seconds()

    def _refusal(self, decision: Decision) -> Throttled:
        message = wait_told(decision, self._clock.now())
        return Throttled(message, retry_after=decision.wait, bucket=decision.bucket)

    async def _reserve(self, call: ApiCall, priority: Priority, *, paced: bool) -> _Ticket | Decision:
        """Admit the call and count it before it is sent; what is counted stays counted, whatever comes of it."""
        while True:
            async with self._database.writing() as session:
                admitted = await admit(session, self._vault, call)
                person = admitted.credential.meta_user_id
                demands = demands_of(call, admitted.kind, person)
                owners = {demand.key: _owner(demand, person) for demand in demands}
                held = await ledger.lock_buckets(session, owners, self._clock.now(), rivals_for=person)
                absent = [owners[each.key] for each in demands if each.cost and each.key not in held.buckets]
                if not absent:
                    return await self._decided(session, call, admitted, priority, demands, held, paced=paced)
            await self._make(absent)

    async def _decided(
        self,
        session: WriteSession,
        call: ApiCall,
        admitted: Admitted,
        priority: Priority,
        demands: Sequence[Demand],
        held: ledger.Held,
        *,
        paced: bool,
    ) -> _Ticket | Decision:
        # The time is read after others that held the buckets are done: a call counts from when it is sent.
        now, person = self._clock.now(), admitted.credential.meta_user_id
        charges = charges_of(demands, held.buckets, self._settings, admitted.people)
        share = held.buckets.get(share_key(call.asset_id)) if call.asset_id is not None else None
        decision = decide(charges, priority, now, None if share is None else Rivalry(share, held.rivals))
        if decision.wait > 0:
            await _claim(session, share, decision, priority, person, now)
            return decision
        if decision.pace > 0 and not paced:
            return decision
        tokens = self._vault.opened(admitted.credential.row)
        token = tokens.token(call.token)
        if token is None:
            raise TokenRevoked(f"the node holds no token for {call.token}; have the client connect again")
        after = {charge.limit.key: charged(charge, now) for charge in charges if charge.cost}
        if share is not None:
            after[share.key] = eased(after[share.key], now + CLAIM)
        owners = {demand.key: _owner(demand, person) for demand in demands}
        await ledger.save_buckets(session, [(owners[key], bucket) for key, bucket in after.items()], now)
        asked = Asked(person, owners.keys(), held.buckets | after)
        return _Ticket(tokens.credential_id, token, tokens.proofs.get(call.token), demands[0].cost, asked)

    async def _make(self, owners: Sequence[ledger.Owner]) -> None:
        """Make buckets in a transaction that holds nothing else, so that no two can wait for each other."""
        if owners:
            async with self._database.writing() as session:
                await ledger.make_buckets(session, owners, self._clock.now())

    async def _sent(self, call: ApiCall, caller: _Caller, ticket: _Ticket, *, retry: bool) -> JSON:
        """Send the call and write down what came of it, also when nobody waits for its answer any more."""
        started = time.perf_counter()
        reply: ApiReply | None = None
        error: ProviderError | None = Unavailable("nobody waited for the answer")
        try:
            reply, answer, error = await self._exchange(call, ticket)
        finally:
            record = self._record(call, caller, ticket, reply, error, time.perf_counter() - started, retry=retry)
            await _to_its_end(self._settle(call, ticket, reply, error, record))
        if error is not None:
            log.warning("governor.call_failed", path=record.path, outcome=record.outcome, code=record.code)
            raise error
        return answer

    def _record(
        self,
        call: ApiCall,
        caller: _Caller,
        ticket: _Ticket,
        reply: ApiReply | None,
        error: ProviderError | None,
        took: float,
        *,
        retry: bool,
    ) -> ledger.CallRecord:
        return ledger.CallRecord(
            at=self._clock.now(),
            credential_id=ticket.credential_id,
            asset_id=call.asset_id,
            method=call.method,
            path=_ID.sub("{id}", call.path),
            parts=ticket.cost,
            priority=caller.priority.name.lower(),
            outcome=_outcome(error),
            status=None if reply is None else reply.status,
            code=None if error is None else error.code,
            subcode=None if error is None else error.subcode,
            duration_ms=round(took * 1000, 2),
            bytes=0 if reply is None else len(reply.body),
            retry=retry,
            run_id=caller.run_id,
        )

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
                query=params if call.method != "POST" else None,
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
        lessons = lessons_of(call, ticket.asked, reply, error, self._clock.now())
        await self._make([each.owner for each in lessons if each.owner.key not in ticket.asked.known])
        async with self._database.writing() as session:
            await ledger.record_call(session, record)
            await teach(session, lessons, self._clock.now())
            if isinstance(error, TokenRevoked):
                await self._end(session, call, ticket)

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


async def _claim(
    session: WriteSession, share: Bucket | None, decision: Decision, priority: Priority, person: str, now: datetime
) -> None:
    """Write down that an asset waits for room in the ceiling, so that the others leave it its part."""
    if share is None or decision.reason not in {"ceiling", "share"} or not decision.bucket.startswith("person:"):
        return
    until = now + timedelta(seconds=decision.wait) + CLAIM
    after = claimed(share, priority, until, now)
    if after != share:
        owner = ledger.Owner(share.key, share.key.partition(":")[2], person)
        await ledger.save_buckets(session, [(owner, after)], now)


def _owner(demand: Demand, person: str) -> ledger.Owner:
    shared = demand.asset_id is not None and demand.key == share_key(demand.asset_id)
    return ledger.Owner(demand.key, demand.asset_id, person if shared else None)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Do work whole, also when whoever waits for it is stopped meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _outcome(error: ProviderError | None) -> str:
    if error is None:
        return "ok"
    names: dict[type[ProviderError], str] = {
        Throttled: "throttled",
        TokenRevoked: "revoked",
        Unavailable: "unavailable",
    }
    return names.get(type(error), "rejected")
