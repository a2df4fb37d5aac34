"""Renewals: only the node that holds a client's token has it renewed, once a day."""

import asyncio
import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.meta import TOKEN, page
from tests.integration.broker.node import Node

from freehold.broker.delivery.envelopes import MAX_ENVELOPE
from freehold.contracts.renewal import (
    MAX_PAGES,
    RENEWAL_REPLY_INFO,
    RENEWAL_REQUEST_INFO,
    RenewalReply,
    RenewalRequest,
    SealedMessage,
)
from freehold.kernel import crypto
from freehold.providers.meta.oauth import appsecret_proof


@pytest.fixture
def stage_database(database_url: str) -> str:
    """Both databases."""
    return database_url


async def ask(stage: Stage, node: Node, token: str, *, key: str | None = None, **changes: Any) -> Answer:
    """Ask for a renewal of `token` as `node`."""
    request = RenewalRequest.model_validate(
        {
            "client_id": node.client_id,
            "provider": "meta",
            "request_id": secrets.token_hex(8),
            "issued_at": stage.clock.now(),
            "access_token": token,
            "page_ids": ("8001",),
            **changes,
        }
    )
    recipient = stage.broker.keys.sealing.public_text()
    sealed = crypto.seal(request.model_dump_json().encode(), recipient, RENEWAL_REQUEST_INFO)
    body = SealedMessage(sealed=crypto.to_text(sealed)).model_dump(mode="json")
    return await stage.admin("POST", "/renew/meta", body, key=key or node.api_key)


def opened(node: Node, answer: Answer) -> RenewalReply:
    """What the broker answered, as only the node can read it."""
    message = SealedMessage.model_validate_json(answer.text)
    return RenewalReply.model_validate_json(node.sealing.open(crypto.to_bytes(message.sealed), RENEWAL_REPLY_INFO))


async def connected(stage: Stage, client_id: str = "rosa") -> tuple[Node, str]:
    """A node with a grant, and its token."""
    node = await stage.add_client(client_id)
    await stage.connect(client_id)
    return node, node.grants[0].access_token.get_secret_value()


async def test_a_node_gets_a_new_token_with_proofs_that_only_it_can_read(stage: Stage) -> None:
    """The token is new, page tokens and proofs come with it, and the wire shows neither."""
    node, token = await connected(stage)

    answer = await ask(stage, node, token)

    assert answer.status == 200, answer.text
    assert not TOKEN.search(answer.text)
    reply = opened(node, answer)
    renewed = reply.access_token.get_secret_value()
    assert renewed.startswith("EAAlong")
    assert renewed != token
    assert set(reply.page_tokens) == {"8001"}
    proof = reply.appsecret_proofs["user"].get_secret_value()
    assert proof == appsecret_proof("app-secret-of-the-tests", renewed)


async def test_a_credential_is_renewed_once_a_day(stage: Stage) -> None:
    """The second request is told when to come again; a day later it is served."""
    node, token = await connected(stage)
    await ask(stage, node, token)

    early = await ask(stage, node, token)
    stage.clock.advance(timedelta(days=1, seconds=1))
    later = await ask(stage, node, token)

    assert (early.status, early.json()["code"]) == (429, "renewed_today")
    assert int(early.headers["Retry-After"]) > 80_000
    assert later.status == 200


async def test_of_many_at_once_one_is_renewed(stage: Stage) -> None:
    """The turn is taken by one atomic operation."""
    node, token = await connected(stage)

    answers = await asyncio.gather(*(ask(stage, node, token) for _ in range(4)))

    assert sorted(answer.status for answer in answers) == [200, 429, 429, 429]


async def test_a_renewal_that_failed_does_not_count(stage: Stage) -> None:
    """When Meta is away, the node may ask again at once."""
    node, token = await connected(stage)
    stage.meta.faults["/oauth/access_token"] = (500, "sorry")
    failed = await ask(stage, node, token)
    stage.meta.faults.clear()

    again = await ask(stage, node, token)

    assert (failed.status, failed.json()["code"]) == (502, "provider_unavailable")
    assert again.status == 200


async def test_another_clients_token_is_refused(stage: Stage) -> None:
    """A node that got hold of another client's token gets nothing for it."""
    _, stolen = await connected(stage, "rosa")
    stage.meta.user_id = "999"
    mallory, _ = await connected(stage, "mallory")

    answer = await ask(stage, mallory, stolen)

    assert (answer.status, answer.json()["code"]) == (403, "token_not_of_client")
    assert (await stage.reasons("mallory"))[0] == "token_not_of_client"


async def test_a_request_in_another_clients_name_is_refused(stage: Stage) -> None:
    """The key says who asks; what is sealed has to say the same."""
    rosa, token = await connected(stage, "rosa")
    stage.meta.user_id = "999"
    mallory, _ = await connected(stage, "mallory")

    answer = await ask(stage, rosa, token, key=mallory.api_key)

    assert (answer.status, answer.json()["code"]) == (403, "renewal_other_client")


async def test_a_token_of_another_app_is_refused(stage: Stage) -> None:
    """The broker works for its own app alone."""
    node, token = await connected(stage)
    stage.meta.app_of_token = "666"

    assert (await ask(stage, node, token)).json()["code"] == "token_of_other_app"


async def test_a_dead_token_is_told_apart(stage: Stage) -> None:
    """The person has to connect again, and the node is told so."""
    node, _ = await connected(stage)

    answer = await ask(stage, node, "EAAunknown")

    assert (answer.status, answer.json()["code"]) == (409, "token_revoked")


async def test_an_old_request_is_refused(stage: Stage) -> None:
    """A recorded request is worth nothing after five minutes."""
    node, token = await connected(stage)

    answer = await ask(stage, node, token, issued_at=stage.clock.now() - timedelta(minutes=6))

    assert (answer.status, answer.json()["code"]) == (400, "renewal_stale")


async def test_what_is_not_sealed_to_the_broker_is_refused(stage: Stage) -> None:
    """A plain or foreign body is not read."""
    node, _ = await connected(stage)

    foreign = await stage.admin("POST", "/renew/meta", {"version": 1, "sealed": "AAAA"}, key=node.api_key)
    unknown = await stage.admin("POST", "/renew/threads", {"version": 1, "sealed": "AAAA"}, key=node.api_key)
    nobody = await stage.admin("POST", "/renew/meta", {"version": 1, "sealed": "AAAA"}, key="fhvm_wrong")

    assert (foreign.status, foreign.json()["code"]) == (400, "renewal_unreadable")
    assert (unknown.status, unknown.json()["code"]) == (404, "provider_unknown")
    assert (nobody.status, nobody.json()["code"]) == (401, "node_key_wrong")


async def test_as_many_pages_are_renewed_as_a_grant_holds(stage: Stage) -> None:
    """A person with very many pages gets as many as fit, and each of them renewed."""
    stage.meta.pages = [
        page(str(10**14 + number), f"Page {number}", str(17 * 10**15 + number)) | {"access_token": "EAA" + "x" * 190}
        for number in range(MAX_PAGES + 30)
    ]
    stage.meta.ad_accounts *= MAX_PAGES + 30
    node, token = await connected(stage)
    held = tuple(node.grants[0].page_tokens)

    answer = await ask(stage, node, token, page_ids=held)

    assert len(held) == MAX_PAGES
    assert len(node.bodies[0]) < MAX_ENVELOPE
    assert len(opened(node, answer).page_tokens) == MAX_PAGES


@pytest.mark.parametrize("page_ids", [["../v19.0/me"], ["1/feed"], ["1?x=y"], ["1"] * (MAX_PAGES + 1)])
async def test_what_is_no_list_of_pages_reaches_nobody(stage: Stage, page_ids: list[str]) -> None:
    """An id becomes part of an address at Meta, so it holds nothing that leads elsewhere."""
    node, token = await connected(stage)
    stage.meta.calls.clear()
    content = {
        "client_id": "rosa", "provider": "meta", "request_id": "1", "issued_at": stage.clock.now().isoformat(),
        "access_token": token, "page_ids": page_ids,
    }  # fmt: skip
    sealed = crypto.seal(json.dumps(content).encode(), stage.broker.keys.sealing.public_text(), RENEWAL_REQUEST_INFO)

    answer = await stage.admin("POST", "/renew/meta", {"sealed": crypto.to_text(sealed)}, key=node.api_key)

    assert (answer.status, answer.json()["code"]) == (400, "renewal_unreadable")
    assert not stage.meta.calls
