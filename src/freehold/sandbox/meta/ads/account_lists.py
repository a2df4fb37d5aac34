"""Smaller lists of an ad account: what was done in it, its audiences and images, and the least budgets."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from freehold.sandbox.meta.ads import objects, spending
from freehold.sandbox.meta.ads.accounts import account_plan, written
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import instant, missing, stamp
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call, NodeType
from freehold.sandbox.meta.world.ads_plan import MINOR_PER_CENT
from freehold.sandbox.meta.world.people import AdAccount

Record = dict[str, Any]
ACTIVITY_DAYS = 7
OBJECT_TYPES = {"campaign": "CAMPAIGN", "adset": "ADSET", "ad": "AD"}


def _member(name: str) -> Any:
    return lambda _, record: record[name]


def records(name: str, *names_of: str, default: tuple[str, ...] = ()) -> NodeType:
    """A kind of node whose objects are mappings with these members."""
    fields = {field: _member(field) for field in names_of}
    return NodeType(name=name, fields=fields, default=default or tuple(fields))


ACTIVITY = records(
    "AdActivity",
    "event_type",
    "translated_event_type",
    "event_time",
    "date_time_in_timezone",
    "object_id",
    "object_name",
    "object_type",
    "actor_id",
    "actor_name",
    "application_id",
    "application_name",
    "extra_data",
)


def activities(call: Call, value: AdAccount | AdObject) -> Sequence[Record]:
    """What was done between `since` and `until` (the last seven days without them), newest first."""
    plan = value.plan if isinstance(value, AdObject) else account_plan(call.sandbox.world, value)
    zone = plan.timezone_name
    until = instant(call.params, "until", zone) or call.now
    since = instant(call.params, "since", zone) or until - timedelta(days=ACTIVITY_DAYS)
    only = value.id if isinstance(value, AdObject) else None
    events = [
        event
        for event in (*_written(call, plan.account_id), *_begun(call, value, since))
        if since <= event["at"] <= until and only in {None, event["object_id"]}
    ]
    events.sort(key=lambda event: event["at"])
    return [_activity(call, event, zone) for event in reversed(events)]


def _written(call: Call, account_id: str) -> Iterator[Record]:
    return (event for event in written(call).activities if event["account_id"] == account_id)


def _begun(call: Call, value: AdAccount | AdObject, since: datetime) -> Iterator[Record]:
    """The seeded ads that began since then."""
    plan = value.plan if isinstance(value, AdObject) else account_plan(call.sandbox.world, value)
    for ad in objects.ads_of(call, plan):
        if ad.values["created_time"] >= since and ad.id not in written(call).created:
            yield {
                "at": ad.values["created_time"],
                "event_type": "create_ad",
                "object_id": ad.id,
                "object_name": ad.values["name"],
                "actor_id": "",
                "application_id": "",
                "extra_data": "{}",
            }


def _activity(call: Call, event: Record, zone: str) -> Record:
    actor = call.sandbox.world.person(str(event["actor_id"]))
    ours = event["application_id"] == call.sandbox.settings.app_id
    return {
        **event,
        "translated_event_type": event["event_type"].replace("_", " ").capitalize(),
        "event_time": event["at"].strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "date_time_in_timezone": stamp(event["at"], zone),
        "object_type": OBJECT_TYPES[objects.KINDS[int(event["object_id"][4])]],
        "actor_name": actor.name if actor else "Meta",
        "application_name": call.sandbox.settings.app_name if ours else "Ads Manager",
    }


def minimum_budgets(_: Call, account: AdAccount, __: tuple[Selection, ...]) -> JSON:
    """`GET /act_X/minimum_budgets`: in minor units, the account's own currency first."""
    rest = [currency for currency in MINOR_PER_CENT if currency != account.currency]
    return {
        "data": [
            {
                "currency": currency,
                "min_daily_budget_imp": spending.least_budget(currency),
                "min_daily_budget_high_freq": spending.least_budget(currency) * 5,
                "min_daily_budget_low_freq": spending.least_budget(currency) * 40,
                "min_daily_budget_video_views": spending.least_budget(currency),
            }
            for currency in (account.currency, *rest)
        ]
    }


def previews(call: Call, value: AdAccount | AdObject, _: tuple[Selection, ...]) -> JSON:
    """`generatepreviews` and `previews`: a frame that would show the ad."""
    if not call.params.get("ad_format"):
        raise missing("ad_format")
    if isinstance(value, AdAccount) and not call.params.get("creative"):
        raise missing("creative")
    source = (
        f"https://business.facebook.com/ads/api/preview_iframe.php?d=sandbox&amp;ad_format={call.params['ad_format']}"
    )
    return {"data": [{"body": f'<iframe src="{source}" width="540" height="690" scrolling="yes"></iframe>'}]}
