"""A folder with the files of a container stack: written once, brought up to date later, with people's edits kept.

What was written is remembered by its digest in `.freehold-stack.json`. A file that still has that digest is ours to
replace, or to remove when the stack no longer has it. One that somebody edited stays, and what we would have written
lies beside it as `NAME.new`.

Secrets are made once and never touched again. Only the owner enters their folder (mode 0700); the files in it can be
read by everybody who is handed one, since a container that is given a file runs as an account that does not own it.
"""

import hashlib
import ipaddress
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError

MANIFEST = ".freehold-stack.json"
PARAMETERS_FILE = ".env"
SECRETS_FOLDER = "secrets"
_LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")

FileChange = Literal["created", "updated", "unchanged", "kept", "removed", "left over"]


class StackError(ExplainedError):
    """A stack cannot be written as asked; the message says what is missing."""


@dataclass(frozen=True)
class Written:
    """What happened to a file, by its name in the folder.

    "kept" means that somebody edited it, and `NAME.new` has what we would write; "left over", that somebody edited it,
    and the stack has no such file any more.
    """

    name: str
    change: FileChange


@dataclass(frozen=True, repr=False)
class Secret:
    """A secret file, and how its text is made from those that were made before it."""

    name: str
    make: Callable[[Mapping[str, str]], str]


def _nothing(_parameters: Mapping[str, str]) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, repr=False)
class Wanted:
    """What a stack is to be: parameters chosen now, and what follows from them.

    A new stack needs the parameters `required` (each with the option that gives it). `texts` are put into the template
    beside the parameters; `left_out` names the files that those parameters do not want.
    """

    given: Mapping[str, str]
    required: Mapping[str, str]
    secrets: Sequence[Secret]
    texts: Mapping[str, str] = field(default_factory=dict)
    left_out: Callable[[Mapping[str, str]], frozenset[str]] = _nothing


@dataclass(frozen=True)
class Stack:
    """A stack that was written: its parameters, and what happened to each file."""

    parameters: Mapping[str, str]
    written: Sequence[Written]


def to_load(written: Sequence[Written], first: str) -> str:
    """What makes running machines follow the files: `first` for a new stack, else the commands for what has changed.

    Compose sees neither the firewall nor a change inside a file that a container reads, so each is named.
    """
    if Written(PARAMETERS_FILE, "created") in written:
        return first
    changed = {each.name for each in written if each.change in {"created", "updated", "removed"}}
    commands = ["nft -f nftables.conf"] if "nftables.conf" in changed else []
    commands += ["docker compose up -d --wait"] if changed else []
    commands += ["docker compose restart caddy"] if any(name.startswith("caddy/") for name in changed) else []
    return ", then ".join(commands) or "nothing: all is as it was"


def read_parameters(text: str) -> dict[str, str]:
    """The `NAME=value` lines of an environment file."""
    found = (_LINE.match(line) for line in text.splitlines())
    return {match.group(1): match.group(2) for match in found if match}


def settle_parameters(existing: str | None, template: str, given: Mapping[str, str]) -> str:
    """The text of an environment file: what stands there, what the template has beyond it, and the values `given`."""
    text = template if existing is None else _with_new_lines(existing, template)
    lines = []
    for line in text.splitlines():
        match = _LINE.match(line)
        name = match.group(1) if match else ""
        lines.append(f"{name}={given[name]}" if name in given else line)
    return "\n".join(lines) + "\n"


def _with_new_lines(existing: str, template: str) -> str:
    """`existing`, and at its end those lines of the template whose names it does not have, with their comments."""
    known, text = read_parameters(existing), existing.rstrip("\n") + "\n"
    comments: list[str] = []
    for line in template.splitlines():
        match = _LINE.match(line)
        if match is None:
            comments = [*comments, line] if line.startswith("#") else []
            continue
        if match.group(1) not in known:
            text += "\n".join(["", *comments, line, ""])
        comments = []
    return text


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with each `@NAME@` replaced; raises `KeyError` for a name without a value."""
    return re.sub(r"@([A-Z0-9_]+)@", lambda match: values[match.group(1)], template)


def firewall_sets(networks: str) -> dict[str, str]:
    """The lines of nftables sets for `networks` (CIDR, separated by spaces): OPERATORS_4 and OPERATORS_6.

    Raises `StackError` for what is no network.
    """
    try:
        found = [ipaddress.ip_network(text) for text in networks.split()]
    except ValueError as error:
        raise StackError(f"{error}; write the operators' networks as 203.0.113.0/24 or 203.0.113.7/32") from error
    lines = {}
    for family in (4, 6):
        elements = ", ".join(str(network) for network in found if network.version == family)
        lines[f"OPERATORS_{family}"] = f"elements = {{ {elements} }}" if elements else "# none"
    return lines


def write_files(folder: Path, files: Mapping[str, str]) -> list[Written]:
    """Write `files` (name in the folder -> text) and remove those of ours that are no longer among them.

    What people edited stays as it is.
    """
    manifest = folder / MANIFEST
    before: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    written = [_write(folder, name, text, before.get(name)) for name, text in files.items()]
    old = [_remove(folder, name, ours) for name, ours in before.items() if name not in files]
    left = {each.name: before[each.name] for each in old if each.change == "left over"}
    now = left | {name: _digest(text) for name, text in files.items()}
    manifest.write_text(json.dumps(now, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return [*written, *old]


def _remove(folder: Path, name: str, ours: str) -> Written:
    """Remove a file whose text we last wrote had the digest `ours`, unless somebody edited it."""
    path = folder / name
    if path.exists() and _digest(path.read_text(encoding="utf-8")) != ours:
        return Written(name, "left over")
    path.unlink(missing_ok=True)
    return Written(name, "removed")


def _write(folder: Path, name: str, text: str, ours: str | None) -> Written:
    """Write one file whose text we last wrote had the digest `ours`."""
    path = folder / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return Written(name, "created")
    there = _digest(path.read_text(encoding="utf-8"))
    if there == _digest(text):
        return Written(name, "unchanged")
    if there == ours:
        path.write_text(text, encoding="utf-8")
        return Written(name, "updated")
    if _digest(text) == ours:
        return Written(name, "unchanged")  # edited, and nothing of ours is new
    path.with_name(f"{path.name}.new").write_text(text, encoding="utf-8")
    return Written(name, "kept")


def random_password(_made: Mapping[str, str]) -> str:
    """How a password between programs is made: 256 bits, in characters that need no quoting anywhere."""
    return secrets.token_hex(32)


def make_secrets(folder: Path, wanted: Sequence[Secret]) -> list[Written]:
    """Make those secrets that are not there; later ones are made from the texts of all before them."""
    place = folder / SECRETS_FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    place.chmod(0o700)
    texts: dict[str, str] = {}
    written = []
    for secret in wanted:
        path = place / secret.name
        exists = path.exists()
        if not exists:
            write_private(path, secret.make(texts))
        path.chmod(0o444)
        texts[secret.name] = path.read_text(encoding="utf-8").strip()
        written.append(Written(f"{SECRETS_FOLDER}/{secret.name}", "unchanged" if exists else "created"))
    return written


def write_stack(folder: Path, template: Traversable, wanted: Wanted) -> Stack:
    """Write the stack of `template` into `folder`, or bring it up to date; see the module's description.

    The firewall is the same for every machine, and stands beside this module.
    Raises `StackError` when a new stack lacks something that only its operator knows.
    """
    path = folder / PARAMETERS_FILE
    existing = path.read_text(encoding="utf-8") if path.exists() else None
    missing = [option for name, option in wanted.required.items() if existing is None and name not in wanted.given]
    if missing:
        raise StackError(f"{folder} holds no stack yet; a new one needs {', '.join(missing)}")
    parameters = settle_parameters(existing, (template / "env").read_text(encoding="utf-8"), wanted.given)
    values = read_parameters(parameters)
    known = {**values, **wanted.texts, **firewall_sets(values["STACK_OPERATORS"])}
    known["FREEHOLD_VERSION"] = version("freehold")
    files = _filled(resources.files("freehold.kernel") / "templates", known) | _filled(template, known)
    unwanted = wanted.left_out(values)
    folder.mkdir(parents=True, exist_ok=True)
    made = make_secrets(folder, wanted.secrets)
    change: FileChange = "created" if existing is None else "unchanged" if parameters == existing else "updated"
    path.write_text(parameters, encoding="utf-8")
    rest = write_files(folder, {name: text for name, text in files.items() if name not in unwanted})
    return Stack(values, [Written(PARAMETERS_FILE, change), *rest, *made])


def _filled(template: Traversable, known: Mapping[str, str], below: str = "") -> dict[str, str]:
    """All files of a template but its parameters, by their names in the stack's folder."""
    files: dict[str, str] = {}
    for entry in sorted(template.iterdir(), key=lambda each: each.name):
        name = f"{below}{entry.name}"
        if entry.is_dir():
            files |= _filled(entry, known, f"{name}/")
        elif name != "env":
            files[name] = fill(entry.read_text(encoding="utf-8"), known)
    return files


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
