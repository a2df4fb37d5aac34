"""What broker and node tell each other once, when a client is registered.

By hand: `freehold node init` writes a `NodeRegistration`, which the operator gives to `freehold clients add`. By an
enrolment code, which an administrator makes at the broker: the node seals an `EnrolmentRequest` to the broker's public
sealing key and posts it as `SealedMessage` to `ENROLMENT_PATH`; the broker seals an `EnrolmentReply` to the node's
public key. The code carries a digest of the broker's address and keys, so that the node knows the broker before it
sends anything.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from freehold.contracts.grant import WireSecret

CLIENT_ID = r"^[a-z0-9][a-z0-9-]{1,62}$"
ENROLMENT_PATH = "/enrolments"
ENROLMENT_REQUEST_INFO = b"freehold-enrolment-request-v1"
ENROLMENT_REPLY_INFO = b"freehold-enrolment-reply-v1"


class BrokerIdentity(BaseModel):
    """The broker's public face, at `GET /.well-known/freehold-broker.json`; a node pins both keys at `init`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    broker_url: str
    signing_key: str
    """Ed25519 public key: envelopes are signed with it."""
    sealing_key: str
    """X25519 public key: renewal requests are sealed to it."""


class NodeRegistration(BaseModel):
    """What `freehold node init` writes for the broker's operator: enough for `freehold clients add --registration`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(pattern=CLIENT_ID)
    company_name: str = Field(min_length=1, max_length=200)
    vm_url: str
    """Origin at which the node's `POST /api/credentials` is reached."""
    success_url: str
    """Where the person lands afterwards; its origin is the only one a browser is sent to."""
    public_key: str
    """X25519 public key to which deliveries are sealed."""
    vm_api_key: WireSecret
    """The key that the broker presents to the node, and the node to the broker."""


_CODE = re.compile(r"fhenrol_(?P<secret>[A-Za-z0-9_-]{43})\.(?P<broker>[0-9a-f]{32})")


class EnrolmentCodeError(ValueError):
    """The text is no enrolment code."""


@dataclass(frozen=True, repr=False)
class EnrolmentCode:
    """What lets one node register itself: a 256-bit secret, and 128 bits of a digest over the broker's identity."""

    secret: str
    broker: str

    @classmethod
    def new(cls, broker: BrokerIdentity) -> Self:
        """A new code of `broker`."""
        return cls(secrets.token_urlsafe(32), _digest_of(broker))

    @classmethod
    def read(cls, text: str) -> Self:
        """From what `str` gives, with spaces and line breaks around it. Raises `EnrolmentCodeError`."""
        found = _CODE.fullmatch(text.strip())
        if found is None:
            raise EnrolmentCodeError("this is no enrolment code")
        return cls(found["secret"], found["broker"])

    def __str__(self) -> str:
        return f"fhenrol_{self.secret}.{self.broker}"

    def is_of(self, broker: BrokerIdentity) -> bool:
        """Whether the broker of this address and these keys made the code."""
        return self.broker == _digest_of(broker)


class EnrolmentRequest(BaseModel):
    """What a node that has a code sends, sealed. Sent again by the same node, it gets the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: WireSecret = Field(max_length=43)
    """The secret of the code."""
    request_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    client_id: str | None = Field(default=None, pattern=CLIENT_ID)
    """The client that the node is meant for, where the person named one."""
    vm_url: str = Field(max_length=500)
    success_url: str = Field(max_length=500)
    public_key: str = Field(max_length=64)
    vm_api_key: WireSecret


class EnrolmentReply(BaseModel):
    """Whom the broker registered the node for, sealed. `request_id` is that of the request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request_id: str
    client_id: str = Field(pattern=CLIENT_ID)
    company_name: str


def _digest_of(broker: BrokerIdentity) -> str:
    return hashlib.sha256(f"{broker.broker_url}|{broker.signing_key}|{broker.sealing_key}".encode()).hexdigest()[:32]
