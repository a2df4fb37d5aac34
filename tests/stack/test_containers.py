"""Both stacks in containers: our image as the project's Dockerfile makes it, those of others played by stand-ins."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import pytest
from tests.stack import engine as engines
from tests.stack import hosts as namespaces
from tests.stack.engine import OURS, Engine, NoEngineError
from tests.stack.hosts import Host, listening, network
from tests.stack.machines import ADDRESSES, CLIENT, META, NETWORK, SITES, World, give_certificate, open_outside
from tests.stack.stacks import BROKER_HOST, freehold, write_broker, write_node
from tests.stack.tools import installed

from freehold.kernel.backups.restore import Opened, verify
from freehold.kernel.crypto import Keyring, SealingKey

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("hosts")]

NODE = "freehold-node"
BROKER = "freehold-broker"
HEALTH_SECONDS = 60
ACCOUNT = (10001, 10001)
"""Whose our image's program is."""
STRAY = 18080
"""A port that somebody published by mistake."""


@dataclass(frozen=True)
class Machine:
    """A host with an engine, and a stack that runs there."""

    engine: Engine
    host: Host
    stack: Path
    project: str

    def container(self, service: str) -> dict[str, Any]:
        """What the engine tells of a service's container."""
        return self.engine.inspect(f"{self.project}-{service}-1")

    def services(self) -> list[str]:
        """Everything that lasts."""
        listed = self.engine.compose(self.stack, "ps", "--services").split()
        return sorted(listed)

    def inside(self, service: str, *words: str) -> str:
        """What a program prints in a service's container."""
        return self.engine.docker("exec", f"{self.project}-{service}-1", *words)

    def reaches(self, service: str, name: str, port: int) -> bool:
        """Whether a service's container can open a connection."""
        program = f"import socket; socket.create_connection(({name!r}, {port}), 2)"
        try:
            self.inside(service, "python3", "-c", program)
        except AssertionError:
            return False
        return True

    def wait_until_well(self, service: str) -> None:
        """Until a service says that it is well; raises `TimeoutError`."""
        deadline = time.monotonic() + HEALTH_SECONDS
        while time.monotonic() < deadline:
            if self.container(service)["State"].get("Health", {}).get("Status") == "healthy":
                return
            time.sleep(0.5)
        raise TimeoutError(f"{service} is not well: {self.container(service)['State']}")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account may pass, too."""
    with TemporaryDirectory(prefix="freehold-containers-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="module")
def outside(folder: Path) -> Iterator[World]:
    """The world around a client's machine: Meta, a broker, a stranger, the operator; the machine itself is empty."""
    reason = engines.missing() or namespaces.missing()
    if reason:
        pytest.skip(f"no containers: {reason}")  # an engine is not to be had everywhere: skipped by leave
    with network(ADDRESSES, folder) as hosts:
        yield open_outside(hosts, installed())


@pytest.fixture(scope="module")
def engine(outside: World) -> Iterator[Engine]:
    """An engine in the client's machine, with every image that the stacks name."""
    with ExitStack() as stack:
        try:
            with engines.daemon(outside.tools, None) as building:
                engines.prepare(building)
            running = stack.enter_context(engines.daemon(outside.tools, outside.hosts["node"]))
        except NoEngineError as error:
            pytest.skip(f"no containers: {error}")  # by leave, as above
        yield running


@pytest.fixture(scope="module")
def node(outside: World, engine: Engine) -> Iterator[Machine]:
    """The client's machine as its guide says: stack, firewall, enrolment, everything up."""
    host = outside.hosts["node"]
    machine = Machine(engine, host, host.folder / "stack", NODE)
    write_node(machine.stack, operators=[f"{ADDRESSES['operator']}/32"])
    give_certificate(host, outside.authority)
    (machine.stack / "authority.pem").write_text(outside.authority.read_text())
    (machine.stack / "compose.override.yaml").write_text(json.dumps(node_override()))
    host.run("nft", "-f", machine.stack / "nftables.conf")
    try:
        enrol(outside, machine)
        engine.compose(machine.stack, "up", "--detach", "--wait", "--no-build", "--pull", "never", "--quiet-pull")
        yield machine
    finally:
        engine.compose(machine.stack, "--profile", "*", "down", "--volumes", "--timeout", "5")


def node_override() -> dict[str, Any]:
    """What is particular to this world: its names, the authority that it trusts, its private addresses, its Meta."""
    ours = {
        "environment": {
            "SSL_CERT_FILE": "/etc/freehold-authority.pem",
            "FREEHOLD_NODE_ALLOWED_NETWORKS": f"{NETWORK},10.213.7.32/27",
            "FREEHOLD_NODE_GRAPH_URL": f"https://{META}",
        },
        "extra_hosts": [f"{BROKER_HOST}:{ADDRESSES['broker']}", f"{META}:{ADDRESSES['stranger']}"],
        "volumes": ["./authority.pem:/etc/freehold-authority.pem:ro"],
    }
    return {"services": {"node": ours}}


def enrol(outside: World, machine: Machine) -> None:
    """Make the node's keys and register it, with a one-time code of the operator's."""
    code = outside.operate("clients", "enrol", CLIENT.client_id, "--company", CLIENT.company_name)["code"]
    machine.engine.compose(
        machine.stack,
        *("run", "--rm", "--no-TTY", "--quiet-pull", "node", "node", "init", "--enrol", "-"),
        *("--broker-url", f"https://{BROKER_HOST}"),
        *("--vm-url", f"https://{SITES['receiver']}", "--public-url", f"https://{SITES['pages']}"),
        typed=f"{code}\n",
    )


@pytest.fixture(scope="module")
def connected(outside: World, node: Machine) -> dict[str, Any]:
    """The page on which the client's person landed."""
    assert node.services()
    return outside.connect()


def test_our_image_has_what_it_needs_and_no_more(engine: Engine) -> None:
    """It runs as its own account, answers at once, and has neither pip nor a compiler nor the tests."""
    config = json.loads(engine.docker("image", "inspect", OURS))[0]["Config"]
    found = "import shutil, importlib.util as u; print(*map(shutil.which, ['pip', 'gcc', 'cc']), u.find_spec('pip'))"
    run = ("run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL")

    assert config["User"] == "10001:10001"
    assert "freehold" in engine.docker(*run, OURS, "--help")
    assert engine.docker(*run, "--entrypoint", "python", OURS, "-c", found) == "None None None None\n"
    for program in ("pg_dump", "pg_restore", "psql"):
        assert f"{program} (PostgreSQL) 17" in engine.docker(*run, "--entrypoint", program, OURS, "--version")


def test_everything_is_well_and_began_in_its_order(node: Machine) -> None:
    """`up --wait` came back, so every check passes; what needs another began after it."""
    began = {service: node.container(service)["State"]["StartedAt"] for service in node.services()}
    order = ("postgres", "node", "caddy")

    assert set(began) == {"postgres", "redis", "node", "nocodb", "n8n", "n8n-worker", "caddy"}
    assert {node.container(service)["State"]["Health"]["Status"] for service in began} == {"healthy"}
    assert [*order] == sorted(order, key=lambda service: began[service])
    assert node.container("database")["State"]["ExitCode"] == 0


def test_every_process_is_confined(node: Machine) -> None:
    """As the kernel sees it: no capability nor a way to one, filtered calls, an account not root, no writing."""
    running = node.services()
    assert {"postgres", "node", "nocodb", "n8n", "caddy"} <= set(running)
    for service in running:
        container = node.container(service)
        seen = engines.status(container["State"]["Pid"])
        limits = container["HostConfig"]

        assert seen["CapEff"] == seen["CapPrm"] == "0" * 16, service
        assert (seen["NoNewPrivs"], seen["Seccomp"]) == ("1", "2"), service
        assert "0" not in seen["Uid"].split(), service
        assert limits["Memory"] > 0, service
        assert limits["NanoCpus"] > 0, service
        assert limits["PidsLimit"] > 0, service
        with pytest.raises(AssertionError, match="Read-only file system"):
            node.inside(service, "sh", "-c", "exec touch /etc/x")


def test_a_delivery_reaches_the_node_in_its_container(node: Machine, connected: dict[str, Any]) -> None:
    """From the link to the choice of assets, through Caddy and the firewall; the node is in PostgreSQL."""
    assert connected["status"] == 200
    assets = json.loads(node.inside("node", "freehold", "node", "assets", "--json"))

    assert {asset["asset_id"] for asset in assets if asset["confirmed_at"]} == set(CLIENT.assets)


def test_only_80_and_443_answer_from_outside(outside: World, node: Machine) -> None:
    """Also where somebody published another port: rules for published ports stand before the engine's own."""
    stray = node.engine.docker(
        *("run", "--detach", "--rm", "--publish", f"{STRAY}:8000", "--entrypoint", "python", OURS),
        *("-m", "http.server", "8000"),
    ).strip()
    try:
        node.host.wait_for(STRAY)
        ports = [*range(1, 1100), STRAY, 3000, 3004, 3005, 3006, 3007, 5432, 5678, 6379, 8080, 2375]
        protected = listening(outside.hosts["stranger"], node.host.address, ports)
        node.host.run("nft", "delete", "table", "inet", "freehold")
        bare = listening(outside.hosts["stranger"], node.host.address, ports)
        node.host.run("nft", "-f", node.stack / "nftables.conf")
    finally:
        node.engine.docker("rm", "--force", stray)

    assert protected == {80, 443}
    assert bare == {80, 443, STRAY}


def test_n8n_reaches_what_it_needs_and_no_private_network(outside: World, node: Machine) -> None:
    """The node's API, NocoDB, its database; neither Caddy nor the operator's network; NocoDB reaches nobody."""
    operator = outside.hosts["operator"]
    operator.start("listener", "python3", "-m", "http.server", "8000", "--bind", ADDRESSES["operator"])
    operator.wait_for(8000, ADDRESSES["operator"])

    assert all(node.reaches("n8n-worker", *place) for place in (("node", 3007), ("nocodb", 8080), ("postgres", 5432)))
    assert not node.reaches("n8n-worker", "caddy", 443)
    assert not node.reaches("n8n-worker", ADDRESSES["operator"], 8000)
    assert node.reaches("node", ADDRESSES["operator"], 8000)
    assert not node.reaches("nocodb", ADDRESSES["operator"], 8000)


def test_no_secret_is_told_by_the_engine(node: Machine) -> None:
    """What the engine knows of each container holds no secret; in the container it is a file."""
    secrets = {path.read_text() for path in (node.stack / "secrets").iterdir()}
    running = node.services()
    assert len(secrets) > 10
    assert {"postgres", "node", "nocodb", "n8n", "caddy"} <= set(running)
    for service in running:
        told = json.dumps(node.container(service))
        assert not [secret for secret in secrets if secret in told], service
    assert node.inside("node", "sh", "-c", "env | grep -c postgresql+ || true").strip() == "0"


@pytest.mark.parametrize("service", ["node", "postgres", "caddy"])
def test_what_is_killed_begins_again(node: Machine, connected: dict[str, Any], service: str) -> None:
    """A program that the kernel ends is started again by the engine, and is well soon."""
    assert connected["status"] == 200
    before = node.container(service)
    engines.kill(before["State"]["Pid"])
    deadline = time.monotonic() + HEALTH_SECONDS
    while node.container(service)["RestartCount"] == before["RestartCount"] and time.monotonic() < deadline:
        time.sleep(0.2)
    node.wait_until_well(service)

    assert node.container(service)["RestartCount"] == before["RestartCount"] + 1


def test_a_backup_is_made_by_the_image_itself(node: Machine, folder: Path) -> None:
    """The node's database and the products', dumped by the client of the server's own version, into a volume."""
    public = freehold("backup-key", "new", folder / "backup.key", "--json")
    key = f"FREEHOLD_NODE_BACKUP_KEY={json.loads(public)['public_key']}"
    container = f"{NODE}-node-1"
    made = json.loads(node.engine.docker("exec", "--env", key, container, "freehold", "node", "backup", "--json"))
    for path in (made["path"], "/var/lib/freehold/node/keyring.json"):
        node.engine.compose(node.stack, "cp", f"node:{path}", folder)
    opening = SealingKey.from_text((folder / "backup.key").read_text().strip())
    keyring = Keyring.from_json((folder / "keyring.json").read_text())
    with (folder / Path(made["path"]).name).open("rb") as file:
        contents = verify(Opened(file, opening, keyring), "node")

    assert made["path"].startswith("/var/lib/freehold/backups/")
    assert contents.databases == dict.fromkeys(("node", "nocodb", "n8n", "open_webui"), "postgresql")
    assert contents.rows == made["rows"]
    assert contents.rows["node"].keys() >= {"meta_credentials", "connected_assets", "instagram_posts"}
    assert {"api.key", "sealing.key", "broker.json"} <= contents.files.keys()


def test_a_machine_is_made_again_from_its_backup(node: Machine, connected: dict[str, Any], folder: Path) -> None:
    """As the guide says it: every volume is gone, the stack's folder was kept, the private key is typed."""
    assert connected["status"] == 200
    before = json.loads(node.inside("node", "freehold", "node", "assets", "--json"))
    public = json.loads(freehold("backup-key", "new", folder / "restoring.key", "--json"))["public_key"]
    key = f"FREEHOLD_NODE_BACKUP_KEY={public}"
    made = json.loads(
        node.engine.docker("exec", "--env", key, f"{NODE}-node-1", "freehold", "node", "backup", "--json")
    )
    kept = node.stack / "restore"
    kept.mkdir()
    for path in (made["path"], "/var/lib/freehold/node/keyring.json"):
        node.engine.docker("cp", f"{NODE}-node-1:{path}", str(kept))
    for path in (kept, *kept.iterdir()):
        os.chown(path, *ACCOUNT)
    node.engine.compose(node.stack, "down", "--volumes", "--timeout", "10")

    run = ("run", "--rm", "--no-TTY", "--quiet-pull")
    node.engine.compose(node.stack, *run, "database")
    node.engine.compose(
        node.stack,
        *(*run, "--no-deps", "--volume", f"{kept}:/restore:ro", "node", "node", "restore", "--replace"),
        *("--key-file", "-", "--keyring", "/restore/keyring.json", f"/restore/{Path(made['path']).name}"),
        typed=(folder / "restoring.key").read_text(),
    )
    node.engine.compose(node.stack, "up", "--detach", "--wait", "--no-build", "--pull", "never")

    assert json.loads(node.inside("node", "freehold", "node", "assets", "--json")) == before
    assert any(asset["confirmed_at"] for asset in before)


def test_what_was_stored_survives_new_containers(outside: World, node: Machine, connected: dict[str, Any]) -> None:
    """Down and up again: the node's keys and assets, and what the products wrote into their folders."""
    assert connected["status"] == 200
    before = json.loads(node.inside("node", "freehold", "node", "assets", "--json"))
    node.engine.compose(node.stack, "down", "--timeout", "10")
    node.engine.compose(node.stack, "up", "--detach", "--wait", "--no-build", "--pull", "never")
    after = json.loads(node.inside("node", "freehold", "node", "assets", "--json"))

    assert after == before
    assert len(node.inside("nocodb", "cat", "/usr/app/data/started").splitlines()) == 2
    assert len(node.inside("n8n", "cat", "/home/node/.n8n/started").splitlines()) == 2
    assert outside.connect()["status"] == 200


def test_a_stack_whose_database_is_ill_says_so(node: Machine) -> None:
    """Whoever needs PostgreSQL is not started, and Compose names what is ill."""
    override = node.stack / "compose.override.yaml"
    kept = override.read_text()
    ill = json.loads(kept)
    ill["services"]["postgres"] = {"healthcheck": {"test": ["CMD", "false"], "interval": "1s", "retries": 1}}
    node.engine.compose(node.stack, "down", "--timeout", "10")
    override.write_text(json.dumps(ill))
    try:
        with pytest.raises(AssertionError, match=r"postgres.* is unhealthy"):
            node.engine.compose(node.stack, "up", "--detach", "--wait", "--no-build", "--pull", "never")
        assert not {"node", "nocodb", "n8n", "caddy"} & set(node.services())
    finally:
        override.write_text(kept)


@pytest.fixture(scope="module")
def broker(outside: World, engine: Engine, node: Machine) -> Iterator[Machine]:
    """A broker's machine with its two replicas, in the place of the client's, which is stopped."""
    engine.compose(node.stack, "down", "--timeout", "5")
    host = outside.hosts["node"]
    machine = Machine(engine, host, host.folder / "broker-stack", BROKER)
    write_broker(machine.stack, operators=[f"{ADDRESSES['operator']}/32"])
    give_certificate(host, outside.authority, machine.stack)
    host.run("nft", "-f", machine.stack / "nftables.conf")
    try:
        run = ("run", "--rm", "--no-TTY", "broker-1", "broker", "init", "--json")
        made = json.loads(engine.compose(machine.stack, *run).splitlines()[-1])
        assert made["admin_key"]
        engine.compose(machine.stack, "up", "--detach", "--wait", "--no-build", "--pull", "never")
        yield machine
    finally:
        engine.compose(machine.stack, "down", "--volumes", "--timeout", "5")


def answered(outside: World, path: str, host: str = "stranger") -> int:
    """The status of a broker's page on the machine of containers."""
    where = f"{BROKER_HOST}:443:{ADDRESSES['node']}"
    url = f"https://{BROKER_HOST}{path}"
    return outside.hosts[host].curl(url, "--resolve", where, authority=outside.authority, seconds=8).status


def test_the_brokers_machine_is_well_and_shows_its_public_side(outside: World, broker: Machine) -> None:
    """Two replicas over one database and one Redis; administration is the operator's."""
    assert set(broker.services()) == {"postgres", "redis", "broker-1", "broker-2", "caddy"}
    assert answered(outside, "/ready") == 200
    assert answered(outside, "/metrics") == 404
    assert answered(outside, "/metrics", "operator") == 200
    assert listening(outside.hosts["stranger"], broker.host.address, [80, 443, 3000, 5432, 6379]) == {80, 443}


def test_a_replica_that_is_killed_is_not_missed(outside: World, broker: Machine) -> None:
    """The other answers meanwhile, and the killed one comes back."""
    before = broker.container("broker-1")
    engines.kill(before["State"]["Pid"])
    statuses = {answered(outside, "/health") for _ in range(15)}
    broker.wait_until_well("broker-1")

    assert statuses == {200}
    assert broker.container("broker-1")["RestartCount"] == before["RestartCount"] + 1


def test_replicas_are_replaced_without_a_closed_door(outside: World, broker: Machine) -> None:
    """One replica after the other, as an upgrade replaces them, while somebody goes on asking."""
    before = {name: broker.container(name)["Id"] for name in ("broker-1", "broker-2")}
    done = Event()

    def asking() -> list[int]:
        statuses = [answered(outside, "/health")]
        while not done.is_set():
            statuses.append(answered(outside, "/health"))
        return statuses

    with ThreadPoolExecutor(1) as pool:
        somebody = pool.submit(asking)
        try:
            for name in before:
                broker.engine.compose(broker.stack, "up", "-d", "--wait", "--no-deps", "--force-recreate", name)
        finally:
            done.set()

    statuses = somebody.result()
    assert set(statuses) == {200}
    assert len(statuses) > 20
    assert all(broker.container(name)["Id"] != old for name, old in before.items())
