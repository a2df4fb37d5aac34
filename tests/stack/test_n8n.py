"""The workflow library in the real n8n, as it is shipped, against a real node, its broker and the sandbox.

The tests share one n8n and one node, and each leaves n8n idle with the library as it was set up.
"""

import copy
import csv
import dataclasses
import functools
import io
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.stack.automation import BY_HAND, MARK, Automation, library, stopped, until
from tests.stack.products import NocoDb
from tests.stack.searches import database_files, explained

from freehold.demo.marks import Place, files, search
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import SystemClock
from freehold.node.access import create_key, list_keys, revoke_key
from freehold.node.bootstrap.n8n import library as shipped_library
from freehold.node.bootstrap.n8n.credentials import PROPOSING, READING, WORKFLOWS, Given, give
from freehold.node.bootstrap.n8n.library import COMPARED
from freehold.node.bootstrap.n8n.machine import Machine
from freehold.node.bootstrap.n8n.workflows import bring
from freehold.node.context import open_node
from freehold.node.notifications.targets import keep_target, load_targets, new_target, remove_target
from freehold.node.settings import NodeSettings
from freehold.node.store.ads.tables import ad_campaigns, ad_insights
from freehold.node.store.facebook.tables import facebook_posts
from freehold.node.store.instagram.tables import instagram_insights, instagram_posts
from freehold.node.vault import credentials

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAMES = [each.name for each in library()]
ANALYSES = [each for each in NAMES if each in {"recommendations", "weekly_report", "monthly_report", "alert_digest"}]
"""What is made of the data, and told."""
COLLECTED = (instagram_posts, instagram_insights, facebook_posts, ad_campaigns, ad_insights)
BY_SCHEDULE = {
    **BY_HAND,
    "type": "n8n-nodes-base.scheduleTrigger",
    "typeVersion": 1.2,
    "parameters": {"rule": {"interval": [{"field": "cronExpression", "expression": ""}]}},
}


async def counted(stage: Automation, *names: str) -> dict[str, int]:
    """How many runs of workflows there are."""
    return {name: len(await stage.runs(name)) for name in names}


async def outcomes(stage: Automation, *names: str) -> dict[str, str]:
    """How the newest run of each ended."""
    return {name: (await stage.runs(name))[0].outcome for name in names}


async def broken(stage: Automation) -> list[str]:
    """Executions that ended by an error."""
    return [each for each, status in (await stage.executions()).items() if status not in {"waiting", "running", "new"}]


async def tables(stage: Automation) -> dict[str, int]:
    """How much was collected."""
    return {table.name: await stage.count(table) for table in COLLECTED}


async def test_every_workflow_runs_by_hand(stage: Automation) -> None:
    """Each orders its run, waits until it is told and ends well: the tables fill, and nobody hears of a failure."""
    await stage.run_all(*NAMES)
    assert await outcomes(stage, *NAMES) == dict.fromkeys(NAMES, "complete")
    assert (await broken(stage), await stage.told()) == ([], {})
    assert all((await tables(stage)).values())
    by_hand = {name for name in NAMES for run in await stage.runs(name) if run.order.trigger == "api"}
    assert by_hand == set(NAMES), "n8n's own clock may have begun others meanwhile"


async def test_as_many_posts_are_stored_as_the_account_has(stage: Automation) -> None:
    """By Instagram's own count, read through the node's proxy with the key for reading."""
    account = next(asset for asset in stage.node.member.assets if asset.startswith("1784"))
    async with stage.database.writing() as session:
        key = await create_key(session, "somebody", ["tools:read"], datetime.now(UTC))
    url = f"{stage.node.pages_url}/graph/{account}?fields=media_count"
    async with stage.session.get(url, headers={"X-API-Key": key.secret}) as answer:
        told = (await answer.json())["media_count"]
    async with stage.database.reading() as session:
        of = instagram_posts.c
        query = select(func.count()).where(of.account_id == account, of.product_type != "STORY")
        stored = (await session.execute(query)).scalar_one()
    assert stored == told > 0


async def test_every_workflow_runs_by_its_schedule(stage: Automation) -> None:
    """n8n's own clock begins it, once. An edit moves the hour, and is kept; undone, all is ours again.

    A workflow of somebody's that stops by an error at that minute is told by the error workflow, with step and reason.
    """
    at = (datetime.now(UTC) + timedelta(seconds=90)).replace(second=0, microsecond=0)
    before, originals = await counted(stage, *NAMES), {}
    for name in NAMES:
        originals[name] = await stage.edit(name, lambda workflow: begin_at(workflow, at))
    wrong = await made(stage, "httpRequest", 4.4, {"url": stage.pages + "/nothing"}, at)
    done = {each.what: each.change for each in await stage.bootstrap("--only", "n8n")}
    assert datetime.now(UTC) < at, "the machine is too slow for this test"
    await until(lambda: stage.ran(before), "every schedule has begun its workflow", 300)
    for name, original in originals.items():
        await stage.edit(name, functools.partial(undo, original))
    await stage.rest("POST", f"workflows/{wrong}/archive")
    assert await counted(stage, *NAMES) == {name: runs + 1 for name, runs in before.items()}
    assert {(await stage.runs(name))[0].order.trigger for name in NAMES} == {"schedule"}
    assert await outcomes(stage, *NAMES) == dict.fromkeys(NAMES, "complete")
    ((key, notice),) = (await stage.told()).items()
    assert key.startswith(f"workflow:n8n:{wrong}:")
    assert "Somebody's httpRequest" in notice["title"]
    assert 'at the step "Step"' in notice["text"]
    assert len(await broken(stage)) == 1, "what went wrong is kept, so that somebody can look"
    assert sorted(done.values()) == sorted(["kept"] * len(NAMES) + ["unchanged"] * (len(done) - len(NAMES)))
    assert {each.change for each in await stage.bootstrap("--only", "n8n")} == {"unchanged"}


def undo(original: dict[str, Any], workflow: dict[str, Any]) -> None:
    """Bring a workflow back to what it was."""
    workflow.update(copy.deepcopy(original))


def begin_at(workflow: dict[str, Any], at: datetime) -> None:
    """Set a workflow's schedule to one minute of the day."""
    (trigger,) = [node for node in workflow["nodes"] if node["type"].endswith("scheduleTrigger")]
    trigger["parameters"]["rule"]["interval"][0]["expression"] = f"{at.minute} {at.hour} * * *"


async def test_n8n_restarted_in_the_middle_of_a_run(stage: Automation) -> None:
    """The execution that waits is there again, and is told as soon as n8n answers."""
    before, held, quiet = await counted(stage, "instagram_daily"), await tables(stage), await unwell(stage)
    with stopped(stage.platform.programs[0]):
        execution = await stage.by_hand("instagram_daily")
        await until(lambda: stands(stage, execution, "waiting"), "n8n waits")
        await until(lambda: is_running(stage, "instagram_daily"), "the node works on the run")
        stage.cluster.restart_main()
    await until(lambda: stage.ran(before), "the run has ended, and n8n has been told")
    assert await outcomes(stage, "instagram_daily") == {"instagram_daily": "complete"}
    assert len(await stage.runs("instagram_daily")) == before["instagram_daily"] + 1
    assert (await unwell(stage), await tables(stage)) == (quiet, held)


async def test_the_worker_killed_while_the_run_goes_on(stage: Automation) -> None:
    """Whoever waits needs no worker; when the node tells, the next worker goes on."""
    before, held, quiet = await counted(stage, "facebook_page_daily"), await tables(stage), await unwell(stage)
    with stopped(stage.platform.programs[0]):
        execution = await stage.by_hand("facebook_page_daily")
        await until(lambda: stands(stage, execution, "waiting"), "n8n waits")
        stage.cluster.kill_worker()
    await until(lambda: has_ended(stage, "facebook_page_daily"), "the run has ended")
    stage.cluster.start_worker()
    await until(lambda: stage.ran(before), "the execution has ended")
    assert await outcomes(stage, "facebook_page_daily") == {"facebook_page_daily": "complete"}
    assert (await unwell(stage), await tables(stage)) == (quiet, held)


async def test_the_node_killed_in_the_middle_of_a_run(stage: Automation) -> None:
    """Started again, it finishes the run and tells n8n, which has waited."""
    before, held, quiet = await counted(stage, "instagram_daily"), await tables(stage), await unwell(stage)
    with stopped(stage.platform.programs[0]):
        await stage.by_hand("instagram_daily")
        await until(lambda: is_running(stage, "instagram_daily"), "the node works on the run")
        stage.node.program.process.kill()
        await stage.node.program.process.wait()
    await stage.restart_node({})
    await until(lambda: stage.ran(before), "the run has ended, and n8n has been told")
    assert await outcomes(stage, "instagram_daily") == {"instagram_daily": "complete"}
    assert (await unwell(stage), await tables(stage)) == (quiet, held)


async def test_the_worker_killed_while_it_orders_a_run(stage: Automation) -> None:
    """n8n ends what the dead worker had, and the error workflow tells; the next order is done as ever."""
    held, (_, failed) = await tables(stage), await unwell(stage)
    at = (datetime.now(UTC) + timedelta(seconds=70)).replace(second=0, microsecond=0)
    original = await stage.edit("token_refresh", lambda workflow: begin_at(workflow, at))
    await until(lambda: soon(at), "the minute is near", 90)
    with stopped(stage.node.program):
        await until(lambda: executing(stage), "the worker is at it", 90)
        stage.cluster.kill_worker()
    await stage.edit("token_refresh", functools.partial(undo, original))
    stage.cluster.start_worker()
    await until(lambda: n8n_told(stage, "Tokens and data access"), "the error workflow has told", 240)
    assert len((await unwell(stage))[1]) == len(failed) + 1
    await stage.run_all("token_refresh")
    assert (await outcomes(stage, "token_refresh"), await tables(stage)) == ({"token_refresh": "complete"}, held)


async def test_a_run_that_fails_is_told(stage: Automation) -> None:
    """On the failure path of every workflow, with the reason, to whom the operator has named; once a day for each."""
    before = await counted(stage, *NAMES)
    await stage.restart_node({"FREEHOLD_NODE_RUN_TIMEOUT": "0.000001"})
    for name in NAMES:
        await stage.by_hand(name)
    await until(lambda: stage.ran(before), "every run has failed")
    assert await outcomes(stage, *NAMES) == dict.fromkeys(NAMES, "timed_out")
    today = datetime.now(UTC).date()
    told = await stage.told()
    assert {key for key in told if ":timed_out:" in key} == {f"workflow:{name}:timed_out:{today}" for name in NAMES}
    assert "it was not done within" in told[f"workflow:ads_daily:timed_out:{today}"]["text"]
    await until(lambda: arrived(stage, len(NAMES)), "the target has heard of all of them")
    await stage.restart_node({})


async def test_while_the_node_is_away_n8n_shows_an_error(stage: Automation) -> None:
    """What is made of the data cannot be ordered then: n8n tries for twenty seconds, and shows where it gave up."""
    before, copies = await counted(stage, *ANALYSES), [await kept_copy(stage, name) for name in ANALYSES]
    await stage.node.program.stop()
    try:
        tried = [await stage.run(each) for each in copies]
        await until(lambda: all_stand(stage, tried, "error"), "all have given up", 90)
    finally:
        await stage.restart_node({})
    for execution in tried:
        (row,) = await stage.n8n_rows('SELECT data FROM execution_data WHERE "executionId" = $1', int(execution))
        assert "Order the run" in row["data"]
        assert "ECONNREFUSED" in row["data"]
    await stage.rest("POST", "executions/delete", {"ids": tried})
    for each in copies:
        await stage.rest("POST", f"workflows/{each}/archive")
    assert await counted(stage, *ANALYSES) == before


async def kept_copy(stage: Automation, name: str) -> str:
    """A copy of a workflow of the library whose executions by hand are kept, as those by schedule are; gives its id."""
    there = await stage.api.get(f"workflows/{await stage.workflow_id(name)}")
    assert there is not None
    copied = {each: there[each] for each in COMPARED}
    copied["settings"] |= {"saveManualExecutions": True}
    return str((await stage.api.write("POST", "workflows", {**copied, "name": f"Copy of {name}"}))["id"])


async def test_the_button_tries_every_target_and_says_in_words_what_came_of_it(stage: Automation) -> None:
    """Pressed in n8n: who took the test message, who did not and why; and what to do where nobody is to be told."""
    folder, (hook,) = stage.node.data_dir, load_targets(stage.node.data_dir)
    keep_target(folder, new_target("gone", "http://127.0.0.1:1/told", AddressPolicy.of("127.0.0.0/8")))
    tried = await said(stage, "notification_test")
    for name in (hook.name, "gone"):
        remove_target(folder, name)
    nobody = await said(stage, "notification_test")
    keep_target(folder, hook)
    assert [body["kind"] for _, body in stage.sink.taken].count("test") == 1
    assert tried.keys() == {hook.name, "gone"}
    assert tried[hook.name] == "The test message was taken. Look whether it is there."
    assert tried["gone"].startswith("Not everybody got the test message. Why: ")
    assert nobody == {
        "none": "No test message was sent. Why: Nobody is told yet. "
        "What to do: The operator adds a target: `freehold node notify add`."
    }


async def said(stage: Automation, name: str) -> dict[str, str]:
    """What a workflow shows whoever presses its button, by target; n8n writes texts down once, and refers to them."""
    held = json.loads(await record(stage, await kept_copy(stage, name)))
    shown = [each for each in held if isinstance(each, dict) and "what came of it" in each]
    return {held[int(each["target"])]: held[int(each["what came of it"])] for each in shown}


async def test_the_example_exports_what_was_collected(stage: Automation) -> None:
    """It is off until somebody publishes it; run by hand it has the day's files written."""
    there = await stage.api.get(f"workflows/{await stage.workflow_id('export')}")
    assert there is not None
    assert not there["active"]
    await stage.run_all("export")
    assert await outcomes(stage, "export") == {"export": "complete"}
    posts = (stage.node.data_dir / "exports" / "latest" / "bi_posts.csv").read_text(encoding="utf-8-sig")
    wanted = instagram_posts.c.product_type != "STORY"
    assert len(list(csv.DictReader(io.StringIO(posts)))) == await stage.count(instagram_posts, wanted) > 0


async def test_a_set_up_after_an_upgrade_updates_what_nobody_edited(stage: Automation) -> None:
    """It stays active, or off where somebody switched it off; what was deleted stays so, and nothing is made twice."""
    newest = {each.name: each for each in shipped_library.shipped() if each.name in {"stories_hourly", *ANALYSES}}
    older = [dataclasses.replace(each, content=copy.deepcopy(each.content)) for each in newest.values()]
    for each in older:
        each.content["nodes"][0]["parameters"]["content"] = "## As it was in an earlier version"
    for name in ANALYSES:
        await stage.rest("POST", f"workflows/{await stage.workflow_id(name)}/deactivate", {})
    machine = Machine(stage.api, stage.database, SystemClock())
    assert {each.change for each in await bring(machine, older, await placed(stage))} == {"updated"}
    done = {each.what: each.change for each in await stage.bootstrap("--only", "n8n")}
    assert {each.change for each in await stage.bootstrap("--only", "n8n")} == {"unchanged"}
    for name, each in newest.items():
        there = await stage.api.get(f"workflows/{await stage.workflow_id(name)}")
        assert there is not None
        assert done[f'n8n workflow "{there["name"]}"'] == "updated"
        assert there["nodes"][0]["parameters"] == each.content["nodes"][0]["parameters"]
        assert there["active"] is (name not in ANALYSES)
        assert there["activeVersionId"] == (there["versionId"] if there["active"] else None)
    known = await stage.n8n_rows('SELECT name FROM workflow_entity WHERE NOT "isArchived"')
    assert len(known) == len({row["name"] for row in known})
    for name in ANALYSES:
        await stage.api.write("POST", f"workflows/{await stage.workflow_id(name)}/activate", {})


async def placed(stage: Automation) -> shipped_library.Place:
    """What is particular to this machine, as far as workflows that order a run have it."""
    ids = {"Freehold workflows": await stage.part_id("credential:Freehold workflows")}
    return shipped_library.Place({"http://node:3007": stage.pages}, ids, await stage.workflow_id("errors"))


async def test_a_key_that_was_revoked_is_replaced(stage: Automation) -> None:
    """n8n gets another at the next set-up, and no old one stays good."""
    async with stage.database.writing() as session:
        for key in await list_keys(session):
            if key.name == "n8n workflows":
                await revoke_key(session, key.id, datetime.now(UTC))
    changed = [each for each in await stage.bootstrap("--only", "n8n") if each.change != "unchanged"]
    assert [(each.what, each.change) for each in changed] == [('n8n credential "Freehold workflows"', "updated")]
    await stage.run_all("token_refresh")
    async with stage.database.reading() as session:
        good = [key for key in await list_keys(session) if key.name.startswith("n8n ") and key.revoked_at is None]
    assert sorted(key.name for key in good) == ["n8n proposing", "n8n reading", "n8n workflows"]


PAGES, RECEIVER = "http://flows.moved.example:3007", "http://receiver.moved.example:3006"


@pytest.mark.parametrize(
    ("given", "urls", "hosts"),
    [
        (WORKFLOWS, [PAGES], "flows.moved.example"),
        (READING, [PAGES, RECEIVER], "flows.moved.example,receiver.moved.example"),
    ],
    ids=["workflows", "reading"],
)
async def test_a_credential_follows_the_nodes_addresses(
    stage: Automation, given: Given, urls: list[str], hosts: str
) -> None:
    """Where the node gets another name, n8n may send the key there, and no longer to the old one; then back again."""
    machine, what = Machine(stage.api, stage.database, SystemClock()), f'n8n credential "{given.name}"'
    changes = [(await give(machine, given, urls))[1].change for _ in range(2)]
    credential = await stage.part_id(f"credential:{given.name}")
    held = (await stage.rest("GET", f"credentials/{credential}?includeData=true"))["data"]
    back = [each.what for each in await stage.bootstrap("--only", "n8n") if each.change != "unchanged"]
    assert changes == ["updated", "unchanged"]
    assert (held["allowedHttpRequestDomains"], held["allowedDomains"]) == ("domains", hosts)
    assert back == [what]


REFUSED: tuple[tuple[str, str, float, dict[str, Any], str], ...] = (
    (
        "the environment",
        "set",
        3.4,
        {
            "assignments": {
                "assignments": [{"id": "1", "name": "a", "type": "string", "value": "={{ $env.DB_POSTGRESDB_HOST }}"}]
            }
        },
        "access to env vars denied",
    ),
    ("the process", "code", 2, {"jsCode": "return [{json: process.env}]"}, "process is not defined"),
    ("files", "code", 2, {"jsCode": "return [{json: {a: require('fs')}}]"}, "Module 'fs' is disallowed"),
    ("commands", "code", 2, {"jsCode": "return [{json: {a: require('child_process')}}]"}, "is disallowed"),
    ("this machine", "httpRequest", 4.4, {"url": "http://127.0.0.1:1/"}, "resolves to a restricted IP address"),
    ("the cloud's metadata", "httpRequest", 4.4, {"url": "http://169.254.169.254/"}, "restricted IP address"),
)


@pytest.mark.parametrize(
    ("what", "kind", "version", "parameters", "reason"), REFUSED, ids=[each[0] for each in REFUSED]
)
async def test_a_workflow_that_reaches_for_more_is_stopped(
    stage: Automation, what: str, kind: str, version: float, parameters: dict[str, Any], reason: str
) -> None:
    """The real n8n runs it, and refuses."""
    del what
    workflow_id = await made(stage, kind, version, parameters)
    execution = await stage.run(workflow_id)
    await until(lambda: stands(stage, execution, "error"), "it was refused")
    rows = await stage.n8n_rows('SELECT data FROM execution_data WHERE "executionId" = $1', int(execution))
    assert reason in rows[0]["data"].replace("\\'", "'")
    await stage.rest("POST", f"workflows/{workflow_id}/archive")


@pytest.mark.parametrize(
    "kind", ["executeCommand", "readWriteFile", "ssh", "git", "localFileTrigger", "readBinaryFile"]
)
async def test_a_node_that_is_not_shipped_is_unknown(stage: Automation, kind: str) -> None:
    """A workflow that holds one cannot be run."""
    workflow_id = await made(stage, kind, 1, {})
    with pytest.raises(AssertionError, match=f"Unrecognized node type: n8n-nodes-base.{kind}"):
        await stage.run(workflow_id)
    await stage.rest("POST", f"workflows/{workflow_id}/archive")


async def test_community_packages_cannot_be_installed(stage: Automation) -> None:
    """There is nothing that would take the order."""
    with pytest.raises(AssertionError, match="404"):
        await stage.rest("POST", "community-packages", {"name": "n8n-nodes-anything"})


async def test_the_example_stores_posts_in_a_table_of_nocodbs_own(stage: Automation) -> None:
    """As somebody who follows its note: a base, a table and a token of NocoDB's; no token of Meta's anywhere."""
    columns = [{"title": each, "uidt": "SingleLineText"} for each in ("post_id", "posted_at", "permalink")]
    columns += [
        {"title": "caption", "uidt": "LongText"},
        *({"title": each, "uidt": "Number"} for each in ("likes", "comments")),
    ]
    noco = NocoDbOwner(stage, stage.nocodb)
    base = (await noco.ask("POST", "meta/bases", {"title": "Ours"}))["id"]
    table = (
        await noco.ask(
            "POST", f"meta/bases/{base}/tables", {"table_name": "posts", "title": "posts", "columns": columns}
        )
    )["id"]
    token = (await noco.ask("POST", f"meta/bases/{base}/api-tokens", {"description": "n8n"}))["token"]
    url = stage.nocodb.url.replace("127.0.0.1", "localhost")
    given = {"name": "NocoDB", "type": "nocoDbApiToken", "data": {"host": url, "apiToken": token}}
    credential = (await stage.api.write("POST", "credentials", given))["id"]

    def fill_in(workflow: dict[str, Any]) -> None:
        (store,) = [node for node in workflow["nodes"] if node["name"] == "Store"]
        store["parameters"] |= {"projectId": base, "table": table}
        store["credentials"] = {"nocoDbApiToken": {"id": credential, "name": "NocoDB"}}

    await stage.edit("posts_to_nocodb", fill_in)
    await stage.by_hand("posts_to_nocodb")
    await until(lambda: has_told(stage, "posts_to_nocodb"), "it has told that posts were stored")
    rows = (await noco.ask("GET", f"tables/{table}/records", None))["list"]
    stored = {row["post_id"] for row in rows}
    async with stage.database.reading() as session:
        known = {row.post_id for row in await session.execute(instagram_posts.select())}
    assert len(stored) == len(rows) == 10
    assert stored <= known
    assert all(row["permalink"] for row in rows)


async def test_the_example_tells_the_best_posts(stage: Automation) -> None:
    """Of the week, by the tools of Instagram Analytics, with links to the account's posts; the best one first."""
    await stage.run_all("instagram_daily")
    await stage.by_hand("best_posts_weekly")
    await until(lambda: has_told(stage, "best_posts_weekly"), "it has told of the best posts")
    ((_, notice),) = [each for each in (await stage.told()).items() if "best_posts_weekly" in each[0]]
    values = [int(value) for value in re.findall(r"^\d+\. (\d+) interactions, ", notice["text"], re.MULTILINE)]
    links = re.findall(r"https://\S+", notice["text"])
    since = datetime.now(UTC) - timedelta(days=8)
    async with stage.database.reading() as session:
        query = instagram_posts.select().where(instagram_posts.c.published_at >= since)
        known = {row.permalink for row in await session.execute(query)}
    assert values == sorted(values, reverse=True)
    assert 0 < len(links) == len(values) <= 5
    assert set(links) <= known


async def test_the_example_raises_a_budget_once_a_person_has_approved_it(stage: Automation) -> None:
    """It reads, proposes and waits, and nothing at Meta is changed meanwhile; the word of another key lets it go on."""
    await stage.edit("ads_budget_change", functools.partial(wait_for, 2))
    await stage.by_hand("ads_budget_change")
    await until(lambda: has_told(stage, "ads_budget_change", ":waiting"), "people are asked to decide")
    async with stage.database.writing() as session:
        owner = (await create_key(session, "owner", ["approve"], datetime.now(UTC), person="ann")).secret
        reader = (await create_key(session, "reader", ["tools:read"], datetime.now(UTC))).secret
    (plan,) = await spending(stage, owner, "GET", "plans?status=waiting")
    before = await budget(stage, reader, plan["object_id"])
    word = {"hash": plan["hash"], "reason": "more of this"}
    approving = {"method": "POST", "url": f"{stage.pages}/spending/plans/{plan['plan_id']}/approve", "sendBody": True}
    approving |= {"specifyBody": "json", "jsonBody": json.dumps(word)}
    for credential in (WORKFLOWS, READING, PROPOSING):
        step = await made(stage, "httpRequest", 4.4, approving, credential=credential.name)
        assert '"403"' in await record(stage, step, "error"), "no key of n8n's approves"
    assert await spending(stage, owner, "GET", "changes") == []
    approved = await spending(stage, owner, "POST", f"plans/{plan['plan_id']}/approve", word)
    await until(lambda: has_told(stage, "ads_budget_change", ":done"), "the change is made, and told")
    (change,) = await spending(stage, owner, "GET", "changes")
    assert approved["status"] == "approved"
    assert (change["object_id"], change["plan_id"]) == (plan["object_id"], plan["plan_id"])
    assert await budget(stage, reader, plan["object_id"]) == round(before * 1.2) > before


@pytest.mark.parametrize(("service", "tool"), [("instagram", "list_accounts"), ("meta_ads", "get_ad_accounts")])
async def test_n8ns_own_client_of_the_protocol_calls_tools(stage: Automation, service: str, tool: str) -> None:
    """The step "MCP Client", without any agent or model, with the same credential."""
    parameters = {
        "serverTransport": "httpStreamable",
        "endpointUrl": f"http://localhost:{stage.tool_ports[service]}/mcp",
        "authentication": "headerAuth",
        "tool": {"__rl": True, "mode": "id", "value": tool},
        "inputMode": "json",
        "jsonInput": "{}",
    }
    workflow_id = await made(stage, "mcpClient", 1.1, parameters, credential="Freehold reading")
    told = await record(stage, workflow_id)
    assert any(asset in told for asset in stage.node.member.assets)


async def test_no_token_has_come_near_n8n(stage: Automation) -> None:
    """After everything ran with marked tokens: none in its tables, PostgreSQL's files, its logs or folders."""
    await until(stage.idle, "n8n is idle")
    marks = {"token and code": MARK, "app secret": f"{MARK}Secret", "a key to the node": "fhnode_"}
    rows: dict[str, bytes] = {}
    for table in await stage.n8n_rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        found = await stage.n8n_rows(f'SELECT t::text AS row FROM "{table["tablename"]}" t')
        rows[table["tablename"]] = "\n".join(row["row"] for row in found).encode()
    assert sum(map(len, rows.values())) > 100_000
    places = [
        Place("n8n's tables", "node", rows),
        Place("n8n's folders and logs", "node", files(stage.cluster.folder)),
        Place("PostgreSQL's files", "node", await database_files(stage.machine.postgres)),
        Place("what people were told", "node", {"sink": repr(stage.sink.taken).encode()}),
    ]
    found = search(marks, places)
    assert found == [], explained(found, marks, places)
    async with open_node(NodeSettings.load(stage.node.data_dir)) as node, node.database.reading() as session:
        (credential,) = await credentials(session, "active")
        tokens = await node.vault.tokens(session, credential.id)
    assert tokens is not None
    assert search(marks, [Place("the node's vault, open", "node", {"token": tokens.user.encode()})])


class NocoDbOwner:
    """NocoDB as its owner uses it."""

    def __init__(self, stage: Automation, nocodb: NocoDb) -> None:
        self.session, self.nocodb, self.token = stage.session, nocodb, ""

    async def ask(self, method: str, path: str, body: Any) -> Any:
        """Send a request; gives the answer."""
        if not self.token:
            signing_in = {"email": self.nocodb.email, "password": self.nocodb.password}
            async with self.session.post(f"{self.nocodb.url}/api/v1/auth/user/signin", json=signing_in) as answer:
                self.token = (await answer.json())["token"]
        url, headers = f"{self.nocodb.url}/api/v2/{path}", {"xc-auth": self.token}
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status in {200, 201}, await answer.text()
            return await answer.json()


async def made(
    stage: Automation,
    kind: str,
    version: float,
    parameters: dict[str, Any],
    at: datetime | None = None,
    credential: str = "",
) -> str:
    """A workflow of one step that somebody made, by hand or at a minute of the day; gives its id."""
    package = "@n8n/n8n-nodes-langchain" if kind == "mcpClient" else "n8n-nodes-base"
    step = {
        "id": "00000000-0000-4000-8000-000000000002",
        "name": "Step",
        "type": f"{package}.{kind}",
        "typeVersion": version,
        "position": [200, 0],
        "parameters": {"options": {}, **parameters},
    }
    if credential:
        step["parameters"] = {
            "authentication": "genericCredentialType",
            "genericAuthType": "httpHeaderAuth",
        } | parameters
        held = {"id": await stage.part_id(f"credential:{credential}"), "name": credential}
        step["credentials"] = {"httpHeaderAuth": held}
    connections = {"By hand": {"main": [[{"node": "Step", "type": "main", "index": 0}]]}}
    workflow: dict[str, Any] = {
        "name": f"Somebody's {kind} {secrets.token_hex(4)}",
        "nodes": [BY_HAND, step],
        "connections": connections,
        "settings": {"executionOrder": "v1", "saveManualExecutions": True},
    }
    if at is not None:
        workflow["nodes"][0] = copy.deepcopy(BY_SCHEDULE)
        workflow["settings"]["errorWorkflow"] = await stage.workflow_id("errors")
        begin_at(workflow, at)
    workflow_id = str((await stage.api.write("POST", "workflows", workflow))["id"])
    if at is not None:
        await stage.api.write("POST", f"workflows/{workflow_id}/activate", {})
    return workflow_id


async def stands(stage: Automation, execution: str, status: str) -> bool:
    """Whether an execution stands so."""
    return (await stage.executions()).get(execution) == status


async def all_stand(stage: Automation, executions: list[str], status: str) -> bool:
    """Whether all of these stand so."""
    found = await stage.executions()
    return {found.get(each) for each in executions} == {status}


async def is_running(stage: Automation, workflow: str) -> bool:
    """Whether the node works on the newest run of a workflow."""
    return (await stage.runs(workflow))[0].outcome == "running"


async def has_ended(stage: Automation, workflow: str) -> bool:
    """Whether the newest run of a workflow has ended."""
    return (await stage.runs(workflow))[0].ended_at is not None


async def arrived(stage: Automation, number: int) -> bool:
    """Whether so many notifications of failed runs have reached the target."""
    ids = {str(body["id"]) for _, body in stage.sink.taken}
    return sum(":timed_out:" in each for each in ids) == number


async def n8n_told(stage: Automation, name: str) -> bool:
    """Whether the error workflow has told of a workflow."""
    return any(f"n8n: {name}" in notice["title"] for notice in (await stage.told()).values()) and await stage.idle()


async def soon(at: datetime) -> bool:
    """Whether a minute begins in two seconds."""
    return datetime.now(UTC) > at - timedelta(seconds=2)


async def executing(stage: Automation) -> bool:
    """Whether a worker is at something."""
    return "running" in (await stage.executions()).values()


async def unwell(stage: Automation) -> tuple[list[str], list[str]]:
    """What people were told so far, and the executions that ended by an error."""
    return list(await stage.told()), await broken(stage)


async def has_told(stage: Automation, name: str, end: str = "") -> bool:
    """Whether an example has told something, and is through unless it waits for a person."""
    told = any(key.startswith(f"workflow:{name}:") and key.endswith(end) for key in await stage.told())
    return told and (end == ":waiting" or await stage.idle())


def wait_for(seconds: int, workflow: dict[str, Any]) -> None:
    """Have a workflow wait for a time that a test has."""
    (wait,) = [node for node in workflow["nodes"] if node["type"].endswith("wait")]
    wait["parameters"] |= {"amount": seconds, "unit": "seconds"}


async def record(stage: Automation, workflow_id: str, status: str = "success") -> str:
    """What n8n wrote down of a workflow of somebody's that is run now, and has to end so; it is deleted then."""
    execution = await stage.run(workflow_id)
    await until(lambda: stands(stage, execution, status), f"it has ended as {status}", 30)
    (row,) = await stage.n8n_rows('SELECT data FROM execution_data WHERE "executionId" = $1', int(execution))
    await stage.rest("POST", "executions/delete", {"ids": [execution]})
    await stage.rest("POST", f"workflows/{workflow_id}/archive")
    return str(row["data"])


async def spending(stage: Automation, key: str, method: str, path: str, body: object = None) -> Any:
    """Ask the node about plans and changes, as a program that holds a key."""
    url, headers = f"{stage.node.pages_url}/spending/{path}", {"X-API-Key": key}
    async with stage.session.request(method, url, json=body, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def budget(stage: Automation, key: str, campaign_id: str) -> int:
    """What Meta has as a campaign's daily budget now, in minor units."""
    url = f"http://localhost:{stage.tool_ports['meta_ads']}/tools/get_campaign_details"
    async with stage.session.post(url, json={"campaign_id": campaign_id}, headers={"X-API-Key": key}) as answer:
        return int((await answer.json())["campaign"]["daily_budget_minor"])
