"""Arguments that many tools take."""

from typing import Annotated

from pydantic import AfterValidator, Field

from freehold.node.mcp.cursors import MAX_LENGTH


def _with_prefix(text: str | None) -> str | None:
    return text if text is None or text.startswith("act_") else f"act_{text}"


AccountId = Annotated[
    str | None,
    Field(pattern=r"^(act_)?\d{1,40}$", description="act_… of get_ad_accounts; may be left out if there is one"),
    AfterValidator(_with_prefix),
]
ObjectId = Annotated[str, Field(pattern=r"^\d{1,40}$")]
Limit = Annotated[int, Field(ge=1, le=100)]
After = Annotated[str | None, Field(max_length=MAX_LENGTH, description="next_cursor of the page before")]
