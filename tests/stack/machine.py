"""A client's machine as an operator makes it: secrets as files, PostgreSQL, and `freehold node bootstrap`."""

import json
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stack.products import NocoDb, StackPostgres

from freehold.demo import processes
from freehold.kernel.files import write_private

ROLES = ("freehold", "nocodb", "nocodb_data", "n8n", "open_webui", "freehold_sql", "bi")
SETTINGS_OF_ROLES = {"freehold_sql": "sql"}
"""Role -> what its setting is called by, where it is not the role's name."""
SECONDS = 180


@dataclass(frozen=True)
class Machine:
    """PostgreSQL, the passwords of its roles, and the folder with the node's data and the secrets."""

    postgres: StackPostgres
    folder: Path
    passwords: Mapping[str, str] = field(repr=False)
    data_dir: Path
    """The node's."""

    def database(self, name: str) -> dict[str, Any]:
        """A database as its owner reaches it, who is called as it is."""
        where = {"host": "127.0.0.1", "port": self.postgres.port, "user": name, "database": name}
        return {**where, "password": self.passwords[name]}

    def database_url(self, name: str = "freehold") -> str:
        """The node's database for its owner, or another."""
        return self.postgres.url(name, name, self.passwords[name])

    def environment(self, nocodb: NocoDb | None = None) -> dict[str, str]:
        """Bootstrap's settings; every secret is a file."""
        texts = {f"{SETTINGS_OF_ROLES.get(role, role)}_password": password for role, password in self.passwords.items()}
        texts["admin_database_url"] = self.postgres.url()
        found = {}
        if nocodb is not None:
            texts["nocodb_admin_password"] = nocodb.password
            found = {"FREEHOLD_BOOTSTRAP_NOCODB_URL": nocodb.url, "FREEHOLD_BOOTSTRAP_OWNER_EMAIL": nocodb.email}
        for name, text in texts.items():
            write_private(self.folder / name, text)
            found[f"FREEHOLD_BOOTSTRAP_{name.upper()}_FILE"] = str(self.folder / name)
        return found

    def bootstrap(
        self, *arguments: str, nocodb: NocoDb | None = None, environment: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Run `freehold node bootstrap --json` to its end; gives what it printed."""
        done = self.run("--json", *arguments, nocodb=nocodb, environment=environment)
        assert done.returncode == 0, done.stderr
        printed: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return printed

    def run(
        self, *arguments: str, nocodb: NocoDb | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `freehold node bootstrap` to its end, with `environment` in place of some settings."""
        return subprocess.run(
            processes.command("node", "bootstrap", "--data", str(self.data_dir), *arguments),
            env={**processes.inherited_environment(), **self.environment(nocodb), **(environment or {})},
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def changes(self, printed: Mapping[str, Any]) -> dict[str, str]:
        """What was done, by what it was done to."""
        return {each["what"]: each["change"] for each in printed["done"]}


def new_machine(postgres: StackPostgres, folder: Path) -> Machine:
    """A machine with new passwords; nothing is in its PostgreSQL yet."""
    return Machine(postgres, folder, {role: secrets.token_hex(32) for role in ROLES}, folder / "node")
