"""The sandbox's rate limits: each bucket's error and headers, how they empty as time moves, and faults on command."""

import json
import time
from datetime import timedelta

import aiohttp
import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, MARA, MetaSandbox

from freehold.sandbox.settings import LimitNumbers

CAMPAIGN = {
    "name": "Autumn",
    "objective": "OUTCOME_TRAFFIC",
    "special_ad_categories": [],
    "status": "PAUSED",
    "daily_budget": 5_000,
}


async def limited(serve: Serve, **numbers: float) -> MetaSandbox:
    """A sandbox with these quotas, which tells of every use."""
    chosen = {"headers_from_percent": 0.0, **numbers}
    return await meta_sandbox.start(serve, limits=LimitNumbers.model_validate(chosen))


QUOTAS: list[tuple[str, dict[str, float], str, tuple[int, int | None], int, str | None]] = [
    ("user", {"platform_user_hour": 2}, "me", (17, None), 400, None),
    ("app", {"platform_app_per_user_hour": 2}, "me", (4, None), 403, None),
    (
        "instagram",
        {"instagram_day_minimum": 2, "instagram_day_per_impression": 0},
        CERAMICS,
        (80002, None),
        400,
        CERAMICS,
    ),
    ("page_user", {"platform_user_hour": 2}, CERAMICS_PAGE, (32, None), 403, None),
    (
        "ads_management",
        {"ads_management_hour": 2, "ads_management_per_active_ad": 0},
        CERAMICS_ADS,
        (80004, 2446079),
        400,
        CERAMICS_ADS.removeprefix("act_"),
    ),
    (
        "ads_insights",
        {"ads_insights_hour": 2, "ads_insights_per_active_ad": 0},
        f"{CERAMICS_ADS}/insights",
        (80000, 2446079),
        400,
        CERAMICS_ADS.removeprefix("act_"),
    ),
]


@pytest.mark.parametrize(
    ("system", "numbers", "path", "error", "status", "owner"), QUOTAS, ids=[row[0] for row in QUOTAS]
)
async def test_a_quota(
    serve: Serve,
    system: str,
    numbers: dict[str, float],
    path: str,
    error: tuple[int, int | None],
    status: int,
    owner: str | None,
) -> None:
    """Two calls fit, the third is refused with the bucket's own code and headers, and after its window all is well."""
    meta = await limited(serve, **numbers)
    token = meta.token()
    assert [(await meta.get(path, token)).status for _ in range(2)] == [200, 200]
    refused = await meta.get(path, token)
    assert (refused.status, refused.error) == (status, error)
    assert refused.body["error"].get("is_transient", False) is (system == "app")
    if owner is not None:
        (entry,) = json.loads(refused.headers["x-business-use-case-usage"])[owner]
        assert (entry["type"], entry["call_count"]) == (system, 150)
        assert entry["estimated_time_to_regain_access"] in {60, 24 * 60}
        assert ("ads_api_access_tier" in entry) is system.startswith("ads")
    elif system == "app":
        assert json.loads(refused.headers["x-app-usage"])["call_count"] == 150
    await meta.order("time", {"advance_seconds": 25 * 3600})
    assert (await meta.get(path, token)).status == 200


async def test_quotas_are_apart(serve: Serve) -> None:
    """A full Instagram account leaves pages, ads and other people's accounts alone."""
    meta = await limited(serve, instagram_day_minimum=1, instagram_day_per_impression=0)
    token, other = meta.token(), meta.token(JONAS)
    await meta.get(CERAMICS, token)
    assert (await meta.get(CERAMICS, token)).error[0] == 80002
    for path in ("me", CERAMICS_PAGE, CERAMICS_ADS):
        assert (await meta.get(path, token)).status == 200
    assert (await meta.get("me/accounts", other)).status == 200


async def test_the_quota_of_a_page(serve: Serve) -> None:
    """Calls with the page's own token fill it, those with its people's tokens do not."""
    meta = await limited(serve, pages_day=1)
    token = meta.token()
    own = (await meta.get(CERAMICS_PAGE, token, fields="access_token")).body["access_token"]
    assert (await meta.get(CERAMICS_PAGE, own)).status == 200
    refused = await meta.get(CERAMICS_PAGE, own)
    assert refused.error == (80001, None)
    (entry,) = json.loads(refused.headers["x-business-use-case-usage"])[CERAMICS_PAGE]
    assert (entry["type"], entry["call_count"]) == ("pages", 200)
    assert (await meta.get(CERAMICS_PAGE, token)).status == 200


async def test_the_app_s_quota_grows_with_its_users(serve: Serve) -> None:
    """It is the number for one user times the people who use the app."""
    meta = await limited(serve, platform_app_per_user_hour=1)
    token, _ = meta.token(), meta.token(JONAS)
    assert [(await meta.get("me", token)).status for _ in range(3)] == [200, 200, 403]


async def test_discovery_counts_towards_the_platform(serve: Serve) -> None:
    """Looking at another account is not counted as a call to one's own, and neither is a hashtag search."""
    meta = await limited(serve)
    token = meta.token()
    found = await meta.get(CERAMICS, token, fields="business_discovery.username(ember.oak){followers_count}")
    searched = await meta.get("ig_hashtag_search", token, user_id=CERAMICS, q="pottery")
    for answer in (found, searched):
        assert answer.status == 200
        assert "x-app-usage" in answer.headers
        assert "x-business-use-case-usage" not in answer.headers


async def test_part_of_a_window(serve: Serve) -> None:
    """A rolling window gives back each call an hour after it was made."""
    meta = await limited(serve, ads_management_hour=2, ads_management_per_active_ad=0)
    token = meta.token()
    await meta.get(CERAMICS_ADS, token)
    meta.clock.advance(timedelta(minutes=40))
    await meta.get(CERAMICS_ADS, token)
    meta.clock.advance(timedelta(minutes=21))
    answer = await meta.get(CERAMICS_ADS, token)
    assert answer.status == 200
    (entry,) = json.loads(answer.headers["x-business-use-case-usage"])[CERAMICS_ADS.removeprefix("act_")]
    assert (entry["call_count"], entry["estimated_time_to_regain_access"]) == (100, 0)


async def test_quiet_meters_send_no_headers(meta: MetaSandbox) -> None:
    """Below one per cent there is no usage header."""
    answer = await meta.get(CERAMICS, meta.token())
    assert not [name for name in answer.headers if "usage" in name]


async def test_the_score_of_an_ad_account(serve: Serve) -> None:
    """A read adds 1 and a write 3 of 60; beyond it the account is shut for five minutes."""
    meta = await limited(serve)
    token = meta.token()
    await meta.get(CERAMICS_ADS, token)
    wrote = await meta.post(f"{CERAMICS_ADS}/campaigns", token, **CAMPAIGN)
    told = json.loads(wrote.headers["x-ad-account-usage"])
    assert told == {"acc_id_util_pct": 6.67, "reset_time_duration": 300, "ads_api_access_tier": "development_access"}
    assert {(await meta.get(CERAMICS_ADS, token)).status for _ in range(56)} == {200}
    refused = await meta.get(CERAMICS_ADS, token)
    assert (refused.status, refused.error) == (400, (17, 2446079))
    assert json.loads(refused.headers["x-ad-account-usage"])["acc_id_util_pct"] == 100
    meta.clock.advance(timedelta(seconds=299))
    assert (await meta.get(CERAMICS_ADS, token)).error == (17, 2446079)
    meta.clock.advance(timedelta(seconds=300))
    assert (await meta.get(CERAMICS_ADS, token)).status == 200


async def test_the_score_runs_out_evenly(serve: Serve) -> None:
    """After half of the decay time half of a full score is gone."""
    meta = await limited(serve)
    token = meta.token()
    for _ in range(60):
        answer = await meta.get(CERAMICS_ADS, token)
    assert json.loads(answer.headers["x-ad-account-usage"])["acc_id_util_pct"] == 100
    meta.clock.advance(timedelta(seconds=150))
    answer = await meta.get(CERAMICS_ADS, token)
    assert json.loads(answer.headers["x-ad-account-usage"])["acc_id_util_pct"] == pytest.approx(51.67)


async def test_changes_in_a_second(serve: Serve) -> None:
    """Error 613 for the second change in the same second; reading goes on."""
    meta = await limited(serve, mutations_per_second=1)
    token = meta.token()
    assert (await meta.post(f"{CERAMICS_ADS}/campaigns", token, **CAMPAIGN)).status == 200
    assert (await meta.post(f"{CERAMICS_ADS}/campaigns", token, **CAMPAIGN)).error == (613, 5044001)
    assert (await meta.get(CERAMICS_ADS, token)).status == 200
    meta.clock.advance(timedelta(seconds=1))
    assert (await meta.post(f"{CERAMICS_ADS}/campaigns", token, **CAMPAIGN)).status == 200


async def test_the_load_of_insights(serve: Serve) -> None:
    """Insights send a header of their own, and it is about the account's quota of insights."""
    meta = await limited(serve, ads_insights_hour=10, ads_insights_per_active_ad=0)
    answer = await meta.get(f"{CERAMICS_ADS}/insights", meta.token(), date_preset="yesterday")
    told = json.loads(answer.headers["x-fb-ads-insights-throttle"])
    assert (told["acc_id_util_pct"], told["ads_api_access_tier"]) == (10.0, "development_access")


async def test_parts_of_a_batch_fill_quotas(serve: Serve) -> None:
    """Each counts, so that the last ones of a batch may be refused while the first are served."""
    meta = await limited(serve, instagram_day_minimum=2, instagram_day_per_impression=0)
    parts = [{"method": "GET", "relative_url": CERAMICS}] * 3
    answer = await meta.post("/v26.0/", meta.token(), batch=parts)
    assert [part["code"] for part in answer.body] == [200, 200, 400]


async def punished(meta: MetaSandbox) -> dict[str, int]:
    """By system, the calls that came too early."""
    found: dict[str, int] = (await meta.get("/_sandbox/limits", None)).body["punished"]
    return found


@pytest.mark.parametrize(
    ("system", "numbers", "path"), [(row[0], row[1], row[2]) for row in QUOTAS], ids=[row[0] for row in QUOTAS]
)
async def test_calls_that_come_too_early_are_counted(
    serve: Serve, system: str, numbers: dict[str, float], path: str
) -> None:
    """Not the call that finds a quota used up, but each that comes after it while that is so."""
    meta = await limited(serve, **numbers)
    token = meta.token()
    for _ in range(3):
        await meta.get(path, token)
    assert await punished(meta) == {}
    for _ in range(2):
        await meta.get(path, token)
    assert await punished(meta) == {system: 2}
    meta.clock.advance(timedelta(hours=25))
    assert (await meta.get(path, token)).status == 200
    assert await punished(meta) == {system: 2}


async def test_calls_during_a_block_of_the_score_are_counted(serve: Serve) -> None:
    """They begin the block anew; the level that is told runs out meanwhile."""
    meta = await limited(serve, score_maximum=2)
    token = meta.token()
    for _ in range(3):
        await meta.get(CERAMICS_ADS, token)
    assert await punished(meta) == {}
    meta.clock.advance(timedelta(seconds=299))
    await meta.get(CERAMICS_ADS, token)
    assert await punished(meta) == {"score": 1}
    meta.clock.advance(timedelta(seconds=300))
    levels = (await meta.get("/_sandbox/limits", None)).body["levels"]
    (score,) = [each for each in levels if each["system"] == "score"]
    assert (score["owner"], score["counted"], score["quota"]) == (CERAMICS_ADS, 0, 2)
    assert (await meta.get(CERAMICS_ADS, token)).status == 200


# Faults on command.


async def test_a_fault_strikes_as_often_as_ordered(meta: MetaSandbox) -> None:
    """It lets `skip` calls of its path and method pass, strikes `count` times, and is gone."""
    token = meta.token()
    await meta.order("faults", {"kind": "error", "path": CERAMICS, "method": "GET", "skip": 1, "count": 2, "code": 368})
    statuses = [(await meta.get(path, token)).status for path in ("me", CERAMICS, CERAMICS, CERAMICS, CERAMICS)]
    assert statuses == [200, 200, 400, 400, 200]
    assert (await meta.get("/_sandbox/faults", None)).body == []


async def test_faults_can_be_seen_and_cleared(meta: MetaSandbox) -> None:
    """What waits is listed with how often it will strike."""
    await meta.order("faults", {"kind": "reduce_data", "count": 3})
    (waiting,) = (await meta.get("/_sandbox/faults", None)).body
    assert (waiting["kind"], waiting["left"]) == ("reduce_data", 3)
    await meta.order("faults", {}, method="DELETE")
    assert (await meta.get("me", meta.token())).status == 200


async def test_a_dropped_connection(meta: MetaSandbox) -> None:
    """The body is promised and does not come."""
    token = meta.token()
    meta.fault("drop")
    with pytest.raises(aiohttp.ClientError):
        await meta.get("me", token)
    assert (await meta.get("me", token)).body["id"] == MARA


async def test_a_slow_answer(meta: MetaSandbox) -> None:
    """It comes, whole and late."""
    meta.fault("slow", seconds=0.2)
    started = time.monotonic()
    assert (await meta.get("me", meta.token())).body["id"] == MARA
    assert time.monotonic() - started >= 0.2
