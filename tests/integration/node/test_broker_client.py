"""What the node asks of its broker: renewals sealed both ways, links, and who it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from tests.conftest import Serve
from tests.meta_sandbox import MetaSandbox

from freehold.contracts.renewal import (
    RENEWAL_REPLY_INFO,
    RENEWAL_REQUEST_INFO,
    RenewalReply,
    RenewalRequest,
    SealedMessage,
)
from freehold.kernel import crypto
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.node.broker_client import BrokerClient, BrokerError, fetch_identity
from freehold.node.context import open_node
from freehold.node.http import open_client
from freehold.node.initialization import initialize
from freehold.node.settings import NodeSettings
from freehold.node.vault import Tokens

TOKENS = Tokens("c", user="EAAold", pages={"1": "EAApage"}, proofs={})
Answer = Callable[[RenewalRequest], Response]


@dataclass
class Broker:
    """A broker whose answers a test words."""

    signing: SigningKey = field(default_factory=SigningKey.generate)
    sealing: SealingKey = field(default_factory=SealingKey.generate)
    recipient: str = ""
    answer: Answer | None = None
    asked: list[tuple[RenewalRequest, str, bytes]] = field(default_factory=list)
    link: Response = field(default_factory=lambda: JSONResponse({}))

    def app(self) -> Starlette:
        """Its endpoints."""
        identity = "/.well-known/freehold-broker.json"
        return Starlette(
            routes=[
                Route(identity, self._identity),
                Route("/renew/meta", self._renew, methods=["POST"]),
                Route("/connect-links", self._link, methods=["POST"]),
            ]
        )

    def reply(self, request: RenewalRequest, **changes: Any) -> Response:
        """A good reply, changed where the test wants it."""
        content = {
            "request_id": request.request_id,
            "access_token": "EAAnew",
            "token_expires_at": "2027-01-22T00:00:00Z",
            "data_access_expires_at": None,
        }
        return self.sealed(RenewalReply.model_validate(content | changes).model_dump_json().encode())

    def sealed(self, content: bytes, recipient: str | None = None, info: bytes = RENEWAL_REPLY_INFO) -> Response:
        """Any content, sealed to the node unless another recipient is named."""
        sealed = crypto.seal(content, recipient or self.recipient, info)
        return JSONResponse(SealedMessage(sealed=crypto.to_text(sealed)).model_dump())

    async def _identity(self, request: Request) -> Response:
        keys = {"signing_key": self.signing.public_text(), "sealing_key": self.sealing.public_text()}
        return JSONResponse({"broker_url": str(request.base_url), **keys})

    async def _renew(self, request: Request) -> Response:
        body = await request.body()
        message = SealedMessage.model_validate_json(body)
        opened = self.sealing.open(crypto.to_bytes(message.sealed), RENEWAL_REQUEST_INFO)
        wanted = RenewalRequest.model_validate_json(opened)
        self.asked.append((wanted, request.headers["x-api-key"], body))
        assert self.answer is not None
        return self.answer(wanted)

    async def _link(self, _request: Request) -> Response:
        return self.link


@dataclass(frozen=True)
class Pair:
    """A broker, and the client of a node that pinned its keys."""

    broker: Broker
    client: BrokerClient
    api_key: str

    async def refused(self, act: Callable[[], Awaitable[object]] | None = None) -> str:
        """The code with which a renewal, or something else, fails."""
        with pytest.raises(BrokerError) as failed:
            await (act() if act else self.client.renew("meta", TOKENS))
        assert "EAA" not in f"{failed.value} {failed.value.reason}"
        return failed.value.code


@pytest.fixture
async def pair(serve: Serve, tmp_path: Any, meta: MetaSandbox) -> Any:
    """A node made against a broker of the test's own."""
    broker = Broker()
    broker.answer = broker.reply
    settings = NodeSettings(
        client_id="rosa", company_name="Rosa", data_dir=tmp_path / "rosa", allowed_networks=("127.0.0.0/8",)
    )
    await initialize(settings, await serve(broker.app()), "http://127.0.0.1:3006")
    async with open_node(settings, meta.clock) as node:
        broker.recipient = node.keys.sealing.public_text()
        yield Pair(broker, node.broker, node.keys.api_key)


async def test_a_renewal_is_sealed_both_ways(pair: Pair, meta: MetaSandbox) -> None:
    """The broker gets the token, the pages and who asks; nothing on the wire shows the token."""
    reply = await pair.client.renew("meta", TOKENS)
    assert reply.access_token.get_secret_value() == "EAAnew"
    ((asked, key, body),) = pair.broker.asked
    assert (asked.client_id, asked.provider, asked.page_ids) == ("rosa", "meta", ("1",))
    assert (asked.access_token.get_secret_value(), asked.issued_at) == ("EAAold", meta.clock.now())
    assert key == pair.api_key
    assert not [token for token in (b"EAAold", b"EAApage") if token in body]


async def test_each_renewal_has_an_id_of_its_own(pair: Pair) -> None:
    """So that an old reply fits no new request."""
    for _ in range(3):
        await pair.client.renew("meta", TOKENS)
    assert len({asked.request_id for asked, _, _ in pair.broker.asked}) == 3


async def test_the_reply_to_another_request_is_refused(pair: Pair) -> None:
    """A recorded reply does not renew."""
    pair.broker.answer = lambda request: pair.broker.reply(request, request_id="another")
    assert await pair.refused() == "renewal_mismatch"


async def test_a_reply_sealed_to_another_node_is_refused(pair: Pair) -> None:
    """It cannot be read here."""
    other = SealingKey.generate().public_text()
    pair.broker.answer = lambda _request: pair.broker.sealed(b"{}", other)
    assert await pair.refused() == "renewal_unreadable"


async def test_a_message_sealed_for_another_purpose_is_refused(pair: Pair) -> None:
    """A request is no reply."""
    pair.broker.answer = lambda _request: pair.broker.sealed(b"{}", info=RENEWAL_REQUEST_INFO)
    assert await pair.refused() == "renewal_unreadable"


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b'{"request_id": "x", "access_token": "EAAnew"}'])
async def test_a_reply_of_another_form_is_refused(pair: Pair, content: bytes) -> None:
    """It is sealed to us and says nothing that we understand."""
    pair.broker.answer = lambda _request: pair.broker.sealed(content)
    assert await pair.refused() == "renewal_unreadable"


@pytest.mark.parametrize("body", [b"", b"x", b"{}", b'{"sealed": "%%%"}', b'{"version": 2, "sealed": "AAAA"}'])
async def test_an_unsealed_answer_is_refused(pair: Pair, body: bytes) -> None:
    """Whatever it is."""
    pair.broker.answer = lambda _request: Response(body)
    assert await pair.refused() == "renewal_unreadable"


async def test_the_broker_s_own_refusal_is_told(pair: Pair) -> None:
    """Its code, its detail and its hint reach the operator."""
    problem = {"code": "renewed_today", "detail": "Once a day.", "hint": "Wait until tomorrow."}
    pair.broker.answer = lambda _request: JSONResponse(problem, 429)
    assert await pair.refused() == "renewed_today"


@pytest.mark.parametrize("answer", [Response("no", 502), JSONResponse([], 500), RedirectResponse("/elsewhere", 307)])
async def test_any_other_answer_is_a_refusal(pair: Pair, answer: Response) -> None:
    """A proxy's page, a redirect: each is told as a status, and not followed."""
    pair.broker.answer = lambda _request: answer
    assert await pair.refused() == "broker_refused"
    assert len(pair.broker.asked) == 1


async def test_an_endless_answer_is_dropped(pair: Pair) -> None:
    """A reply is small."""
    pair.broker.answer = lambda _request: Response(b"x" * 100_000)
    assert await pair.refused() == "broker_unreachable"


async def test_a_link_that_is_none_is_refused(pair: Pair) -> None:
    """The broker's answer has to be a connect link."""
    assert await pair.refused(pair.client.connect_link) == "broker_answer_unreadable"


@pytest.mark.parametrize("path", ["/renew", "/connect-links"])
async def test_an_address_that_is_no_broker_is_told(pair: Pair, serve: Serve, path: str) -> None:
    """Before any key is pinned."""
    url = await serve(pair.broker.app())
    http = open_client(AddressPolicy.of("127.0.0.0/8"))
    try:
        assert await pair.refused(lambda: fetch_identity(http, url + path)) == "broker_refused"
        assert await pair.refused(lambda: fetch_identity(http, "http://127.0.0.1:9")) == "broker_unreachable"
        assert await pair.refused(lambda: fetch_identity(http, "not an address")) == "broker_unreachable"
    finally:
        await http.close()
