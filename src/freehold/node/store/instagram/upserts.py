"""Writing what was read of Instagram."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import update

from freehold.kernel.database import WriteSession
from freehold.node.store.instagram.tables import (
    instagram_accounts,
    instagram_children,
    instagram_feeds,
    instagram_insights,
    instagram_posts,
)
from freehold.node.store.merge import merge
from freehold.providers.meta.instagram import Insight, Post, Profile

_INSIGHT_KEYS = ("subject_id", "metric", "period", "breakdown", "part", "day")
_NOT_STORED = frozenset({"children", "total_views"})


@dataclass(frozen=True)
class Feed:
    """How much of an account's posts is known: all between two instants, and all before them when it is `whole`.

    Posts up to `personal_until` are from when the account was no professional one; Meta's words for it stand beside.
    What was published after `listed_at` nobody has looked for yet.
    """

    account_id: str
    listed_until: datetime | None = None
    listed_since: datetime | None = None
    whole: bool = False
    personal_until: datetime | None = None
    personal_reason: str = ""
    listed_at: datetime | None = None


async def save_profile(session: WriteSession, profile: Profile, now: datetime) -> None:
    """Write an account's profile; also when it was read, since tools judge by that whether it is fresh."""
    await merge(session, instagram_accounts, ("account_id",), [asdict(profile) | {"read_at": now}], refresh=True)


async def save_feed(session: WriteSession, feed: Feed) -> None:
    """Write how much of an account's posts is known."""
    await merge(session, instagram_feeds, ("account_id",), [asdict(feed)])


async def save_posts(
    session: WriteSession, account_id: str, posts: Sequence[Post], now: datetime, *, insights: bool = False
) -> None:
    """Write posts of an account with their children; `insights` says that their insights were read as well."""
    read = {"account_id": account_id, "read_at": now, "gone_at": None} | ({"insights_read_at": now} if insights else {})
    rows = [{name: value for name, value in vars(post).items() if name not in _NOT_STORED} | read for post in posts]
    await merge(session, instagram_posts, ("post_id",), rows, refresh=True)
    children = [
        asdict(child) | {"post_id": post.post_id, "account_id": account_id, "position": position, "read_at": now}
        for post in posts
        for position, child in enumerate(post.children)
    ]
    await merge(session, instagram_children, ("child_id",), children)


async def mark_read(
    session: WriteSession, post_id: str, now: datetime, what: Literal["insights_read_at", "extras_read_at"]
) -> None:
    """Write down that a post's insights, or those that only its kind has, were read."""
    await session.execute(update(instagram_posts).where(instagram_posts.c.post_id == post_id).values({what: now}))


async def mark_gone(
    session: WriteSession, account_id: str, since: datetime, until: datetime, *, before: datetime, now: datetime
) -> None:
    """Those posts of a time that were last listed before `before` are gone since `now`."""
    of = instagram_posts.c
    await session.execute(
        update(instagram_posts)
        .where(
            of.account_id == account_id,
            of.published_at.between(since, until),
            of.product_type != "STORY",
            of.read_at < before,
            of.gone_at.is_(None),
        )
        .values(gone_at=now)
    )


async def save_instagram_insights(
    session: WriteSession,
    account_id: str,
    subject: tuple[Literal["account", "post", "story"], str],
    insights: Iterable[Insight],
    today: date,
    now: datetime,
) -> None:
    """Write insights of an account, a post or a story; a lifetime value is that of `today`."""
    rows = [_row(account_id, *subject, insight, today, now) for insight in insights]
    await merge(session, instagram_insights, _INSIGHT_KEYS, rows)


async def save_post_insights(
    session: WriteSession,
    account_id: str,
    kind: Literal["post", "story"],
    found: Iterable[tuple[Post, Iterable[Insight]]],
    today: date,
    now: datetime,
) -> None:
    """Write the insights of many posts at once."""
    rows = [
        _row(account_id, kind, post.post_id, insight, today, now) for post, insights in found for insight in insights
    ]
    await merge(session, instagram_insights, _INSIGHT_KEYS, rows)


def _row(account_id: str, kind: str, subject_id: str, insight: Insight, today: date, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "subject_kind": kind,
        "subject_id": subject_id,
        "metric": insight.metric,
        "period": insight.period,
        "breakdown": insight.breakdown,
        "part": insight.part,
        "day": insight.day or today,
        "value": insight.value,
        "read_at": now,
    }
