"""`freehold mcp …`: the node's tools over standard input and output, and what they are."""

import sys
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_rows
from freehold.kernel import logs
from freehold.node.access import Scope
from freehold.node.mcp import stdio
from freehold.node.mcp.registry import SERVICES
from freehold.node.mcp.tool import TOOL_SCOPES
from freehold.node.settings import NodeSettings

mcp = typer.Typer(help="Tools for agents, over standard input and output.", no_args_is_help=True)
Writes = Annotated[bool, typer.Option("--write", help="Offer the tools that propose changes, too.")]
Toolset = Annotated[str, typer.Option(help="One toolset, or all; the default ones otherwise.")]


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold`."""
    group.add_typer(mcp, name="mcp")


@mcp.command("meta-ads")
@guarded
async def meta_ads(data: Data, write: Writes = False, toolset: Toolset = "") -> None:
    """Meta Ads for a desktop client that starts this program; it ends when its input does."""
    await _serve("meta_ads", NodeSettings.load(data), toolset, write=write)


@mcp.command("instagram")
@guarded
async def instagram(data: Data, write: Writes = False, toolset: Toolset = "") -> None:
    """Instagram Analytics for a desktop client that starts this program; it ends when its input does."""
    await _serve("instagram", NodeSettings.load(data), toolset, write=write)


@mcp.command("insights")
@guarded
async def insights(data: Data, toolset: Toolset = "") -> None:
    """Insights for a desktop client that starts this program; it ends when its input does."""
    await _serve("insights", NodeSettings.load(data), toolset, write=False)


@mcp.command("tools")
def tools(
    name: Annotated[str, typer.Argument(help="meta-ads, instagram or insights.")],
    as_json: AsJson = False,
) -> None:
    """Show the tools of a service."""
    service = SERVICES.get(name.replace("-", "_"))
    if service is None:
        raise fail("There is no such service.", "Choose meta-ads, instagram or insights.")
    columns = ("name", "title", "toolset", "scope", "about")
    shown = service.shown(frozenset(TOOL_SCOPES), "all")
    print_rows([{column: getattr(tool, column) for column in columns} for tool in shown], columns, as_json=as_json)


async def _serve(name: str, settings: NodeSettings, toolset: str, *, write: bool) -> None:
    service = SERVICES[name]
    if toolset not in {"", "all", *service.toolsets}:
        raise fail(f"Unknown toolset; choose from all, {', '.join(service.toolsets)}.")
    logs.configure("node", sys.stderr, level=settings.log_level, form=settings.log_format)
    scopes: tuple[Scope, ...] = ("tools:read", "tools:write") if write else ("tools:read",)
    await stdio.serve(settings, service, scopes, toolset)
