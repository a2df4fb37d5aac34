"""What broker and node tell each other once, when a client is registered."""

from pydantic import BaseModel, ConfigDict, Field

from freehold.contracts.grant import WireSecret


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

    client_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")
    company_name: str = Field(min_length=1, max_length=200)
    vm_url: str
    """Origin at which the node's `POST /api/credentials` is reached."""
    success_url: str
    """Where the person lands afterwards; its origin is the only one a browser is sent to."""
    public_key: str
    """X25519 public key to which deliveries are sealed."""
    vm_api_key: WireSecret
    """The key that the broker presents to the node, and the node to the broker."""
