"""How a node tells the broker that its owner accepted somebody who came without a link."""

from pydantic import BaseModel, ConfigDict, Field


class ConnectionConfirmation(BaseModel):
    """Body of `POST /connections/confirm`. The client is the one whose key the request carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = "meta"
    meta_user_id: str = Field(pattern=r"^\w{1,64}$")
    """The person of the grant that was pending, as the grant names them."""
