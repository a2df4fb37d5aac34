"""Writes the guide to every tool of Meta Ads from the table of tools; with --check only says if it is up to date."""

import sys
from collections.abc import Iterator
from pathlib import Path

from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.mcp.protocol import described
from freehold.node.mcp.tool import Tool

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guides" / "mcp-meta-ads.md"
PEER = {
    "save_ad_image_locally": "absent: a server that writes files where a model says; `get_ad_image` gives the address",
    "get_login_link": "absent: the client connects through the broker, and no tool sees a token",
    "generate_report": "absent: an advertisement there; see `freehold node report`",
    "duplicate_creative": "`create_ad_creative`",
}
"""Tools of meta-ads-mcp 1.0.128 that have no namesake here, and what takes their place."""
NAMED_ALIKE = (
    "get_ad_accounts", "get_account_info", "get_campaigns", "get_campaign_details", "create_campaign",
    "update_campaign", "get_adsets", "get_adset_details", "create_adset", "update_adset", "get_ads", "get_ad_details",
    "get_creative_details", "create_ad", "get_ad_creatives", "get_ad_image", "get_image_by_hash", "get_ad_video",
    "update_ad", "upload_ad_image", "compute_image_crops", "create_ad_creative", "update_ad_creative",
    "search_pages_by_name", "get_account_pages", "get_insights", "search_ads_archive", "create_budget_schedule",
    "search_interests", "get_interest_suggestions", "estimate_audience_size", "search_behaviors",
    "search_demographics", "search_geo_locations", "duplicate_campaign", "duplicate_adset", "duplicate_ad",
)  # fmt: skip
"""Those that have one."""
INTRODUCTION = """# The tools of Meta Ads

Made by `scripts/tool_pages.py` from the table that MCP and REST serve. How to reach them: [tools](mcp.md).
"""


def page() -> str:
    """The whole guide."""
    return "\n".join([INTRODUCTION, *_toolsets(), *_parity()]) + "\n"


def _toolsets() -> Iterator[str]:
    for toolset in META_ADS.toolsets:
        shown = "by default" if toolset in META_ADS.default else "when it is asked for: `/mcp/all`"
        yield f"## {toolset.capitalize()}\n\nAt `/mcp/{toolset}`, and {shown}.\n"
        yield "| tool | what it does | arguments | scope |\n|---|---|---|---|"
        yield from (_row(tool) for tool in META_ADS.tools if tool.toolset == toolset)
        yield ""


def _row(tool: Tool) -> str:
    schema = described(tool).input_schema
    needed = set(schema.get("required", ()))
    arguments = ", ".join(f"**{name}**" if name in needed else name for name in schema["properties"])
    return f"| `{tool.name}` | {tool.about} | {arguments or 'none'} | `{tool.scope}` |"


def _parity() -> Iterator[str]:
    ours = [tool.name for tool in META_ADS.tools]
    further = [f"`{name}`" for name in ours if name not in NAMED_ALIKE]
    yield "## Beside meta-ads-mcp 1.0.128\n"
    yield (
        f"{len(NAMED_ALIKE)} of its {len(NAMED_ALIKE) + len(PEER)} tools (all switches on) have a namesake here, which "
        "takes the same arguments as far as they mean something here, never `access_token`, and our own cursors. "
        "Amounts are minor units there too, without saying of which currency.\n"
    )
    yield "| its tool | here |\n|---|---|"
    yield from (f"| `{name}` | {told} |" for name, told in PEER.items())
    yield f"\nOnly here: {', '.join(further)}."


def main() -> int:
    """Write the guide, or check it."""
    missing = set(NAMED_ALIKE) - {tool.name for tool in META_ADS.tools}
    if missing:
        sys.stderr.write(f"no such tools: {', '.join(sorted(missing))}\n")
        return 1
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        sys.stderr.write("docs/guides/mcp-meta-ads.md is older than the table of tools; run scripts/tool_pages.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
