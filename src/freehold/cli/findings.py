"""How commands tell what was checked."""

from collections.abc import Sequence

import typer

from freehold.cli.output import console, print_json
from freehold.kernel.checks import Check


def tell(checks: Sequence[Check], *, as_json: bool) -> None:
    """Print what was found, and end with a failure's status when something did not pass."""
    if as_json:
        print_json([vars(check) for check in checks])
    for check in () if as_json else checks:
        console.print(f"{_sign(check)}  {check.name}: {check.detail}", soft_wrap=True, highlight=False)
        if check.fix and (check.warning or not check.passed):
            console.print(f"      {check.fix}", soft_wrap=True, highlight=False)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


def _sign(check: Check) -> str:
    if not check.passed:
        return "[bold red]fail[/bold red]"
    return "[yellow]warn[/yellow]" if check.warning else "[green]pass[/green]"
