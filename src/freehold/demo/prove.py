"""Runs connect flows whose tokens, codes and secrets are marked, and searches everything for the marks.

Centrally none may be found, in any form; on the node the token may stand as ciphertext alone.
"""

import contextlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis.asyncio as redis_client
from jinja2 import Environment, PackageLoader, select_autoescape

from freehold.demo import client, databases, platform, walk
from freehold.demo.databases import PostgresServer, ProgramMissingError, RedisServer
from freehold.demo.marks import FORMS, Finding, Place, files, search
from freehold.demo.platform import Platform, Secrets, run_command
from freehold.node.context import open_node
from freehold.node.settings import NodeSettings
from freehold.node.vault import credentials

DATABASE = "freehold_broker"
NODE_DATABASE = "freehold_node"
PAGE = "proof.html"
NODE_KEY_FILES = frozenset({"api.key", "registration.json"})
"""Files of the node's own in which its key to the broker stands."""
_TEMPLATES = Environment(loader=PackageLoader("freehold.demo"), autoescape=select_autoescape(default=True))

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Searched:
    """A place as it was searched."""

    name: str
    side: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Proof:
    """What was searched for, where, what was found, and how the token lies on the node."""

    marks: tuple[str, ...]
    searched: tuple[Searched, ...]
    findings: tuple[Finding, ...]
    ciphertexts: int
    page: str

    @property
    def clean(self) -> bool:
        """Whether no mark was found, and the node holds the token as ciphertext that opens to it."""
        return not self.findings and self.ciphertexts > 0

    def as_json(self) -> dict[str, Any]:
        """The proof as `--json` prints it."""
        return {"clean": self.clean, "forms": list(FORMS), **asdict(self)}


@dataclass(frozen=True)
class Stores:
    """Where broker and node keep their state: servers of this run's own, or None for SQLite in their folders."""

    postgres: PostgresServer | None
    redis: RedisServer | None

    def environment(self) -> dict[str, str]:
        """The broker's settings for these stores."""
        found = {}
        if self.postgres is not None:
            found["FREEHOLD_BROKER_DATABASE_URL"] = self.postgres.url(DATABASE)
        if self.redis is not None:
            found["FREEHOLD_BROKER_REDIS_URL"] = self.redis.url
        return found

    def node_environment(self) -> dict[str, str]:
        """The node's settings for these stores."""
        return {} if self.postgres is None else {"FREEHOLD_NODE_DATABASE_URL": self.postgres.url(NODE_DATABASE)}


async def prove(data_dir: Path, tell: Tell, *, sqlite: bool = False) -> Proof:
    """Run the flows in `data_dir`, which must be empty, and search; writes `proof.html` there. Raises `StartError`.

    Broker and node run on PostgreSQL, the broker also on Redis, where they are installed, unless `sqlite` is asked for.
    """
    mark = f"Mark{secrets.token_hex(8)}"
    known = Secrets(app_secret=f"{mark}Secret{secrets.token_hex(8)}", mark=mark)
    with _stores(sqlite=sqlite, tell=tell) as stores:
        tell("Starting the platform with marked secrets")
        running = await platform.start(
            data_dir, client.CAST[:1], known, stores.environment(), stores.node_environment()
        )
        try:
            marks = {"token and code": mark, "app secret": known.app_secret, "administrator's key": running.admin_key}
            marks["node's key"] = (running.nodes[0].data_dir / "api.key").read_text(encoding="utf-8").strip()
            places = await _walk(running, stores, marks, tell)
            ciphertexts = await _ciphertexts(running, mark)
        finally:
            await running.stop()
        tell("Searching")
        places += _at_rest(running, stores)
    findings = [finding for finding in search(marks, places) if not _expected(finding)]
    searched = tuple(Searched(place.name, place.side, len(place.contents), place.size) for place in places)
    page = data_dir / PAGE
    proof = Proof(tuple(marks), searched, tuple(findings), ciphertexts, str(page))
    page.write_text(_TEMPLATES.get_template("proof.html").render(proof=proof, forms=FORMS), encoding="utf-8")
    return proof


@contextlib.contextmanager
def _stores(*, sqlite: bool, tell: Tell) -> Iterator[Stores]:
    with contextlib.ExitStack() as stack:
        try:
            postgres = None if sqlite else stack.enter_context(databases.postgres())
            redis = None if sqlite else stack.enter_context(databases.redis())
        except ProgramMissingError as error:
            tell(f"{error}; broker and node run on SQLite instead, and only that is searched")
            postgres = redis = None
        if postgres is not None:
            for database in (DATABASE, NODE_DATABASE):
                postgres.run("createdb", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "freehold", database)
        yield Stores(postgres, redis)


async def _walk(running: Platform, stores: Stores, marks: dict[str, str], tell: Tell) -> list[Place]:
    """A refused flow, a whole one, a renewal and a collection; gives what was in memory half way."""
    node = running.nodes[0]
    tell("Refusing consent once, then authorising")
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        dialog = await walk.open_dialog(walker, await running.connect_link(node.member.client_id), node.member.person)
        await walker.submit(dialog.form().choose("decision", "deny"))
        dialog = await walk.open_dialog(walker, await running.connect_link(node.member.client_id), node.member.person)
        half_way = await _redis_dump(stores, "Redis half way through a flow")
        picker = await walker.submit(client.consent(node.member)(dialog.form()))
        await walker.submit(client.choice(node.member)(picker.form()))
    marks |= _travelled(walker.visited)
    tell("Renewing the token, and collecting a day in a run of a workflow")
    await run_command(["node", "renew", "--data", str(node.data_dir)])
    await client.collect(node, 1, lambda _name, _share, _doing: None)
    async with running.operator() as operator:
        told = {"events": await operator.events(limit=500), "connections": await operator.connections()}
    node_folder = Place("the node's folder while it runs", "node", files(node.data_dir))
    broker_folder = Place("the broker's folder while it runs", "central", files(running.data_dir / "broker"))
    answers = Place("the broker's admin API", "central", {"answers": json.dumps(told).encode()})
    return [answers, broker_folder, node_folder, *half_way, *await _redis_dump(stores, "Redis after the flows")]


def _travelled(visited: list[str]) -> dict[str, str]:
    """The one-time values that went through the browser's address bar."""
    found = {}
    for url in visited:
        for name, values in parse_qs(urlsplit(url).query).items():
            if name in {"handle", "code"}:
                found[f"one-time {name}"] = values[0]
    return found


async def _redis_dump(stores: Stores, name: str) -> list[Place]:
    """Everything that Redis holds now, as it saves it and as its clients read it."""
    if stores.redis is None:
        return []
    connection = redis_client.Redis.from_url(stores.redis.url)
    try:
        await connection.save()
        values = [key + b"=" + (await connection.dump(key) or b"") async for key in connection.scan_iter()]
    finally:
        await connection.aclose()
    saved = (stores.redis.folder / "dump.rdb").read_bytes()
    return [Place(name, "central", {"dump.rdb": saved, "keys and values": b"\n".join(values)})]


def _at_rest(running: Platform, stores: Stores) -> list[Place]:
    """The files that are left when everything has stopped."""
    node, folder = running.nodes[0], running.data_dir
    places = [
        Place("the broker's folder (database, write-ahead log, keys)", "central", files(folder / "broker")),
        Place("the broker's log", "central", {"broker.log": (folder / "broker.log").read_bytes()}),
        Place("the node's folder (database, write-ahead log, keys, reports)", "node", files(node.data_dir)),
        Place("the node's log", "node", {node.program.log.name: node.program.log.read_bytes()}),
    ]
    if stores.postgres is not None:
        places.append(_postgres_dump(stores.postgres, DATABASE, "PostgreSQL's dump (registry, audit rows)", "central"))
        runs = "the node's PostgreSQL dump (collected data, runs of workflows, DBOS's tables)"
        places.append(_postgres_dump(stores.postgres, NODE_DATABASE, runs, "node"))
        places.append(Place("PostgreSQL's files (tables, write-ahead log)", "central", files(stores.postgres.folder)))
    return places


def _postgres_dump(server: PostgresServer, database: str, name: str, side: str) -> Place:
    where = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "freehold")
    server.run("psql", *where, "-d", database, "-c", "CHECKPOINT")
    dump = server.run("pg_dump", *where, "--inserts", database).stdout
    return Place(name, side, {"pg_dump": dump})


async def _ciphertexts(running: Platform, mark: str) -> int:
    """How many credentials of the node hold a marked token that its own keyring opens."""
    found = 0
    async with open_node(NodeSettings.load(running.nodes[0].data_dir)) as node, node.database.reading() as session:
        for credential in await credentials(session, "active"):
            tokens = await node.vault.tokens(session, credential.id)
            found += tokens is not None and mark in tokens.user
    return found


def _expected(finding: Finding) -> bool:
    """The node's own key stands in the node's own key files; the operator removes the registration once it is read."""
    return finding.mark == "node's key" and finding.side == "node" and finding.where in NODE_KEY_FILES
