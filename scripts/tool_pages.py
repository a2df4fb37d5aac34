"""Writes the guides to every tool from the tables of tools; with --check only says if they are up to date."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.instagram_peers import PEERS
from scripts.instagram_peers import Peer as InstagramPeer
from scripts.peer_tools import PEER

from freehold.node.mcp.instagram.tools import INSTAGRAM
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.node.mcp.protocol import described
from freehold.node.mcp.tool import NO_TOKEN, Arguments, Service, Tool

GUIDES = Path(__file__).resolve().parents[1] / "docs" / "guides"
ABSENT = {
    "save_ad_image_locally": "absent: a server that writes files where a model says; `get_ad_image` gives the address",
    "get_login_link": "absent: the client connects through the broker, and no tool sees a token",
    "generate_report": "absent: an advertisement there; see `freehold node report`",
    "duplicate_creative": "`create_ad_creative`",
}
"""Tools of meta-ads-mcp that have no namesake here, and what takes their place."""
INTRODUCTION = """# The tools of {title}

Made by `scripts/tool_pages.py` from the table that MCP and REST serve. How to reach them: [tools](mcp.md).
"""


def page() -> str:
    """The whole guide to Meta Ads."""
    introduction = INTRODUCTION.format(title=META_ADS.title)
    return "\n".join([introduction, *_toolsets(META_ADS), *_parity()]) + "\n"


def instagram_page() -> str:
    """The whole guide to Instagram Analytics."""
    introduction = INTRODUCTION.format(title=INSTAGRAM.title)
    compared = [line for peer in PEERS for line in _beside(peer)]
    known = {name for peer in PEERS for name in peer.tools}
    further = ", ".join(f"`{tool.name}`" for tool in INSTAGRAM.tools if tool.name not in known)
    return "\n".join([introduction, *_toolsets(INSTAGRAM), *compared, f"In none of them: {further}."]) + "\n"


def _toolsets(service: Service) -> Iterator[str]:
    for toolset in service.toolsets:
        shown = "by default" if toolset in service.default else "when it is asked for: `/mcp/all`"
        yield f"## {toolset.capitalize()}\n\nAt `/mcp/{toolset}`, and {shown}.\n"
        yield "| tool | what it does | arguments | scope |\n|---|---|---|---|"
        yield from (_row(tool) for tool in service.tools if tool.toolset == toolset)
        yield ""


def _row(tool: Tool) -> str:
    schema = described(tool).input_schema
    needed = set(schema.get("required", ()))
    arguments = ", ".join(f"**{name}**" if name in needed else name for name in schema["properties"])
    return f"| `{tool.name}` | {tool.about} | {arguments or 'none'} | `{tool.scope}` |"


def _parity() -> Iterator[str]:
    ours = {tool.name: tool for tool in META_ADS.tools}
    alike = [name for name in PEER if name in ours]
    further = [f"`{name}`" for name in ours if name not in PEER]
    yield "## Beside meta-ads-mcp 1.0.128\n"
    yield (
        f"{len(alike)} of its {len(PEER)} tools (all switches on) have a namesake here. Of each argument of theirs it "
        "takes the name, or says what to do instead; `access_token` none takes. Cursors are our own. "
        "Amounts are minor units there too, without saying of which currency.\n"
    )
    yield "| its tool | of its arguments taken | not taken, and what to do instead | only here |\n|---|---|---|---|"
    yield from (_compared(ours[name], PEER[name].split()) for name in alike)
    yield "\n| its tool | here |\n|---|---|"
    yield from (f"| `{name}` | {told} |" for name, told in ABSENT.items())
    yield f"\nOnly here: {', '.join(further)}."


def _beside(peer: InstagramPeer) -> Iterator[str]:
    """A server's tools for Instagram, each with our namesake or what is there instead."""
    ours = {tool.name: tool for tool in INSTAGRAM.tools}
    alike = sum(name in ours for name in peer.tools)
    yield f"## Beside {peer.name}\n\n{alike} of its {len(peer.tools)} tools for Instagram have a namesake here."
    yield "Of tools without arguments below, theirs are not known here.\n"
    yield "| its tool | here | of its arguments taken | not taken, and what to do instead |\n|---|---|---|---|"
    for name, theirs in peer.tools.items():
        if name not in ours:
            yield f"| `{name}` | {peer.instead[name]} | | |"
            continue
        taken = [each for each in theirs.split() if each in ours[name].arguments.model_fields]
        told = "; ".join(f"{each}: {hint}" for each, hint in not_taken(ours[name], theirs.split()).items())
        yield f"| `{name}` | the same | {', '.join(taken)} | {told} |"
    yield ""


def _compared(tool: Tool, theirs: Sequence[str]) -> str:
    """A line of the comparison: what both take, what is explained, and what only ours takes."""
    taken = tool.arguments.model_fields
    both = [name for name in theirs if name in taken]
    hints: dict[str, list[str]] = {}
    for name, hint in not_taken(tool, theirs).items():
        hints.setdefault(hint, []).append(name)
    told = "; ".join(f"{', '.join(names)}: {hint}" for hint, names in hints.items())
    only = [name for name in taken if name not in theirs]
    return f"| `{tool.name}` | {', '.join(both) or 'none'} | {told} | {', '.join(only)} |"


def not_taken(tool: Tool, theirs: Sequence[str]) -> dict[str, str]:
    """Arguments of a peer's tool that ours does not take, and its hint for each."""
    assert issubclass(tool.arguments, Arguments)
    hints = {**NO_TOKEN, **tool.arguments.not_taken}
    return {name: hints.get(name, "") for name in theirs if name not in tool.arguments.model_fields}


def unexplained() -> Iterator[str]:
    """What the peers have that is neither here nor explained: tools, and arguments."""
    ours = {tool.name: tool for tool in (*META_ADS.tools, *INSTAGRAM.tools)}
    compared = [(PEER, ABSENT), *((peer.tools, peer.instead) for peer in PEERS)]
    for tools, instead in compared:
        yield from (name for name in tools if name not in ours and name not in instead)
        for name, theirs in tools.items():
            if name in ours:
                missing = not_taken(ours[name], theirs.split())
                yield from (f"{name}({each})" for each, hint in missing.items() if not hint)


def main() -> int:
    """Write the guides, or check them."""
    missing = list(unexplained())
    if missing:
        sys.stderr.write(f"neither taken nor explained: {', '.join(missing)}\n")
        return 1
    for name, text in {"mcp-meta-ads.md": page(), "mcp-instagram.md": instagram_page()}.items():
        path = GUIDES / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"docs/guides/{name} is older than the table of tools; run python -m scripts.tool_pages\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
