"""The tools for Instagram of the servers named instagram-analytics-mcp, and of others, as of November 2026.

The names of arguments are there where the server's table of tools was read; the two of the first group are one
another's fork and have the same tools.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Peer:
    """A server: its tools with the arguments that are known, and of those without a namesake what is there instead."""

    name: str
    tools: Mapping[str, str]
    instead: Mapping[str, str] = field(default_factory=dict)


_UNSEEN = "absent: the client connects through the broker, and no tool sees a token"
_NO_MESSAGES = "absent: these tools read figures, and no one's messages"
PEERS: Final = (
    Peer(
        "BilalTariq01/instagram-analytics-mcp 3.0.0 and its fork insoln/instagram-analytics-mcp",
        {
            "list_accounts": "",
            "get_profile": "",
            "get_account_insights": "metrics metric_type period since until timeframe breakdown",
            "list_media": "",
            "get_media_details": "",
            "get_media_insights": "media_id metrics period",
            "get_stories": "",
            "get_hashtag_search": "",
            "get_hashtag_media": "",
            "get_content_publishing_limit": "",
            "get_mentioned_media": "",
        },
    ),
    Peer(
        "sskghub/instagram-analytics-mcp",
        {"list_accounts": "", "recent_reels": "", "top_reels": "", "compare_accounts": ""},
        {
            "recent_reels": "`list_media`, whose `format` tells reels; watch times are in `get_media_insights`",
            "top_reels": "`top_posts`",
            "compare_accounts": "`get_account_insights` for each account, or `discover_competitor` for one of others",
        },
    ),
    Peer(
        "jlbadano/ig-mcp",
        dict.fromkeys(
            (
                "get_profile_info", "get_media_posts", "get_media_insights", "publish_media", "get_account_pages",
                "get_account_insights", "validate_access_token", "get_conversations", "get_conversation_messages",
                "send_dm",
            ),
            "",
        ),
        {
            "get_profile_info": "`get_profile`",
            "get_media_posts": "`list_media`",
            "publish_media": "absent: these tools change nothing; what may be published tells "
            "`get_content_publishing_limit`",
            "get_account_pages": "`list_accounts` names the page of each account",
            "validate_access_token": _UNSEEN,
            "get_conversations": _NO_MESSAGES,
            "get_conversation_messages": _NO_MESSAGES,
            "send_dm": _NO_MESSAGES,
        },
    ),
)  # fmt: skip
"""The servers whose names of tools are known."""
