"""Batches: up to 50 calls in one, each counted, answered and failing for itself."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, MARA, Answer, MetaSandbox

from freehold.sandbox.meta import oauth


async def batch(meta: MetaSandbox, token: str | None, parts: list[dict[str, Any]], **more: object) -> Answer:
    """Send a batch."""
    return await meta.post("/v26.0/", token, batch=parts, **more)


def reads(*paths: str, **more: object) -> list[dict[str, Any]]:
    """Parts that read."""
    return [{"method": "GET", "relative_url": path, **more} for path in paths]


async def test_a_batch_answers_in_order(meta: MetaSandbox) -> None:
    """Parts keep their order and status; a failed one leaves the others; each counts as a call."""
    answer = await batch(meta, meta.token(), reads("me?fields=id", "999", f"/{CERAMICS}?fields=username"))
    assert answer.status == 200
    assert [part["code"] for part in answer.body] == [200, 400, 200]
    assert json.loads(answer.body[2]["body"])["username"] == "lumen.ceramics"
    assert json.loads(answer.body[1]["body"])["error"]["code"] == 100
    assert {"name": "Content-Type", "value": "text/javascript; charset=UTF-8"} in answer.body[0]["headers"]
    told = (await meta.get("/_sandbox/calls", None)).body
    assert told["by_token"] == {f"user:{MARA}": 3}


async def test_batches_have_an_upper_limit(meta: MetaSandbox) -> None:
    """50 parts are served, 51 refused as a whole, and none of those is counted."""
    token = meta.token()
    assert len((await batch(meta, token, reads(*["me"] * 50))).body) == 50
    assert (await batch(meta, token, reads(*["me"] * 51))).error == (100, None)
    assert sum(meta.sandbox.calls.values()) == 50


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"method":"GET"}]', "["])
async def test_batches_that_are_none(meta: MetaSandbox, text: str) -> None:
    """Anything but an array of requests is refused."""
    assert (await meta.post("/v26.0/", meta.token(), batch=text)).error == (100, None)


async def test_a_batch_needs_a_token_of_its_own(meta: MetaSandbox) -> None:
    """Tokens of the parts do not do for the batch around them; with one, a part may bring another."""
    token = meta.token()
    parts = reads(f"me?access_token={token}")
    assert (await batch(meta, None, parts)).error == (104, None)
    mixed = await batch(meta, meta.token(JONAS), [*parts, *reads("me")])
    assert [json.loads(part["body"])["id"] for part in mixed.body] == [MARA, JONAS]


async def test_headers_of_parts_can_be_left_out(meta: MetaSandbox) -> None:
    """`include_headers=false`."""
    answer = await batch(meta, meta.token(), reads("me"), include_headers="false")
    assert answer.body[0].keys() == {"code", "body"}


async def test_a_part_that_timed_out(meta: MetaSandbox) -> None:
    """It is null; the others are there."""
    meta.fault("null_batch_item", path="/me", skip=1)
    answer = await batch(meta, meta.token(), reads("me", "me", "me"))
    assert [part is None for part in answer.body] == [False, True, False]


async def test_parts_refer_to_earlier_ones(meta: MetaSandbox) -> None:
    """A reference takes values out of a named answer, which is itself shown only when asked for."""
    parts = [
        *reads("me/accounts?fields=id", name="pages"),
        *reads("{result=pages:$.data[0].id}?fields=name"),
        *reads(f"{CERAMICS}/media?fields=id&limit=2", name="posts", omit_response_on_success=False),
        *reads(f"{CERAMICS_ADS}/campaigns?limit=1&note={{result=posts:$.data.*.id}}"),
    ]
    hidden, page, posts, campaigns = (await batch(meta, meta.token(), parts)).body
    assert hidden is None
    assert json.loads(page["body"]) == {"name": "Lumen Ceramics", "id": CERAMICS_PAGE}
    ids = [row["id"] for row in json.loads(posts["body"])["data"]]
    assert parse_qs(urlsplit(json.loads(campaigns["body"])["paging"]["next"]).query)["note"] == [",".join(ids)]


async def test_parts_that_depend_on_a_failed_one(meta: MetaSandbox) -> None:
    """They are not sent: null, and not counted."""
    parts = [
        *reads("999", name="first"),
        *reads("me", depends_on="first"),
        *reads("{result=first:$.id}"),
    ]
    answer = await batch(meta, meta.token(), parts)
    assert [part and part["code"] for part in answer.body] == [400, None, None]
    assert sum(meta.sandbox.calls.values()) == 1


async def test_parts_that_write(meta: MetaSandbox) -> None:
    """The body of a part is a form; its version is its own."""
    body = "name=Batch&objective=OUTCOME_TRAFFIC&special_ad_categories=[]&status=PAUSED&daily_budget=5000"
    parts = [
        {"method": "POST", "relative_url": f"{CERAMICS_ADS}/campaigns", "body": body},
        *reads(f"v24.0/{CERAMICS_ADS}"),
        *reads("v21.0/me"),
    ]
    made, dead, old = (await batch(meta, meta.token(), parts)).body
    assert json.loads(made["body"])["id"]
    assert json.loads(dead["body"])["error"]["code"] == 2635
    assert {"name": "Facebook-API-Version", "value": "v21.0"} in old["headers"]


async def test_a_batch_hands_its_proof_on(serve: Serve) -> None:
    """The proof of the app secret beside the batch is that of all its parts."""
    meta = await meta_sandbox.start(serve, require_proof=True)
    token = meta.token()
    proof = oauth.proof(meta.settings.app_secret.get_secret_value(), token)
    assert (await batch(meta, token, reads("me"), appsecret_proof=proof)).body[0]["code"] == 200
    assert (await batch(meta, token, reads("me"))).body[0]["code"] == 400
