"""What the operator's commands call: the admin API from outside, making a broker, and the doctor."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from tests.integration.broker.conftest import Stage
from typer.testing import CliRunner, Result

from freehold.broker.backups.back_up import shelf_of
from freehold.broker.diagnosis import diagnose
from freehold.broker.initialization import initialize
from freehold.broker.keys import KEY_FILES, KeysExistError
from freehold.broker.operator import BrokerOperator
from freehold.broker.settings import BrokerSettings
from freehold.cli import build
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import SystemClock
from freehold.kernel.problems import Problem

LOOPBACK = AddressPolicy.of("127.0.0.0/8")
REGISTRATION = {
    "client_id": "rosa",
    "company_name": "Rosa",
    "vm_url": "http://127.0.0.1:3006",
    "vm_api_key": "fhvm_" + "k" * 43,
}


async def test_an_operator_does_everything_through_the_admin_api(stage: Stage) -> None:
    """Clients, links, testers, events and numbers."""
    async with BrokerOperator(stage.url, stage.admin_key, LOOPBACK) as operator:
        await operator.add_client(REGISTRATION)
        changed = await operator.update_client("rosa", {"allowed_assets": ["9001"]})
        confirmed = await operator.confirm("rosa")
        link = await operator.connect_link("rosa", 600)
        await operator.revoke_link("rosa", link.link_id)
        key = await operator.rotate_key("rosa")
        tester = await operator.add_tester("Ada", "501", "rosa")
        compared = await operator.reconcile_testers()
        await operator.remove_tester(tester["id"])
        listed, one, testers = await operator.clients(), await operator.client("rosa"), await operator.testers()
        events, connections, stats = await operator.events("rosa"), await operator.connections(), await operator.stats()
        await operator.remove_client("rosa")

    assert (changed["status"], confirmed["status"], key[:5]) == ("paused", "active", "fhvm_")
    assert (listed, testers, connections, compared["missing"]) == ([one], [], [], [tester["id"]])
    assert [event["step"] for event in events][:2] == ["admin.tester_added", "admin.key_rotated"]
    assert stats["clients"] == {"active": 1}


async def test_refusals_are_the_brokers_own(stage: Stage) -> None:
    """The code and hint that the broker gave reach the operator."""
    async with BrokerOperator(stage.url, stage.admin_key, LOOPBACK) as operator:
        with pytest.raises(Problem) as unknown:
            await operator.client("nobody")
        with pytest.raises(Problem) as invalid:
            await operator.add_client({"client_id": "rosa"})
    async with BrokerOperator("http://127.0.0.1:9", "x", LOOPBACK) as operator:
        with pytest.raises(Problem) as away:
            await operator.stats()

    assert (unknown.value.code, invalid.value.code, away.value.code) == (
        "client_unknown", "invalid_request", "broker_unreachable",
    )  # fmt: skip
    assert "company_name" in invalid.value.detail


async def test_making_a_broker_twice_keeps_its_keys(stage: Stage) -> None:
    """New keys would make every stored key useless, so they are never replaced."""
    folder = stage.broker.settings.data_dir
    before = [(folder / name).read_text() for name in KEY_FILES]

    with pytest.raises(KeysExistError):
        await initialize(stage.broker.settings)

    assert [(folder / name).read_text() for name in KEY_FILES] == before
    assert all((folder / name).stat().st_mode & 0o777 == 0o600 for name in KEY_FILES)


async def test_the_doctor_passes_a_healthy_broker(stage: Stage) -> None:
    """Everything that can be checked is checked, the app at Meta too."""
    await stage.add_client()
    await stage.connect()
    stage.meta.roles = [{"user": "501", "role": "testers"}]

    checks = await diagnose(stage.broker.settings, ask_meta=True)

    assert [check.name for check in checks if not check.passed] == []
    assert {"app id and secret", "redirect address", "mode and roles", "scope ads_read"} <= {c.name for c in checks}


async def test_the_doctor_names_what_is_wrong_and_its_remedy(stage: Stage) -> None:
    """A wrong secret, an unreachable database and missing keys each get their own line."""
    settings = stage.broker.settings
    wrong_secret = settings.model_copy(update={"meta_app_secret": SecretStr("wrong")})
    no_database = settings.model_copy(update={"database_url": "postgresql+asyncpg://x@127.0.0.1:9/x"})
    no_keys = settings.model_copy(update={"data_dir": Path("/nonexistent")})

    failed = {
        check.name: check.fix
        for each, ask_meta in ((wrong_secret, True), (no_database, False), (no_keys, False))
        for check in await diagnose(each, ask_meta)
        if not check.passed
    }

    assert set(failed) == {"app id and secret", "database", "keys"}
    assert all(failed.values())


async def test_the_doctor_tells_how_old_the_newest_backup_is(stage: Stage) -> None:
    """A warning without a key; a failure where a key is set and none was made for two days."""
    settings = stage.broker.settings.model_copy(update={"backup_key": "k" * 43})
    (without,) = [each for each in await diagnose(stage.broker.settings, ask_meta=False) if each.name == "backups"]
    (none,) = [each for each in await diagnose(settings, ask_meta=False) if each.name == "backups"]
    shelf = shelf_of(settings)
    shelf.folder.mkdir()
    shelf.path_at(SystemClock().now()).touch()
    (new,) = [each for each in await diagnose(settings, ask_meta=False) if each.name == "backups"]

    assert [(each.passed, each.warning) for each in (without, none, new)] == [
        (True, True),
        (False, False),
        (True, False),
    ]
    assert "freehold broker backup" in none.fix


async def test_the_doctor_sees_what_only_a_measurement_or_nobody_would_set(stage: Stage) -> None:
    """Steps that are left out, a proxy that is not named, and a settings file that others can read."""
    (stage.broker.settings.data_dir / "broker.env").touch(0o644)
    changes = {"deliver": False, "public_url": "https://connect.example.com"}

    checks = await diagnose(stage.broker.settings.model_copy(update=changes), ask_meta=False)

    assert {check.name for check in checks if not check.passed} == {"whole flow", "trusted proxies", "settings file"}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://connect.example.com:443", "https://connect.example.com"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://connect.example.com:8443", "https://connect.example.com:8443"),
        ("https://user:secret@connect.example.com", None),
        ("https://connect.example.com/#here", None),
    ],
)
def test_an_origin_is_what_browsers_say_it_is(tmp_path: Path, given: str, used: str | None) -> None:
    """Browsers leave the usual port out, and an origin holds neither a name nor a fragment."""
    known = {"data_dir": tmp_path, "meta_app_id": "1", "meta_app_secret": "s", "public_url": given}
    if used is None:
        with pytest.raises(ValidationError):
            BrokerSettings.model_validate(known)
    else:
        assert BrokerSettings.model_validate(known).public_url == used


def test_an_empty_app_secret_is_refused(tmp_path: Path) -> None:
    """Anybody could sign with it."""
    with pytest.raises(ValidationError):
        BrokerSettings.model_validate({"data_dir": tmp_path, "meta_app_id": "1", "meta_app_secret": ""})


def test_admin_keys_at_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is shown once, listed without itself, and revoked by its name."""
    monkeypatch.setenv("FREEHOLD_BROKER_META_APP_ID", "1")
    monkeypatch.setenv("FREEHOLD_BROKER_META_APP_SECRET", "s")

    def run(*words: str) -> Result:
        return CliRunner().invoke(build(), ["broker", *words, "--data", str(tmp_path / "broker")])

    run("init")
    added = run("admin-key", "add", "Ada", "--json")
    revoked = run("admin-key", "revoke", "first")
    last = run("admin-key", "revoke", "Ada")
    listed = run("admin-key", "list", "--json")

    assert json.loads(added.stdout)["admin_key"].startswith("fhadmin_")
    assert (revoked.exit_code, last.exit_code) == (0, 1)
    assert "admin_key_last" in last.stderr
    rows = json.loads(listed.stdout)
    assert [(row["name"], row["revoked_at"] is None) for row in rows] == [("first", False), ("Ada", True)]


def test_settings_come_from_a_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment wins over broker.env; lists are separated by commas; an origin has no path."""
    (tmp_path / "broker.env").write_text(
        "FREEHOLD_BROKER_META_APP_ID=1\nFREEHOLD_BROKER_META_APP_SECRET=s\nFREEHOLD_BROKER_PORT=4321\n"
        "FREEHOLD_BROKER_META_SCOPES=ads_read, pages_show_list\nFREEHOLD_BROKER_PUBLIC_URL=https://Connect.example.com/\n"
    )
    monkeypatch.setenv("FREEHOLD_BROKER_PORT", "4322")

    settings = BrokerSettings.load(tmp_path)

    assert (settings.port, settings.meta_scopes) == (4322, ("ads_read", "pages_show_list"))
    assert settings.redirect_uri("meta") == "https://connect.example.com/callback/meta"
    assert settings.meta_app_secret.get_secret_value() == "s"
