"""How a wait is told to a person: which limit it is, why, and when there is room again."""

from datetime import datetime, timedelta

from freehold.node.governor.budget import Decision

NAMES = {
    "person": "the budget of this person's tokens, our own ceiling,",
    "share": "this account's share of the budget",
    "platform": "the app's limit",
    "user": "Meta's limit for this person",
    "instagram": "the Instagram account's limit",
    "pages": "the page's limit",
    "ads_management": "the ad account's limit for management",
    "ads_insights": "the ad account's limit for insights",
    "ads_insights_app": "the app's load on insights",
    "ads_score": "the ad account's score",
    "mutations": "the ad account's changes a second",
    "hashtags": "the account's hashtag searches a week",
    "throttle": "this account at Meta",
}
"""The kinds of bucket, by what their keys begin with."""

REASONS = {
    "ceiling": "{name} is used up",
    "share": "other accounts wait for what is left of {name}",
    "percent": "Meta tells that {name} is nearly used up",
    "shut": "Meta has shut {name}",
}
MINUTE = 60
HOUR = 3600


def name_of(key: str) -> str:
    """What people call the bucket of this key."""
    return NAMES.get(key.partition(":")[0], key)


def wait_told(decision: Decision, now: datetime) -> str:
    """One line: what is used up, and how long it takes until there is room again."""
    what = REASONS.get(decision.reason, "{name} is used up").format(name=name_of(decision.bucket))
    at = now + timedelta(seconds=decision.wait)
    return f"{what}; there is room again in {duration(decision.wait)}, at {at:%H:%M:%S} UTC ({decision.bucket})"


def duration(seconds: float) -> str:
    """A time as people say it: 45 s, 12 min, 1 h 5 min."""
    whole = max(1, round(seconds))
    if whole < 2 * MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    hours, minutes = divmod(round(whole / MINUTE), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
