"""The Marketing API as a surface: which objects it has, and its names at the root."""

from freehold.sandbox.meta.ads import archive, audience, audiences, budget_schedules, media, objects, report_runs
from freehold.sandbox.meta.ads.account_node import AD_ACCOUNT
from freehold.sandbox.meta.ads.accounts import covers
from freehold.sandbox.meta.ads.ad_nodes import TYPES
from freehold.sandbox.meta.graph import Call, Found, Surface


def surface() -> Surface:
    """Ad accounts, what they hold, reports, targeting search and the ads archive."""
    return Surface(find=find, roots={"search": audience.search, "ads_archive": archive.read})


def find(call: Call, object_id: str) -> Found | None:
    """The account (`act_…`), campaign, ad set, ad, creative, report, video, audience or schedule with this id."""
    if object_id.startswith("act_"):
        account = call.sandbox.world.ad_account(object_id)
        if account is None or not covers(call, account):
            return None
        return Found(AD_ACCOUNT, account, "ads", account.id)
    return next((found for look in LOOKS if (found := look(call, object_id)) is not None), None)


def _report(call: Call, object_id: str) -> Found | None:
    run = report_runs.find(call, object_id)
    return None if run is None else Found(report_runs.REPORT_RUN, run, "ads", f"act_{run.account_id}")


def _video(call: Call, object_id: str) -> Found | None:
    shown = media.find_video(call, object_id)
    return None if shown is None else Found(media.VIDEO, shown[1], "ads", f"act_{shown[0].account_id}")


def _audience(call: Call, object_id: str) -> Found | None:
    found = audiences.find(call, object_id)
    return None if found is None else Found(audiences.AUDIENCE, found, "ads", f"act_{found['account_id']}")


def _schedule(call: Call, object_id: str) -> Found | None:
    schedule = budget_schedules.find(call, object_id)
    if schedule is None:
        return None
    account = list(call.sandbox.world.ad_accounts)[schedule["ordinal"]]
    return Found(budget_schedules.BUDGET_SCHEDULE, schedule, "ads", account.id)


def _object(call: Call, object_id: str) -> Found | None:
    found = objects.find(call, object_id)
    return None if found is None else Found(TYPES[found.kind], found, "ads", f"act_{found.plan.account_id}")


LOOKS = (_report, _schedule, _video, _audience, _object)
"""Where an id is looked for, in this order."""
