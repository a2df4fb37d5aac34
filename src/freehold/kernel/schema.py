"""Whether a database has the schema that this version of a service needs; apart from what brings it there."""

from importlib import resources

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from freehold.kernel.database import ReadSession
from freehold.kernel.problems import ExplainedError

_VERSIONS = "alembic_version"


class SchemaError(ExplainedError):
    """The database's schema and this version of the program do not go together; the message says which is older."""


async def check(session: ReadSession, package: str) -> None:
    """Raise `SchemaError` when the database has not seen every revision of `package` that this version needs."""
    newest = max(revisions(package))
    found = await session.run_sync(current_revision)
    if found is None:
        raise SchemaError("the database holds no tables yet; run `init` first, or correct its address in the settings")
    if found < newest:
        raise SchemaError(
            f"the database's schema ({found}) is older than this version needs ({newest}); start `serve` of this "
            "version once, which brings it up to date"
        )


def check_known(connection: Connection, package: str) -> None:
    """Raise `SchemaError` when the database has seen a revision that this version of `package` does not know."""
    found, known = current_revision(connection), revisions(package)
    if found is not None and found not in known:
        raise SchemaError(
            f"the database's schema ({found}) is newer than this version of Freehold knows ({max(known)}); start the "
            "version that made it, or a newer one, or restore the backup that was made before the upgrade"
        )


def current_revision(connection: Connection) -> str | None:
    """The revision that the database has seen last; None before the first."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608 - a constant
    return None if found is None else str(found)


def revisions(package: str) -> set[str]:
    """The revisions of a package, which number its modules: `r0001_platform` is "0001"."""
    versions = resources.files(f"{package}.migrations") / "versions"
    return {file.name[1:5] for file in versions.iterdir() if file.name.startswith("r") and file.name.endswith(".py")}
