"""Settings from files: `FREEHOLD_…_FILE` names a file whose text is the setting, as images of databases have it.

So a secret stands in a file that a container is given, and neither in its environment nor in its description.
"""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from freehold.kernel.problems import ExplainedError

SUFFIX = "_FILE"


class SettingFileError(ExplainedError):
    """A file that a setting is to be read from cannot be read; the message names both."""


class FileSettings(PydanticBaseSettingsSource):
    """The source of those settings of a class whose file the environment names."""

    def __call__(self) -> dict[str, Any]:
        """The settings found, by name; raises `SettingFileError`."""
        prefix = str(self.config.get("env_prefix", ""))
        return {name: _read(prefix, name) for name in settings_in_files(self.settings_cls)}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """One setting by itself; the library asks for this method, and `__call__` does without it."""
        return self().get(field_name), field_name, False


def with_files(
    settings: type[BaseSettings],
    init_settings: PydanticBaseSettingsSource,
    env_settings: PydanticBaseSettingsSource,
    dotenv_settings: PydanticBaseSettingsSource,
    file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG001 - the library's own way, with fixed file names
) -> tuple[PydanticBaseSettingsSource, ...]:
    """What a settings class reads, as `settings_customise_sources`: arguments, environment, files, its own file."""
    return init_settings, env_settings, FileSettings(settings), dotenv_settings


def settings_in_files(settings: type[BaseSettings]) -> list[str]:
    """The names of those settings that are read from files here."""
    prefix = str(settings.model_config.get("env_prefix", ""))
    return [name for name in settings.model_fields if os.environ.get(_variable(prefix, name))]


def _variable(prefix: str, name: str) -> str:
    return f"{prefix}{name}{SUFFIX}".upper()


def _read(prefix: str, name: str) -> str:
    variable = _variable(prefix, name)
    path = Path(os.environ[variable])
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingFileError(
            f"{variable} names {path}, which cannot be read ({reason}); give that file to this process, or unset it"
        ) from error
