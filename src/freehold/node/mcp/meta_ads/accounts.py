"""The client's ad accounts."""

from pydantic import BaseModel, Field

from freehold.node.assets import ConnectedAsset
from freehold.node.mcp import assets
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads.arguments import AccountId, After, Limit
from freehold.node.mcp.meta_ads.reading import account_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.providers.meta import ads, graph
from freehold.providers.meta.money import written

STATUSES = {
    1: "active", 2: "disabled", 3: "unsettled", 7: "pending_risk_review", 8: "pending_settlement", 9: "in_grace_period",
    100: "pending_closure", 101: "closed",
}  # fmt: skip
"""Meta's `account_status` in words."""


class AccountsAsked(Arguments):
    """How many accounts are wanted."""

    user_id: str = Field(default="me", max_length=64, description="accepted for compatibility; always this client")
    limit: Limit = 100
    after: After = None


class Account(BaseModel):
    """An ad account of the client's."""

    id: str
    name: UntrustedText | None
    currency: str | None
    timezone: str | None


class Accounts(Answer):
    """The accounts that this key may ask about."""

    accounts: list[Account]
    next_cursor: str | None = None


class AccountAsked(Arguments):
    """Which account is meant."""

    account_id: AccountId = None
    fields: str | list[str] = Field(default="", max_length=2_000, description="accepted for compatibility")


class AccountInfo(Answer):
    """An account as Meta has it now; amounts in minor units of `currency`, and in words."""

    account_id: str
    name: UntrustedText | None
    currency: str
    timezone: str
    status: str
    disable_reason: int
    amount_spent_minor: int
    amount_spent: str
    spend_cap_minor: int | None
    balance_minor: int
    balance: str


async def get_ad_accounts(call: Call, asked: AccountsAsked) -> Accounts:
    """The client's ad accounts. Begin here: other tools take one of these ids as account_id."""
    place = place_of(call, asked.after)
    usable = sorted(await assets.usable(call, "ad_account"), key=_key)
    rest = [each for each in usable if not place or _key(each) > (place["name"], place["id"])]
    found = rest[: asked.limit]
    more = {"name": found[-1].name, "id": found[-1].asset_id} if len(rest) > asked.limit else None
    accounts = [
        Account(id=each.asset_id, name=words(each.name), currency=each.currency, timezone=each.timezone)
        for each in found
    ]
    return Accounts(
        source="stored", as_of=call.now(), accounts=accounts, next_cursor=cursor(call, more) if more else None
    )


def _key(asset: ConnectedAsset) -> tuple[str, str]:
    """By what the list of accounts is ordered."""
    return asset.name, asset.asset_id


async def get_account_info(call: Call, asked: AccountAsked) -> AccountInfo:
    """An ad account's status, currency, time zone, amount spent, spend cap and balance, now."""
    asset = await account_of(call, asked.account_id)
    answer = await call.send(ads.account_call(call.version, asset.asset_id))
    account = graph.understood(ads.read_account, answer)
    return AccountInfo(
        source="live",
        as_of=call.now(),
        account_id=asset.asset_id,
        name=words(account.name),
        currency=account.currency,
        timezone=account.timezone,
        status=STATUSES.get(account.status, str(account.status)),
        disable_reason=account.disable_reason,
        amount_spent_minor=account.amount_spent_minor,
        amount_spent=written(account.amount_spent_minor, account.currency),
        spend_cap_minor=account.spend_cap_minor,
        balance_minor=account.balance_minor,
        balance=written(account.balance_minor, account.currency),
    )
