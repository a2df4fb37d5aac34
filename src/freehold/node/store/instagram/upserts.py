"""Writing what was read of Instagram."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Literal

from freehold.kernel.database import WriteSession
from freehold.node.store.instagram.tables import instagram_accounts, instagram_insights, instagram_posts
from freehold.node.store.merge import merge
from freehold.providers.meta.instagram import Insight, Post, Profile


async def save_profile(session: WriteSession, profile: Profile, now: datetime) -> None:
    """Write an account's profile."""
    await merge(session, instagram_accounts, ("account_id",), [asdict(profile) | {"read_at": now}])


async def save_posts(session: WriteSession, account_id: str, posts: Iterable[Post], now: datetime) -> None:
    """Write posts of an account."""
    rows = [asdict(post) | {"account_id": account_id, "read_at": now} for post in posts]
    await merge(session, instagram_posts, ("post_id",), rows)


async def save_instagram_insights(
    session: WriteSession,
    account_id: str,
    subject: tuple[Literal["account", "post"], str],
    insights: Iterable[Insight],
    today: date,
    now: datetime,
) -> None:
    """Write insights of an account or a post; a lifetime value is that of `today`."""
    rows = [
        {
            "account_id": account_id,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "metric": insight.metric,
            "period": insight.period,
            "breakdown": insight.breakdown,
            "part": insight.part,
            "day": insight.day or today,
            "value": insight.value,
            "read_at": now,
        }
        for insight in insights
    ]
    keys = ("subject_id", "metric", "period", "breakdown", "part", "day")
    await merge(session, instagram_insights, keys, rows)
