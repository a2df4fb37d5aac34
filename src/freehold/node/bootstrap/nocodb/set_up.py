"""NocoDB from its first start to what a marketer opens; again after an upgrade."""

from collections.abc import Sequence
from pathlib import Path

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.kernel.http import HttpClient
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.nocodb.client import NocoDbError, sign_in, wait_for_nocodb
from freehold.node.bootstrap.nocodb.connection import connect, synchronise
from freehold.node.bootstrap.nocodb.parts import Parts
from freehold.node.bootstrap.nocodb.people import Marketer, settle_marketer
from freehold.node.bootstrap.nocodb.sheets import arrange, untouched_grids
from freehold.node.bootstrap.settings import BootstrapSettings


async def set_up_nocodb(
    settings: BootstrapSettings, http: HttpClient, database: Database, clock: Clock, title: str, folder: Path
) -> Sequence[Done]:
    """Set up NocoDB for the node of `database`; `title` names the base, `folder` gets the marketer's files.

    Raises `NocoDbError`.
    """
    if not settings.owner_email or settings.nocodb_admin_password is None:
        raise NocoDbError(
            "FREEHOLD_BOOTSTRAP_OWNER_EMAIL and FREEHOLD_BOOTSTRAP_NOCODB_ADMIN_PASSWORD say with which account NocoDB "
            "began; set both"
        )
    url = settings.nocodb_url.rstrip("/")
    await wait_for_nocodb(http, url, settings.wait)
    api = await sign_in(http, url, settings.owner_email, settings.nocodb_admin_password.get_secret_value())
    parts = await Parts.load(database, clock)
    connection = await connect(api, parts, settings, title)
    untouched = await untouched_grids(api, parts)
    await synchronise(api, parts, connection)
    await arrange(api, parts, connection, untouched)
    await settle_marketer(api, parts, connection, Marketer(settings.marketer_email, folder))
    return parts.done
