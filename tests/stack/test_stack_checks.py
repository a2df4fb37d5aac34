"""What is shipped for containers, checked without an engine: stacks, Caddyfiles, firewall, Dockerfile."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.stack.stacks import parameters, write_broker, write_node
from tests.stack.tools import Tools, installed

from freehold.kernel.stack_files import SECRETS_FOLDER

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("node", "broker")
PUBLISHED = {"80/tcp", "443/tcp"}
WITHOUT_TELEMETRY = {
    "n8n": {
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PERSONALIZATION_ENABLED": "false",
        "N8N_COMMUNITY_PACKAGES_ENABLED": "false",
        "N8N_BLOCK_ENV_ACCESS_IN_NODE": "true",
        "EXECUTIONS_DATA_PRUNE": "true",
    },
    "nocodb": {
        "NC_DISABLE_TELE": "true",
        "NC_DISABLE_ERR_REPORTS": "true",
        "NC_DISABLE_SUPPORT_CHAT": "true",
        "NC_DISABLE_PRODUCT_FEED": "true",
    },
}

pytestmark = pytest.mark.stack


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Caddy, Compose, hadolint."""
    return installed()


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both stacks as they are written first."""
    folder = tmp_path_factory.mktemp("stacks")
    return {"node": write_node(folder / "node"), "broker": write_broker(folder / "broker")}


@pytest.fixture(scope="session")
def configs(tools: Tools, stacks: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """What Compose understands, with every profile."""
    return {
        kind: json.loads(compose(tools, folder, "--profile", "*", "config", "--format", "json").stdout)
        for kind, folder in stacks.items()
    }


def compose(tools: Tools, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Compose in a stack's folder."""
    return subprocess.run([tools.compose, *arguments], cwd=folder, check=True, capture_output=True, text=True)


def services(configs: dict[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Every service of both stacks, with its name."""
    return [(f"{kind}:{name}", service) for kind in KINDS for name, service in configs[kind]["services"].items()]


def breaking(configs: dict[str, dict[str, Any]], rule: Any) -> list[str]:
    """The services for which `rule` does not hold."""
    return [name for name, service in services(configs) if not rule(service)]


@pytest.mark.parametrize("kind", KINDS)
def test_compose_and_its_schema_accept_the_stack(tools: Tools, stacks: dict[str, Path], kind: str) -> None:
    """Compose reads the file without an engine, and it is what the public schema of Compose files describes."""
    compose(tools, stacks[kind], "config", "--quiet")
    schema = ("--builtin-schema", "vendor.compose-spec", stacks[kind] / "compose.yaml")
    checked = tools.module("check_jsonschema", *schema)

    assert checked.returncode == 0, checked.stdout


def test_compose_refuses_a_stack_without_its_parameters(tools: Tools, stacks: dict[str, Path], tmp_path: Path) -> None:
    """No host, network or account has a value that nobody chose; the check above can fail."""
    folder = shutil.copytree(stacks["node"], tmp_path / "node")
    (folder / ".env").write_text("COMPOSE_PROFILES=full\n")

    with pytest.raises(subprocess.CalledProcessError) as refused:
        compose(tools, folder, "config", "--quiet")
    assert "STACK_" in refused.value.stderr


def test_every_service_is_confined(configs: dict[str, dict[str, Any]]) -> None:
    """A root that cannot be written, no capabilities, no way to new ones, an account that is not root, limits."""

    def confined(service: dict[str, Any]) -> bool:
        limits = service["deploy"]["resources"]["limits"]
        return (
            service["read_only"] is True
            and service["cap_drop"] == ["ALL"]
            and service["security_opt"] == ["no-new-privileges=true"]
            and service["user"].split(":")[0] not in {"", "0", "root"}
            and {"cpus", "memory", "pids"} <= set(limits)
            and not service.get("privileged")
            and "pid" not in service
            and service["logging"]["options"]["max-size"] == "10m"
        )

    assert not breaking(configs, confined)


def test_only_caddy_has_a_capability_within_reach(configs: dict[str, dict[str, Any]]) -> None:
    """The one that its program bears and that no-new-privileges withholds from its process."""
    assert {name: service["cap_add"] for name, service in services(configs) if service.get("cap_add")} == {
        "node:caddy": ["NET_BIND_SERVICE"],
        "broker:caddy": ["NET_BIND_SERVICE"],
    }


def test_only_caddy_publishes_ports(configs: dict[str, dict[str, Any]]) -> None:
    """80 and 443, and nothing else of either machine."""
    published = {
        name: {f"{port['published']}/{port['protocol']}" for port in service["ports"]}
        for name, service in services(configs)
        if service.get("ports") or service.get("network_mode")
    }

    assert published == {"node:caddy": PUBLISHED, "broker:caddy": PUBLISHED}


def test_what_needs_no_way_out_has_none(configs: dict[str, dict[str, Any]]) -> None:
    """Only who talks to Meta, the broker, a model or people's own services is in a network that leads outside."""
    outside = {
        name
        for name, service in services(configs)
        if any(not configs[name.split(":")[0]]["networks"][network].get("internal") for network in service["networks"])
    }

    assert outside == {"node:caddy", "node:node", "node:n8n", "node:n8n-worker", "node:open-webui"} | {
        "broker:caddy",
        "broker:broker-1",
        "broker:broker-2",
    }


def test_n8n_reaches_its_queue_databases_and_apis_alone(configs: dict[str, dict[str, Any]]) -> None:
    """Who shares a network with n8n's worker: PostgreSQL, Redis, the node, NocoDB, and what sets n8n up."""
    found = configs["node"]["services"]
    networks = set(found["n8n-worker"]["networks"])

    assert {name for name, service in found.items() if networks & set(service["networks"])} == {
        *("n8n", "n8n-worker", "redis", "postgres", "node", "nocodb", "bootstrap"),
    }


def test_every_bridge_bears_the_name_that_the_firewall_knows(configs: dict[str, dict[str, Any]]) -> None:
    """The rules for containers match interfaces that begin with fh-; an interface's name has 15 characters at most."""
    bridges = [
        network["driver_opts"]["com.docker.network.bridge.name"]
        for kind in KINDS
        for network in configs[kind]["networks"].values()
    ]

    assert all(bridge.startswith("fh-") and len(bridge) <= 15 for bridge in bridges)
    assert len(set(bridges)) == len(bridges) - len({"fh-public", "fh-pages", "fh-data"})  # which both machines have


def test_everything_that_runs_on_is_watched_and_waited_for(configs: dict[str, dict[str, Any]]) -> None:
    """Each lasting service tells whether it is well; whoever needs another waits until it is, or until it has ended."""
    lasting = [(name, service) for name, service in services(configs) if service["restart"] != "no"]
    waits = [need["condition"] for _, service in services(configs) for need in service.get("depends_on", {}).values()]

    assert not [name for name, service in lasting if "healthcheck" not in service]
    assert set(waits) == {"service_healthy", "service_completed_successfully"}


def test_images_are_pinned_to_versions(configs: dict[str, dict[str, Any]]) -> None:
    """No tag moves: each has at least two numbers, and ours is this version."""
    tags = {service["image"] for _, service in services(configs)}

    assert all(":" in image and image.split(":")[1].replace("-", ".").split(".")[1].isdecimal() for image in tags)


def test_no_secret_is_in_a_description(configs: dict[str, dict[str, Any]], stacks: dict[str, Path]) -> None:
    """What an engine shows of a container, and the files that are no secrets, hold none of the secrets' texts."""
    for kind, folder in stacks.items():
        shown = json.dumps(configs[kind])
        plain = [
            path.read_text() for path in folder.rglob("*") if path.is_file() and path.parent.name != SECRETS_FOLDER
        ]
        secrets = list((folder / SECRETS_FOLDER).iterdir())
        assert len(secrets) > 4
        assert len(plain) > 4
        for path in secrets:
            secret = path.read_text()
            assert len(secret) >= 20
            assert secret not in shown
            assert not any(secret in text for text in plain), path.name


def test_secrets_are_files_that_are_there_and_used(configs: dict[str, dict[str, Any]], stacks: dict[str, Path]) -> None:
    """Every secret of a stack is made, and given to somebody."""
    for kind, folder in stacks.items():
        described = {Path(secret["file"]) for secret in configs[kind]["secrets"].values()}
        used = {each["source"] for service in configs[kind]["services"].values() for each in service.get("secrets", [])}

        assert described
        assert described == set((folder / SECRETS_FOLDER).iterdir())
        assert used == set(configs[kind]["secrets"])


def test_two_stacks_share_no_secret(stacks: dict[str, Path], tmp_path: Path) -> None:
    """Nothing has a default password: another machine's secrets are all different."""
    other = write_node(tmp_path / "node") / SECRETS_FOLDER
    mine = stacks["node"] / SECRETS_FOLDER

    assert {path.name for path in other.iterdir()} == {path.name for path in mine.iterdir()} != set()
    assert not [path.name for path in other.iterdir() if path.read_text() == (mine / path.name).read_text()]


def test_the_products_send_nothing_home(configs: dict[str, dict[str, Any]]) -> None:
    """The switches that were seen to keep n8n and NocoDB from talking to their makers, and n8n's hardening."""
    found = configs["node"]["services"]
    for name, wanted in {**WITHOUT_TELEMETRY, "n8n-worker": WITHOUT_TELEMETRY["n8n"]}.items():
        assert {key: found[name]["environment"].get(key) for key in wanted} == wanted
    for name in ("n8n", "n8n-worker"):
        assert "mcp-registry" in found[name]["environment"]["N8N_DISABLED_MODULES"].split(",")


def test_lite_is_without_n8n(tools: Tools, tmp_path: Path) -> None:
    """Neither n8n, its worker and queue, nor its site; the node then keeps its own schedules."""
    folder = write_node(tmp_path / "node", "--profile", "lite")
    config = json.loads(compose(tools, folder, "config", "--format", "json").stdout)

    assert set(config["services"]) == {"volumes", "postgres", "database", "node", "nocodb", "caddy"}
    assert config["services"]["node"]["environment"]["FREEHOLD_NODE_SCHEDULES_ON"] == "true"
    assert not (folder / "caddy" / "sites" / "n8n.caddy").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_caddy_accepts_its_file(tools: Tools, stacks: dict[str, Path], tmp_path: Path, kind: str) -> None:
    """As it is, and with deliveries that need a certificate."""
    folder = shutil.copytree(stacks[kind], tmp_path / kind)
    if kind == "node":
        write_node(folder, "--broker-certificate", stacks["broker"] / "client-certificate.pem")
        assert "require_and_verify" in (folder / "caddy" / "client-auth.conf").read_text()
    known = tools.module("trustme", "-q", "-d", tmp_path, "-i", "northwind.test")
    assert known.returncode == 0, known.stderr
    shutil.copy(tmp_path / "server.pem", folder / "caddy" / "certificate.pem")
    shutil.copy(tmp_path / "server.key", folder / "caddy" / "key.pem")
    environment = {**os.environ, **parameters(folder), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    done = subprocess.run(
        [tools.caddy, "validate", "--config", "Caddyfile"],
        cwd=folder / "caddy",
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_the_dockerfile_is_clean(tools: Tools) -> None:
    """The linter of Dockerfiles has nothing to say."""
    done = subprocess.run([tools.hadolint, ROOT / "Dockerfile"], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
