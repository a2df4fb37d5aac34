"""How a node asks the broker for a link with which its person can connect."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

DAY_SECONDS = 86_400


class ConnectLinkRequest(BaseModel):
    """Body of `POST /connect-links`. The client is the one whose key the request carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = "meta"
    valid_seconds: int = Field(default=DAY_SECONDS, ge=60, le=DAY_SECONDS)


class ConnectLink(BaseModel):
    """A single-use link to hand to the client's person."""

    model_config = ConfigDict(frozen=True)

    link_id: str
    client_id: str
    url: str
    expires_at: datetime
