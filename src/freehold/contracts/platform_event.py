"""What the broker passes on to a node when the provider calls back about a person."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class PlatformEvent(BaseModel):
    """A person removed the app (`deauthorize`) or asked for their data to be deleted (`data_deletion`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: str
    kind: Literal["deauthorize", "data_deletion"]
    provider: str
    meta_user_id: str
    occurred_at: datetime


class PlatformEventReceipt(BaseModel):
    """What the node did: how many credentials it marked revoked."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    outcome: Literal["applied", "already_applied"]
    credentials_revoked: int
