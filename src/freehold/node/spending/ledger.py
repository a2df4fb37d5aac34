"""What already counts towards an account's day: every change that was made or approved in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from freehold.kernel.database import ReadSession
from freehold.node.spending import queries
from freehold.node.spending.effects import Effect
from freehold.node.spending.exposure import midnight_after
from freehold.node.spending.plan import Plan, plan_of
from freehold.node.spending.rules import Amount, Asked
from freehold.node.store.ads.queries import daily_spend

USUAL_DAYS = 28
DAY = timedelta(hours=24)
NO_LIMIT = float("inf")


@dataclass(frozen=True)
class Day:
    """What was added to the worst of the day, and how low each amount was in it, by object and name of the amount."""

    added: int
    lowest: Mapping[tuple[str, str], float]


def day_begins(now: datetime, zone: ZoneInfo) -> datetime:
    """From when changes count: the account's midnight, and at least 24 hours, so that no midnight parts two raises."""
    return min(midnight_after(now, zone) - DAY, now - DAY)


async def day_of(session: ReadSession, account_id: str, now: datetime, zone: ZoneInfo, without: str = "") -> Day:
    """What counts now, `without` one plan."""
    rows = await queries.counted_rows(session, account_id, day_begins(now, zone), now)
    return counted((plan_of(row), row["added_today_minor"]) for row in rows if row["id"] != without)


def counted(plans: Iterable[tuple[Plan, int]]) -> Day:
    """What these plans come to together, each with what it added when it was made, or else when it was planned.

    A cut gives nothing back; it only lowers what raises are measured from.
    """
    added, lowest = 0, dict[tuple[str, str], float]()
    for plan, added_when_made in plans:
        added += max(plan.added_today, added_when_made)
        changed = plan.object_id or (plan.account_id if plan.kind == "update_account" else "")
        for amount in plan.amounts if changed else ():
            key = changed, amount.name
            lowest[key] = min(lowest.get(key, NO_LIMIT), _number(amount.before), _number(amount.after))
    return Day(added, lowest)


async def with_schedules(session: ReadSession, effect: Effect, object_id: str, now: datetime, without: str) -> Effect:
    """The effect; of a budget schedule beside another that is not over, what both come to is not known."""
    if "budget_value_type" not in effect.after:
        return effect
    rows = await queries.schedule_rows(session, object_id, now)
    ends = [plan_of(row).parameters.get("time_end") for row in rows if row["id"] != without]
    if all(end is not None and datetime.fromisoformat(end) <= now for end in ends):
        return effect
    return replace(effect, unknown=(*effect.unknown, "what it comes to beside another budget schedule"))


async def usual_of(session: ReadSession, account_id: str, now: datetime, zone: ZoneInfo) -> int | None:
    """What the account spent a day in the last four weeks, by what is stored; None where nothing is."""
    last = now.astimezone(zone).date() - timedelta(days=1)
    days = await daily_spend(session, account_id, last - timedelta(days=USUAL_DAYS - 1), last)
    return sum(days.values()) // USUAL_DAYS if days else None


def asked_of(effect: Effect, currency: str, object_id: str, day: Day, usual: int | None) -> Asked:
    """The change as the rules see it on this day."""
    return Asked(
        actions=effect.actions,
        amounts=tuple(_since(amount, day.lowest.get((object_id, amount.name), NO_LIMIT)) for amount in effect.amounts),
        currency=currency,
        harmless=effect.harmless,
        added_today=effect.added_today,
        added_before=day.added,
        usual=usual,
        unknown=effect.unknown,
    )


def _since(amount: Amount, lowest: float) -> Amount:
    least = min(_number(amount.lowest), lowest)
    return replace(amount, lowest=None if least == NO_LIMIT else int(least))


def _number(amount: int | None) -> float:
    return NO_LIMIT if amount is None else amount
