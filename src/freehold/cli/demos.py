"""`freehold demo` and `prove`: the whole platform at work, and shown to be clean."""

import asyncio
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from freehold.cli.output import AsJson, console, errors, fail, guarded, print_json, print_rows
from freehold.demo import prove as proving
from freehold.demo import run
from freehold.demo.run import Options, Result, Told


def register(app: typer.Typer) -> None:
    """Put these commands into the tree."""
    app.command("demo")(demo)
    app.command("prove")(prove)


@guarded
async def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the reports are written.")] = False,
    clients: Annotated[int, typer.Option(min=1, max=4, help="How many clients take part.")] = 2,
    data: Annotated[Path | None, typer.Option(help="An empty folder; by default a new one in demo-data.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="You walk the pages yourself.")] = False,
    as_json: AsJson = False,
) -> None:
    """Do the main job on this machine: connect clients, collect 90 days, write their reports."""
    folder = data or Path("demo-data") / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    options = Options(folder.absolute(), clients, browser)
    result = await _run(options, quiet=as_json)
    try:
        if as_json:
            print_json(result.as_json())
        else:
            _show(result, once=once)
        if not once:
            await asyncio.Event().wait()
    finally:
        await result.platform.stop()


@guarded
async def prove(
    data: Annotated[Path | None, typer.Option(help="An empty folder; by default a new one in demo-data.")] = None,
    sqlite: Annotated[bool, typer.Option("--sqlite", help="Run the broker on SQLite alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run connect flows with marked secrets, search everything for the marks, and print where each was found."""
    folder = data or Path("demo-data") / datetime.now(UTC).strftime("proof-%Y%m%d-%H%M%S")
    proof = await proving.prove(folder.absolute(), errors.print, sqlite=sqlite)
    if as_json:
        print_json(proof.as_json())
    else:
        rows = [vars(place) | {"found": _found(proof, place.name)} for place in proof.searched]
        print_rows(rows, ("name", "side", "files", "bytes", "found"), as_json=False)
        console.print(f"{proof.ciphertexts} credential on the node holds the token as ciphertext. Page: {proof.page}")
    if not proof.clean:
        raise fail("Marks were found outside ciphertext.", f"See {proof.page}")


def _found(proof: proving.Proof, place: str) -> str:
    found = [f"{item.mark} ({item.form}) in {item.where}" for item in proof.findings if item.place == place]
    return "; ".join(found) or "nothing"


async def _run(options: Options, *, quiet: bool) -> Result:
    """Run the demo with a progress bar for each client, on standard error."""
    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        TextColumn("{task.fields[doing]:<16}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, disable=quiet) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(client: str, share: float, doing: str) -> None:
            if client not in tasks:
                tasks[client] = bar.add_task(client, total=1.0, doing="")
            bar.update(tasks[client], completed=share, doing=doing)

        def step(text: str) -> None:
            bar.console.print(text)

        def link(client: str, url: str) -> None:
            bar.console.print(f"Open this for {client}: [link={url}]{url}[/link]", soft_wrap=True)
            webbrowser.open(url)

        return await run.run(options, Told(step, link, tell))


def _show(result: Result, *, once: bool) -> None:
    for done in result.clients:
        console.print(
            f"[bold]{done.client_id}[/bold]: {done.instagram_posts} posts, {done.instagram_insights} Instagram "
            f"insights, {done.ad_campaigns} campaigns, {done.ad_insights} ad insights with {done.graph_calls} calls"
        )
        console.print(f"  report  {Path(done.report).as_uri()}", soft_wrap=True)
        if not once:
            console.print(f"  online  {done.link}", soft_wrap=True)
    console.print(f"Done in {result.seconds:.0f} s. Everything is in {result.platform.data_dir}", soft_wrap=True)
    if not once:
        console.print(f"The broker is at {result.platform.broker_url}. Ctrl-C ends it all.", soft_wrap=True)
