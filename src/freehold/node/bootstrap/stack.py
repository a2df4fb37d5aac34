"""The container stack of a client's machine: compose.yaml, Caddyfile, firewall, parameters, secrets in one folder."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Literal

from freehold.kernel.stack_files import (
    PARAMETERS_FILE,
    Secret,
    Stack,
    StackError,
    Wanted,
    random_password,
    read_parameters,
    write_stack,
)
from freehold.node.bootstrap.sign_in import new_password

Profile = Literal["lite", "full"]
PROFILES = "COMPOSE_PROFILES"
N8N_SITE = "caddy/sites/n8n.caddy"
CHAT_SITE = "caddy/sites/chat.caddy"
BROKER_CERTIFICATE = "caddy/broker.pem"
CLIENT_AUTH = "client_auth {\n\tmode require_and_verify\n\ttrust_pool file broker.pem\n}"
NAMES = {"RECEIVER": "node", "PAGES": "social", "NOCODB": "tables", "N8N": "flows", "CHAT": "chat"}
"""What this machine is called below its domain; `.env` may say otherwise."""
REQUIRED = {
    "STACK_RECEIVER_HOST": "--domain",
    "STACK_OPERATORS": "--operators",
    "STACK_OWNER_EMAIL": "--email",
}


@dataclass(frozen=True)
class NodeStack:
    """What an operator chose for a stack; None leaves it as it stands there."""

    domain: str | None = None
    operators: tuple[str, ...] = ()
    email: str | None = None
    tls: str | None = None
    profile: Profile | None = None
    chat: bool | None = None
    broker_certificate: Path | None = None

    def parameters(self, there: Mapping[str, str]) -> dict[str, str]:
        """The lines of `.env` that follow from it, where those of `there` stand already."""
        found = {"STACK_OPERATORS": " ".join(self.operators), "STACK_OWNER_EMAIL": self.email, "STACK_TLS": self.tls}
        if self.domain:
            found |= {f"STACK_{name}_HOST": f"{label}.{self.domain}" for name, label in NAMES.items()}
        given = {name: value for name, value in found.items() if value}
        if self.profile is None and self.chat is None:
            return given
        before = there.get(PROFILES, "full").split(",")
        lite = "lite" in before if self.profile is None else self.profile == "lite"
        chat = "chat" in before if self.chat is None else self.chat
        given[PROFILES] = ",".join(["lite" if lite else "full", *(["chat"] if chat else [])])
        given["STACK_SCHEDULES_ON"] = "true" if lite else "false"
        given["STACK_N8N_URL"] = "" if lite else "http://n8n:5678"
        given["STACK_OPEN_WEBUI_URL"] = "http://open-webui:8080" if chat else ""
        return given


def write_node_stack(folder: Path, chosen: NodeStack) -> Stack:
    """Write or bring up to date the stack in `folder`; raises `StackError`.

    Certificates of a new stack come by the e-mail address, unless `tls` says otherwise.
    """
    certificate = folder / BROKER_CERTIFICATE
    if chosen.broker_certificate:
        _check_certificate(chosen.broker_certificate)
        certificate.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(chosen.broker_certificate, certificate)
    texts = {"CLIENT_AUTH": CLIENT_AUTH if certificate.exists() else "# not now"}
    if chosen.email and not chosen.tls and not (folder / PARAMETERS_FILE).exists():
        chosen = replace(chosen, tls=chosen.email)
    wanted = Wanted(chosen.parameters(_there(folder)), REQUIRED, SECRETS, texts, _left_out)
    return write_stack(folder, resources.files("freehold.node.bootstrap") / "templates", wanted)


def _there(folder: Path) -> dict[str, str]:
    """The lines of the folder's `.env`, if it has one."""
    path = folder / PARAMETERS_FILE
    return read_parameters(path.read_text(encoding="utf-8")) if path.exists() else {}


def without_n8n_now(stack: Stack) -> bool:
    """Whether n8n has just been left out of a stack that had it; its containers go on until they are stopped."""
    return any(each.name == N8N_SITE and each.change in {"removed", "left over"} for each in stack.written)


def _check_certificate(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "PRIVATE KEY" in text or "BEGIN CERTIFICATE" not in text:
        raise StackError(f"{path} is not the broker's public certificate; take client-certificate.pem of its stack")


def _left_out(parameters: Mapping[str, str]) -> frozenset[str]:
    profiles = parameters[PROFILES].split(",")
    sites = {N8N_SITE: "lite" in profiles, CHAT_SITE: "chat" not in profiles}
    return frozenset(site for site, out in sites.items() if out)


_URLS = {"postgres": "admin", "freehold": "node", "freehold_sql": "sql"}
"""Role -> what the secret with its address is called by."""


def _database_url(role: str, database: str, password: str) -> Secret:
    """The address of a database as SQLAlchemy reads it, with the password of the secret before it."""
    return Secret(
        f"{_URLS[role]}_database_url",
        lambda made: f"postgresql+asyncpg://{role}:{made[password]}@postgres:5432/{database}",
    )


def _nocodb_database(made: Mapping[str, str]) -> str:
    """NocoDB's own database, as its library for databases reads it."""
    connection = {"host": "postgres", "port": 5432, "user": "nocodb", "database": "nocodb"}
    return json.dumps({"client": "pg", "connection": {**connection, "password": made["nocodb_database_password"]}})


def _backed_up(made: Mapping[str, str]) -> str:
    """The databases that a backup holds beside the node's own."""
    passwords = {name: made[f"{name}_database_password"] for name in ("nocodb", "n8n", "open_webui")}
    return json.dumps(
        {name: f"postgresql+asyncpg://{name}:{text}@postgres:5432/{name}" for name, text in passwords.items()}
    )


SECRETS = (
    Secret("postgres_password", random_password),
    _database_url("postgres", "postgres", "postgres_password"),
    Secret("freehold_database_password", random_password),
    _database_url("freehold", "freehold", "freehold_database_password"),
    Secret("sql_database_password", random_password),
    _database_url("freehold_sql", "freehold", "sql_database_password"),
    Secret("bi_database_password", random_password),
    Secret("nocodb_database_password", random_password),
    Secret("nocodb_data_password", random_password),
    Secret("nocodb_database.json", _nocodb_database),
    Secret("nocodb_jwt_secret", random_password),
    Secret("nocodb_encryption_key", random_password),
    Secret("nocodb_admin_password", lambda _made: new_password()),
    Secret("n8n_database_password", random_password),
    Secret("n8n_encryption_key", random_password),
    Secret("n8n_owner_password", lambda _made: new_password()),
    Secret("redis_password", random_password),
    Secret("open_webui_database_password", random_password),
    Secret("open_webui_secret_key", random_password),
    Secret("open_webui_admin_password", lambda _made: new_password()),
    Secret("chat_identity_secret", random_password),
    Secret(
        "chat_llm_key", random_password
    ),  # opens nothing: the operator puts that of the server of models in its place
    Secret("backup_databases", _backed_up),
)
"""Every secret of the machine; none of them has a value before it is made here."""
