"""Which ad accounts a caller may see, the plan of each, and the written state of this surface."""

from datetime import datetime
from functools import lru_cache

from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world.ads_overlay import AdsLimits, AdsWrites
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.ads_visible import local_day
from freehold.sandbox.meta.world.people import AdAccount, World

READ_SCOPES = frozenset({"ads_read", "ads_management"})


def written(call: Call) -> AdsWrites:
    """The mutable state of the ads surface in this sandbox."""
    limits = AdsLimits(async_seconds=call.sandbox.settings.ads_report_seconds)
    state = call.sandbox.writes.setdefault("ads", AdsWrites(limits=limits))
    if not isinstance(state, AdsWrites):
        raise TypeError("writes['ads'] must hold AdsWrites")
    return state


@lru_cache(maxsize=256)
def _plan(
    seed: int,
    epoch: datetime,
    ordinal: int,
    account_id: str,
    currency: str,
    timezone_name: str,
    ad_count: int,
    page_id: str,
    instagram_id: str | None,
) -> AdPlan:
    day = local_day(timezone_name, epoch)
    website = f"https://shop-{ordinal}.example/"
    return AdPlan(seed, ordinal, account_id, currency, timezone_name, day, ad_count, page_id, instagram_id, website)


def account_plan(world: World, account: AdAccount) -> AdPlan:
    """The plan that decides everything an account ever ran."""
    ordinal = list(world.ad_accounts).index(account)
    pages = [page for page in world.pages if page.business_id == account.business_id]
    page = pages[0] if pages else None
    return _plan(
        world.seed,
        world.epoch,
        ordinal,
        account.account_id,
        account.currency,
        account.timezone_name,
        account.ad_count,
        page.id if page else "",
        page.instagram_id if page else None,
    )


def plan_by_ordinal(call: Call, ordinal: int) -> AdPlan | None:
    """The plan of the account with this number in the world, if the caller's grant covers the account."""
    accounts = list(call.sandbox.world.ad_accounts)
    if ordinal >= len(accounts) or not covers(call, accounts[ordinal]):
        return None
    return account_plan(call.sandbox.world, accounts[ordinal])


def covers(call: Call, account: AdAccount) -> bool:
    """Whether the caller's grant covers the account; a granted account without an ads scope is error 200."""
    if account.id not in call.caller.granted_ids and account.account_id not in call.caller.granted_ids:
        return False
    if not READ_SCOPES & call.caller.scopes:
        raise GraphError(
            message="(#200) Ad account owner has NOT grant ads_management or ads_read permission",
            code=200,
            status=403,
        )
    return True


def account_of(call: Call, plan: AdPlan) -> AdAccount:
    """The account a plan belongs to."""
    return list(call.sandbox.world.ad_accounts)[plan.ordinal]


def demand_management(call: Call) -> None:
    """Writing needs ads_management."""
    if "ads_management" not in call.caller.scopes:
        raise GraphError(
            message="(#294) Managing advertisements requires an access token with the extended permission for "
            "ads_management",
            code=294,
            status=403,
        )
