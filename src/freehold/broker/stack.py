"""The container stack of a broker: compose.yaml, Caddyfile, firewall, parameters and secrets in one folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from freehold.broker import client_certificate
from freehold.kernel.clock import SystemClock
from freehold.kernel.stack_files import (
    SECRETS_FOLDER,
    Secret,
    Stack,
    StackError,
    Wanted,
    random_password,
    write_stack,
)

APP_SECRET = "meta_app_secret"  # noqa: S105 - the name of a file
CERTIFICATE = "client_certificate.pem"
PUBLIC_CERTIFICATE = "client-certificate.pem"
REQUIRED = {
    "STACK_BROKER_HOST": "--host",
    "STACK_OPERATORS": "--operators",
    "STACK_TLS": "--email or --tls",
    "STACK_META_APP_ID": "--meta-app-id",
}


@dataclass(frozen=True)
class BrokerStack:
    """What an operator chose for a stack; None leaves it as it stands there."""

    host: str | None = None
    operators: tuple[str, ...] = ()
    tls: str | None = None
    meta_app_id: str | None = None

    def parameters(self) -> dict[str, str]:
        """The lines of `.env` that follow from it."""
        found = {
            "STACK_BROKER_HOST": self.host,
            "STACK_OPERATORS": " ".join(self.operators),
            "STACK_TLS": self.tls,
            "STACK_META_APP_ID": self.meta_app_id,
        }
        return {name: value for name, value in found.items() if value}


def has_app_secret(folder: Path) -> bool:
    """Whether the Meta app's secret was put into the stack before."""
    return (folder / SECRETS_FOLDER / APP_SECRET).exists()


def write_broker_stack(folder: Path, chosen: BrokerStack, app_secret: str | None = None) -> Stack:
    """Write or bring up to date the stack in `folder`; raises `StackError`."""
    template = resources.files("freehold.broker") / "templates"
    stack = write_stack(folder, template, Wanted(chosen.parameters(), REQUIRED, _secrets(chosen.host, app_secret)))
    pem = (folder / SECRETS_FOLDER / CERTIFICATE).read_text(encoding="utf-8")
    (folder / PUBLIC_CERTIFICATE).write_text(client_certificate.public_part(pem), encoding="utf-8")
    return stack


def _secrets(host: str | None, app_secret: str | None) -> tuple[Secret, ...]:
    def given(_made: Mapping[str, str]) -> str:
        if not app_secret:
            raise StackError("a new stack needs the Meta app's secret; type it when it is asked for")
        return app_secret

    return (
        Secret(APP_SECRET, given),
        Secret("postgres_password", random_password),
        Secret("redis_password", random_password),
        Secret(
            "broker_database_url",
            lambda made: f"postgresql+asyncpg://freehold:{made['postgres_password']}@postgres:5432/freehold",
        ),
        Secret("broker_redis_url", lambda made: f"redis://:{made['redis_password']}@redis:6379/0"),
        Secret(CERTIFICATE, lambda _made: client_certificate.make(host or "freehold-broker", SystemClock())),
    )
