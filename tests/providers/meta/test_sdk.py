"""Meta's own SDK drives the sandbox: what it reads, writes and raises is what it would against Meta."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.campaign import Campaign
from facebook_business.api import FacebookAdsApi, FacebookSession
from facebook_business.exceptions import FacebookRequestError
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS_ADS, MARA, VERSION, MetaSandbox

from freehold.sandbox.settings import LimitNumbers

NEW_CAMPAIGN = {
    "name": "Autumn",
    "objective": "OUTCOME_TRAFFIC",
    "special_ad_categories": [],
    "status": "PAUSED",
    "daily_budget": 5_000,
}
MONTH = {"since": "2026-10-01", "until": "2026-10-31"}
Open = Callable[..., Any]


@pytest.fixture
async def open_api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Gives an API object of the SDK that speaks to a sandbox and proves the app secret."""
    opened = []

    def open_(meta: MetaSandbox, token: str | None = None, version: str = VERSION) -> Any:
        monkeypatch.setattr(FacebookSession, "GRAPH", meta.url)
        session = FacebookSession(
            meta.settings.app_id, meta.settings.app_secret.get_secret_value(), token or meta.token()
        )
        opened.append(session)
        return FacebookAdsApi(session, api_version=version)

    yield open_
    for session in opened:
        session.requests.close()


async def refused(call: Callable[[], object]) -> Any:
    """The SDK's error of a call."""
    with pytest.raises(FacebookRequestError) as caught:
        await asyncio.to_thread(call)
    return caught.value


async def test_the_sdk_proves_the_app_secret(serve: Serve, open_api: Open) -> None:
    """An app that requires the proof answers the SDK, and refuses the same call without it."""
    meta = await meta_sandbox.start(serve, require_proof=True)
    token = meta.token()
    account = AdAccount(CERAMICS_ADS, api=open_api(meta, token))
    read = await asyncio.to_thread(account.api_get, fields=["name", "currency"])
    assert (read["name"], read["currency"]) == ("Lumen Ceramics Ads", "USD")
    assert (await meta.get(CERAMICS_ADS, token)).error == (100, None)


async def test_pages_of_campaigns(meta: MetaSandbox, open_api: Open) -> None:
    """The cursor walks through every campaign once, and tells their number."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))

    def read() -> tuple[list[str], int]:
        cursor = account.get_campaigns(fields=["name"], params={"limit": 3, "summary": "total_count"})
        total = cursor.total()
        return [campaign["id"] for campaign in cursor], total

    ids, total = await asyncio.to_thread(read)
    assert len(ids) == len(set(ids)) == total > 3
    counted = [path for _, _, path in meta.sandbox.calls if path.endswith("/campaigns")]
    assert counted
    assert sum(meta.sandbox.calls.values()) == -(-total // 3)


async def test_insights(meta: MetaSandbox, open_api: Open) -> None:
    """Rows of a report come page by page, with numbers as text and actions as lists."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    params = {"level": "campaign", "time_range": MONTH, "limit": 2}
    fields = ["campaign_id", "spend", "impressions", "actions"]
    rows = await asyncio.to_thread(lambda: list(account.get_insights(fields=fields, params=params)))
    assert len(rows) > 2
    assert all(isinstance(row["spend"], str) and row["impressions"].isdigit() for row in rows)
    assert {"action_type", "value"} <= set(rows[0]["actions"][0])


async def test_asynchronous_insights_equal_the_others(meta: MetaSandbox, open_api: Open) -> None:
    """A report run goes from not started to completed, and its rows are those of the direct call."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    params = {"level": "campaign", "time_range": MONTH}
    fields = ["campaign_id", "spend"]
    run = await asyncio.to_thread(lambda: account.get_insights(fields=fields, params=params, is_async=True))
    assert (await asyncio.to_thread(run.api_get))["async_status"] != "Job Completed"
    meta.clock.advance(timedelta(minutes=30))
    done = await asyncio.to_thread(run.api_get)
    assert (done["async_status"], done["async_percent_completion"]) == ("Job Completed", 100)
    rows = await asyncio.to_thread(lambda: [row.export_all_data() for row in run.get_insights()])
    direct = await asyncio.to_thread(lambda: list(account.get_insights(fields=fields, params=params)))
    assert rows == [row.export_all_data() for row in direct]


async def test_a_batch_with_a_failing_part(meta: MetaSandbox, open_api: Open) -> None:
    """Each part succeeds or fails for itself, and each counts as a call."""
    api = open_api(meta)
    account, missing = AdAccount(CERAMICS_ADS, api=api), AdAccount("act_1", api=api)
    answers: list[Any] = []
    errors: list[Any] = []
    batch = api.new_batch()
    for each in (account, missing, account):
        each.api_get(fields=["name"], batch=batch, success=answers.append, failure=errors.append)
    assert await asyncio.to_thread(batch.execute) is None
    assert [answer.json()["name"] for answer in answers] == ["Lumen Ceramics Ads"] * 2
    assert [(error.error().api_error_code(), error.error().api_error_subcode()) for error in errors] == [(100, 33)]
    assert sum(meta.sandbox.calls.values()) == 3


async def test_a_part_that_timed_out_is_sent_again(meta: MetaSandbox, open_api: Open) -> None:
    """A null item comes back in the batch that the SDK gives for repeating, and succeeds there."""
    api = open_api(meta)
    answers: list[Any] = []
    batch = api.new_batch()
    for _ in range(2):
        AdAccount(CERAMICS_ADS, api=api).api_get(fields=["name"], batch=batch, success=answers.append)
    meta.fault("null_batch_item")
    rest = await asyncio.to_thread(batch.execute)
    assert (len(rest), len(answers)) == (1, 1)
    assert await asyncio.to_thread(rest.execute) is None
    assert len(answers) == 2


async def test_the_life_of_a_campaign(meta: MetaSandbox, open_api: Open) -> None:
    """Created, read, changed and deleted; afterwards only those who ask for deleted ones see it."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))

    def live() -> tuple[Any, Any, Any, list[str]]:
        made = account.create_campaign(fields=["name", "objective"], params=NEW_CAMPAIGN)
        campaign = Campaign(made["id"], api=account._api)
        campaign.api_update(params={"name": "Winter", "daily_budget": 7_000})
        changed = campaign.api_get(fields=["name", "daily_budget", "status"]).export_all_data()
        campaign.api_delete()
        gone = campaign.api_get(fields=["status"])["status"]
        return made, changed, gone, [found["id"] for found in account.get_campaigns(params={"limit": 500})]

    made, changed, gone, listed = await asyncio.to_thread(live)
    assert made["objective"] == "OUTCOME_TRAFFIC"
    assert changed == {"id": made["id"], "name": "Winter", "daily_budget": "7000", "status": "PAUSED"}
    assert gone == "DELETED"
    assert made["id"] not in listed


async def test_validate_only_creates_nothing(meta: MetaSandbox, open_api: Open) -> None:
    """A checked campaign is not there afterwards; a wrong one is refused with the field to blame."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    count = len(await asyncio.to_thread(lambda: list(account.get_campaigns(params={"limit": 500}))))
    checked = {**NEW_CAMPAIGN, "execution_options": ["validate_only"]}
    assert (await asyncio.to_thread(lambda: account.create_campaign(params=checked))).get_id() is None
    assert len(await asyncio.to_thread(lambda: list(account.get_campaigns(params={"limit": 500})))) == count
    error = await refused(lambda: account.create_campaign(params={**checked, "daily_budget": 5}))
    assert (error.api_error_code(), error.http_status()) == (100, 400)
    assert error.api_blame_field_specs() == [["daily_budget"]]


def _limits(**numbers: int) -> dict[str, Any]:
    return {"limits": LimitNumbers.model_validate(numbers)}


THROTTLES = [
    ("ads_management", _limits(ads_management_hour=1, ads_management_per_active_ad=0), (80004, 2446079, 400)),
    ("score", _limits(score_maximum=1), (17, 2446079, 400)),
]


@pytest.mark.parametrize(("settings", "expected"), [row[1:] for row in THROTTLES], ids=[row[0] for row in THROTTLES])
async def test_a_used_up_quota(
    serve: Serve, open_api: Open, settings: dict[str, Any], expected: tuple[int, int | None, int]
) -> None:
    """The second read within a quota of one raises that quota's own error."""
    meta = await meta_sandbox.start(serve, **settings)
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    await asyncio.to_thread(account.api_get, fields=["name"])
    error = await refused(lambda: account.api_get(fields=["name"]))
    assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == expected


async def test_too_many_changes_in_a_second(serve: Serve, open_api: Open) -> None:
    """Error 613 with the subcode of mutations; a second later it works again."""
    meta = await meta_sandbox.start(serve, **_limits(mutations_per_second=1))
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    await asyncio.to_thread(lambda: account.create_campaign(params=NEW_CAMPAIGN))
    error = await refused(lambda: account.create_campaign(params=NEW_CAMPAIGN))
    assert (error.api_error_code(), error.api_error_subcode()) == (613, 5044001)
    meta.clock.advance(timedelta(seconds=1))
    assert (await asyncio.to_thread(lambda: account.create_campaign(params=NEW_CAMPAIGN)))["id"]


async def test_an_expired_token(meta: MetaSandbox, open_api: Open) -> None:
    """Error 190 with subcode 463."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    meta.clock.advance(timedelta(days=61))
    error = await refused(lambda: account.api_get(fields=["name"]))
    assert (error.api_error_code(), error.api_error_subcode()) == (190, 463)


async def test_a_changed_password(meta: MetaSandbox, open_api: Open) -> None:
    """Error 190 with subcode 460."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    await meta.order(f"people/{MARA}/invalidate", {})
    error = await refused(lambda: account.api_get(fields=["name"]))
    assert (error.api_error_code(), error.api_error_subcode(), error.api_error_type()) == (190, 460, "OAuthException")


async def test_a_missing_object(meta: MetaSandbox, open_api: Open) -> None:
    """Error 100 with subcode 33."""
    error = await refused(lambda: AdAccount("act_1", api=open_api(meta)).api_get())
    assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == (100, 33, 400)
    assert error.api_error_type() == "GraphMethodException"


async def test_a_wrong_parameter(meta: MetaSandbox, open_api: Open) -> None:
    """Error 100."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    error = await refused(lambda: account.get_campaigns(params={"limit": -1}))
    assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == (100, None, 400)


async def test_a_missing_permission(meta: MetaSandbox, open_api: Open) -> None:
    """Error 200 for an app that may not read ads, 294 for one that may only read them."""
    blind = AdAccount(CERAMICS_ADS, api=open_api(meta, meta.token(scopes=["public_profile"])))
    error = await refused(lambda: blind.api_get(fields=["name"]))
    assert (error.api_error_code(), error.http_status()) == (200, 403)
    reader = AdAccount(CERAMICS_ADS, api=open_api(meta, meta.token(scopes=["ads_read"])))
    error = await refused(lambda: reader.create_campaign(params=NEW_CAMPAIGN))
    assert (error.api_error_code(), error.http_status()) == (294, 403)


async def test_a_dead_version(meta: MetaSandbox, open_api: Open) -> None:
    """Error 2635 through v24.0, whose ads ended on 2026-10-06."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta, version="v24.0"))
    error = await refused(lambda: account.api_get(fields=["name"]))
    assert (error.api_error_code(), error.http_status()) == (2635, 400)


async def test_too_much_data(serve: Serve, open_api: Open) -> None:
    """HTTP 500 and code 1 when an answer costs more than one call may."""
    meta = await meta_sandbox.start(serve, cost_limit=20)
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    error = await refused(lambda: account.get_campaigns(fields=["name", "status", "objective"], params={"limit": 25}))
    assert (error.api_error_code(), error.http_status()) == (1, 500)
    assert "reduce the amount of data" in error.api_error_message()


ORDERED = [(4, None, 403, True), (17, None, 400, False), (368, None, 400, False), (613, 1487742, 400, False)]


@pytest.mark.parametrize(("code", "subcode", "status", "transient"), ORDERED)
async def test_errors_on_command(
    meta: MetaSandbox, open_api: Open, code: int, subcode: int | None, status: int, transient: bool
) -> None:
    """An ordered error reaches the SDK once, as it was worded."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    meta.fault("error", code=code, subcode=subcode, status=status, transient=transient, message=f"(#{code}) no")
    error = await refused(lambda: account.api_get(fields=["name"]))
    assert (error.api_error_code(), error.api_error_subcode(), error.http_status()) == (code, subcode, status)
    assert (error.api_transient_error(), error.api_error_message()) == (transient, f"(#{code}) no")
    assert await asyncio.to_thread(account.api_get, fields=["name"])


@pytest.mark.parametrize("kind", ["error_in_ok", "error_data_text", "service_unavailable_in_ok"])
async def test_failures_in_disguise(meta: MetaSandbox, open_api: Open, kind: str) -> None:
    """The SDK finds the failure in an answer with status 200, and details that are JSON within text."""
    account = AdAccount(CERAMICS_ADS, api=open_api(meta))
    meta.fault(kind, code=2, message="try later")
    error = await refused(lambda: account.api_get(fields=["name"]))
    if kind == "error_data_text":
        assert error.api_blame_field_specs() == [["daily_budget"]]
    elif kind == "service_unavailable_in_ok":
        assert error.http_status() == 200
    else:
        assert (error.http_status(), error.api_error_code()) == (200, 2)
