"""Arguments that many tools take."""

from typing import Annotated, Final, Literal

from pydantic import Field

from freehold.node.mcp.cursors import MAX_LENGTH

AccountId = Annotated[
    str | None, Field(pattern=r"^\d{1,40}$", description="id of list_accounts; may be left out if there is one")
]
MediaId = Annotated[str, Field(pattern=r"^\d{1,40}$")]
Limit = Annotated[int, Field(ge=1, le=100)]
After = Annotated[str | None, Field(max_length=MAX_LENGTH, description="next_cursor of the page before")]
Days = Annotated[int, Field(ge=1, le=729, description="how many days back")]
DAY_MINUTES: Final = 1_440
STORY_MINUTES: Final = 90
"""Stories that are live are read every hour."""
MaxAge = Annotated[
    int,
    Field(
        ge=0,
        le=729 * DAY_MINUTES,
        description="minutes that stored values may be old, where Meta may still change them; 0 asks Meta",
    ),
]
Metrics = Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]], Field(max_length=20)]
TimeZone = Annotated[
    str | None,
    Field(max_length=64, description="such as Europe/Berlin; by default that of the client's ad accounts, else UTC"),
]
PostMetric = Literal[
    "reach", "views", "total_interactions", "engagement_rate", "likes", "comments", "saved", "shares", "reposts"
]
"""What posts of every kind are measured by; the engagement rate is interactions by people reached."""
SlotHours = Literal[1, 2, 3, 4, 6]
