"""The Marketing API as a surface: which objects it has, and its names at the root."""

from freehold.sandbox.meta.ads import archive, audience, budget_schedules, media, objects, report_runs
from freehold.sandbox.meta.ads.account_node import AD_ACCOUNT
from freehold.sandbox.meta.ads.accounts import covers
from freehold.sandbox.meta.ads.ad_nodes import TYPES
from freehold.sandbox.meta.graph import Call, Found, Surface


def surface() -> Surface:
    """Ad accounts, what they hold, reports, targeting search and the ads archive."""
    return Surface(find=find, roots={"search": audience.search, "ads_archive": archive.read})


def find(call: Call, object_id: str) -> Found | None:
    """The ad account (`act_…`), campaign, ad set, ad, creative or report with this id."""
    if object_id.startswith("act_"):
        account = call.sandbox.world.ad_account(object_id)
        if account is None or not covers(call, account):
            return None
        return Found(AD_ACCOUNT, account, "ads", account.id)
    run = report_runs.find(call, object_id)
    if run is not None:
        return Found(report_runs.REPORT_RUN, run, "ads", f"act_{run.account_id}")
    shown = media.find_video(call, object_id)
    if shown is not None:
        plan, video = shown
        return Found(media.VIDEO, video, "ads", f"act_{plan.account_id}")
    schedule = budget_schedules.find(call, object_id)
    if schedule is not None:
        account = list(call.sandbox.world.ad_accounts)[schedule["ordinal"]]
        return Found(budget_schedules.BUDGET_SCHEDULE, schedule, "ads", account.id)
    return _object(call, object_id)


def _object(call: Call, object_id: str) -> Found | None:
    found = objects.find(call, object_id)
    if found is None:
        return None
    return Found(TYPES[found.kind], found, "ads", f"act_{found.plan.account_id}")
