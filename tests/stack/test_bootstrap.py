"""Bootstrap on the real PostgreSQL: who enters which database, what each role may do, what is said of failures."""

import asyncpg
import pytest
from tests.stack.machine import ROLES, Machine

from freehold.node.bootstrap import scram
from freehold.node.bootstrap.grants import READABLE, VIEWS, wanted
from freehold.node.vault.tables import CIPHERTEXTS

OWN = {"freehold": "freehold", "nocodb": "nocodb", "n8n": "n8n", "open_webui": "open_webui"}
OWN |= dict.fromkeys(("nocodb_data", "freehold_sql", "bi"), "freehold")
"""Role -> the one database that it enters."""

OPENED = (
    'CREATE SCHEMA "back ""room"""',
    'CREATE TABLE "back ""room""".letters (text text)',
    'GRANT USAGE ON SCHEMA "back ""room""" TO nocodb_data',
    'GRANT SELECT ON "back ""room""".letters TO nocodb_data',
    'CREATE FUNCTION "back ""room""".read() RETURNS int LANGUAGE sql RETURN 1',
    'GRANT EXECUTE ON FUNCTION "back ""room""".read() TO nocodb_data',
    "GRANT CREATE ON SCHEMA public TO nocodb_data",
    "GRANT CREATE ON DATABASE freehold TO nocodb_data",
    "GRANT pg_read_all_data TO nocodb_data WITH ADMIN OPTION",
    "GRANT freehold TO nocodb_data",
    "ALTER DEFAULT PRIVILEGES FOR ROLE freehold GRANT SELECT ON TABLES TO nocodb_data",
    'ALTER DEFAULT PRIVILEGES FOR ROLE freehold IN SCHEMA "back ""room""" GRANT SELECT ON TABLES TO nocodb_data',
)
"""Ways to more than public tables: another schema, its routines, other roles, and tables that will be made later."""


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    """Roles, databases, schema and grants are there, and left alone."""
    done = machine.changes(machine.bootstrap("--only", "postgres"))

    assert set(done.values()) == {"unchanged"}
    assert {f"PostgreSQL role {role}" for role in ROLES} <= set(done)


@pytest.mark.parametrize("role", OWN)
async def test_a_role_enters_its_own_database_alone(machine: Machine, role: str) -> None:
    """Not the others', and not PostgreSQL's own."""
    connection = await machine.postgres.connect(OWN[role], role, machine.passwords[role])
    powers = await connection.fetchrow(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = $1",
        role,
    )
    await connection.close()

    assert not any(powers)
    for database in {"postgres", *OWN.values()} - {OWN[role]}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await machine.postgres.connect(database, role, machine.passwords[role])


@pytest.mark.parametrize(
    "statement",
    [
        *(f"SELECT {column} FROM meta_credentials" for column in CIPHERTEXTS),
        "SELECT * FROM meta_credentials",
        "SELECT * FROM access_keys",
        "SELECT * FROM access_log",
        "SELECT * FROM success_sessions",
        "SELECT * FROM governor_ledger",
        "SELECT * FROM workflow_runs",
        "SELECT * FROM installed_parts",
        "SELECT * FROM alembic_version",
        "UPDATE instagram_posts SET caption = ''",
        "UPDATE meta_credentials SET status = 'active'",
        "INSERT INTO instagram_posts (post_id) VALUES ('x')",
        "DELETE FROM competitors",
        "TRUNCATE ads",
        "ALTER TABLE ads ADD COLUMN x text",
        "CREATE TABLE x (id int)",
        "CREATE TEMPORARY TABLE x (id int)",
        "CREATE TABLE x (id text REFERENCES ads (ad_id))",
        "CREATE SCHEMA x",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "COPY ads TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT rolpassword FROM pg_authid",
        "SET ROLE freehold",
    ],
)
async def test_nocodbs_role_does_nothing_else(machine: Machine, statement: str) -> None:
    """It reads what people may see and writes notes; PostgreSQL refuses the rest, whatever NocoDB would ask."""
    connection = await machine.postgres.connect("freehold", "nocodb_data", machine.passwords["nocodb_data"])
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_nocodbs_role_reads_and_notes(machine: Machine) -> None:
    """What is wanted is possible, so that the refusals above are not for want of a table."""
    connection = await machine.postgres.connect("freehold", "nocodb_data", machine.passwords["nocodb_data"])
    done: dict[str, set[str]] = {}
    try:
        for grant in wanted():
            column = f'"{grant.column}"' if grant.column else "*"
            if grant.privilege == "SELECT":
                await connection.fetch(f'SELECT {column} FROM "{grant.relation}" LIMIT 0')
            elif grant.privilege == "UPDATE":
                await connection.execute(f"UPDATE {grant.relation} SET note = note")
            done.setdefault(grant.privilege, set()).add(grant.relation)
    finally:
        await connection.close()

    assert done["SELECT"] == {*(table.name for table in READABLE), *VIEWS}
    assert {"instagram_posts", "facebook_posts", "ad_campaigns", "competitors"} <= done["UPDATE"]


async def test_what_was_opened_is_closed_again(machine: Machine) -> None:
    """A grant too many, a role too powerful and another password are put right, and said to be."""
    connection = await machine.postgres.connect("freehold")
    await connection.execute("GRANT SELECT ON access_keys TO nocodb_data")
    await connection.execute("GRANT SELECT (access_token) ON meta_credentials TO nocodb_data")
    await connection.execute("ALTER ROLE n8n CREATEDB PASSWORD 'guessed'")
    await connection.execute("GRANT CONNECT ON DATABASE n8n TO PUBLIC")
    for statement in OPENED:
        await connection.execute(statement)
    done = machine.changes(machine.bootstrap("--only", "postgres"))
    readable = await connection.fetchval(
        "SELECT has_table_privilege('nocodb_data', 'access_keys', 'SELECT') "
        "OR has_column_privilege('nocodb_data', 'meta_credentials', 'access_token', 'SELECT') "
        "OR has_database_privilege('nocodb_data', 'n8n', 'CONNECT')"
    )
    left = await connection.fetch(
        """
        SELECT 'member of ' || roleid::regrole FROM pg_auth_members WHERE member = 'nocodb_data'::regrole
        UNION ALL
        SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
        WHERE refobjid = 'nocodb_data'::regrole AND classid NOT IN ('pg_class'::regclass, 'pg_database'::regclass)
        """
    )
    reached = await connection.fetchval(
        "SELECT has_schema_privilege('nocodb_data', 'back \"room\"', 'USAGE') "
        "OR has_table_privilege('nocodb_data', '\"back \"\"room\"\"\".letters', 'SELECT') "
        "OR has_schema_privilege('nocodb_data', 'public', 'CREATE') "
        "OR has_database_privilege('nocodb_data', 'freehold', 'CREATE') "
        "OR NOT has_database_privilege('nocodb_data', 'freehold', 'CONNECT')"
    )
    await connection.execute('DROP SCHEMA "back ""room""" CASCADE')
    kept = await connection.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = 'n8n' AND NOT rolcreatedb")
    await connection.close()

    assert not readable
    assert not reached
    assert left == []
    assert set(machine.changes(machine.bootstrap("--only", "postgres")).values()) == {"unchanged"}
    assert scram.fits(machine.passwords["n8n"], kept)
    changed = {what for what, change in done.items() if change == "updated"}
    assert changed == {"PostgreSQL role n8n", "PostgreSQL databases closed to others", "what NocoDB may read and write"}


async def test_what_bootstrap_cannot_close_is_told_in_one_line(machine: Machine) -> None:
    """A right that another role than the owner handed on stays until that role takes it; nobody is told all is well."""
    connection = await machine.postgres.connect("freehold")
    await connection.execute("GRANT SELECT ON access_keys TO n8n WITH GRANT OPTION")
    await connection.execute("SET ROLE n8n")
    await connection.execute("GRANT SELECT ON access_keys TO nocodb_data")
    await connection.execute("RESET ROLE")
    told = machine.run("--only", "postgres")
    await connection.execute("REVOKE ALL ON access_keys FROM n8n CASCADE")
    await connection.close()

    assert told.returncode == 1
    assert 'REVOKE SELECT ON "public"."access_keys" FROM nocodb_data' in told.stderr
    assert told.stderr.count("\n") == 1
    assert set(machine.changes(machine.bootstrap("--only", "postgres")).values()) == {"unchanged"}


async def test_passwords_never_reach_the_server(machine: Machine) -> None:
    """PostgreSQL is given verifiers: no password stands in its log, even when it logs every statement."""
    connection = await machine.postgres.connect()
    await connection.execute("ALTER SYSTEM SET log_statement = 'all'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("ALTER ROLE freehold PASSWORD 'other'")
    done = machine.changes(machine.bootstrap("--only", "postgres"))
    await connection.execute("ALTER SYSTEM RESET log_statement")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    log = (machine.postgres.folder / "server.log").read_text()

    assert done["PostgreSQL role freehold"] == "updated"
    assert "ALTER ROLE freehold LOGIN" in log
    assert not any(password in log for password in machine.passwords.values())


def test_a_wrong_superuser_password_is_told_in_one_line(machine: Machine) -> None:
    """What happened, and which setting is wrong; no password is repeated."""
    url = machine.postgres.url(password="wrong-one")
    environment = {"FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL_FILE": "", "FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL": url}
    told = machine.run("--only", "postgres", environment=environment)

    assert told.returncode == 1
    assert "FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL" in told.stderr
    assert "wrong-one" not in told.stderr + told.stdout
    assert "Traceback" not in told.stderr


def test_a_missing_secret_is_told_in_one_line(machine: Machine) -> None:
    """By its variable, and that it may be in a file."""
    told = machine.run(environment={"FREEHOLD_BOOTSTRAP_NOCODB_PASSWORD_FILE": ""})

    assert told.returncode == 1
    assert "FREEHOLD_BOOTSTRAP_NOCODB_PASSWORD: missing" in told.stderr
    assert "NAME_FILE" in told.stderr
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["postgres:geheim@127.0.0.1", "sqlite+aiosqlite:///geheim.db", "postgresql+asyncpg://x:geheim@h:port/d"]
)
def test_what_is_no_address_of_postgresql_is_told_in_one_line(machine: Machine, url: str) -> None:
    """Which setting is wrong and how it is written, before anything is asked; its value may hold a password."""
    environment = {"FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL_FILE": "", "FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL": url}
    told = machine.run("--only", "postgres", environment=environment)

    assert told.returncode == 1
    assert "FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL: write postgresql+asyncpg://" in told.stderr
    assert "geheim" not in told.stderr + told.stdout
    assert told.stderr.count("\n") == 1


def test_no_postgres_is_told_in_one_line(machine: Machine) -> None:
    """Where it was looked for, and that it has to run first."""
    url = "postgresql+asyncpg://postgres:x@127.0.0.1:1/postgres"
    environment = {"FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL_FILE": "", "FREEHOLD_BOOTSTRAP_ADMIN_DATABASE_URL": url}
    told = machine.run("--only", "postgres", environment=environment)

    assert told.returncode == 1
    assert "127.0.0.1:1 cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr


def test_no_nocodb_is_told_in_one_line(machine: Machine) -> None:
    """After the time that it may take, and with its address."""
    environment = {
        "FREEHOLD_BOOTSTRAP_NOCODB_URL": "http://127.0.0.1:1",
        "FREEHOLD_BOOTSTRAP_OWNER_EMAIL": "owner@rosa.example",
        "FREEHOLD_BOOTSTRAP_NOCODB_ADMIN_PASSWORD": "x",
        "FREEHOLD_BOOTSTRAP_WAIT": "1",
    }
    told = machine.run("--only", "nocodb", environment=environment)

    assert told.returncode == 1
    assert "NocoDB at http://127.0.0.1:1 does not answer after 1 s" in told.stderr
    assert "Traceback" not in told.stderr


def test_no_n8n_is_told_in_one_line(machine: Machine) -> None:
    """After the time that it may take, and with its address."""
    environment = {
        "FREEHOLD_BOOTSTRAP_N8N_URL": "http://127.0.0.1:1",
        "FREEHOLD_BOOTSTRAP_OWNER_EMAIL": "owner@rosa.example",
        "FREEHOLD_BOOTSTRAP_N8N_OWNER_PASSWORD": "x",
        "FREEHOLD_BOOTSTRAP_WAIT": "1",
    }
    told = machine.run("--only", "n8n", environment=environment)

    assert told.returncode == 1
    assert "n8n at http://127.0.0.1:1 does not answer after 1 s" in told.stderr
    assert "Traceback" not in told.stderr
