"""`freehold node init` and the commands around it: what they make, and what they say when something is missing."""

import asyncio
import json
import stat
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE

from freehold.contracts.registration import NodeRegistration
from freehold.kernel.crypto import SealingKey, SigningKey, fingerprint
from freehold.node.initialization import REGISTRATION_FILE
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, KEYRING_FILE, SEALING_FILE, load_keys
from freehold.node.settings import SETTINGS_FILE, NodeSettings

SECRET_FILES = (KEYRING_FILE, SEALING_FILE, API_KEY_FILE, BROKER_FILE, SETTINGS_FILE, REGISTRATION_FILE)


@dataclass(frozen=True)
class Told:
    """What a command said, and its status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)


Command = Callable[..., Awaitable[Told]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `freehold node …` over the folder of a node; a process of its own."""
    monkeypatch.setenv("FREEHOLD_NODE_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("COLUMNS", "200")

    async def run(*arguments: str, data: Path | None = None) -> Told:
        words = ["node", *arguments, "--data", str(data or tmp_path / "node")]
        pipe = asyncio.subprocess.PIPE
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "freehold.cli", *words, stdout=pipe, stderr=pipe
        )
        out, err = await started.communicate()
        assert started.returncode is not None
        return Told(started.returncode, out.decode(), err.decode())

    return run


@dataclass(frozen=True)
class Broker:
    """A broker that says who it is."""

    url: str
    signing: str
    sealing: str


@pytest.fixture
async def broker(serve: Serve) -> Broker:
    """A broker that only says who it is."""
    keys = {"signing_key": SigningKey.generate().public_text(), "sealing_key": SealingKey.generate().public_text()}

    async def identity(request: Request) -> JSONResponse:
        return JSONResponse({"broker_url": str(request.base_url), **keys})

    url = await serve(Starlette(routes=[Route("/.well-known/freehold-broker.json", identity)]))
    return Broker(url, keys["signing_key"], keys["sealing_key"])


def init(broker_url: str, *more: str) -> list[str]:
    """The words of `freehold node init`."""
    return [
        "init", "--client-id", "rosa", "--company", "Rosa's Söhne # 1", "--broker", broker_url,
        "--vm-url", "https://node.example:3006", "--public-url", "https://node.example", "--json", *more,
    ]  # fmt: skip


async def test_init_makes_a_node(command: Command, broker: Broker, tmp_path: Path) -> None:
    """Keys that nobody else reads, the settings, and the registration for the broker's operator."""
    told = await command(*init(broker.url))
    assert told.status == 0, told.err
    folder = tmp_path / "node"
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in SECRET_FILES} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    registration = NodeRegistration.model_validate_json((folder / REGISTRATION_FILE).read_text())
    assert (registration.client_id, registration.company_name) == ("rosa", "Rosa's Söhne # 1")
    assert (registration.vm_url, registration.success_url) == (
        "https://node.example:3006",
        "https://node.example/success",
    )
    keys = load_keys(folder)
    assert registration.public_key == keys.sealing.public_text()
    assert registration.vm_api_key.get_secret_value() == keys.api_key
    assert (keys.broker.signing_key, keys.broker.sealing_key) == (broker.signing, broker.sealing)
    settings = NodeSettings.load(folder)
    assert (settings.company_name, settings.allowed_networks) == ("Rosa's Söhne # 1", ("127.0.0.0/8",))


async def test_init_shows_fingerprints_and_no_secret(command: Command, broker: Broker, tmp_path: Path) -> None:
    """Two people compare them by reading aloud."""
    told = await command(*init(broker.url))
    assert told.json["broker_signing_key"] == fingerprint(broker.signing)
    assert told.json["broker_sealing_key"] == fingerprint(broker.sealing)
    keys = load_keys(tmp_path / "node")
    assert keys.api_key not in told.out
    assert keys.sealing.to_text() not in told.out


async def test_init_refuses_a_second_time(command: Command, broker: Broker, tmp_path: Path) -> None:
    """No key is overwritten."""
    await command(*init(broker.url))
    before = {name: (tmp_path / "node" / name).read_bytes() for name in SECRET_FILES}
    told = await command(*init(broker.url))
    assert told.status == 1
    assert "holds a node already" in told.err
    assert {name: (tmp_path / "node" / name).read_bytes() for name in SECRET_FILES} == before


async def test_init_without_a_broker_leaves_nothing_behind_that_stops_the_next(
    command: Command, broker: Broker
) -> None:
    """The broker is away: one clear line; later it works."""
    told = await command(*init("http://127.0.0.1:9"))
    assert told.status == 1
    assert "broker could not be reached" in told.err
    assert (await command(*init(broker.url))).status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["assets"], "node init"),
        (["confirm", "1"], "node init"),
        (["keys", "list"], "node init"),
        (["rotate-keys"], "node init"),
        (["report"], "node init"),
        (["renew"], "node init"),
        (["connect-link"], "node init"),
    ],
)
async def test_without_a_node_each_command_says_what_to_do(command: Command, words: list[str], said: str) -> None:
    """One line, no stack trace."""
    told = await command(*words)
    assert told.status == 1
    assert said in told.err
    assert "Traceback" not in told.err + told.out


async def test_keys_are_made_listed_and_revoked(command: Command, broker: Broker) -> None:
    """A key is shown once; the list has the broker's too, and no key itself."""
    await command(*init(broker.url))
    made = (await command("keys", "add", "n8n", "--scope", "tools:read", "--scope", "workflows", "--json")).json
    listed = (await command("keys", "list", "--json")).json
    assert {(key["name"], tuple(key["scopes"])) for key in listed} == {
        ("broker", ("credentials:deliver",)),
        ("n8n", ("tools:read", "workflows")),
    }
    assert made["key"] not in json.dumps(listed)
    assert (await command("keys", "revoke", made["id"])).status == 0
    again = await command("keys", "revoke", made["id"])
    assert (again.status, "no such key" in again.err) == (1, True)


async def test_a_key_with_an_unknown_scope_is_refused(command: Command, broker: Broker) -> None:
    """And the scopes that there are named."""
    await command(*init(broker.url))
    told = await command("keys", "add", "n8n", "--scope", "everything")
    assert told.status == 1
    assert "credentials:reveal" in told.err


async def test_assets_are_shown_and_confirmed(make_stage: MakeStage, command: Command) -> None:
    """Exactly those that are named; an id that was not authorised is told."""
    stage = await make_stage()
    await stage.deliver()
    folder = stage.node.settings.data_dir
    shown = (await command("assets", "--json", data=folder)).json
    assert {asset["asset_id"]: asset["confirmed_at"] for asset in shown} == dict.fromkeys(
        [CERAMICS, CERAMICS_ADS, CERAMICS_PAGE]
    )
    confirmed = (await command("confirm", CERAMICS, "--json", data=folder)).json
    assert [asset["asset_id"] for asset in confirmed] == [CERAMICS]
    told = await command("confirm", "act_999", data=folder)
    assert told.status == 1
    assert "act_999" in told.err


async def test_keys_are_rotated_while_the_node_serves(make_stage: MakeStage, command: Command) -> None:
    """The running node goes on with the new ring."""
    stage = await make_stage()
    grant = await stage.connect()
    told = await command("rotate-keys", data=stage.node.settings.data_dir)
    assert (told.status, "1" in told.out) == (0, True)
    url = f"{stage.receiver}/api/credentials?reveal=true"
    answer = await call("GET", url, key=await stage.key("credentials:reveal"))
    assert answer.body["credentials"][0]["access_token"] == grant.access_token.get_secret_value()


async def test_a_report_over_nothing_is_refused(make_stage: MakeStage, command: Command) -> None:
    """Before anything was collected there is nothing to show, and the command says what comes first."""
    stage = await make_stage()
    await stage.connect()
    told = await command("report", "--json", data=stage.node.settings.data_dir)
    assert (told.status, told.out) == (1, "")
    assert "node collect" in told.err
