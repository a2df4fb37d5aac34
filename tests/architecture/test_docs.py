"""The documents against the code: what they name exists, and what has to be documented is."""

import ast
import functools
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from pydantic_settings import BaseSettings

from freehold.broker.settings import BrokerSettings
from freehold.cli import build
from freehold.node.bootstrap.settings import BootstrapSettings
from freehold.node.settings import NodeSettings
from freehold.sandbox.settings import SandboxSettings

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "freehold"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
OPERATING = ROOT / "docs" / "guides" / "operating.md"
SETTINGS: tuple[type[BaseSettings], ...] = (BrokerSettings, NodeSettings, SandboxSettings, BootstrapSettings)
OF_THE_COMMAND_LINE = frozenset({"FREEHOLD_BROKER_URL", "FREEHOLD_ADMIN_KEY", "FREEHOLD_NO_SKIPS"})
"""Variables that are read outside a settings class: by options of commands, and by the tests."""

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^ {4,}(.+)$", re.MULTILINE)
PATH = re.compile(
    r"^(?:src|tests|docs|benchmarks|scripts|\.ci)/[\w./-]+$|^[\w-]+\.(?:md|toml|lock)$|^(?:Makefile|LICENSE)$"
)
MODULE = re.compile(r"^freehold(?:\.[a-z_]+)+$")
SETTING = re.compile(r"FREEHOLD_[A-Z][A-Z0-9_]*[A-Z0-9]")
TEST = re.compile(r"^test_\w+$")
NAMED_TESTS = re.compile(r"`(tests/[\w/]+\.py)`\s+\(([^)]+)\)")
COMMAND = re.compile(r"(?:^|[\s/])freehold (?=[a-z])(.+)$")
ENDS_A_COMMAND = frozenset({"|", "&&", ";", "#", ">", "2>&1"})
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|tmp|home)(?:/|\b)")
REGISTRY = re.compile("pypi" + r"\.org|python" + r"hosted\.org|registry\." + "npmjs|npmjs" + r"\.com|deb\." + "debian")


def shown(path: Path) -> str:
    """A document's path as it is shown when a test fails."""
    return str(path.relative_to(ROOT))


def code_of(path: Path) -> list[str]:
    """The pieces of code of a document: what stands between backticks, and indented lines with continuations joined."""
    text = path.read_text()
    return [*CODE.findall(text), *(line.strip() for line in FENCED.findall(re.sub(r"\\\n\s*", " ", text)))]


def commands_of(path: Path) -> Iterator[list[str]]:
    """The words after `freehold` of every command that a document shows."""
    for code in code_of(path):
        found = COMMAND.search(code)
        if found and not code.startswith("|"):
            words = shlex.split(found.group(1), comments=True)
            ends = [position for position, word in enumerate(words) if word in ENDS_A_COMMAND]
            yield words[: ends[0]] if ends else words


@functools.cache
def command_tree() -> Any:
    """Every command, as typer builds them."""
    return typer.main.get_command(build())


def resolve(words: list[str]) -> str | None:
    """What is wrong with a command; None when it exists with these options and no argument too many."""
    command: Any = command_tree()
    rest = list(words)
    while isinstance(command, click.Group) or hasattr(command, "commands"):
        if not rest:
            return None
        if rest[0].startswith("-"):
            break  # a group that does something by itself has options of its own
        name = rest.pop(0)
        if name not in command.commands:
            return f"there is no command {name!r}"
        command = command.commands[name]
    options = {text: option for option in command.params for text in option.opts if text.startswith("-")}
    places = 0
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            option = options.get(word.partition("=")[0])
            if option is None and word != "--help":
                return f"there is no option {word}"
            if option is not None and not option.is_flag and "=" not in word and rest:
                rest.pop(0)
        else:
            places += 1
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    many = any(each.nargs < 0 for each in arguments)
    return None if many or places <= len(arguments) else "there are too many arguments"


def settings_of(kind: type[BaseSettings]) -> dict[str, str]:
    """The environment variables of a settings class, by the name of the setting."""
    prefix = kind.model_config["env_prefix"]
    return {name: f"{prefix}{name.upper()}" for name in kind.model_fields}


@functools.cache
def names_of_tests(path: Path) -> frozenset[str]:
    """The names of all tests of a file, or of all files in a folder."""
    files = path.rglob("test_*.py") if path.is_dir() else [path]
    return frozenset(
        name for file in files for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_link_leads_somewhere(path: Path) -> None:
    """A link to a file of the project finds the file."""
    relative = [link.partition("#")[0] for link in LINK.findall(path.read_text()) if "://" not in link]
    broken = [link for link in relative if link and not (path.parent / link).exists()]

    assert not broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_path_and_module_exists(path: Path) -> None:
    """What a document names as a file, folder or module of the project is there."""
    missing = []
    for code in CODE.findall(path.read_text()):
        if PATH.match(code) and not (ROOT / code).exists() and not (path.parent / code).exists():
            missing.append(code)
        if MODULE.match(code):
            place = SOURCE.parent / code.replace(".", "/")
            if not place.is_dir() and not place.with_suffix(".py").exists():
                missing.append(code)

    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_test_that_is_named_exists(path: Path) -> None:
    """A document that says which test holds something names a test that is there, in the file that it says."""
    text = path.read_text()
    named = {code for code in CODE.findall(text) if TEST.match(code)}
    elsewhere = {
        name: file
        for file, names in NAMED_TESTS.findall(text)
        for name in CODE.findall(names)
        if name not in names_of_tests(ROOT / file)
    }

    assert not named - names_of_tests(ROOT / "tests")
    assert not elsewhere


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_command_exists_with_its_options(path: Path) -> None:
    """A command that a document shows can be typed as it stands."""
    wrong = {" ".join(words): resolve(words) for words in commands_of(path) if resolve(words)}

    assert not wrong


@pytest.mark.parametrize("words", [["broker", "fly"], ["demo", "--twice"], ["clients", "show", "a", "b"]])
def test_a_command_that_is_not_there_is_noticed(words: list[str]) -> None:
    """The comparison above can fail."""
    assert resolve(words)


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    """A document names no setting that nobody reads."""
    known = {name for kind in SETTINGS for name in settings_of(kind).values()} | OF_THE_COMMAND_LINE
    named = {name.partition("__")[0].removesuffix("_FILE") for name in SETTING.findall(path.read_text())}

    assert not named - known


@pytest.mark.parametrize("kind", SETTINGS, ids=lambda kind: kind.__name__)
def test_every_setting_is_documented_with_its_default(kind: type[BaseSettings]) -> None:
    """The guide for operators has a row for each setting, and tells plain defaults as they are."""
    rows = dict(re.findall(r"^\| `(FREEHOLD_\w+)` \| ([^|]*) \|", OPERATING.read_text(), re.MULTILINE))
    wrong = {}
    for name, variable in settings_of(kind).items():
        default = kind.model_fields[name].default
        plain = isinstance(default, str | int | float) and default != ""
        told = (
            str(default).lower()
            if isinstance(default, bool)
            else f"{default:g}"
            if isinstance(default, float)
            else default
        )
        if variable not in rows:
            wrong[variable] = "is not documented"
        elif plain and rows[variable].strip("` ") != str(told):
            wrong[variable] = f"its default is {told}, the guide says {rows[variable]}"

    assert not wrong


@pytest.mark.parametrize("path", DECISIONS, ids=shown)
def test_a_decision_says_why_what_and_how_it_is_held(path: Path) -> None:
    """Each record has a number, and the three parts in order."""
    lines = path.read_text().splitlines()

    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert lines[0].startswith(f"# {path.name[:4]}: ")
    assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Check"]


def test_decisions_are_numbered_without_gaps() -> None:
    """Numbers run from 0001, each once."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def drawn_tree(text: str) -> dict[str, str]:
    """The packages of a drawn tree, by their path below `freehold`, with the words beside them."""
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in re.findall(r"^ {6,}\w+/ .*$", text, re.MULTILINE):
        name, _, words = line.strip().partition("/ ")
        indent = len(line) - len(line.lstrip())
        above = [entry for entry in above if entry[0] < indent]
        found["/".join([*(part for _, part in above), name])] = words.strip()
        above.append((indent, name))
    return found


def test_every_package_is_in_the_architecture() -> None:
    """The drawn tree has exactly the packages of the source, each with words, and the kernel's modules by name."""
    drawn = drawn_tree((ROOT / "docs" / "architecture.md").read_text())
    packages = {str(path.parent.relative_to(SOURCE)) for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE}
    modules = {path.stem for path in (SOURCE / "kernel").glob("*.py")} - {"__init__"}

    assert set(drawn) == {package for package in packages if not package.endswith("migrations/versions")}
    assert all(drawn.values())
    assert set(drawn["kernel"].split(", ")) == modules


def test_every_table_is_in_the_architecture() -> None:
    """The lists of tables are complete."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    tables = {
        str(node.args[0].value)
        for path in SOURCE.rglob("tables.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Table"
        and isinstance(node.args[0], ast.Constant)
    }

    assert tables
    assert not {table for table in tables if f"`{table}`" not in text}


def test_every_dependency_is_explained() -> None:
    """Each package that we need at run time has a row with its licence and reason."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w-]+", text).group() for text in project["dependencies"]}  # type: ignore[union-attr]
    rows = re.findall(r"^\| ([\w-]+) \| [^|]+ \| [^|]+ \|$", (ROOT / "docs" / "licences.md").read_text(), re.MULTILINE)

    assert set(rows) - {"package", "---"} == needed


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    """Changes since the last release stand under Unreleased, in the kinds that the form knows."""
    text = (ROOT / "CHANGELOG.md").read_text()
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))

    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_documents_name_no_registry_and_no_ones_machine(path: Path) -> None:
    """A document holds for every machine, and sends nobody to a package index."""
    text = path.read_text()

    assert not REGISTRY.search(text)
    assert not MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("apprise", "node/notifications/courier.py"),
        ("matplotlib", "node/reports/charts.py"),
        ("uvicorn", "kernel/listener.py"),
    ],
)
def test_a_heavy_library_is_imported_in_one_place(library: str, only: str) -> None:
    """Plotting and notifying libraries stay in their child processes, and the server behind the listener."""
    users = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(rf"^\s*(?:import|from) {library}\b", path.read_text(), re.MULTILINE)
    }

    assert users == {only}


def test_the_guide_to_the_tools_is_up_to_date() -> None:
    """The guide to every tool, and its comparison with the peer's, is what the table of tools makes."""
    command = [sys.executable, "-m", "scripts.tool_pages", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 0, done.stderr
