"""Settings that stand in files which the environment names."""

from pathlib import Path

import pytest

from freehold.broker.settings import BrokerSettings
from freehold.kernel.setting_files import SettingFileError, settings_in_files
from freehold.node.initialization import _written
from freehold.node.settings import NodeSettings

URL = "postgresql+asyncpg://freehold:from-a-file@postgres/freehold"


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with an address of a database, named by both services' environments."""
    path = tmp_path / "database_url"
    path.write_text(f"{URL}\n")
    monkeypatch.setenv("FREEHOLD_NODE_DATABASE_URL_FILE", str(path))
    monkeypatch.setenv("FREEHOLD_BROKER_DATABASE_URL_FILE", str(path))
    return path


def node(folder: Path) -> NodeSettings:
    """A node's settings, as `freehold node init` makes them."""
    return NodeSettings(data_dir=folder, client_id="clienta", company_name="Client A")


def test_a_setting_is_read_from_the_file_that_is_named(secret: Path) -> None:
    """Both services take the file's text, without the line's end."""
    broker = BrokerSettings(data_dir=secret.parent, meta_app_id="1", meta_app_secret="app-secret")  # type: ignore[arg-type]

    assert node(secret.parent).database() == URL
    assert broker.database() == URL


def test_a_required_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app secret is neither in the environment nor in the broker's own file."""
    (tmp_path / "app").write_text("very-secret")
    monkeypatch.setenv("FREEHOLD_BROKER_META_APP_ID", "1")
    monkeypatch.setenv("FREEHOLD_BROKER_META_APP_SECRET_FILE", str(tmp_path / "app"))

    assert BrokerSettings.load(tmp_path).meta_app_secret.get_secret_value() == "very-secret"


def test_the_environment_wins_over_a_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets both means what stands in the environment."""
    monkeypatch.setenv("FREEHOLD_NODE_DATABASE_URL", "sqlite+aiosqlite:///other.db")

    assert node(secret.parent).database() == "sqlite+aiosqlite:///other.db"


def test_a_file_wins_over_what_was_kept_in_the_nodes_folder(secret: Path) -> None:
    """A secret that was made anew counts, whatever `node.env` holds since the node was made."""
    (secret.parent / "node.env").write_text(
        "FREEHOLD_NODE_CLIENT_ID=clienta\nFREEHOLD_NODE_COMPANY_NAME=Client\nFREEHOLD_NODE_DATABASE_URL=old\n"
    )

    assert NodeSettings.load(secret.parent).database() == URL


def test_what_comes_from_a_file_is_not_written_down_elsewhere(secret: Path) -> None:
    """`freehold node init` keeps the settings of its environment, but no copy of a secret file."""
    kept = _written(node(secret.parent))

    assert settings_in_files(NodeSettings) == ["database_url"]
    assert "FREEHOLD_NODE_CLIENT_ID='clienta'" in kept
    assert "from-a-file" not in kept


def test_a_file_that_is_not_there_is_named_with_its_variable(secret: Path) -> None:
    """The message says which variable named which file, and what to do."""
    secret.unlink()

    with pytest.raises(SettingFileError, match=r"FREEHOLD_NODE_DATABASE_URL_FILE names .*database_url.*No such file"):
        node(secret.parent)


def test_a_file_that_is_no_text_is_refused_without_its_content(secret: Path) -> None:
    """Nothing of what the file holds is repeated."""
    secret.write_bytes(b"\xff\xfe secret")

    with pytest.raises(SettingFileError, match="it is not text"):
        node(secret.parent)
