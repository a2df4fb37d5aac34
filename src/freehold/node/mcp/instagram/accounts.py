"""The client's Instagram accounts and their profiles."""

from typing import Any

from freehold.node.mcp import assets
from freehold.node.mcp.instagram.arguments import DAY_MINUTES, AccountId, MaxAge
from freehold.node.mcp.instagram.reading import Part, account_of, is_fresh, oldest
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.node.store.instagram import queries
from freehold.node.store.instagram.queries import StoredAccount
from freehold.providers.meta import graph, instagram, media
from freehold.providers.meta.instagram import Profile


class AccountsAsked(Arguments):
    """Nothing is asked."""


class Account(Part):
    """An Instagram account of the client's, and the page that it is reached through; counts as they were read last."""

    id: str
    name: str
    page_id: str | None = None
    followers: int | None = None
    posts: int | None = None


class Accounts(Answer):
    """The accounts that this key may ask about."""

    accounts: list[Account]


class ProfileAsked(Arguments):
    """Whose profile."""

    account_id: AccountId = None
    max_age_minutes: MaxAge = DAY_MINUTES


class ProfileShown(Answer):
    """A profile. `followers` is the running total."""

    account_id: str
    username: str
    name: UntrustedText | None = None
    biography: UntrustedText | None = None
    website: UntrustedText | None = None
    followers: int
    follows: int
    posts: int


class LimitAsked(Arguments):
    """Of which account."""

    account_id: AccountId = None


class PublishingLimit(Answer):
    """How many posts were published through the API in the last `hours`, and how many still may be."""

    account_id: str
    used: int
    total: int
    left: int
    hours: int


async def list_accounts(call: Call, _asked: AccountsAsked) -> Accounts:
    """The client's Instagram accounts. Begin here: other tools take one of these ids as `account_id`."""
    found = await assets.usable(call, "instagram_account")
    async with call.node.database.reading() as session:
        read = {each.account_id: each for each in await queries.profiles(session, [each.asset_id for each in found])}
    accounts = []
    for each in found:
        profile = read.get(each.asset_id)
        followers, posts = (None, None) if profile is None else (profile.followers, profile.posts)
        accounts.append(
            Account(id=each.asset_id, name=each.name, page_id=each.parent_id, followers=followers, posts=posts)
        )
    as_of = oldest((each.read_at for each in read.values()), call.now())
    return Accounts(source="stored", as_of=as_of, accounts=accounts)


async def get_profile(call: Call, asked: ProfileAsked) -> ProfileShown:
    """An account's profile: name, biography, followers now, how many posts. Stored once a day."""
    asset = await account_of(call, asked.account_id)
    async with call.node.database.reading() as session:
        stored = await queries.account(session, asset.asset_id)
    if stored is not None and is_fresh(call, stored.read_at, asked.max_age_minutes):
        return ProfileShown(source="stored", as_of=stored.read_at, **_shown(stored))
    answer = await call.send(instagram.profile_call(call.version, asset.asset_id))
    profile = graph.understood(instagram.read_profile, answer)
    return ProfileShown(source="live", as_of=call.now(), **_shown(profile))


async def get_content_publishing_limit(call: Call, asked: LimitAsked) -> PublishingLimit:
    """How many posts an account has published through the API in the last 24 hours, and how many more it may."""
    asset = await account_of(call, asked.account_id)
    answer = await call.send(media.publishing_limit_call(call.version, asset.asset_id))
    limit = graph.understood(media.read_publishing_limit, answer)
    return PublishingLimit(
        source="live",
        as_of=call.now(),
        account_id=asset.asset_id,
        used=limit.used,
        total=limit.total,
        left=max(0, limit.total - limit.used),
        hours=limit.seconds // 3600,
    )


def _shown(profile: Profile | StoredAccount) -> dict[str, Any]:
    return {
        "account_id": profile.account_id,
        "username": profile.username,
        "name": words(profile.name),
        "biography": words(profile.biography),
        "website": words(profile.website),
        "followers": profile.followers,
        "follows": profile.follows,
        "posts": profile.posts,
    }
