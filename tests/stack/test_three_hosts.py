"""Broker, node and a stranger on hosts of their own, with the Caddyfiles and firewalls as they are shipped."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.stack import hosts as namespaces
from tests.stack.hosts import listening, network
from tests.stack.machines import (
    ADDRESSES,
    CLIENT,
    SITES,
    STANDING,
    World,
    load_firewall,
    open_world,
    start_caddy,
)
from tests.stack.stacks import BROKER_HOST, write_node
from tests.stack.tools import installed

from freehold.broker.app import ROUTERS

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("hosts")]

INNER = {
    "Meta Ads": 3004,
    "Instagram Analytics": 3005,
    "receiver": 3006,
    "workflows and pages": 3007,
    "PostgreSQL": 5432,
    "Redis": 6379,
    **STANDING,
}
TRIED = sorted({*range(1, 1100), *INNER.values(), 2019, 2375, 2376, 3000, 4000, 8443, 9000, 9090})
"""Ports that a stranger tries: all that services commonly have, and ours."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Three hosts and the operator's, everything set up, nobody connected."""
    reason = namespaces.missing()
    if reason:
        pytest.skip(f"no hosts: {reason}")  # a machine may not be allowed to make them: skipped by leave
    with TemporaryDirectory(prefix="freehold-hosts-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's account has to get through
        with network(ADDRESSES, folder) as hosts:
            yield open_world(hosts, installed())


@pytest.fixture(scope="module")
def connected(world: World) -> dict[str, Any]:
    """The page on which the client's person landed, having connected from home."""
    return world.connect()


def status(world: World, url: str, *options: str, host: str = "stranger") -> int:
    """What an address answers to somebody on a host; 0 when nothing answers."""
    return world.hosts[host].curl(url, *options, authority=world.authority).status


def test_a_delivery_arrives_over_tls(world: World, connected: dict[str, Any]) -> None:
    """From the link to the choice of assets: browser, broker, Meta and node on hosts of their own, TLS between them."""
    assert connected["status"] == 200
    assert connected["url"] == f"https://{SITES['pages']}/success"
    ticked = {asset["asset_id"] for asset in world.node("assets") if asset["confirmed_at"]}

    assert ticked == set(CLIENT.assets)


def test_the_node_reaches_its_broker_over_tls(world: World, connected: dict[str, Any]) -> None:
    """A token is renewed through the broker, by the node's own key."""
    assert connected["status"] == 200
    assert world.node("renew")


@pytest.mark.parametrize("host", ["stranger", "broker"])
def test_nothing_of_the_node_answers_but_80_and_443(world: World, host: str) -> None:
    """Databases, n8n, NocoDB and every port of ours listen, and nobody outside reaches them."""
    inside = listening(world.hosts["node"], ADDRESSES["node"], list(INNER.values()))
    outside = listening(world.hosts[host], ADDRESSES["node"], TRIED)

    assert inside == set(INNER.values())
    assert outside == {80, 443}


def test_nothing_of_the_broker_answers_but_80_and_443(world: World) -> None:
    """Its replicas, PostgreSQL and Redis are its own."""
    assert listening(world.hosts["broker"], ADDRESSES["broker"], [5432, 6379]) == {5432, 6379}
    assert listening(world.hosts["stranger"], ADDRESSES["broker"], TRIED) == {80, 443}


def test_what_keeps_strangers_out_is_the_firewall(world: World) -> None:
    """Without its table the same ports answer; loading it twice changes nothing."""
    node, stranger = world.hosts["node"], world.hosts["stranger"]
    node.run("nft", "delete", "table", "inet", "freehold")
    open_ports = listening(stranger, ADDRESSES["node"], list(INNER.values()))
    load_firewall(node)
    load_firewall(node)

    assert open_ports == set(INNER.values())
    assert not listening(stranger, ADDRESSES["node"], list(INNER.values()))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/credentials"),
        ("GET", "/api/credentials?reveal=true"),
        ("HEAD", "/api/credentials"),
        ("PUT", "/api/credentials"),
        ("POST", "/api/credentials/"),
        ("POST", "/api/credentials/../credentials?reveal=true"),
        ("GET", "/api/platform-events"),
        ("GET", "/health"),
        ("GET", "/openapi.json"),
        ("GET", "/success"),
        ("GET", "/"),
    ],
)
def test_the_receivers_name_takes_deliveries_alone(world: World, method: str, path: str) -> None:
    """Whatever else port 3006 has is not there for the internet, not even with a valid key."""
    key = (world.hosts["node"].folder / "data" / "api.key").read_text()
    options = ("--request", method, "--header", f"X-API-Key: {key}", "--path-as-is")
    answer = status(world, f"https://{SITES['receiver']}{path}", *(("--head",) if method == "HEAD" else options))

    assert answer == 404


def test_a_delivery_without_the_brokers_key_is_refused_by_the_node_itself(world: World) -> None:
    """The one path that is open leads to the node, which knows who may deliver."""
    assert world.delivery("stranger") == (401, 0)


@pytest.mark.parametrize(
    "path",
    ["/graph/me", "/workflows", "/workflows/instagram_daily/runs", "/runs", "/runs/1", "/openapi.json", "/",
     "/api/credentials", "/success/../runs", "/reports/../runs", "/reports/%2e%2e/runs", "/health", "/mcp", "/tools/x"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_pages_name_shows_pages_alone(world: World, method: str, path: str) -> None:
    """The workflows API, the Graph proxy and all else of port 3007 is internal."""
    url = f"https://{SITES['pages']}{path}"

    assert status(world, url, "--path-as-is", "--request", method, "--data", "") == 404


def test_pages_are_there_for_people(world: World) -> None:
    """Without a handle or a signature they say so themselves: the node answers, not Caddy."""
    link = world.hosts["stranger"].curl(
        f"https://{SITES['pages']}/reports/none", "--include", authority=world.authority
    )
    answer = world.hosts["stranger"].curl(f"https://{SITES['pages']}/success", "--include", authority=world.authority)

    assert link.status in {403, 404}
    assert answer.status == 200
    assert "x-request-id" in link.body.lower()
    assert "x-request-id" in answer.body.lower()
    assert "strict-transport-security: max-age=31536000" in answer.body.lower()
    assert "server: caddy" not in answer.body.lower()


def test_plain_http_leads_to_tls(world: World) -> None:
    """Port 80 redirects, and serves nothing else."""
    answer = world.hosts["stranger"].curl(f"http://{SITES['pages']}/success", "--include")

    assert answer.status == 308
    assert f"https://{SITES['pages']}/success" in answer.body


def test_n8n_is_there_for_the_operator_alone(world: World) -> None:
    """By its name; NocoDB's is open, and signs people in itself."""
    assert status(world, f"https://{SITES['n8n']}/", host="operator") == 200
    assert status(world, f"https://{SITES['n8n']}/") == 404
    assert status(world, f"https://{SITES['n8n']}/", "--header", f"X-Forwarded-For: {ADDRESSES['operator']}") == 404
    assert status(world, f"https://{SITES['nocodb']}/") == 200


def broker_paths() -> list[str]:
    """An address for each endpoint of the broker."""
    routes = [route for router in ROUTERS for route in router.routes]
    return sorted({re.sub(r"\{[^}]*\}", "meta", getattr(route, "path", "/")) for route in routes})


@pytest.mark.parametrize("path", broker_paths())
def test_the_broker_shows_what_browsers_nodes_and_meta_call(world: World, path: str) -> None:
    """Administration and measurements are the operator's; all other endpoints answer everybody, by a replica."""
    url = f"https://{BROKER_HOST}{path}"
    reserved = path.startswith("/admin") or path == "/metrics"
    stranger, operator = (
        world.hosts[host].curl(url, "--include", authority=world.authority).body for host in ("stranger", "operator")
    )

    assert ("x-request-id" in stranger.lower()) is not reserved
    assert "x-request-id" in operator.lower()


def test_a_replica_that_dies_is_not_missed(world: World) -> None:
    """Its share of the requests goes to the other; it is started again, and takes part again."""
    broker = world.hosts["broker"]
    pids = broker.run("pgrep", "--full", "freehold.cli broker serve").stdout.split()
    victim = next(
        process
        for process in broker.running
        if "serve" in process.args and str(process.pid) in pids  # type: ignore[operator]
    )
    victim.kill()
    victim.wait()
    answers = {status(world, f"https://{BROKER_HOST}/health") for _ in range(20)}
    broker.running.remove(victim)

    assert answers == {200}


def test_no_key_or_code_is_in_caddys_logs(world: World, connected: dict[str, Any]) -> None:
    """Not in what was answered, nor where what is behind was away: no header, no query, no path that is a key."""
    assert connected["status"] == 200
    node = world.hosts["node"]
    mark = "very-secret-mark-0123456789"
    for site in SITES.values():
        for path in (f"/success?handle={mark}", f"/reports/{mark}", f"/dashboard/{mark}?token={mark}"):
            headers = ("X-API-Key", "xc-token", "xc-auth", "Authorization", "Cookie", "X-N8N-API-KEY")
            options = [word for name in headers for word in ("--header", f"{name}: {mark}")]
            status(world, f"https://{site}{path}", *options)
    standing = next(process for process in node.running if str(STANDING["nocodb"]) in process.args)  # type: ignore[operator]
    standing.terminate()
    standing.wait()
    assert status(world, f"https://{SITES['nocodb']}/api/{mark}?token={mark}", "--header", f"xc-token: {mark}") == 502
    logs = [host.folder / "caddy.log" for host in (node, world.hosts["broker"])]
    text = "".join(log.read_text() for log in logs)

    assert '"uri":"/reports…"' in text
    assert '"uri":"/callback…"' in text
    assert '"status":502' in text
    assert mark not in text
    assert "code=" not in text
    assert "state=" not in text


async def test_what_the_node_knows_of_its_callers_is_their_own_address(world: World) -> None:
    """Behind Caddy the access log names who asked, and nobody chooses their address by a header."""
    status(world, f"https://{SITES['pages']}/reports/whose-address", "--header", "X-Forwarded-For: 192.0.2.1")
    listed = world.hosts["node"].run(
        *("psql", "-h", "127.0.0.1", "-U", "freehold", "-At", "freehold"),
        *("-c", "SELECT DISTINCT address FROM access_log WHERE path LIKE '/reports/%'"),
    )

    assert listed.stdout.split() == [ADDRESSES["stranger"]]


def test_with_mutual_tls_only_the_broker_delivers(world: World) -> None:
    """A stranger's delivery ends before it begins; the broker's arrives; pages need no certificate."""
    node, folder = world.hosts["node"], world.hosts["node"].folder
    certificate = world.hosts["broker"].folder / "stack" / "client-certificate.pem"
    write_node(folder / "stack", "--broker-certificate", certificate, operators=[f"{ADDRESSES['operator']}/32"])
    caddy = next(process for process in node.running if "Caddyfile" in process.args)  # type: ignore[operator]
    caddy.terminate()
    caddy.wait()
    node.running.remove(caddy)
    start_caddy(node, world.tools)

    assert world.delivery("stranger")[0] == 0
    assert world.delivery("stranger", "--cert", str(_forged(world, folder)))[0] == 0
    assert world.delivery("stranger", "--cert", str(_brokers(world, folder))) == (401, 0)
    assert world.connect()["status"] == 200
    assert status(world, f"https://{SITES['pages']}/success") == 200


def _forged(world: World, folder: Path) -> Path:
    """A certificate of the same name from an authority that everybody trusts."""
    made = world.tools.module("trustme", "-q", "-d", folder, "-i", BROKER_HOST)
    assert made.returncode == 0
    forged = folder / "forged.pem"
    forged.write_text((folder / "server.pem").read_text() + (folder / "server.key").read_text())
    return forged


def _brokers(world: World, folder: Path) -> Path:
    """The broker's own, key included, as its thief would show it."""
    stolen = folder / "stolen.pem"
    shutil.copy(world.hosts["broker"].folder / "stack" / "secrets" / "client_certificate.pem", stolen)
    return stolen
