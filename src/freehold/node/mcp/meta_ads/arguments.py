"""Arguments that many tools take, and what many answers have."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from freehold.node.mcp.cursors import MAX_LENGTH
from freehold.node.mcp.meta_ads.labels import unlabelled
from freehold.node.mcp.tool import Answer


def _with_prefix(text: str | None) -> str | None:
    return text if text is None or text.startswith("act_") else f"act_{text}"


AccountId = Annotated[
    str | None,
    Field(pattern=r"^(act_)?\d{1,40}$", description="may be left out if there is one"),
    AfterValidator(_with_prefix),
]
ObjectId = Annotated[str, Field(pattern=r"^\d{1,40}$")]
OptionalId = Annotated[str | None, Field(pattern=r"^\d{1,40}$")]
Structure = Annotated[dict[str, Any], BeforeValidator(unlabelled)]
"""A structure of Meta's; what a tool showed of one may be handed back with its labels."""
Limit = Annotated[int, Field(ge=1, le=100)]
After = Annotated[str | None, Field(max_length=MAX_LENGTH, description="next_cursor of the page before")]
MaxAge = Annotated[int, Field(ge=0, le=10_080, description="minutes that stored data may be old; 0 asks Meta")]


class OfAccount(Answer):
    """An answer about one ad account."""

    account_id: str


class Listed(OfAccount):
    """A page of a list; `next_cursor` is absent on the last."""

    next_cursor: str | None = None
