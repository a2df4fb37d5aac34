"""`freehold node notify …`: whom a node tells of what goes wrong, and what it has told."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_json, print_rows
from freehold.kernel.addresses import AddressPolicy
from freehold.node.context import open_node
from freehold.node.notifications import outbox, queries, send, targets, trying
from freehold.node.notifications.notice import Severity
from freehold.node.notifications.targets import Target
from freehold.node.notifications.wishes import TOPICS, Wishes
from freehold.node.settings import NodeSettings

group = typer.Typer(help="Whom the node tells, by e-mail, Slack, webhook and more.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the target is called here.")]


About = Annotated[
    list[str] | None,
    typer.Option("--about", help=f"A topic that it is told of: {', '.join(TOPICS)}, or all; may be repeated."),
]
WISHES = tuple(Wishes.model_fields)


def register(node: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    node.add_typer(group, name="notify")


@group.command("add")
@guarded
async def add(
    data: Data,
    name: Name,
    url: Annotated[
        str,
        typer.Option(prompt="Its address", hide_input=True, help="Better typed when it is asked for: it is secret."),
    ],
    as_json: AsJson = False,
) -> None:
    """Tell this target too: mailtos://…, slack://…, https://… for a webhook, or another of Apprise's addresses."""
    settings = NodeSettings.load(data)
    policy = AddressPolicy.of(*settings.allowed_networks)
    async with open_node(settings) as node:
        target = targets.new_target(name, url, policy)
        refusal = await send.understand(outbox.sender_of(node), target)
    if refusal:
        raise fail(f"This is not an address that can be used: {refusal}.", "See docs/guides/operating.md.")
    targets.keep_target(settings.data_dir, target)
    facts = {"added": target.name, "way": target.schema_name, "next": f"freehold node notify test {target.name}"}
    print_facts(facts, as_json=as_json)


@group.command("list")
@guarded
async def show(data: Data, as_json: AsJson = False) -> None:
    """Show the targets, without their addresses."""
    held = targets.load_targets(NodeSettings.load(data).data_dir)
    print_rows([_shown(each) for each in held], ("name", "way", *WISHES), as_json=as_json)


@group.command("wants")
@guarded
async def wants(
    data: Data,
    name: Name,
    about: About = None,
    least: Annotated[Severity | None, typer.Option(help="Tell nothing that is less grave.")] = None,
    at_once: Annotated[
        Severity | None, typer.Option(help="What is less grave waits for the digest of every morning.")
    ] = None,
    quiet: Annotated[
        str | None,
        typer.Option(help='Send nothing then but what is critical: "22:00-07:00 Europe/Berlin"; "none" ends it.'),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Choose what a target is told, and when; what is not named stays as it is."""
    settings = NodeSettings.load(data)
    found = [each for each in targets.load_targets(settings.data_dir) if each.name == name]
    if not found:
        raise fail("There is no such target.", "See `freehold node notify list`.")
    target = targets.with_wishes(found[0], topics=about, least=least, at_once=at_once, quiet=quiet)
    targets.keep_target(settings.data_dir, target)
    print_facts(_shown(target), as_json=as_json)


def _shown(target: Target) -> dict[str, object]:
    """A target without its address."""
    return {"name": target.name, "way": target.schema_name} | target.wishes.model_dump(mode="json")


@group.command("remove")
@guarded
async def remove(data: Data, name: Name) -> None:
    """Tell this target nothing any more."""
    if not targets.remove_target(NodeSettings.load(data).data_dir, name):
        raise fail("There is no such target.", "See `freehold node notify list`.")
    print_json({"removed": name})


@group.command("test")
@guarded
async def try_out(
    data: Data,
    name: Annotated[str | None, typer.Argument(help="One target; all when none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send a message to one target, or to all, and say whether it was taken."""
    settings = NodeSettings.load(data)
    chosen = [each for each in targets.load_targets(settings.data_dir) if name in {None, each.name}]
    if not chosen:
        raise fail("There is no such target.", "Add one with `freehold node notify add`.")
    async with open_node(settings) as node:
        rows = [
            {
                "name": each.target.name,
                "way": each.target.schema_name,
                "taken": not each.error,
                "error": each.error or None,
            }
            async for each in trying.try_out(node, chosen)
        ]
    print_rows(rows, ("name", "way", "taken", "error"), as_json=as_json)
    if any(row["error"] for row in rows):
        raise typer.Exit(1)


@group.command("log")
@guarded
async def log(
    data: Data,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what was told lately, to whom, and what has not arrived."""
    async with open_node(NodeSettings.load(data)) as node, node.database.reading() as session:
        rows = [vars(each) for each in await queries.latest(session, limit)]
    columns = ("created_at", "severity", "title", "target", "attempts", "sent_at", "last_error")
    print_rows(rows, columns, as_json=as_json)
