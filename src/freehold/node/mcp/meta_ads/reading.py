"""What the reading tools share: which account is meant, whose an object is, and Meta's lists page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset
from freehold.node.failures import asset_refused
from freehold.node.mcp import assets
from freehold.node.mcp.meta_ads import queries
from freehold.node.mcp.tool import Call
from freehold.node.store.ads import queries as stored_ads
from freehold.providers.calls import JSON, Rejected
from freehold.providers.meta import ad_objects, ads, graph

UNKNOWN = (100, 33)
"""Meta's code and subcode for what does not exist, or not for us."""


@dataclass(frozen=True)
class Owned:
    """An object as Meta has it, and the confirmed account that it is in."""

    account: ConnectedAsset
    answer: JSON


async def account_of(call: Call, account_id: str | None) -> ConnectedAsset:
    """The ad account that is meant; raises `Problem` as `assets.chosen` does."""
    return await assets.chosen(call, "ad_account", account_id)


async def read_object(call: Call, object_id: str, fields: Sequence[str]) -> Owned:
    """An object by its id, with `account_id` among its fields: it has to be in an account that the call may be about.

    A person's token often reaches accounts of other companies too, so what comes back is looked at before anybody sees
    it. Raises `Problem` 404 where no account has it, 403 where one of others has.
    """
    asked = ("account_id", *(field for field in fields if field != "account_id"))
    async with call.node.database.reading() as session:
        known = await queries.account_of_object(session, object_id)
        usable = await assets.usable_in(session, call, "ad_account")
    for account in _candidates(usable, known):
        try:
            answer = await call.send(ad_objects.object_call(call.version, account.asset_id, object_id, asked))
        except Rejected as error:
            if (error.code, error.subcode) != UNKNOWN:
                raise
            continue
        return Owned(assets.named(usable, f"act_{answer.get('account_id')}"), answer)
    raise unknown_object()


async def owner_of(call: Call, object_id: str) -> ConnectedAsset:
    """The confirmed account that an object is in, from the store where it knows; raises as `read_object` does."""
    async with call.node.database.reading() as session:
        known = await queries.account_of_object(session, object_id)
    return await account_of(call, known) if known else (await read_object(call, object_id, ("id",))).account


async def currency_of(call: Call, account: ConnectedAsset) -> str:
    """The currency of an account: as Meta told it when it was read, else as it was granted, else as Meta tells it now.

    Nothing is assumed: an amount without its currency may be a hundred times another one.
    """
    async with call.node.database.reading() as session:
        known = await currency_in(session, account)
    return known or (await _account(call, account)).currency


async def timezone_of(call: Call, account: ConnectedAsset) -> str:
    """The name of the zone that an account's days are of, by Meta's word where it was not granted with one."""
    return account.timezone or (await _account(call, account)).timezone


async def units_of(call: Call, account: ConnectedAsset) -> tuple[str, str]:
    """The currency and the time zone of an account."""
    return await currency_of(call, account), await timezone_of(call, account)


async def currency_in(session: ReadSession, account: ConnectedAsset) -> str:
    """What the node knows of it, within a session that is open already; empty where that is nothing."""
    return await stored_ads.currency(session, account.asset_id) or account.currency or ""


async def read_at(session: ReadSession, call: Call, account_id: str, metric: str, max_age: int) -> datetime | None:
    """When a list of an account was last read whole, if that is at most `max_age` minutes ago."""
    found = await queries.last_read(session, account_id, metric)
    fresh = found is not None and (call.now() - found).total_seconds() <= max_age * 60
    return found if fresh else None


def unknown_object() -> Problem:
    """The answer about an id that none of the client's accounts has."""
    return Problem(
        404,
        "object_unknown",
        "No account of this client has such an object.",
        "Take the id from one of the listing tools.",
    )


async def _account(call: Call, account: ConnectedAsset) -> ads.AdAccount:
    answer = await call.send(ads.account_call(call.version, account.asset_id))
    return graph.understood(ads.read_account, answer)


def _candidates(usable: Sequence[ConnectedAsset], known: str | None) -> list[ConnectedAsset]:
    """The accounts in whose name an object is asked for: its own where the store knows it, else one for each grant."""
    if known:
        return [assets.named(usable, known)]
    if not usable:
        raise asset_refused()
    return list({each.credential_id: each for each in usable}.values())
