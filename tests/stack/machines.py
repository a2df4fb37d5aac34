"""A broker's and a client's machine as hosts: shipped Caddyfiles and firewalls, real processes and databases."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.hosts import Host
from tests.stack.stacks import APP_SECRET, BROKER_HOST, DOMAIN, parameters, write_broker, write_node
from tests.stack.tools import Tools

from freehold.demo.client import CAST
from freehold.demo.databases import postgres_programs

META = "meta.test"
SITES = {name: f"{label}.{DOMAIN}" for name, label in
         {"receiver": "node", "pages": "social", "nocodb": "tables", "n8n": "flows"}.items()}  # fmt: skip
CLIENT = CAST[0]
NETWORK = "10.99.7.0/24"
ADDRESSES = {"broker": "10.99.7.1", "node": "10.99.7.2", "stranger": "10.99.7.3", "operator": "10.99.7.33"}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - within a namespace of the test's own
REPLICAS = ("127.0.0.11", "127.0.0.12")
STANDING = {"n8n": 5678, "nocodb": 8080}
"""What else listens on a client's machine, played here by a program that answers everything."""


@dataclass(frozen=True, repr=False)
class World:
    """Everything that runs, the authority that all trust, and the administrator's key."""

    hosts: dict[str, Host]
    tools: Tools
    authority: Path
    admin_key: str

    def operate(self, *arguments: str | Path) -> Any:
        """What `freehold <arguments> --json` tells the operator, on a machine of the operator's own."""
        environment = {
            "FREEHOLD_BROKER_URL": f"https://{BROKER_HOST}",
            "FREEHOLD_ADMIN_KEY": self.admin_key,
            "SSL_CERT_FILE": str(self.authority),
        }
        return run_freehold(self.hosts["operator"], *arguments, "--json", environment=environment)

    def node(self, *arguments: str | Path) -> Any:
        """What `freehold node <arguments> --json` tells on the client's machine."""
        host = self.hosts["node"]
        data = ("--data", host.folder / "data", "--json")
        return run_freehold(host, "node", *arguments, *data, environment=self.node_environment())

    def node_environment(self) -> dict[str, str]:
        """The node's settings beside those that it keeps itself."""
        return {
            "FREEHOLD_NODE_DATABASE_URL": "postgresql+asyncpg://freehold@127.0.0.1:5432/freehold",
            "SSL_CERT_FILE": str(self.authority),
        }

    def connect(self) -> dict[str, Any]:
        """A fresh link, walked by the client's person at home; the page where they landed."""
        link = self.operate("clients", "link", CLIENT.client_id)["url"]
        words = [sys.executable, Path(__file__).with_name("person.py"), link, CLIENT.person, *CLIENT.assets]
        walked = self.hosts["stranger"].run(*words, environment={"SSL_CERT_FILE": str(self.authority)})
        page: dict[str, Any] = json.loads(walked.stdout)
        return page

    def delivery(self, host: str, *options: str) -> tuple[int, int]:
        """What somebody gets who posts a delivery of their own from a host: the HTTP status, and curl's exit status."""
        url = f"https://{SITES['receiver']}/api/credentials"
        body = ("--request", "POST", "--header", "Content-Type: application/json", "--data", "{}")
        answer = self.hosts[host].curl(url, *body, *options, authority=self.authority)
        return answer.status, answer.exit


def run_freehold(host: Host, *arguments: str | Path, environment: dict[str, str], typed: str = "") -> Any:
    """What `freehold <arguments>` prints on a host, which is JSON."""
    done = host.run(sys.executable, "-m", "freehold.cli", *arguments, environment=environment, typed=typed)
    return json.loads(done.stdout)


def open_world(hosts: dict[str, Host], tools: Tools) -> World:
    """Set up the machines as their guide says, apart from containers; nobody is connected yet."""
    world = open_outside(hosts, tools)
    _start_node(world)
    return world


def open_outside(hosts: dict[str, Host], tools: Tools) -> World:
    """Everything but the client's machine: Meta, the broker, and the operator's way to it."""
    authority = _certificates(tools, hosts["broker"].folder.parent)
    for host in hosts.values():
        host.know(dict.fromkeys((META,), ADDRESSES["stranger"]))
        host.know(dict.fromkeys((BROKER_HOST,), ADDRESSES["broker"]))
        host.know(dict.fromkeys(SITES.values(), ADDRESSES["node"]))
    _start_meta(hosts["stranger"], tools, authority)
    admin_key = _start_broker(hosts["broker"], tools, authority)
    return World(hosts, tools, authority, admin_key)


def start_caddy(host: Host, tools: Tools, name: str = "caddy") -> None:
    """Serve a host's Caddyfile, in its stack's folder and with that stack's parameters."""
    stack = host.folder / "stack"
    environment = {**parameters(stack), "XDG_CONFIG_HOME": str(host.folder), "XDG_DATA_HOME": str(host.folder)}
    host.start(name, tools.caddy, "run", "--config", "Caddyfile", environment=environment, cwd=stack / "caddy")
    host.wait_for(443)


def load_firewall(host: Host) -> None:
    """Load the stack's rules."""
    host.run("nft", "-f", host.folder / "stack" / "nftables.conf")


def _certificates(tools: Tools, folder: Path) -> Path:
    """A certificate for each name, from an authority of the test's own; gives the authority's certificate."""
    for name in (META, BROKER_HOST, *SITES.values()):
        (folder / name).mkdir()
    names = [META, BROKER_HOST, *SITES.values()]
    made = tools.module("trustme", "-q", "-d", folder, "-i", *names)
    assert made.returncode == 0, made.stderr
    return folder / "client.pem"


def give_certificate(host: Host, authority: Path, stack: Path | None = None) -> None:
    """Put the certificate, which is good for every name, where a stack's Caddyfile has it."""
    place = (stack or host.folder / "stack") / "caddy"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(authority.with_name("server.pem"), place / "certificate.pem")
    shutil.copy(authority.with_name("server.key"), place / "key.pem")


def _start_meta(host: Host, tools: Tools, authority: Path) -> None:
    """Meta, somewhere in the internet, with TLS."""
    give_certificate(host, authority)
    stack = host.folder / "stack"
    (stack / ".env").write_text("", encoding="utf-8")
    (stack / "caddy" / "Caddyfile").write_text(
        f"{{\n\tadmin off\n}}\n{META} {{\n\ttls certificate.pem key.pem\n\treverse_proxy 127.0.0.1:4000\n}}\n",
        encoding="utf-8",
    )
    environment = {
        "FREEHOLD_SANDBOX_APP_SECRET": APP_SECRET,
        "FREEHOLD_SANDBOX_REDIRECT_URIS": json.dumps([f"https://{BROKER_HOST}/callback/meta"]),
    }
    host.start("sandbox", sys.executable, "-m", "freehold.cli", "sandbox", "serve", environment=environment)
    host.wait_for(4000)
    start_caddy(host, tools)


def _start_broker(host: Host, tools: Tools, authority: Path) -> str:
    """The broker's machine: databases, two replicas, Caddy, firewall; gives the first administrator's key."""
    stack = write_broker(host.folder / "stack", operators=[f"{ADDRESSES['operator']}/32"])
    give_certificate(host, authority)
    host.know(dict(zip(("broker-1", "broker-2"), REPLICAS, strict=True)))
    start_databases(host)
    environment = {
        "FREEHOLD_BROKER_PUBLIC_URL": f"https://{BROKER_HOST}",
        "FREEHOLD_BROKER_DATABASE_URL": "postgresql+asyncpg://freehold@127.0.0.1:5432/freehold",
        "FREEHOLD_BROKER_REDIS_URL": "redis://127.0.0.1:6379/0",
        "FREEHOLD_BROKER_META_APP_ID": "1234567890123456",
        "FREEHOLD_BROKER_META_APP_SECRET_FILE": str(stack / "secrets" / "meta_app_secret"),
        "FREEHOLD_BROKER_CLIENT_CERTIFICATE": str(stack / "secrets" / "client_certificate.pem"),
        "FREEHOLD_BROKER_META_DIALOG_URL": f"https://{META}",
        "FREEHOLD_BROKER_META_GRAPH_URL": f"https://{META}",
        "FREEHOLD_BROKER_ALLOWED_NETWORKS": NETWORK,
        "FREEHOLD_BROKER_TRUSTED_PROXIES": "127.0.0.1",
        "FREEHOLD_BROKER_DELIVERY_SECONDS": "3",
        "SSL_CERT_FILE": str(authority),
    }
    data = ("--data", host.folder / "data")
    made = run_freehold(host, "broker", "init", *data, "--json", environment=environment)
    for number, address in enumerate(REPLICAS, 1):
        replica = {**environment, "FREEHOLD_BROKER_HOST": address}
        words = (sys.executable, "-m", "freehold.cli", "broker", "serve", *data)
        host.start(f"broker-{number}", *words, environment=replica)
        host.wait_for(3000, address)
    start_caddy(host, tools)
    load_firewall(host)
    return str(made["admin_key"])


def _start_node(world: World) -> None:
    """The client's machine, registered at the broker; everything on it listens to everybody but for the firewall."""
    host = world.hosts["node"]
    write_node(host.folder / "stack", operators=[f"{ADDRESSES['operator']}/32"])
    give_certificate(host, world.authority)
    host.know(dict.fromkeys(("node", "nocodb", "n8n"), "127.0.0.1"))
    start_databases(host)
    for name, port in STANDING.items():
        host.start(name, sys.executable, Path(__file__).parent / "standins" / "answer.py", str(port), "/")
    environment = {
        **world.node_environment(),
        "FREEHOLD_NODE_HOST": EVERYWHERE,
        "FREEHOLD_NODE_ALLOWED_NETWORKS": NETWORK,
        "FREEHOLD_NODE_TRUSTED_PROXIES": "127.0.0.1",
        "FREEHOLD_NODE_GRAPH_URL": f"https://{META}",
        "FREEHOLD_NODE_SCHEDULES_ON": "false",
    }
    data = host.folder / "data"
    words = ("node", "init", "--data", data, "--client-id", CLIENT.client_id, "--company", CLIENT.company_name)
    addresses = ("--vm-url", f"https://{SITES['receiver']}", "--public-url", f"https://{SITES['pages']}")
    broker = ("--broker", f"https://{BROKER_HOST}", "--json")
    made = run_freehold(host, *words, *addresses, *broker, environment=environment)
    world.operate("clients", "add", "--registration", made["registration"])
    serve = (sys.executable, "-m", "freehold.cli", "node", "serve", "--data", data)
    host.start("node", *serve, environment=world.node_environment())
    host.wait_for(3007)
    start_caddy(host, world.tools)
    load_firewall(host)


def start_databases(host: Host) -> None:
    """PostgreSQL and Redis of this host's own, which listen to everybody: what keeps others out is the firewall."""
    programs, data = postgres_programs(), host.folder / "postgres"
    data.mkdir()
    shutil.chown(data, "postgres")
    as_postgres = ("runuser", "-u", "postgres", "--")
    options = ("-D", data, "-U", "freehold", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
    subprocess.run([*as_postgres, programs / "initdb", *options], check=True, capture_output=True, cwd="/")
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as file:
        file.write("host all all all trust\n")
    listen = ("-h", EVERYWHERE, "-p", "5432", "-k", data, "-c", "fsync=off")
    host.start("postgres", *as_postgres, programs / "postgres", "-D", data, *listen, cwd=Path("/"))
    redis = ("redis-server", "--port", "6379", "--bind", EVERYWHERE, "--protected-mode", "no", "--save", "")
    host.start("redis", *redis, "--dir", host.folder)
    host.wait_for(5432)
    host.wait_for(6379)
    host.run(*as_postgres, "createdb", "-h", "127.0.0.1", "-U", "freehold", "freehold")
