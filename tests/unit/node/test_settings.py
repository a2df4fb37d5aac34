"""The node's settings: from the environment and from the file that init wrote."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from freehold.kernel.problems import ExplainedError
from freehold.node.initialization import _written
from freehold.node.settings import SETTINGS_FILE, NodeSettings


def settings(folder: Path, **chosen: Any) -> NodeSettings:
    """Settings of a node, with what a test chooses."""
    return NodeSettings(**{"client_id": "rosa", "company_name": "Rosa", "data_dir": folder, **chosen})


@pytest.mark.parametrize(
    "chosen",
    [
        {"company_name": "Rosa # Sons"},
        {"company_name": 'Rosa "and" Söhne'},
        {"company_name": "Rosa's"},
        {"company_name": "  Rosa\\n  "},
        {"company_name": "Rosa ${HOME} $PATH"},
        {"company_name": "=Rosa="},
        {"database_url": "postgresql+asyncpg://u:p%23$x#'y@h/d?a=b"},
        {"allowed_networks": ("127.0.0.0/8", "10.0.0.0/8"), "trusted_proxies": ("10.0.0.1",)},
        {"allowed_networks": ("10.0.0.0/8",), "plain_hosts": ("n8n:5678", "nocodb:8080")},
        {"accept_plain_deliveries": True, "provider_timeout": 2.5, "receiver_port": 0},
    ],
)
def test_what_init_writes_is_what_is_read(tmp_path: Path, chosen: dict[str, Any]) -> None:
    """Whatever characters a name or a password holds."""
    made = settings(tmp_path, **chosen)
    (tmp_path / SETTINGS_FILE).write_text(_written(made), encoding="utf-8")
    assert NodeSettings.load(tmp_path) == made


@pytest.mark.parametrize("name", ["Rosa\nFREEHOLD_NODE_ACCEPT_PLAIN_DELIVERIES=true", "Rosa\r", "Ro\0sa"])
def test_a_name_of_several_lines_is_refused(tmp_path: Path, name: str) -> None:
    """It could bring settings of its own."""
    with pytest.raises(ValidationError):
        settings(tmp_path, company_name=name)


@pytest.mark.parametrize("host", ["n8n", ":5678", "n8n:", "n8n:443", "n8n:3007", "http://n8n"])
def test_a_plain_host_has_a_name_and_a_port_of_its_own(tmp_path: Path, host: str) -> None:
    """One that is reached in the open internet too would be reached there without TLS."""
    with pytest.raises(ValidationError, match="n8n:5678"):
        settings(tmp_path, plain_hosts=(host,))


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the file."""
    (tmp_path / SETTINGS_FILE).write_text(_written(settings(tmp_path, ceiling_per_hour=50)), encoding="utf-8")
    monkeypatch.setenv("FREEHOLD_NODE_CEILING_PER_HOUR", "60")
    assert NodeSettings.load(tmp_path).ceiling_per_hour == 60


def test_a_folder_without_a_node_is_told(tmp_path: Path) -> None:
    """And what to do."""
    with pytest.raises(ExplainedError, match="node init"):
        NodeSettings.load(tmp_path / "nowhere")


def test_the_password_of_the_database_does_not_show_itself(tmp_path: Path) -> None:
    """In a message or a trace."""
    made = settings(tmp_path, database_url="postgresql+asyncpg://freehold:secret-word@127.0.0.1/node")
    assert "secret-word" not in f"{made} {made!r}"


@pytest.mark.parametrize(
    "chosen",
    [
        {"client_id": "Rosa"},
        {"client_id": "../rosa"},
        {"client_id": "r"},
        {"company_name": ""},
        {"receiver_port": 70_000},
        {"ceiling_per_hour": 0},
        {"graph_version": "26"},
        {"concurrent_calls": 0},
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, chosen: dict[str, Any]) -> None:
    """Before anything is opened."""
    with pytest.raises(ValidationError):
        settings(tmp_path, **chosen)
