"""What the node asks of its broker: a renewed token, a link to connect with, and who the broker is."""

import json
import secrets

from pydantic import BaseModel, ValidationError

from freehold.contracts.connect_link import DAY_SECONDS, ConnectLink, ConnectLinkRequest
from freehold.contracts.connection import ConnectionConfirmation
from freehold.contracts.registration import (
    ENROLMENT_PATH,
    ENROLMENT_REPLY_INFO,
    ENROLMENT_REQUEST_INFO,
    BrokerIdentity,
    EnrolmentReply,
    EnrolmentRequest,
)
from freehold.contracts.renewal import (
    RENEWAL_REPLY_INFO,
    RENEWAL_REQUEST_INFO,
    RenewalReply,
    RenewalRequest,
    SealedMessage,
)
from freehold.kernel import crypto, logs
from freehold.kernel.clock import Clock
from freehold.kernel.crypto import SealingKey
from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.problems import ExplainedError
from freehold.node.keys import NodeKeys
from freehold.node.settings import NodeSettings
from freehold.node.vault import Tokens

IDENTITY_PATH = "/.well-known/freehold-broker.json"
MAX_ANSWER = 64 * 1024
TIMEOUT = 40.0
"""Longer than the broker's own exchange with the provider may take."""


class BrokerError(ExplainedError):
    """The broker could not be reached or refused; `code` is the broker's, or `broker_unreachable`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class BrokerClient:
    """Speaks to the broker whose keys were pinned when the node was made."""

    def __init__(self, settings: NodeSettings, keys: NodeKeys, http: HttpClient, clock: Clock) -> None:
        self._client_id, self._keys, self._http, self._clock = settings.client_id, keys, http, clock

    async def renew(self, provider: str, tokens: Tokens) -> RenewalReply:
        """A renewed token in exchange for `tokens`, sealed both ways; raises `BrokerError`."""
        request = RenewalRequest.model_validate(
            {
                "client_id": self._client_id,
                "provider": provider,
                "request_id": secrets.token_hex(16),
                "issued_at": self._clock.now(),
                "access_token": tokens.user,
                "page_ids": tuple(tokens.pages),
            }
        )
        sealed = crypto.seal(request.model_dump_json().encode(), self._keys.broker.sealing_key, RENEWAL_REQUEST_INFO)
        answer = await self._post(f"/renew/{provider}", SealedMessage(sealed=crypto.to_text(sealed)))
        try:
            message = SealedMessage.model_validate_json(answer)
            opened = self._keys.sealing.open(crypto.to_bytes(message.sealed), RENEWAL_REPLY_INFO)
            reply = RenewalReply.model_validate_json(opened)
        except (crypto.InvalidCiphertextError, ValidationError) as error:
            raise BrokerError("renewal_unreadable", "the broker's answer is not sealed to this node") from error
        if reply.request_id != request.request_id:
            raise BrokerError("renewal_mismatch", "the broker answered another request than the one it was sent")
        return reply

    async def connect_link(self, provider: str = "meta", valid_seconds: int = DAY_SECONDS) -> ConnectLink:
        """A single-use link with which this client's person connects; raises `BrokerError`."""
        answer = await self._post("/connect-links", ConnectLinkRequest(provider=provider, valid_seconds=valid_seconds))
        try:
            return ConnectLink.model_validate_json(answer)
        except ValidationError as error:
            raise BrokerError("broker_answer_unreadable", "the broker's answer is not a connect link") from error

    async def confirm(self, provider: str, meta_user_id: str) -> None:
        """Tell the broker that the owner accepted this person's pending authorisation; raises `BrokerError`."""
        await self._post("/connections/confirm", ConnectionConfirmation(provider=provider, meta_user_id=meta_user_id))

    async def _post(self, path: str, body: BaseModel) -> bytes:
        return await _post(self._http, self._keys.broker, path, body, {"X-API-Key": self._keys.api_key})


async def fetch_identity(http: HttpClient, broker_url: str) -> BrokerIdentity:
    """Who the broker at `broker_url` says it is, to be compared by a person before it is pinned."""
    url = broker_url.rstrip("/") + IDENTITY_PATH
    try:
        reply = await http.request("GET", url, timeout=TIMEOUT, max_body=MAX_ANSWER)
    except UnreachableError as error:
        raise BrokerError("broker_unreachable", f"the broker could not be reached: {error}") from error
    if reply.status != 200:  # noqa: PLR2004 - HTTP's own number
        raise _refusal(reply.status, reply.body)
    try:
        return BrokerIdentity.model_validate_json(reply.body)
    except ValidationError as error:
        raise BrokerError("broker_answer_unreadable", f"{url} does not describe a broker") from error


async def enrol(
    http: HttpClient, broker: BrokerIdentity, request: EnrolmentRequest, sealing: SealingKey
) -> EnrolmentReply:
    """Register the node of `sealing` at `broker`; the same request again is answered the same. Raises `BrokerError`."""
    sealed = crypto.seal(request.model_dump_json().encode(), broker.sealing_key, ENROLMENT_REQUEST_INFO)
    answer = await _post(http, broker, ENROLMENT_PATH, SealedMessage(sealed=crypto.to_text(sealed)))
    try:
        message = SealedMessage.model_validate_json(answer)
        opened = sealing.open(crypto.to_bytes(message.sealed), ENROLMENT_REPLY_INFO)
        reply = EnrolmentReply.model_validate_json(opened)
    except (crypto.InvalidCiphertextError, ValidationError) as error:
        raise BrokerError("enrolment_reply_unreadable", "the broker's answer is not sealed to this node") from error
    if reply.request_id != request.request_id:
        raise BrokerError("enrolment_mismatch", "the broker answered another request than the one it was sent")
    return reply


async def _post(
    http: HttpClient, broker: BrokerIdentity, path: str, body: BaseModel, headers: dict[str, str] | None = None
) -> bytes:
    """The broker's answer to a request that it accepted; raises `BrokerError`."""
    url, sent = broker.broker_url.rstrip("/") + path, body.model_dump(mode="json")
    told = {**(headers or {}), **logs.passed_on()}
    try:
        reply = await http.request("POST", url, headers=told, json=sent, timeout=TIMEOUT, max_body=MAX_ANSWER)
    except UnreachableError as error:
        raise BrokerError("broker_unreachable", f"the broker could not be reached: {error}") from error
    if reply.status not in {200, 201, 204}:
        raise _refusal(reply.status, reply.body)
    return reply.body


def _refusal(status: int, body: bytes) -> BrokerError:
    try:
        problem = json.loads(body)
        return BrokerError(str(problem["code"]), f"{problem['detail']} {problem.get('hint', '')}".strip())
    except (ValueError, KeyError, TypeError):
        return BrokerError("broker_refused", f"the broker answered with status {status}")
