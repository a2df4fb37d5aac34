"""Port 3007 as n8n uses it: order, look, cancel, resume; each under a key with the scope `workflows`."""

import pytest
from tests.integration.node.conftest import CERAMICS_ASSETS, MakeStage, Stage, call
from tests.integration.workflows.conftest import find, order
from tests.meta_sandbox import CERAMICS

from freehold.node.runs import queries


@pytest.fixture
async def api(make_stored: MakeStage) -> tuple[Stage, str]:
    """A connected node, and a key that may order workflows."""
    stage = await make_stored()
    await stage.connect(assets=CERAMICS_ASSETS)
    return stage, await stage.key("workflows")


async def test_a_run_is_ordered_and_found(api: tuple[Stage, str]) -> None:
    """What was asked for is what is written down, and it waits for a worker."""
    stage, key = api
    wanted = {"days": 3, "asset_ids": [CERAMICS], "callback_url": "https://n8n.example/hook?signature=abc"}
    ordered = await call("POST", f"{stage.workflows}/workflows/instagram_daily/runs", key=key, json=wanted)
    assert ordered.status == 202
    run_id = ordered.body["run_id"]
    found = (await call("GET", f"{stage.workflows}/runs/{run_id}", key=key)).body
    assert (found["workflow"], found["outcome"], found["trigger"]) == ("instagram_daily", "queued", "api")
    assert (found["days"], found["asset_ids"]) == (3, [CERAMICS])
    assert "callback_url" not in found
    listed = (await call("GET", f"{stage.workflows}/runs?workflow=instagram_daily&outcome=queued", key=key)).body
    assert [run["run_id"] for run in listed["runs"]] == [run_id]
    assert (await call("GET", f"{stage.workflows}/runs?outcome=failed", key=key)).body == {"runs": []}
    assert (await find(stage.node, run_id)).order.callback_url == wanted["callback_url"]


async def test_a_run_that_a_clock_orders_is_one_by_schedule(api: tuple[Stage, str]) -> None:
    """Whoever's clock it is: a report of a client without numbers is then no failure."""
    stage, key = api
    path = f"{stage.workflows}/workflows/weekly_report/runs"
    ordered = await call("POST", path, key=key, json={"scheduled": True})
    found = (await call("GET", f"{stage.workflows}/runs/{ordered.body['run_id']}", key=key)).body
    assert (found["workflow"], found["trigger"]) == ("weekly_report", "schedule")


async def test_every_workflow_is_listed_with_its_time(api: tuple[Stage, str]) -> None:
    """A caller learns what there is, and when it begins by itself."""
    stage, key = api
    listed = (await call("GET", f"{stage.workflows}/workflows", key=key)).body["workflows"]
    begins = {each["name"]: each["schedule"] for each in listed}
    assert begins["instagram_daily"] == "daily 09:10"
    assert begins["collection"] == ""


REFUSED: tuple[tuple[str, dict[str, object], tuple[int, str]], ...] = (
    ("workflows/nothing/runs", {}, (404, "workflow_unknown")),
    ("workflows/ads_daily/runs", {"asset_ids": ["act_1"]}, (422, "asset_not_confirmed")),
    ("workflows/ads_daily/runs", {"callback_url": "http://169.254.169.254/"}, (422, "callback_refused")),
    ("workflows/ads_daily/runs", {"callback_url": "file:///etc/passwd"}, (422, "callback_refused")),
    ("workflows/ads_daily/runs", {"days": 0}, (422, "invalid_request")),
    ("workflows/ads_daily/runs", {"token": "x"}, (422, "invalid_request")),
    ("runs/nothing/cancel", {}, (404, "run_unknown")),
)


async def test_what_cannot_be_ordered_is_refused(api: tuple[Stage, str]) -> None:
    """Each mistake has its own code, and nothing is ordered."""
    stage, key = api
    for path, body, refusal in REFUSED:
        assert (await call("POST", f"{stage.workflows}/{path}", key=key, json=body)).refusal == refusal
    async with stage.node.database.reading() as session:
        assert await queries.list_runs(session) == []


async def test_a_key_without_the_scope_orders_nothing(api: tuple[Stage, str]) -> None:
    """Every endpoint asks for it."""
    stage, _ = api
    key = await stage.key("tools:read")
    for method, path in (("GET", "workflows"), ("GET", "runs"), ("GET", "runs/x"), ("POST", "runs/x/cancel")):
        assert (await call(method, f"{stage.workflows}/{path}", key=key)).refusal == (403, "scope_missing")
    ordered = await call("POST", f"{stage.workflows}/workflows/ads_daily/runs", key=key, json={})
    assert ordered.refusal == (403, "scope_missing")


async def test_a_run_is_cancelled_once_and_resumed(api: tuple[Stage, str]) -> None:
    """Cancelling ends it; resuming orders it again under the same id; neither works twice."""
    stage, key = api
    run_id = await order(stage.node, "ads_daily")
    url = f"{stage.workflows}/runs/{run_id}"
    assert (await call("POST", f"{url}/resume", key=key)).refusal == (409, "run_has_not_ended")
    cancelled = await call("POST", f"{url}/cancel", key=key)
    assert (cancelled.status, cancelled.body["outcome"]) == (200, "cancelled")
    assert (await call("POST", f"{url}/cancel", key=key)).refusal == (409, "run_has_ended")
    resumed = await call("POST", f"{url}/resume", key=key)
    assert (resumed.body["outcome"], resumed.body["attempt"], resumed.body["ended_at"]) == ("queued", 2, None)
