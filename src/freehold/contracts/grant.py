"""What a client authorised at a provider: the body that the broker delivers to the client's node."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr

AssetKind = Literal["facebook_page", "instagram_account", "ad_account"]
GrantStatus = Literal["active", "pending"]

WireSecret = Annotated[
    SecretStr, PlainSerializer(lambda secret: secret.get_secret_value(), return_type=str, when_used="json")
]
"""A secret that shows itself only when it is serialized for the wire."""


class Asset(BaseModel):
    """A page, Instagram account or ad account that the grant covers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: AssetKind
    id: str
    name: str
    username: str | None = None
    parent_id: str | None = None
    """For an Instagram account: the Facebook page through which it is reached."""
    currency: str | None = None
    timezone: str | None = None


class Grant(BaseModel):
    """The body of `POST /api/credentials`: the seed's fields, and what a node needs to use the token well.

    Instants are aware. `appsecret_proofs` maps "user" or a page id to the proof of that token, so that a node can call
    the provider without the app secret. `delivery_id` and `issued_at` show a repeat and a grant that came too late.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    client_id: str
    provider: str = "meta"
    delivery_id: str
    issued_at: datetime
    status: GrantStatus
    access_token: WireSecret
    token_type: str = "USER"  # noqa: S105 - the provider's name for the kind of token
    token_expires_at: datetime | None
    data_access_expires_at: datetime | None = None
    meta_user_id: str
    instagram_id: str | None = None
    facebook_page_id: str | None = None
    ad_account_id: str | None = None
    scopes: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    page_tokens: dict[str, WireSecret] = Field(default_factory=dict)
    appsecret_proofs: dict[str, WireSecret] = Field(default_factory=dict)
    handle_digest: str | None = None
    """SHA-256 of the one-time handle that opens the node's /success for the person who authorised."""
