"""Recommendations over every way in: REST, the protocol, the command line, and as a workflow."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.acceptance.programs import freehold
from tests.conftest import Serve
from tests.integration.advice.planted import plant
from tests.integration.collection.collecting import work
from tests.integration.conftest import MakeNode
from tests.integration.mcp.conftest import Tools, tools_of
from tests.integration.node.conftest import Stage, call
from tests.integration.store.test_recommendations_store import NOW, REELS
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MetaSandbox

from freehold.node.advice.recommend import recommend
from freehold.node.context import Node
from freehold.node.runs import queries as runs
from freehold.node.runs.queries import Order
from freehold.node.store.recommendations import queries, upserts

BARE = {
    "query": {"metric": "reach", "dimensions": ["format"], "filters": [], "first": "2026-02-01", "last": "2026-02-28",
              "grain": "post"},
    "rows": 60, "sample": 20, "chance": 0.001234, "numbers": {"usual": 1400.0}, "units": {}, "labels": {}, "names": {},
    "phrase": "format.up", "first": "2026-02-01", "last": "2026-02-28", "drivers": [],
}  # fmt: skip
KEPT = replace(
    REELS, account_id=CERAMICS, evidence=BARE, forecast={"measure": "posts", "value": 1.5, "low": 1.20001, "high": 1.9}
)
NUMBERS = {"rate": 0.0003512345, "spent": 1234567.8}
OF_ADS = replace(
    KEPT, recommendation_id="two", topic="ads", account_id=CERAMICS_ADS, evidence=BARE | {"numbers": NUMBERS}
)
OF_RIVALS = replace(KEPT, recommendation_id="three", topic="rivals", account_id="", forecast=None)


async def keep(node: Node) -> None:
    """Have three of them."""
    async with node.database.writing() as session:
        assert len(await upserts.add(session, [KEPT, OF_ADS, OF_RIVALS], NOW, ())) == 3


@pytest.fixture
async def advised(stored: Stage) -> Stage:
    """A node with three recommendations, on both databases."""
    await keep(stored.node)
    return stored


async def test_a_workflow_lists_and_decides(advised: Stage) -> None:
    """What is new, then a decision with the name of the key that made it, then what is left."""
    key, url = await advised.key("workflows", name="n8n"), f"{advised.workflows}/recommendations"
    found = (await call("GET", f"{url}?status=new", key=key)).body["recommendations"]
    assert {each["recommendation_id"] for each in found} == {"one", "two", "three"}
    one = next(each for each in found if each["recommendation_id"] == "one")
    assert (one["title"], one["evidence"]["numbers"], one["forecast"]["value"]) == (KEPT.title, {"usual": 1400.0}, 1.5)

    accepted = await call("POST", f"{url}/one/accept", key=key)
    assert (accepted.status, accepted.body["status"], accepted.body["changed_by"]) == (200, "accepted", "n8n")
    assert accepted.body["acted_at"] is not None
    left = (await call("GET", f"{url}?status=new&status=dismissed", key=key)).body["recommendations"]
    assert {each["recommendation_id"] for each in left} == {"two", "three"}
    board = (await call("GET", f"{url}/scoreboard", key=key)).body
    assert (board["new"], board["accepted"], board["waiting"], board["scores"]) == (2, 1, 1, [])


async def test_what_cannot_be_decided_is_explained(advised: Stage) -> None:
    """One that there is not, a word that is no decision, and one beside which a newer one stands."""
    key, url = await advised.key("workflows"), f"{advised.workflows}/recommendations"
    assert (await call("POST", f"{url}/none/accept", key=key)).refusal == (404, "recommendation_unknown")
    assert (await call("POST", f"{url}/one/buy", key=key)).status == 422
    await call("POST", f"{url}/one/done", key=key)
    async with advised.node.database.writing() as session:
        later = replace(KEPT, recommendation_id="newer")
        assert await upserts.add(session, [later], NOW.replace(year=2027), ()) == ["newer"]
    assert (await call("POST", f"{url}/one/reopen", key=key)).refusal == (409, "recommendation_stands")


async def test_nobody_decides_without_the_scope(advised: Stage) -> None:
    """A key of tools reads through the tool, and changes nothing here."""
    url = f"{advised.workflows}/recommendations"
    assert (await call("GET", url)).refusal == (401, "key_missing")
    reads = await advised.key("tools:read")
    assert (await call("POST", f"{url}/one/accept", key=reads)).status == 403
    async with advised.node.database.reading() as session:
        kept = await queries.find(session, "one")
    assert kept is not None
    assert kept.status == "new"


@pytest.fixture
async def insights(make_node: MakeNode, meta: MetaSandbox, serve: Serve, database_url: str) -> Tools:
    """Insights over a node with recommendations, on both databases."""
    tools = await tools_of(make_node, meta, serve, "insights", database_url=database_url)
    await tools.stage.connect()
    await keep(tools.stage.node)
    return tools


async def test_a_chat_is_told_with_evidence(insights: Tools) -> None:
    """Over both ways in: words labelled as others', numbers, chance and what is expected."""
    told = await insights.both("recommendations")
    found = {each["recommendation_id"]: each for each in told["recommendations"]}
    assert set(found) == {"one", "two", "three"}
    one = found["one"]
    assert one["title"] == {"untrusted_text": KEPT.title}
    assert one["evidence"]["numbers"] == {"usual": 1400}
    assert found["two"]["evidence"]["numbers"] == {"rate": 0.0003512, "spent": 1234568}
    assert (one["evidence"]["rows_read"], one["evidence"]["chance"]) == (60, 0.0012)
    assert one["expected"] == {"measure": "posts", "value": 1.5, "low": 1.2, "high": 1.9}
    assert "expected" not in found["three"]
    assert told["source"] == "computed"


async def test_a_chat_sees_only_its_accounts(insights: Tools) -> None:
    """A key for one account sees nothing of another, nor of competitors; asking for another is refused."""
    other = await insights.other_key("tools:read", assets={CERAMICS_ADS})
    async with insights.client(key=other) as client:
        result = await client.call_tool("recommendations", {})
        refused = await client.call_tool("recommendations", {"account_ids": [CERAMICS]})
    told: Any = result.structured_content
    assert [each["recommendation_id"] for each in told["recommendations"]] == ["two"]
    assert refused.is_error
    one = await insights.ask("recommendations", account_ids=[CERAMICS], statuses=["new"])
    assert [each["recommendation_id"] for each in one["recommendations"]] == ["one"]
    assert (await insights.ask("recommendations", statuses=["done"]))["recommendations"] == []


async def test_the_operator_decides(stage: Stage) -> None:
    """By command: the list, one of them, a decision, and the scoreboard; machines read JSON."""
    await keep(stage.node)
    where = {"FREEHOLD_NODE_DATA_DIR": str(stage.node.settings.data_dir)}

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await freehold("node", "recommendations", *arguments, environment=where)

    status, out, err = await run("list", "--status", "new", "--json")
    assert status == 0, err
    assert {each["recommendation_id"] for each in json.loads(out)} == {"one", "two", "three"}
    status, out, err = await run("dismiss", "one", "--by", "mara", "--json")
    assert (status, json.loads(out)["status"], json.loads(out)["changed_by"]) == (0, "dismissed", "mara"), err
    status, out, _ = await run("show", "one", "--json")
    assert json.loads(out)["evidence"]["numbers"] == {"usual": 1400}
    status, out, _ = await run("scoreboard", "--json")
    assert (json.loads(out)["new"], json.loads(out)["dismissed"]) == (2, 1)
    status, _, err = await run("accept", "none")
    assert status == 1
    assert "no such recommendation" in err


async def test_the_operator_has_a_look_taken(stage: Stage) -> None:
    """On a node without numbers nothing is recommended, and that is said."""
    where = {"FREEHOLD_NODE_DATA_DIR": str(stage.node.settings.data_dir)}
    status, out, err = await freehold("node", "recommend", "--json", environment=where)
    assert status == 0, err
    assert (json.loads(out)["made"], json.loads(out)["found"]) == ([], 0)


async def test_the_workflow_takes_one_look(stage: Stage) -> None:
    """A run is complete, keeps what a look by hand would keep, and when done again makes nothing twice."""
    await stage.connect()
    await plant(stage.node.database)
    for run_id in ("recommendations:1", "recommendations:2"):
        async with stage.node.database.writing() as session:
            assert await runs.create(session, Order(run_id, "recommendations", "api"), stage.clock.now())
        run = await work(stage.node, run_id)
        assert (run.outcome, run.failures) == ("complete", {})
        async with stage.node.database.reading() as session:
            kept = await queries.listed(session)
        assert len(kept) >= 5
        assert len({each.topic for each in kept}) == len(kept)
    assert (await recommend(stage.node)).made == ()
