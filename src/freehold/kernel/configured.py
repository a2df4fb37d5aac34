"""Kinds of settings that both services have, and how settings are read; whatever is wrong is told by its variable.

A message never quotes a value: it may be a secret, or hold one.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from limits import parse
from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from freehold.kernel.files import read_text
from freehold.kernel.problems import ExplainedError
from freehold.kernel.setting_files import SUFFIX

_FIELD = re.compile(r'field "(\w+)"')
_REDIS = frozenset({"redis", "rediss", "unix"})
_DRIVERS = frozenset({"postgresql+asyncpg", "sqlite+aiosqlite"})

Settings = TypeVar("Settings", bound=BaseSettings)
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["json", "text"]


class SettingsWrongError(ExplainedError):
    """Settings are missing or wrong; the message names each by its variable and says what is the matter with it."""


def load_settings(kind: type[Settings], file: Path | None, **given: Any) -> Settings:
    """The settings of `kind` from the environment, then `file` where there is one, and what is `given`.

    Raises `SettingsWrongError`, or `FileUnreadableError`.
    """
    if file is not None and file.exists():
        read_text(file)
    where = "the environment" if file is None else f"{file} or in the environment"
    try:
        return kind(_env_file=file, **given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{_variable(kind, item['loc'])}: {_matter(item)}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise SettingsWrongError(
            f"the settings are not in order: {wrong}; correct them in {where}, or in the files that NAME{SUFFIX} names"
        ) from error
    except SettingsError as error:
        found = _FIELD.search(str(error))
        raise SettingsWrongError(
            f"the setting {_variable(kind, found.groups() if found else ())} is not JSON; correct it in {where}"
        ) from error


def _matter(wrong: ErrorDetails) -> str:
    """What is the matter with a setting."""
    if wrong["type"] == "missing":
        return "missing"
    return wrong["msg"].removeprefix("Value error, ")


def _variable(kind: type[BaseSettings], place: tuple[int | str, ...]) -> str:
    """The environment variable of the setting at a place in the settings."""
    return f"{kind.model_config.get('env_prefix', '')}{'.'.join(map(str, place))}".upper()


def _split(value: object) -> object:
    """A list in one environment variable is separated by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for network in value:
            ipaddress.ip_network(network)
    except ValueError as error:
        raise ValueError("write networks as CIDR, such as 10.0.0.0/8, separated by commas") from error
    return value


def _database_url(value: str) -> str:
    try:
        driver = make_url(value).drivername
    except (ArgumentError, ValueError):
        driver = ""
    if driver not in _DRIVERS:
        raise ValueError(
            "write postgresql+asyncpg://role:password@host:5432/database, with special characters of the password as "
            "%XX"
        )
    return value


def _secret_postgres_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(_database_url(value.get_secret_value()))
        good = bool(url.host and url.username)
    except ValueError:
        good = False
    if not good:
        raise ValueError(
            "write postgresql+asyncpg://role:password@host:5432/database, with special characters of the password as "
            "%XX"
        )
    return value


def _redis_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in _REDIS and bool(parts.hostname or parts.scheme == "unix") and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("write redis://:password@host:6379/0")
    return value


def _origin(value: str) -> str:
    """An origin alone, without a slash at its end."""
    parts = urlsplit(value)
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"https", "http"} or not parts.hostname or extra:
        raise ValueError("write an origin, such as https://connect.example.com")
    default = ":443" if parts.scheme == "https" else ":80"  # browsers leave it out of Origin
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}".lower()


def _rate(value: str) -> str:
    try:
        parse(value)
    except ValueError as error:
        raise ValueError('write a number and a time, such as "240/minute"') from error
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_networks)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Origin = Annotated[str, AfterValidator(_origin)]
SecretPostgresUrl = Annotated[SecretStr, AfterValidator(_secret_postgres_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
Rate = Annotated[str, AfterValidator(_rate)]
