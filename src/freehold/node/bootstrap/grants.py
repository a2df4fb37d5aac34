"""What the roles that own nothing may see and write of the node's tables, and nothing else.

NocoDB lists only what its role may see: a table or column without a grant does not exist there, by any of its ways in.
So ciphertexts are not hidden but absent.
"""

from dataclasses import dataclass

import asyncpg

from freehold.kernel.problems import ExplainedError
from freehold.node.assets.tables import connected_assets
from freehold.node.bootstrap.done import Done
from freehold.node.store import tables as store
from freehold.node.store.views import WIDE
from freehold.node.vault.tables import CIPHERTEXTS, meta_credentials

PROGRAMS_OWN = frozenset({store.instagram_feeds})
"""Tables of collected data that say nothing to people."""
READABLE = (*(table for table in store.TABLES if table not in PROGRAMS_OWN), connected_assets, meta_credentials)
VIEWS = (
    "Instagram results",
    "Instagram days",
    "Facebook results",
    "Campaigns of 30 days",
    "Ads of 30 days",
    "Campaign days",
)
NOTE = "note"
_HIDDEN = {meta_credentials.name: frozenset(CIPHERTEXTS)}


@dataclass(frozen=True, order=True)
class Grant:
    """A privilege on a relation, or on one of its columns."""

    relation: str
    column: str
    """Empty for the whole relation."""
    privilege: str
    schema: str = "public"

    def sql(self) -> str:
        """What stands between GRANT and TO."""
        column = f" ({_quoted(self.column)})" if self.column else ""
        return f"{self.privilege}{column} ON {_quoted(self.schema)}.{_quoted(self.relation)}"


class GrantsStayError(ExplainedError):
    """A role may do what it should not, and that could not be taken from it; the message says what."""


def _quoted(name: str) -> str:
    """A name as SQL reads it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def wanted() -> frozenset[Grant]:
    """Everything that NocoDB's role may do.

    REFERENCES on a primary key lets the role see which column that is, without which NocoDB knows no row apart; it is
    of no other use, since the role can make no table.
    """
    grants = {Grant(view, "", "SELECT") for view in VIEWS}
    for table in READABLE:
        hidden = _HIDDEN.get(table.name)
        if hidden:
            grants |= {Grant(table.name, name, "SELECT") for name in table.c.keys() if name not in hidden}  # noqa: SIM118 - of columns
        else:
            grants.add(Grant(table.name, "", "SELECT"))
        grants |= {Grant(table.name, column.name, "REFERENCES") for column in table.primary_key}
        if NOTE in table.c:
            grants.add(Grant(table.name, NOTE, "UPDATE"))
    return frozenset(grants)


def reading_views() -> frozenset[Grant]:
    """Everything that those may do who read the wide views alone."""
    return frozenset(Grant(name, "", "SELECT") for name in WIDE)


async def settle_grants(connection: asyncpg.Connection, role: str, asked: frozenset[Grant], told: str) -> Done:
    """Give a role what is asked and take everything else, in the database that `connection` is in; `told` says it.

    Raises `GrantsStayError` where something else could not be taken.
    """
    there, others = await _granted(connection, role), await _others(connection, role)
    async with connection.transaction():
        await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for taking in others:
            await connection.execute(taking)
        for grant in sorted(there - asked):
            await connection.execute(f"REVOKE {grant.sql()} FROM {role} CASCADE")
        for grant in sorted(asked - there):
            await connection.execute(f"GRANT {grant.sql()} TO {role}")
    stays = [f"REVOKE {grant.sql()} FROM {role}" for grant in sorted(await _granted(connection, role) - asked)]
    if stays := [*stays, *await _others(connection, role)]:
        raise GrantsStayError(
            f"{role} keeps rights that others than the owners gave it; have them taken: {'; '.join(stays)}"
        )
    settled = there == asked and not others
    return Done(told, "unchanged" if settled else "updated" if there else "created")


async def _granted(connection: asyncpg.Connection, role: str) -> frozenset[Grant]:
    """What the role may do now with relations, in any schema."""
    rows = await connection.fetch(
        """
        SELECT n.nspname, c.relname, '' AS attname, a.privilege_type
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
        WHERE a.grantee = $1::text::regrole
        UNION ALL
        SELECT n.nspname, c.relname, t.attname, a.privilege_type
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(t.attacl) a
        WHERE a.grantee = $1::text::regrole AND NOT t.attisdropped
        """,
        role,
    )
    return frozenset(Grant(row["relname"], row["attname"], row["privilege_type"], row["nspname"]) for row in rows)


async def _others(connection: asyncpg.Connection, role: str) -> list[str]:
    """The statements that take from the role what it has beside rights on relations and its way into this database.

    Those are memberships in roles, and rights on schemas, routines, databases, and on whatever will be made later.
    """
    rows = await connection.fetch(
        """
        WITH me AS (SELECT $1::text::regrole::oid AS oid)
        SELECT format('REVOKE %I FROM %s GRANTED BY %I CASCADE', r.rolname, $1::text, g.rolname)
        FROM me JOIN pg_auth_members m ON m.member = me.oid
        JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles g ON g.oid = m.grantor
        UNION
        SELECT format('REVOKE ALL ON SCHEMA %I FROM %s CASCADE', n.nspname, $1::text)
        FROM me, pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantee = me.oid
        UNION
        SELECT format('REVOKE ALL ON ROUTINE %s FROM %s CASCADE', p.oid::regprocedure, $1::text)
        FROM me, pg_proc p, aclexplode(p.proacl) a WHERE a.grantee = me.oid
        UNION
        SELECT format('REVOKE %s ON DATABASE %I FROM %s CASCADE', a.privilege_type, d.datname, $1::text)
        FROM me, pg_database d, aclexplode(d.datacl) a
        WHERE a.grantee = me.oid AND NOT (d.datname = current_database() AND a.privilege_type = 'CONNECT')
        UNION
        SELECT format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %I %s REVOKE ALL ON %s FROM %s', o.rolname,
            CASE WHEN n.oid IS NOT NULL THEN format('IN SCHEMA %I', n.nspname) END,
            CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END, $1::text)
        FROM me CROSS JOIN pg_default_acl d JOIN pg_roles o ON o.oid = d.defaclrole
        LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
        WHERE a.grantee = me.oid
        ORDER BY 1
        """,
        role,
    )
    return [row[0] for row in rows]
