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
        sign = "[green]pass[/green]" if check.passed else "[bold red]fail[/bold red]"
        console.print(f"{sign}  {check.name}: {check.detail}", soft_wrap=True, highlight=False)
        if not check.passed and check.fix:
            console.print(f"      {check.fix}", soft_wrap=True, highlight=False)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)
