"""`freehold node stack`: the container stack of a client's machine."""

from pathlib import Path
from typing import Annotated

import typer

from freehold.cli.output import AsJson, Folder, Operators, guarded, print_stack
from freehold.node.bootstrap.stack import NodeStack, Profile, without_n8n_now, write_node_stack

FIRST = (
    "docker compose run --rm node node init …, then docker compose up -d --wait and docker compose run --rm bootstrap; "
    "docs/guides/production.md tells each step"
)
WITHOUT_N8N = "docker compose --profile full stop n8n n8n-worker redis (until then they order everything a second time)"


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(stack)


@guarded
async def stack(
    folder: Folder,
    domain: Annotated[
        str | None, typer.Option(help="Its names become node., social., tables., flows. and chat. of it.")
    ] = None,
    email: Annotated[
        str | None,
        typer.Option(help="The first account of NocoDB, n8n and Open WebUI; of a new stack's certificates too."),
    ] = None,
    operators: Operators = None,
    tls: Annotated[str | None, typer.Option(help="An e-mail address, internal, or 'certificate.pem key.pem'.")] = None,
    profile: Annotated[Profile | None, typer.Option(help="full, or lite: without n8n.")] = None,
    chat: Annotated[bool | None, typer.Option("--chat/--no-chat", help="With Open WebUI, or without it.")] = None,
    broker_certificate: Annotated[
        Path | None, typer.Option(help="The broker's public certificate: deliveries then need it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write compose.yaml, Caddyfile, firewall, .env and secrets, or bring them up to date.

    Secrets are made once. Files that you edited stay; what is new in them lies beside as NAME.new.
    """
    chosen = NodeStack(domain, tuple(operators or ()), email, tls, profile, chat, broker_certificate)
    written = write_node_stack(folder, chosen)
    print_stack(folder, written, FIRST, before=WITHOUT_N8N if without_n8n_now(written) else "", as_json=as_json)
