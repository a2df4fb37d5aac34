"""Approvals over REST, on the page and at the command line, as n8n, a person and an operator use them."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from tests.acceptance.programs import freehold
from tests.integration.node.conftest import Stage, call
from tests.integration.spending.conftest import Desk, set_up

from freehold.node.access import create_key, revoke_key
from freehold.node.spending import Plan
from freehold.node.spending.approvals_page import COOKIE
from freehold.node.spending.tables import spending_plans
from freehold.node.store.ads.tables import ad_changes

OURS = {"Origin": "http://127.0.0.1:3007"}


async def waiting(desk: Desk) -> Plan:
    """A plan that waits."""
    return await desk.propose("update_campaign", await desk.campaign(), daily_budget=12_000)


async def sent(desk: Desk, method: str, path: str, key: str, body: Any = None) -> tuple[int, Any]:
    """A request to the workflows listener: status and body."""
    more = {} if body is None else {"json": body}
    answer = await call(method, f"{desk.stage.workflows}/spending/{path}", key=key, **more)
    return answer.status, answer.body


async def test_a_change_over_rest(desk: Desk) -> None:
    """Planned and applied with one key, approved with another; each refused what is the other's."""
    agent = await desk.stage.key("tools:write", name="agent")
    owner = await desk.stage.key("approve", name="owner")
    campaign = await desk.campaign()
    change = {
        "kind": "update_campaign",
        "account_id": desk.account,
        "object_id": campaign,
        "parameters": {"daily_budget": 12_000},
        "currency": "USD",
    }
    status, plan = await sent(desk, "POST", "plans", agent, change)
    assert (status, plan["status"]) == (201, "waiting")
    assert plan["changes"] == [{"field": "daily_budget", "before": "100.00 USD", "after": "120.00 USD"}]
    assert plan["spend_after"]["in_words"]["today_worst"] == "210.00 USD"
    path, word = f"plans/{plan['plan_id']}", {"hash": plan["hash"]}
    assert (await sent(desk, "POST", f"{path}/approve", agent, word))[0] == 403
    assert (await sent(desk, "POST", "plans", owner, change))[0] == 403
    assert (await sent(desk, "POST", f"{path}/apply", agent, {"idempotency_key": "a"}))[1]["code"] == "approval_needed"
    assert [each["plan_id"] for each in (await sent(desk, "GET", "plans?status=waiting", owner))[1]] == [
        plan["plan_id"]
    ]
    assert (await sent(desk, "POST", f"{path}/approve", owner, word))[1]["status"] == "approved"
    status, applied = await sent(desk, "POST", f"{path}/apply", agent, {"idempotency_key": "a"})
    assert (status, applied["after"]) == (200, {"daily_budget": 12_000})
    (changed,) = (await sent(desk, "GET", "changes", owner))[1]
    assert changed["changed_by"] == "agent"
    assert (await sent(desk, "GET", "changes/verify", owner))[1]["wrong"] == []
    status, back = await sent(desk, "POST", f"changes/{applied['change_id']}/undo", agent)
    assert (status, back["status"], back["undoes"]) == (201, "ready", applied["change_id"])
    assert (await sent(desk, "POST", "pause-everything", owner, {}))[0] == 200
    assert (await desk.read(campaign, "status"))["status"] == "PAUSED"


async def test_a_key_for_some_assets_reaches_no_other_account(desk: Desk) -> None:
    """Neither to plan, nor to see, nor to stop."""
    plan = await waiting(desk)
    async with desk.stage.node.database.writing() as session:
        made = await create_key(
            session, "part", ["tools:write", "tools:read"], desk.stage.clock.now(), assets=["act_1"]
        )
    change = {"kind": "update_campaign", "account_id": desk.account, "object_id": plan.object_id}
    assert (await sent(desk, "POST", "plans", made.secret, {**change, "parameters": {"status": "PAUSED"}}))[0] == 403
    assert (await sent(desk, "GET", f"plans/{plan.id}", made.secret))[0] == 403
    assert (await sent(desk, "GET", "plans", made.secret))[1] == []
    assert (await sent(desk, "POST", "pause-everything", made.secret, {}))[0] == 403


async def test_meta_s_refusal_is_told(desk: Desk) -> None:
    """In its own words, when it checks the plan."""
    agent = await desk.stage.key("tools:write", name="agent")
    change = {"kind": "update_campaign", "account_id": desk.account, "object_id": await desk.campaign()}
    status, body = await sent(desk, "POST", "plans", agent, {**change, "parameters": {"bid_strategy": "NONSENSE"}})
    assert (status, body["code"]) == (422, "provider_rejected")


async def posted(desk: Desk, path: str, cookie: str = "", headers: dict[str, str] | None = None, **form: str) -> Any:
    """A form from the page."""
    sent_headers = {**OURS, **(headers or {}), **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})}
    return await call("POST", f"{desk.stage.workflows}/approvals{path}", headers=sent_headers, data=form)


async def test_the_page_asks_for_the_key_with_each_decision(desk: Desk) -> None:
    """Signing in shows what waits and decides nothing; without the key, or from elsewhere, nothing is decided."""
    plan, key = await waiting(desk), await desk.stage.key("approve", name="owner")
    assert plan.object_name not in (await call("GET", f"{desk.stage.workflows}/approvals")).text
    answer = await posted(desk, "", key=key)
    assert answer.status == 303
    cookie = answer.cookies[COOKIE].value
    assert key not in cookie
    page = await call("GET", f"{desk.stage.workflows}/approvals", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert plan.object_name in page.text
    assert "120.00 USD" in page.text
    assert key not in page.text
    form: dict[str, Any] = {"hash": plan.hash, "decision": "approved"}
    assert (await posted(desk, f"/plans/{plan.id}", cookie, **form)).status == 401
    writer = await desk.stage.key("tools:write", name="agent")
    assert (await posted(desk, f"/plans/{plan.id}", cookie, key=writer, **form)).status == 403
    elsewhere = {"Origin": "https://evil.example"}
    assert (await posted(desk, f"/plans/{plan.id}", cookie, elsewhere, key=key, **form)).status == 403
    answer = await posted(desk, f"/plans/{plan.id}", cookie, key=key, **form)
    assert (answer.status, "approved." in answer.text) == (200, True)
    await desk.apply(plan)


async def test_the_page_shows_planted_words_as_words(desk: Desk) -> None:
    """A campaign's name is text, also where it looks like a page."""
    key = await desk.stage.key("approve", name="owner")
    campaign = await desk.campaign(name="<script>alert(1)</script><form action=//evil.example>")
    await desk.propose("update_campaign", campaign, daily_budget=12_000)
    cookie = (await posted(desk, "", key=key)).cookies[COOKIE].value
    page = await call("GET", f"{desk.stage.workflows}/approvals", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert "<script" not in page.text
    assert re.findall(r'<form[^>]*action="([^"]*)"', page.text) == [
        f"/approvals/plans/{(await desk.stage.rows(spending_plans))[0]['id']}", "/approvals/pause-everything",
    ]  # fmt: skip


async def opened(desk: Desk, **chosen: Any) -> str:
    """The page as somebody sees it whose key is for these assets."""
    async with desk.stage.node.database.writing() as session:
        made = await create_key(session, "part", ["approve"], desk.stage.clock.now(), **chosen)
    cookie = (await posted(desk, "", key=made.secret)).cookies[COOKIE].value
    return (await call("GET", f"{desk.stage.workflows}/approvals", headers={"Cookie": f"{COOKIE}={cookie}"})).text


async def test_an_approver_sees_the_plans_of_their_accounts_alone(desk: Desk) -> None:
    """On the page when it is opened, and after a decision that failed."""
    plan = await waiting(desk)
    assert plan.id in await opened(desk, assets=[desk.account])
    assert plan.id not in await opened(desk, assets=["act_1"])
    async with desk.stage.node.database.writing() as session:
        other = await create_key(session, "other", ["approve"], desk.stage.clock.now(), assets=["act_1"])
    form: dict[str, Any] = {"hash": plan.hash, "decision": "approved", "key": other.secret}
    refused = await posted(desk, f"/plans/{plan.id}", **form)
    assert (refused.status, plan.id in refused.text) == (403, False)


async def test_a_key_that_was_revoked_no_longer_opens_the_page(desk: Desk) -> None:
    """The cookie of a quarter of an hour ends with its key."""
    plan = await waiting(desk)
    async with desk.stage.node.database.writing() as session:
        made = await create_key(session, "owner", ["approve"], desk.stage.clock.now())
    cookie = (await posted(desk, "", key=made.secret)).cookies[COOKIE].value
    async with desk.stage.node.database.writing() as session:
        assert await revoke_key(session, made.id, desk.stage.clock.now())
    page = await call("GET", f"{desk.stage.workflows}/approvals", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert plan.id not in page.text


async def test_the_page_says_what_is_meant_and_hides_nothing(desk: Desk) -> None:
    """Ids beside names, currencies as they are written, foreign words kept from turning the line around."""
    campaign = await desk.campaign(name="Spring \u202eelas")
    await desk.propose("update_campaign", campaign, daily_budget=12_000)
    page = await opened(desk)
    for told in (f"<code>{campaign}</code>", f"<code>{desk.account}</code>", "<bdi>Spring [U+202E]elas</bdi>"):
        assert told in page
    assert "USD" in page
    assert "usd" not in page
    assert "\u202e" not in page


async def test_lists_go_on_where_a_page_ended(desk: Desk) -> None:
    """A key for one account gets whole pages of its own plans, however many others were proposed since."""
    plans = [await waiting(desk) for _ in range(3)]
    async with desk.stage.node.database.writing() as session:
        others = update(spending_plans).where(spending_plans.c.id == plans[-1].id)
        await session.execute(others.values(account_id="act_1"))
        part = await create_key(session, "part", ["approve"], desk.stage.clock.now(), assets=[desk.account])
    pages, after = [], ""
    for _ in range(3):
        (_, rows) = await sent(desk, "GET", f"plans?limit=1{after}", part.secret)
        pages += [row["plan_id"] for row in rows]
        after = f"&after={pages[-1]}"
    assert sorted(pages) == sorted(plan.id for plan in plans[:2])
    assert (await sent(desk, "GET", f"plans?after={'0' * 16}", part.secret))[1]["code"] == "cursor_invalid"


async def command(desk: Desk, *arguments: str, typed: str = "") -> tuple[int, str]:
    """`freehold node …`: status and output; errors are one line."""
    where = {
        "FREEHOLD_NODE_DATA_DIR": str(desk.stage.node.settings.data_dir),
        "FREEHOLD_NODE_GRAPH_URL": desk.stage.meta.url,
    }
    status, out, err = await freehold("node", *arguments, environment=where, typed=typed)
    assert "Traceback" not in err, err
    return status, out + err


async def test_the_operator_decides_at_the_command_line(stage: Stage) -> None:
    """Lists, shows, is refused without a key, approves, sees the change, verifies the chain, and reads the rules."""
    stage.clock.advance(datetime.now(UTC) - stage.clock.now())  # commands go by the machine's own time
    desk = await set_up(stage)
    plan, key = await waiting(desk), await desk.stage.key("approve", name="owner")
    listed = json.loads((await command(desk, "approvals", "list", "--json"))[1])
    assert [each["plan_id"] for each in listed] == [plan.id]
    status, told = await command(desk, "approvals", "show", plan.id)
    assert (status, "100.00 USD -> 120.00 USD" in told) == (0, True)
    assert (await command(desk, "approvals", "approve", plan.id, typed="wrong"))[0] == 1
    assert (await command(desk, "approvals", "approve", plan.id, typed=key))[0] == 0
    await desk.apply(plan)
    assert "update_campaign" in (await command(desk, "changes", "list", "--json"))[1]
    assert (await command(desk, "changes", "verify"))[0] == 0
    assert "edit_budget" in (await command(desk, "rules", "show"))[1]
    rules = desk.stage.node.settings.data_dir / "rules.json"
    rules.write_text('[{"action": "all", "condition": "always", "effect": "forbid"}]')
    assert (await command(desk, "rules", "set", str(rules), typed="wrong"))[0] == 1
    assert (await command(desk, "rules", "set", str(rules), typed=key))[0] == 0
    assert (await desk.propose("update_campaign", plan.object_id, daily_budget=13_000)).status == "forbidden"
    async with desk.stage.node.database.writing() as session:
        await session.execute(ad_changes.update().values(after="{}"))
    assert (await command(desk, "changes", "verify"))[0] == 1
