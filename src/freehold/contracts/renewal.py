"""How a node has its token renewed: only the broker holds the app secret that the exchange needs.

The node seals `RenewalRequest` to the broker's public sealing key and posts it as `SealedMessage`; the broker seals
`RenewalReply` to the node's public key. Neither body is readable to anything between them, nor logged.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from freehold.contracts.grant import WireSecret

RENEWAL_REQUEST_INFO = b"freehold-renewal-request-v1"
MAX_PAGES = 200
"""Pages whose tokens one grant holds, and one renewal renews; their tokens and proofs fit into one body."""
MAX_SEALED = 240 * 1024
PageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
"""A page's id; it becomes part of an address."""

RENEWAL_REPLY_INFO = b"freehold-renewal-reply-v1"


class SealedMessage(BaseModel):
    """A sealed body on the wire, base64url."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    sealed: str = Field(max_length=MAX_SEALED)


class RenewalRequest(BaseModel):
    """What the node asks, sealed. The reply repeats `request_id`; a request older than five minutes is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    provider: str
    request_id: str
    issued_at: datetime
    access_token: WireSecret
    page_ids: tuple[PageId, ...] = Field(default=(), max_length=MAX_PAGES)


class RenewalReply(BaseModel):
    """What the broker answers, sealed: the new token, its two countdowns and the proofs for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    access_token: WireSecret
    token_expires_at: datetime | None
    data_access_expires_at: datetime | None
    page_tokens: dict[str, WireSecret] = Field(default_factory=dict)
    appsecret_proofs: dict[str, WireSecret] = Field(default_factory=dict)
