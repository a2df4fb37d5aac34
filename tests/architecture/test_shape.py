"""The shape of the code: names, sizes, and what may stand in a file."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "freehold"
MODULES = sorted(SOURCE.rglob("*.py"))

BANNED_NAMES = frozenset({
    "utils", "util", "helpers", "helper", "common", "misc", "shared", "base", "core", "manager", "managers",
    "service", "services", "handler", "handlers",
})  # fmt: skip
MODULE_LINES = 400
FUNCTION_LINES = 50
CLASS_METHODS = 15
REGISTRY_HOSTS = re.compile(
    "|".join(
        ["pypi" + r"\.org", "python" + r"hosted\.org", r"registry\." + "npmjs", "npmjs" + r"\.com", r"deb\." + "debian"]
    )
)
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK|NotImplemented" + r"Error)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def named(path: Path) -> str:
    """A module's path as it is shown when a test fails."""
    return str(path.relative_to(ROOT))


def definitions(path: Path) -> Iterator[Function | ast.ClassDef]:
    """Every function and class of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function | ast.ClassDef):
            yield node


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_has_a_telling_name_and_a_docstring(path: Path) -> None:
    """No module is named for nothing in particular, and each says what it is for."""
    assert not BANNED_NAMES & {*path.relative_to(SOURCE).with_suffix("").parts}
    assert ast.get_docstring(ast.parse(path.read_text())), f"{named(path)} does not say what it is for"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_fits_on_a_few_screens(path: Path) -> None:
    """Modules, functions and classes stay small enough to be read whole."""
    assert len(path.read_text().splitlines()) < MODULE_LINES
    for node in definitions(path):
        if isinstance(node, ast.ClassDef):
            methods = [child for child in node.body if isinstance(child, Function)]
            assert len(methods) < CLASS_METHODS, f"{node.name} has {len(methods)} methods"
        else:
            assert (node.end_lineno or 0) - node.lineno + 1 < FUNCTION_LINES, f"{node.name} is too long"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_stand_at_the_top(path: Path) -> None:
    """A module's needs are seen at its top; only a chart's child process loads its library late."""
    late = [
        alias.name
        for function in definitions(path)
        if not isinstance(function, ast.ClassDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]

    assert not late or path.name == "charts.py", f"{named(path)} imports {late} inside a function"


def tracked_files() -> list[Path]:
    """Every text file of the project that is or will be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_is_unfinished() -> None:
    """Locks and docs name no package registry's host, and the source holds no mark of unfinished work."""
    found = []
    for path in tracked_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if REGISTRY_HOSTS.search(text):
            found.append(f"{named(path)} names a registry")
        if path.is_relative_to(SOURCE) and UNFINISHED.search(text):
            found.append(f"{named(path)} is unfinished")

    assert not found


def test_the_median_function_is_short() -> None:
    """Half of all functions have at most twelve lines."""
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef)
    )

    assert lengths[len(lengths) // 2] <= 12


def test_secrets_have_no_default() -> None:
    """No setting that holds a secret has a value in the code."""
    for path in SOURCE.rglob("settings.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AnnAssign) and "SecretStr" in ast.unparse(node.annotation):
                default = ast.unparse(node.value) if node.value else None
                sandbox = path.is_relative_to(SOURCE / "sandbox")
                assert sandbox or default in {None, "None"}, f"{named(path)}: {ast.unparse(node)}"


def test_leave_to_change_something_is_made_in_one_place() -> None:
    """`ApprovedWrite` is called in `node.spending.sending` alone, and no other module gets at it by another name."""
    makers, users = set(), set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and "ApprovedWrite" in ast.unparse(node.func):
                makers.add(str(path.relative_to(SOURCE)))
            if isinstance(node, ast.Name | ast.Attribute | ast.alias) and "ApprovedWrite" in ast.unparse(node):
                users.add(str(path.relative_to(SOURCE)))

    assert makers == {"node/spending/sending.py"}
    assert users == {*makers, "node/governor/admission.py", "node/governor/governor.py"}
