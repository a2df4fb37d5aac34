"""What NocoDB's role may see and write of the node's tables, and nothing else.

NocoDB lists only what its role may see: a table or column without a grant does not exist there, by any of its ways in.
So ciphertexts are not hidden but absent.
"""

from dataclasses import dataclass

import asyncpg

from freehold.node.assets.tables import connected_assets
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.roles import DATA_ROLE
from freehold.node.store import tables as store
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

    def sql(self) -> str:
        """What stands between GRANT and TO."""
        column = f' ("{self.column}")' if self.column else ""
        return f'{self.privilege}{column} ON public."{self.relation}"'


def wanted() -> frozenset[Grant]:
    """Everything that the role may do.

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


async def settle_grants(connection: asyncpg.Connection) -> Done:
    """Give the role what `wanted` says and take everything else, in the database that `connection` is in."""
    there, asked = await _granted(connection), wanted()
    async with connection.transaction():
        await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for grant in sorted(there - asked):
            await connection.execute(f"REVOKE {grant.sql()} FROM {DATA_ROLE}")
        for grant in sorted(asked - there):
            await connection.execute(f"GRANT {grant.sql()} TO {DATA_ROLE}")
    return Done("what NocoDB may read and write", "unchanged" if there == asked else "updated" if there else "created")


async def _granted(connection: asyncpg.Connection) -> frozenset[Grant]:
    """What the role may do now, in any schema."""
    rows = await connection.fetch(
        """
        SELECT c.relname, '' AS attname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
        WHERE a.grantee = $1::text::regrole
        UNION ALL
        SELECT c.relname, t.attname, a.privilege_type
        FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
        WHERE a.grantee = $1::text::regrole AND NOT t.attisdropped
        """,
        DATA_ROLE,
    )
    return frozenset(Grant(row["relname"], row["attname"], row["privilege_type"]) for row in rows)
