"""How rows are printed."""

import pytest

from freehold.cli.output import print_rows


def test_no_rows_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A bare header would look broken; machines get an empty array."""
    print_rows([], ("name",), as_json=False, title="Limits")
    print_rows([], ("name",), as_json=True)
    assert capsys.readouterr().out == "Limits: none.\n[]\n"


def test_what_names_a_row_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """It is copied into the next command."""
    name = "facebook_page_daily:2026-11-25T10"
    print_rows([{"run_id": name, "failures": "a reason of several words " * 20}], ("run_id", "failures"), as_json=False)
    assert name in capsys.readouterr().out
