"""`GET /graph/{path}`: a read of Meta without a token in the caller's hands."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from tests.integration.node.conftest import Answer, Stage, call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA

from freehold.node.assets import confirm_assets
from freehold.node.governor.tables import api_calls
from freehold.node.vault.tables import meta_credentials
from freehold.sandbox.meta.world.people import ad_account_id

BOOKS_ADS = f"act_{ad_account_id(5)}"
"""An ad account of another company."""


async def read(stage: Stage, path: str, key: str | None = None) -> Answer:
    """Read through the node; `path` goes out as it is written."""
    return await call("GET", f"{stage.workflows}/graph/{path}", key=key or await stage.key("tools:read"))


async def test_a_confirmed_asset_is_read(stage: Stage) -> None:
    """Meta's own answer, with what was asked for."""
    await stage.connect()
    answer = await read(stage, f"{CERAMICS}?fields=id,username,followers_count")
    assert answer.status == 200
    assert answer.body.keys() == {"id", "username", "followers_count"}


async def test_an_edge_of_a_confirmed_asset_is_read(stage: Stage) -> None:
    """With its cursors, and without the links that carry the token."""
    grant = await stage.connect()
    answer = await read(stage, f"{CERAMICS}/media?fields=id&limit=2")
    assert len(answer.body["data"]) == 2
    assert answer.body["paging"].keys() == {"cursors"}
    assert grant.access_token.get_secret_value() not in answer.text
    after = answer.body["paging"]["cursors"]["after"]
    following = await read(stage, f"{CERAMICS}/media?fields=id&limit=2&after={after}")
    assert not {item["id"] for item in answer.body["data"]} & {item["id"] for item in following.body["data"]}


async def test_a_key_and_its_scope_are_needed(stage: Stage) -> None:
    """Nobody spends the budget without `tools:read`."""
    await stage.connect()
    assert (await call("GET", f"{stage.workflows}/graph/{CERAMICS}")).refusal == (401, "key_missing")
    key = await stage.key("credentials:read", "workflows", "tools:write", name="other")
    assert (await read(stage, CERAMICS, key)).refusal == (403, "scope_missing")
    assert not stage.meta.sandbox.calls


async def test_a_key_that_asks_for_others_reads_nothing_here(stage: Stage) -> None:
    """No tool is called, so nobody proves for whom: a chat's key alone reads nothing past its tools."""
    await stage.connect()
    key = await stage.key("tools:read", "tools:on-behalf", name="chat")
    assert (await read(stage, CERAMICS, key)).refusal == (403, "key_for_tools_alone")
    assert not stage.meta.sandbox.calls


@pytest.mark.parametrize("asset", [CERAMICS_ADS, BOOKS_ADS, MARA, "me", "act_1", "debug_token", "0"])
async def test_what_was_not_confirmed_is_refused(stage: Stage, asset: str) -> None:
    """Unticked assets, other companies', people, and whatever else has an address: refused before anything is sent."""
    await stage.connect(assets=frozenset({CERAMICS, CERAMICS_PAGE}))
    answer = await read(stage, f"{asset}?fields=id")
    assert answer.refusal == (422, "provider_rejected")
    assert not stage.meta.sandbox.calls
    assert await stage.rows(api_calls) == []


@pytest.mark.parametrize(
    "path",
    [
        "{ours}/%252e%252e/{other}/campaigns",
        "{ours}/%2e%2e/{other}",
        "{ours}/../{other}",
        "{ours}/..%2f{other}",
        "{ours}/%252e%252e%252f{other}",
        "{ours}/.%252e/{other}",
        "./{other}",
        "{ours}/campaigns%3Ffields=id",
        "{ours}/campaigns%23x",
        "{ours}%252f..%252f{other}",
        "{ours};/{other}",
        "{ours}/cam%00paigns",
        "{ours}/%5c..%5c{other}",
        "https%3A//evil.example/{ours}",
    ],
)
async def test_no_path_leads_to_another_asset(stage: Stage, path: str) -> None:
    """However it is written, whatever of it is decoded on the way: refused, and nothing is sent."""
    await stage.deliver()
    async with stage.node.database.writing() as session:
        (row,) = (await session.execute(select(meta_credentials.c.id))).all()
        await confirm_assets(session, row.id, [CERAMICS_ADS], stage.clock.now())
    answer = await read(stage, path.format(ours=CERAMICS_ADS, other=CERAMICS))
    assert answer.status in {404, 422}, answer.text
    assert not stage.meta.sandbox.calls


@pytest.mark.parametrize(
    "query",
    [
        "access_token=EAAx",
        "appsecret_proof=x",
        "method=post",
        "method=delete",
        "batch=[]",
        "ids=1,2",
        "id=1",
        "client_secret=x",
        "fields=id,access_token",
        "fields=page_fan_adds,from%7Baccess_token%7D",
        "fields=posts.fields(access_token)",
        "fields=id&fields=access_token",
        "METHOD=delete",
        "&".join(f"p{number}=1" for number in range(41)),
    ],
)
async def test_parameters_that_are_the_node_s_own_are_refused(stage: Stage, query: str) -> None:
    """Tokens, proofs, methods, batches, other objects, and heaps of parameters."""
    await stage.connect()
    assert (await read(stage, f"{CERAMICS_PAGE}?{query}")).refusal == (422, "parameter_refused")
    assert not stage.meta.sandbox.calls


@pytest.mark.parametrize(
    "query",
    [
        "fields=business%7Bowned_ad_accounts%7Bid%7D%7D",
        "fields=owner_business%7Bclient_pages%7Bid%7D%7D",
        "fields=adaccounts%7Bcampaigns%7D",
        "fields=accounts%7Bid%7D",
        "fields=assigned_users%7Bid%7D",
    ],
)
async def test_fields_do_not_lead_to_other_assets(stage: Stage, query: str) -> None:
    """The person may manage other companies too: nothing of theirs is reached from what was confirmed."""
    await stage.connect()
    assert (await read(stage, f"{CERAMICS_ADS}?{query}")).refusal == (422, "parameter_refused")
    assert (await read(stage, f"{CERAMICS_ADS}/assigned_users")).refusal == (422, "path_refused")
    assert not stage.meta.sandbox.calls


async def test_an_instagram_account_that_was_not_ticked_is_not_read_through_its_page(stage: Stage) -> None:
    """Its id may be shown; its posts may not."""
    await stage.deliver()
    async with stage.node.database.writing() as session:
        (row,) = (await session.execute(select(meta_credentials.c.id))).all()
        await confirm_assets(session, row.id, [CERAMICS_PAGE], stage.clock.now())
    answer = await read(stage, f"{CERAMICS_PAGE}?fields=instagram_business_account%7Bmedia%7D")
    assert answer.refusal == (422, "parameter_refused")
    assert (await read(stage, f"{CERAMICS_PAGE}?fields=id,instagram_business_account")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_is_written_through_the_proxy(stage: Stage, method: str) -> None:
    """Only reads have a route, and a header changes no method."""
    await stage.connect()
    key = await stage.key("tools:read", "tools:write", "owner")
    url = f"{stage.workflows}/graph/{CERAMICS_ADS}/campaigns"
    assert (await call(method, url, key=key)).status == 405
    await call("GET", url, key=key, headers={"X-HTTP-Method-Override": method})
    assert {sent for _, sent, _ in stage.meta.sandbox.calls} <= {"GET"}


async def test_a_used_up_budget_is_told(stage: Stage, make_stage: Any) -> None:
    """429 with the seconds until there is room again, and Meta is not asked."""
    small = await make_stage(client_id="kenji", ceiling_per_hour=2)
    await small.connect()
    key = await small.key("tools:read")
    answers = [await read(small, f"{CERAMICS}?fields=id", key) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].refusal == (429, "provider_throttled")
    assert 3600 <= int(answers[2].headers["Retry-After"]) <= 3660
    assert sum(stage.meta.sandbox.calls.values()) == 2


async def test_meta_s_own_throttle_is_told(stage: Stage) -> None:
    """With its wait."""
    await stage.connect()
    stage.meta.fault("error", code=4, message="Application request limit reached")
    answer = await read(stage, f"{CERAMICS}?fields=id")
    assert answer.refusal == (429, "provider_throttled")
    assert int(answer.headers["Retry-After"]) > 60


async def test_a_revoked_token_is_told(stage: Stage) -> None:
    """409, and from then on without asking Meta."""
    await stage.connect()
    stage.meta.sandbox.grants.invalidate(MARA, 460, "The session has been invalidated")
    assert (await read(stage, f"{CERAMICS}?fields=id")).refusal == (409, "credential_revoked")
    before = sum(stage.meta.sandbox.calls.values())
    assert (await read(stage, f"{CERAMICS}?fields=id")).refusal == (409, "credential_revoked")
    assert sum(stage.meta.sandbox.calls.values()) == before


async def test_what_meta_rejects_is_told(stage: Stage) -> None:
    """With Meta's own words."""
    await stage.connect()
    answer = await read(stage, f"{CERAMICS}?fields=nonsense")
    assert answer.refusal == (422, "provider_rejected")
    assert "nonsense" in answer.body["detail"]


@pytest.mark.parametrize("kind", ["malformed", "drop"])
async def test_a_failing_meta_is_told(stage: Stage, kind: str) -> None:
    """502 after three tries."""
    await stage.connect()
    stage.meta.fault(kind, count=3)
    assert (await read(stage, f"{CERAMICS}?fields=id")).refusal == (502, "provider_unavailable")
    assert [row["outcome"] for row in await stage.rows(api_calls)] == ["unavailable"] * 3


async def test_ciphertext_that_does_not_open_is_told(stage: Stage) -> None:
    """503: the keyring is another one."""
    await stage.connect()
    async with stage.node.database.writing() as session:
        await session.execute(meta_credentials.update().values(access_token="v1.other.AAAA"))
    assert (await read(stage, f"{CERAMICS}?fields=id")).refusal == (503, "tokens_unreadable")


async def test_no_answer_holds_a_token(stage: Stage) -> None:
    """Whatever a caller reads of a page, its token stays here."""
    grant = await stage.connect()
    secrets = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    for path in (CERAMICS_PAGE, f"{CERAMICS_PAGE}/posts?limit=1", f"{CERAMICS_ADS}/campaigns?limit=1&fields=id"):
        answer = await read(stage, path)
        assert answer.status == 200, answer.text
        assert not [secret for secret in secrets if secret.get_secret_value() in json.dumps(answer.body)]
