"""What a client's people meet in the real NocoDB, after connecting, collecting, and `freehold node bootstrap`."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection
from tests.stack import products
from tests.stack.conftest import started
from tests.stack.machine import Machine, new_machine
from tests.stack.people import People, bootstrapped, loopback_client, people_of
from tests.stack.products import NocoDb

from freehold.demo import client, platform, walk
from freehold.demo.marks import Place, search
from freehold.demo.platform import Platform, Secrets, run_command
from freehold.kernel.database import open_database
from freehold.node.bootstrap.grants import READABLE, VIEWS
from freehold.node.bootstrap.nocodb.grids import wanted_grid
from freehold.node.bootstrap.nocodb.layout import SHEETS
from freehold.node.bootstrap.nocodb.parts import Parts
from freehold.node.bootstrap.nocodb.sheets import grid_name
from freehold.node.vault.tables import CIPHERTEXTS

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAYS = 40
MARK = secrets.token_hex(12)
"""Stands in every token that the sandbox issues."""

Asked = Callable[..., Awaitable[list[Any] | None]]
"""Asks NocoDB for rows by a query; None where it refuses."""


@dataclass(frozen=True)
class Shown:
    """A machine whose node is connected and has collected, and the people at its NocoDB."""

    machine: Machine
    nocodb: NocoDb
    people: People
    first: dict[str, str]
    """What the first run of bootstrap did."""
    second: dict[str, str]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine of this module's own: its schema is changed, and its base deleted."""
    with ExitStack() as stack:
        made = new_machine(started(stack, products.postgres17), tmp_path_factory.mktemp("tables"))
        made.bootstrap("--only", "postgres")
        yield made


@pytest.fixture(scope="module")
def nocodb(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NocoDb]:
    """NocoDB, empty, over its own database of `machine`."""
    with ExitStack() as stack:
        yield started(stack, lambda: products.nocodb(tmp_path_factory.mktemp("nocodb"), machine.database("nocodb")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(machine: Machine, nocodb: NocoDb) -> AsyncIterator[Shown]:
    """The machine after connecting, collecting, and bootstrap twice."""
    environment = {"FREEHOLD_NODE_DATABASE_URL": machine.database_url()}
    running = await platform.start(
        machine.folder / "platform",
        client.CAST[:1],
        Secrets(app_secret=secrets.token_hex(16), mark=MARK),
        node_environment=environment,
    )
    http = loopback_client()
    try:
        await connect_and_collect(running)
        first = await bootstrapped(machine, nocodb)
        second = await bootstrapped(machine, nocodb)
        yield Shown(machine, nocodb, await people_of(machine, nocodb, http), first, second)
    finally:
        await http.close()
        await running.stop()


async def connect_and_collect(running: Platform) -> None:
    """What the client's person does with a connect link, and a first collection."""
    (node,) = running.nodes
    link = await running.connect_link(node.member.client_id)
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        picker = await walk.connect(walker, link, node.member.person, client.consent(node.member))
        await walker.submit(client.choice(node.member)(picker.form()))
    done = await run_command(["node", "collect", "--data", str(node.data_dir), "--days", str(DAYS)])
    assert done["failures"] == {}


async def test_an_empty_nocodb_is_set_up(shown: Shown) -> None:
    """The first run makes the base, the source, every sheet and grid, and the marketer's account."""
    made = {what for what, change in shown.first.items() if change == "created"}

    assert {"NocoDB base", "NocoDB source of tables", "NocoDB grid Instagram results: Best reach"} <= made
    assert "kept" not in shown.first.values()
    assert "PostgreSQL role nocodb_data" not in made  # that was there before NocoDB was


async def test_a_second_run_changes_nothing(shown: Shown) -> None:
    """It says so of each thing, and to people in one line."""
    told = shown.machine.run(nocodb=shown.nocodb)

    assert set(shown.second.values()) == {"unchanged"}
    assert "Nothing had to change." in told.stdout


async def test_exactly_the_readable_tables_are_listed(shown: Shown) -> None:
    """Tables of keys, budgets, runs, sessions and the workflow engine's do not exist in NocoDB."""
    for person in (shown.people.owner, shown.people.marketer):
        found = await person.tables(shown.people.base_id)

        assert set(found) == {*(table.name for table in READABLE), *VIEWS}


async def test_a_credential_shows_without_its_token(shown: Shown) -> None:
    """The connect flow stored it, and people see whose it is and until when; its ciphertexts are no columns there."""
    people = shown.people
    tables = await people.marketer.tables(people.base_id)
    (credential,) = await people.marketer.rows(tables["meta_credentials"])
    columns = {column["title"] for column in await people.owner.columns(tables["meta_credentials"])}
    connection = await shown.machine.postgres.connect("freehold")
    ciphertexts = await connection.fetchrow("SELECT access_token, page_tokens, appsecret_proofs FROM meta_credentials")
    await connection.close()

    assert credential["status"] == "active"
    assert credential["token_expires_at"]
    assert ciphertexts["access_token"]
    assert not columns & {"access_token", "page_tokens", "appsecret_proofs"}
    everything = json.dumps(credential)
    assert not any(text in everything for text in ciphertexts if text)


SECOND_CREDENTIAL = """
INSERT INTO meta_credentials (id, client_id, access_token, meta_user_id, created_at, provider, status, scopes,
    delivery_id, issued_at)
VALUES ('second', 'aaa', 'aaa', '1', now(), 'meta', 'superseded', '', 'second', now())
"""
"""Beside the one that was connected, so that there is something to sort and to leave out."""


@pytest_asyncio.fixture(loop_scope="module")
async def two_credentials(shown: Shown) -> AsyncIterator[Asked]:
    """Asks as a marketer for two rows of credentials; None where NocoDB refuses."""
    people = shown.people
    path = f"/api/v2/tables/{(await people.marketer.tables(people.base_id))['meta_credentials']}/records"
    connection = await shown.machine.postgres.connect("freehold")
    await connection.execute(SECOND_CREDENTIAL)

    async def asked(**query: str) -> list[Any] | None:
        reply = await people.marketer.ask("GET", path, **query)
        return json.loads(reply.body)["list"] if reply.status < 400 else None

    yield asked
    await connection.execute("DELETE FROM meta_credentials WHERE id = 'second'")
    await connection.close()


@pytest.mark.parametrize("column", CIPHERTEXTS)
async def test_no_row_is_sorted_by_its_ciphertext(two_credentials: Asked, column: str) -> None:
    """Their order is the same either way, or nothing is answered; by a column that people see it is not."""
    everything = await two_credentials()
    seen = [await two_credentials(sort=f"{sign}client_id") for sign in ("", "-")]
    hidden = [await two_credentials(sort=f"{sign}{column}") for sign in ("", "-")]

    assert [row["client_id"] for row in seen[0] or []] == [row["client_id"] for row in reversed(seen[1] or [])]
    assert len(everything or []) == len(seen[0] or []) == 2
    assert all(each is None or each == everything for each in hidden)


@pytest.mark.parametrize("condition", ["eq,aaa", "neq,aaa", "like,aaa%", "nlike,aaa%", "gt,b", "lt,b", "in,aaa,bbb"])
async def test_no_row_is_found_by_its_ciphertext(two_credentials: Asked, condition: str) -> None:
    """All rows are answered, or none at all; by a column that people see, one of the two is found."""
    everything = await two_credentials()
    seen = await two_credentials(where=f"(client_id,{condition})")
    hidden = await two_credentials(where=f"(access_token,{condition})")

    assert len(everything or []) == 2
    assert len(seen or []) == 1
    assert hidden is None or hidden == everything


@pytest.mark.parametrize("column", CIPHERTEXTS)
async def test_no_ciphertext_is_answered_when_it_is_named(two_credentials: Asked, column: str) -> None:
    """Beside a column that people see, which is."""
    found = await two_credentials(fields=f"client_id,{column}")

    assert found is None or [set(row) - {"id"} for row in found] == [{"client_id"}] * 2


async def test_posts_are_sorted_filtered_and_paged(shown: Shown) -> None:
    """A marketer's token gets the posts in order of reach, those of one kind, and all of them page by page."""
    marketer, tables = shown.people.marketer, await shown.people.marketer.tables(shown.people.base_id)
    path = tables["Instagram results"]
    best = await marketer.rows(path, sort="-Reach", limit="5", where="(Reach,gt,0)")
    reels = await marketer.rows(path, where="(Kind,eq,REELS)", limit="3")
    ids: list[str] = []
    last = False
    while not last:
        page = await marketer.get(
            f"/api/v2/tables/{path}/records", sort="Published,Post id", limit="40", offset=str(len(ids))
        )
        ids += [row["Post id"] for row in page["list"]]
        last = page["pageInfo"]["isLastPage"]
    connection = await shown.machine.postgres.connect("freehold")
    stored = {
        row["post_id"] for row in await connection.fetch("SELECT post_id FROM instagram_posts WHERE gone_at IS NULL")
    }
    top = await connection.fetchval(
        "SELECT max(value) FROM instagram_insights WHERE metric = 'reach' AND subject_kind = 'post'"
    )
    await connection.close()

    assert [row["Reach"] for row in best] == sorted((row["Reach"] for row in best), reverse=True)
    assert best[0]["Reach"] == top
    assert {row["Kind"] for row in reels} == {"REELS"}
    assert len(ids) == len(stored)
    assert set(ids) == stored


async def test_insights_are_filtered_by_day(shown: Shown) -> None:
    """Values of one metric since a day come newest first, and their number is told."""
    marketer, tables = shown.people.marketer, await shown.people.marketer.tables(shown.people.base_id)
    days = [row["day"] for row in await marketer.rows(tables["instagram_insights"], sort="-day", limit="1")]
    asked = {"where": "(metric,eq,reach)~and(period,eq,day)", "sort": "-day", "limit": "10"}
    found = await marketer.rows(tables["instagram_insights"], **asked)
    counted = await marketer.get(f"/api/v2/tables/{tables['instagram_insights']}/records/count", where=asked["where"])

    assert days
    assert len(found) == 10
    assert [row["day"] for row in found] == sorted((row["day"] for row in found), reverse=True)
    assert counted["count"] >= DAYS - 2


async def test_campaigns_show_what_they_spent(shown: Shown) -> None:
    """Spend of 30 days is in whole units of the currency, and the click rate is a share of a hundred."""
    marketer, tables = shown.people.marketer, await shown.people.marketer.tables(shown.people.base_id)
    rows = await marketer.rows(tables["Campaigns of 30 days"], sort="-Spend")
    connection = await shown.machine.postgres.connect("freehold")
    spent = await connection.fetchval("SELECT sum(spend_minor) FROM ad_insights WHERE day >= CURRENT_DATE - 30")
    await connection.close()

    assert rows
    assert round(sum(float(row["Spend"]) for row in rows) * 100) == spent
    assert all(
        abs(float(row["Click rate"]) - 100 * float(row["Clicks"]) / float(row["Impressions"])) < 0.01 for row in rows
    )


async def test_a_marketer_writes_a_note(shown: Shown) -> None:
    """It is in the database, and shows beside the post's results."""
    marketer, tables = shown.people.marketer, await shown.people.marketer.tables(shown.people.base_id)
    (post,) = await marketer.rows(tables["instagram_posts"], limit="1", sort="-published_at")
    path = f"/api/v2/tables/{tables['instagram_posts']}/records"
    await marketer.call("PATCH", path, {"post_id": post["post_id"], "note": "Once more at Easter"})
    (result,) = await marketer.rows(tables["Instagram results"], where=f"(Post id,eq,{post['post_id']})")

    assert result["Note"] == "Once more at Easter"


@pytest.mark.parametrize("table", ["instagram_posts", "ad_campaigns", "meta_credentials"])
async def test_collected_values_cannot_be_edited(shown: Shown, table: str) -> None:
    """Whatever NocoDB answers, no row is changed, added or removed: PostgreSQL lets its role write notes alone."""
    people = shown.people
    tables = await people.marketer.tables(people.base_id)
    path = f"/api/v2/tables/{tables[table]}/records"
    (key,) = (column.name for each in READABLE if each.name == table for column in each.primary_key)
    connection = await shown.machine.postgres.connect("freehold")
    before = await connection.fetch(f"SELECT * FROM {table} ORDER BY 1")
    row = {key: before[0][key]}
    for person in (people.owner, people.marketer, people.signed_in):
        for method, body in (
            ("PATCH", row | {"name": "x", "caption": "x", "status": "x"}),
            ("PATCH", [row | {"name": "x", "note": "x", "caption": "x", "status": "x"}]),
            ("POST", {key: "new", "note": "x"}),
            ("DELETE", row),
        ):
            await person.ask(method, path, body)
    after = await connection.fetch(f"SELECT * FROM {table} ORDER BY 1")
    await connection.close()

    assert after == before


async def test_nobody_alters_the_schema(shown: Shown) -> None:
    """Tables and fields cannot be made, renamed or removed by a marketer; nor in the source by the owner."""
    people = shown.people
    base, source = f"/api/v2/meta/bases/{people.base_id}", people.source_id
    posts = (await people.marketer.tables(people.base_id))["instagram_posts"]
    column = {"title": "x", "column_name": "x", "uidt": "SingleLineText"}
    table = {"table_name": "x", "title": "x", "columns": [column]}
    in_the_source: list[tuple[str, str, Any]] = [
        ("POST", f"{base}/{source}/tables", table),
        ("POST", f"/api/v2/meta/tables/{posts}/columns", column),
        ("DELETE", f"/api/v2/meta/tables/{posts}", None),
    ]
    elsewhere: list[tuple[str, str, Any]] = [
        ("POST", f"{base}/tables", table),
        ("PATCH", f"/api/v2/meta/tables/{posts}", {"description": "x", "meta": {}}),
        ("PATCH", f"{base}/sources/{source}", {"is_schema_readonly": False}),
        ("DELETE", f"{base}/sources/{source}", None),
        ("DELETE", base, None),
        ("POST", f"{base}/meta-diff/{source}", None),
        ("POST", "/api/v2/meta/bases", {"title": "x"}),
    ]
    refused = [await people.owner.ask(*each) for each in in_the_source]
    for person in (people.marketer, people.signed_in):
        refused += [await person.ask(*each) for each in in_the_source + elsewhere]

    assert [reply.status for reply in refused if reply.status not in {400, 401, 403}] == []
    assert (await bootstrapped(shown.machine, shown.nocodb))["NocoDB's list of tables and columns"] == "unchanged"


async def test_no_secret_can_be_read(shown: Shown) -> None:
    """No answer to a marketer, to whatever they ask, holds a password, a ciphertext or a token of Meta's."""
    people, machine = shown.people, shown.machine
    base = f"/api/v2/meta/bases/{people.base_id}"
    tables = await people.marketer.tables(people.base_id)
    integration = (await people.owner.get(f"{base}/sources/{people.source_id}"))["fk_integration_id"]
    paths = [
        *("/api/v2/meta/bases", base, f"{base}/sources", f"{base}/sources/{people.source_id}", f"{base}/users"),
        *(f"{base}/api-tokens", f"{base}/tables", f"{base}/{people.source_id}/tables", f"{base}/info"),
        *("/api/v2/meta/integrations", f"/api/v2/meta/integrations/{integration}", "/api/v1/app-settings"),
        *("/api/v1/users", "/api/v1/tokens", "/api/v2/meta/nocodb/info", f"{base}/visibility-rules"),
        *(f"/api/v2/meta/tables/{table}" for table in tables.values()),
        *(f"/api/v2/tables/{table}/records" for table in tables.values()),
    ]
    answers = {}
    for name, person in (("token", people.marketer), ("browser", people.signed_in)):
        for path in paths:
            answers[f"{name} {path}"] = (await person.ask("GET", path, limit="1000", includeConfig="true")).body
    connection = await machine.postgres.connect("freehold")
    credential = await connection.fetchrow("SELECT access_token, page_tokens, appsecret_proofs FROM meta_credentials")
    keys = [row[0] for row in await connection.fetch("SELECT * FROM access_keys")]
    await connection.close()
    marks = {f"password of {role}": password for role, password in machine.passwords.items()}
    marks |= {"a token of Meta's": MARK, "the owner's password": shown.nocodb.password}
    marks |= {f"ciphertext {name}": text for name, text in credential.items() if text}

    assert keys
    assert credential["access_token"]
    assert len(answers) > 80
    assert search(marks, [Place("answers", "node", answers)]) == []
    assert search({"control": people.base_id}, [Place("answers", "node", answers)]) != []


async def test_a_marketer_reaches_no_other_database(shown: Shown) -> None:
    """No connection, source, base, hook, member or shared link of their making, and no SQL."""
    people = shown.people
    base = f"/api/v2/meta/bases/{people.base_id}"
    integration = (await people.owner.get(f"{base}/sources/{people.source_id}"))["fk_integration_id"]
    posts = (await people.marketer.tables(people.base_id))["instagram_posts"]
    postgres = {"host": "127.0.0.1", "port": shown.machine.postgres.port, "user": "nocodb", "database": "nocodb"}
    config = {"client": "pg", "connection": {**postgres, "password": "guess"}, "searchPath": ["dbos"]}
    attempts: list[tuple[str, str, Any]] = [
        ("POST", "/api/v2/meta/integrations", {"title": "x", "type": "database", "sub_type": "pg", "config": config}),
        ("PATCH", f"/api/v2/meta/integrations/{integration}", {"config": config}),
        ("POST", f"{base}/sources", {"alias": "x", "type": "pg", "fk_integration_id": integration, "config": config}),
        ("PATCH", f"{base}/sources/{people.source_id}", {"config": config}),
        ("POST", "/api/v2/meta/bases", {"title": "x", "external": True, "sources": [{"type": "pg", "config": config}]}),
        ("POST", f"{base}/users", {"email": "x@x.example", "roles": "owner"}),
        ("POST", f"{base}/shared", {"roles": "viewer"}),
        ("POST", f"/api/v2/meta/tables/{posts}/hooks", {"title": "x", "event": "after", "operation": "update"}),
        ("POST", "/api/v1/app-settings", {"invite_only_signup": False}),
        ("POST", f"/api/v2/meta/duplicate/{people.base_id}", {}),
        ("POST", "/api/v2/meta/connection/select", {"query": "select * from access_keys"}),
        ("POST", f"{base}/sql", {"query": "select 1"}),
    ]
    for person in (people.marketer, people.signed_in):
        for attempt in attempts:
            reply = await person.ask(*attempt)
            assert reply.status in {400, 401, 403, 404}, (attempt[:2], reply.status, reply.body[:200])


async def test_strangers_make_no_account(shown: Shown) -> None:
    """Signing up needs an invitation."""
    stranger = type(shown.people.owner)(shown.people.owner.http, shown.nocodb.url, {})
    body = {"email": "stranger@elsewhere.example", "password": "Str4nger-and-bold"}
    reply = await stranger.ask("POST", "/api/v1/auth/user/signup", body)

    assert reply.status == 400
    assert b"token" not in reply.body


async def test_a_formula_that_a_changed_table_lacks_stops_nothing(shown: Shown) -> None:
    """People gave a table their icon, so it is theirs, and a formula that is new in our layout is not made.

    Its grids, which nobody touched, are still ours: they go on without the formula.
    """
    owner, what = shown.people.owner, "competitor_ads"
    table = (await owner.tables(shown.people.base_id))[what]
    before = await owner.get(f"/api/v2/meta/tables/{table}")
    (link,) = [each for each in before["columns"] if each["uidt"] == "Formula"]
    await owner.call("DELETE", f"/api/v2/meta/columns/{link['id']}")
    await owner.call("PATCH", f"/api/v2/meta/tables/{table}", {"meta": {**before["meta"], "icon": "🐟"}})
    await as_an_older_layout_left_it(shown.machine, what, link["title"])

    done = await bootstrapped(shown.machine, shown.nocodb)
    again = await bootstrapped(shown.machine, shown.nocodb)

    grids = {f"NocoDB grid {what}", f"NocoDB grid {what}: Running"}
    assert done[f"NocoDB table {what}"] == "kept"
    assert {done[each] for each in grids} == {"unchanged"}
    assert again == done


async def as_an_older_layout_left_it(machine: Machine, relation: str, formula: str) -> None:
    """Remember grids as a version wrote them whose layout had no such formula yet."""
    sheet = next(each for each in SHEETS if each.relation == relation)
    older = replace(sheet, columns=tuple(name for name in sheet.columns if name != formula))
    connection = await machine.postgres.connect("freehold")
    for grid in older.grids:
        digest, name = Parts.digest(wanted_grid(older, grid)), grid_name(older, grid)
        query = "UPDATE installed_parts SET digest = $1 WHERE product = 'nocodb' AND name = $2"
        assert await connection.execute(query, digest, name) == "UPDATE 1"
    await connection.close()


async def test_an_upgrade_keeps_what_people_made(shown: Shown, tmp_path: Path) -> None:
    """After a revision new columns are there; rows, notes, views, and people's changes of our grids are as before."""
    people, owner = shown.people, shown.people.owner
    tables = await people.marketer.tables(people.base_id)
    posts, results = tables["facebook_posts"], tables["Instagram results"]
    (post,) = await people.marketer.rows(posts, limit="1")
    note = {"post_id": post["post_id"], "note": "Before the upgrade"}
    await people.marketer.call("PATCH", f"/api/v2/tables/{posts}/records", note)
    mine = await owner.call("POST", f"/api/v2/meta/tables/{posts}/grids", {"title": "Mine", "type": 3})
    views = await owner.views(results)
    await owner.call("PATCH", f"/api/v2/meta/views/{views['Most saved']}", {"title": "Keepers"})
    await owner.call("DELETE", f"/api/v2/meta/views/{views['Reels']}")
    best = f"/api/v2/meta/views/{views['Best reach']}"
    saves = next(each["id"] for each in await owner.columns(results) if each["title"] == "Saves")
    hidden = next(each for each in (await owner.get(f"{best}/columns"))["list"] if each["fk_column_id"] == saves)
    await owner.call("PATCH", f"{best}/columns/{hidden['id']}", {"show": False})

    await asyncio.to_thread(apply_a_revision, shown.machine, tmp_path)
    done = await bootstrapped(shown.machine, shown.nocodb)
    again = await bootstrapped(shown.machine, shown.nocodb)

    assert done["NocoDB's list of tables and columns"] == "updated"
    assert done["NocoDB grid Instagram results: Best reach"] == "kept"
    assert done["NocoDB grid Instagram results: Reels"] == "kept"
    assert set(again.values()) == {"unchanged", "kept"}
    assert done["NocoDB grid facebook_posts"] in {"updated", "unchanged"}
    assert done["NocoDB table facebook_posts"] == "unchanged"
    (kept,) = await people.marketer.rows(posts, where=f"(post_id,eq,{post['post_id']})")
    assert kept["note"] == "Before the upgrade"
    assert kept["mood"] == "fresh"
    titles = await owner.views(results)
    assert titles["Keepers"] == views["Most saved"]
    assert "Reels" not in titles
    assert mine["id"] in (await owner.views(posts)).values()
    columns = {each["id"]: each["show"] for each in (await owner.get(f"{best}/columns"))["list"]}
    assert not columns[hidden["id"]]


async def test_a_lost_base_is_made_anew(shown: Shown) -> None:
    """Where NocoDB has lost everything it is set up as at first; notes stand in the node's tables, so they stay."""
    people, owner = shown.people, shown.people.owner
    await owner.call("DELETE", f"/api/v2/meta/bases/{people.base_id}")
    done = await bootstrapped(shown.machine, shown.nocodb)
    again = await people_of(shown.machine, shown.nocodb, owner.http)
    tables = await again.marketer.tables(again.base_id)
    noted = await again.marketer.rows(tables["facebook_posts"], where="(note,notblank)")

    assert done["NocoDB base"] == done["NocoDB grid Instagram results: Reels"] == "created"
    assert "kept" not in done.values()
    assert again.base_id != people.base_id
    assert [row["note"] for row in noted] == ["Before the upgrade"]


async def test_a_restart_keeps_everything(shown: Shown) -> None:
    """NocoDB ends and begins again: grids, notes, the session in a browser and the token are as they were."""
    people = await people_of(shown.machine, shown.nocodb, shown.people.owner.http)
    tables = await people.marketer.tables(people.base_id)
    before = {name: await people.owner.views(table) for name, table in tables.items()}
    best = f"/api/v2/meta/views/{before['Instagram results']['Best reach']}/sorts"
    sorts = (await people.owner.get(best))["list"]
    await asyncio.to_thread(shown.nocodb.restart)

    assert sorts
    assert (await people.owner.get(best))["list"] == sorts
    assert {name: await people.owner.views(table) for name, table in tables.items()} == before
    for person in (people.marketer, people.signed_in):
        noted = await person.rows(tables["facebook_posts"], where="(note,notblank)")
        assert [row["note"] for row in noted] == ["Before the upgrade"]
    assert set((await bootstrapped(shown.machine, shown.nocodb)).values()) == {"unchanged"}


REVISION = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "later", None


def upgrade():
    op.add_column("facebook_posts", sa.Column("mood", sa.Text(), server_default="fresh"))
"""
ENVIRONMENT = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="later_version")
with context.begin_transaction():
    context.run_migrations()
"""


def apply_a_revision(machine: Machine, folder: Path) -> None:
    """A further revision of the schema, as the owner of the tables applies it."""
    (folder / "versions").mkdir()
    (folder / "versions" / "later.py").write_text(REVISION)
    (folder / "env.py").write_text(ENVIRONMENT)
    config = Config()
    config.set_main_option("script_location", str(folder))

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async def apply() -> None:
        database = open_database(machine.database_url())
        async with database.writing() as session:
            await session.run_sync(upgrade)
        await database.close()

    asyncio.run(apply())
