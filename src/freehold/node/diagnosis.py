"""`freehold doctor` for a node: keys, backups, database, workers, broker, authorisations, and each confirmed asset."""

import os
from datetime import timedelta

from freehold.kernel.backups.age import check_age
from freehold.kernel.checks import Check
from freehold.kernel.clock import SystemClock
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import ExplainedError, Problem
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.backups.back_up import shelf_of
from freehold.node.broker_client import BrokerError, fetch_identity
from freehold.node.context import Node, open_node
from freehold.node.governor import Priority
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, KEYRING_FILE, SEALING_FILE
from freehold.node.notifications import queries
from freehold.node.notifications.targets import load_targets
from freehold.node.notifications.wishes import unheard
from freehold.node.runs.queries import open_runs
from freehold.node.runs.workers import seen_workers
from freehold.node.settings import NodeSettings
from freehold.node.vault import Credential, credentials
from freehold.providers.calls import ApiCall, ProviderError, Throttled, Unavailable

REQUIRED_SCOPES = (
    "instagram_basic",
    "instagram_manage_insights",
    "pages_show_list",
    "pages_read_engagement",
    "ads_read",
)
SOON = timedelta(days=7)
_PRIVATE = 0o077


async def diagnose(settings: NodeSettings, ask_meta: bool) -> list[Check]:
    """Check everything that can be checked from here; nothing is changed. `ask_meta` reads each asset once."""
    checks = [_key_files(settings)]
    if not checks[-1].passed:
        return checks
    checks.append(_backups(settings))
    try:
        async with open_node(settings) as node:
            checks.append(await _broker(node))
            async with node.database.reading() as session:
                held = await credentials(session)
                assets = await confirmed_assets(session)
                failing = await queries.undelivered(session)
                workers = await _workers(session, node)
            checks += [Check("database", passed=True, detail="it answers"), workers]
            checks += _authorisations(node, held)
            checks.append(_chosen(assets))
            checks.append(_notifications(settings, failing))
            if ask_meta:
                checks += [await _asset(node, asset) for asset in assets]
    except (Problem, ExplainedError) as error:
        fix = (error.advice or error.hint) if isinstance(error, Problem) else "See the message."
        checks.append(Check("database", passed=False, detail=str(error), fix=fix))
    return checks


def _key_files(settings: NodeSettings) -> Check:
    paths = [settings.data_dir / name for name in (KEYRING_FILE, SEALING_FILE, API_KEY_FILE, BROKER_FILE)]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        fix = "Run `freehold node init`, or restore the keys from their backup."
        return Check("key files", passed=False, detail=f"missing: {', '.join(missing)}", fix=fix)
    open_to_others = [path.name for path in paths if path.stat().st_mode & _PRIVATE]
    if open_to_others:
        fix = f"chmod 600 {' '.join(str(settings.data_dir / name) for name in open_to_others)}"
        return Check("key files", passed=False, detail=f"others may read: {', '.join(open_to_others)}", fix=fix)
    return Check(
        "key files", passed=True, detail=f"{len(paths)} files, readable by {os.environ.get('USER', 'you')} alone"
    )


def _backups(settings: NodeSettings) -> Check:
    shelf = None if settings.backup_key is None else shelf_of(settings)
    command = f"freehold node backup --data {settings.data_dir}"
    return check_age(shelf, SystemClock().now(), "FREEHOLD_NODE_BACKUP_KEY", command)


async def _broker(node: Node) -> Check:
    pinned = node.keys.broker
    try:
        told = await fetch_identity(node.http, pinned.broker_url)
    except BrokerError as error:
        fix = "Check the network, and that the broker runs at the address that was pinned."
        return Check("broker", passed=False, detail=error.reason, fix=fix)
    if (told.signing_key, told.sealing_key) != (pinned.signing_key, pinned.sealing_key):
        fix = "If the operator changed the keys, make the node anew; if not, somebody stands in between."
        return Check("broker", passed=False, detail="its keys are not the ones that were pinned", fix=fix)
    return Check("broker", passed=True, detail=f"{pinned.broker_url} answers with the pinned keys")


async def _workers(session: ReadSession, node: Node) -> Check:
    """Whether somebody works on the runs that wait."""
    lost_after, now = timedelta(seconds=node.settings.worker_lost_after), node.clock.now()
    since = [worker.started_at for worker in await seen_workers(session) if now - worker.seen_at <= lost_after]
    if since:
        detail = f"{len(since)} at work, the longest since {min(since):%Y-%m-%d %H:%M} UTC"
        return Check("workers", passed=True, detail=detail)
    waiting = len(await open_runs(session))
    if waiting:
        fix = "Start `freehold node serve`, or one more worker with `freehold node worker`."
        return Check("workers", passed=False, detail=f"none is at work, and runs wait: {waiting}", fix=fix)
    return Check("workers", passed=True, detail="none is at work, and no run waits")


def _authorisations(node: Node, held: list[Credential]) -> list[Check]:
    standing = [credential for credential in held if credential.status in {"active", "pending"}]
    if standing:
        return [check for credential in standing for check in (_expiry(node, credential), *_scopes(credential))]
    fix = "Make a link with `freehold node connect-link` and have the client's person open it."
    ended = next((credential for credential in held if credential.status == "revoked"), None)
    if ended is None:
        return [Check("authorisation", passed=False, detail="nobody has connected yet", fix=fix)]
    detail = f"the one of {ended.created_at:%Y-%m-%d} has ended ({ended.status_reason})"
    return [Check("authorisation", passed=False, detail=detail, fix=fix)]


def _expiry(node: Node, credential: Credential) -> Check:
    name = f"authorisation of {credential.created_at:%Y-%m-%d}"
    if credential.status == "pending":
        fix = "Accept it with `freehold node confirm`, or leave it."
        return Check(name, passed=False, detail="waits for the owner's confirmation", fix=fix)
    ends = [at for at in (credential.token_expires_at, credential.data_access_expires_at) if at is not None]
    if ends and min(ends) < node.clock.now() + SOON:
        fix = "Renew it with `freehold node renew`; data access comes back only when the person connects again."
        return Check(name, passed=False, detail=f"ends on {min(ends):%Y-%m-%d}", fix=fix)
    return Check(name, passed=True, detail=f"lasts until {min(ends):%Y-%m-%d}" if ends else "does not end by itself")


def _scopes(credential: Credential) -> list[Check]:
    return [_scope(credential, scope) for scope in REQUIRED_SCOPES]


def _scope(credential: Credential, scope: str) -> Check:
    if scope in credential.scopes:
        return Check(f"permission {scope}", passed=True, detail="granted")
    fix = "Have the person connect again and leave this permission ticked."
    return Check(f"permission {scope}", passed=False, detail="missing", fix=fix)


def _chosen(assets: list[ConnectedAsset]) -> Check:
    if assets:
        return Check("assets", passed=True, detail=f"{len(assets)} confirmed")
    fix = "Tick them on the page after connecting, or with `freehold node confirm`."
    return Check("assets", passed=False, detail="none is confirmed, so nothing is collected", fix=fix)


def _notifications(settings: NodeSettings, failing: list[str]) -> Check:
    targets = load_targets(settings.data_dir)
    names = [target.name for target in targets]
    lost = [name for name in failing if name in names]
    if lost:
        fix = f"`freehold node notify test {lost[0]}` says why; correct its address with `freehold node notify add`."
        return Check("notifications", passed=False, detail=f"not reached: {', '.join(lost)}", fix=fix)
    detail = f"told to {', '.join(names)}" if names else "told to nobody; see `freehold node notify add`"
    if names and (silent := unheard([target.wishes for target in targets])):
        detail += f"; nobody hears of {', '.join(silent)}"
    return Check("notifications", passed=True, detail=detail)


async def _asset(node: Node, asset: ConnectedAsset) -> Check:
    name = f"{asset.kind.replace('_', ' ')} {asset.name}"
    call = ApiCall("GET", f"/{node.settings.graph_version}/{asset.asset_id}", {"fields": "id"}, asset_id=asset.asset_id)
    try:
        await node.governor.send(call, Priority.INTERACTIVE)
    except ProviderError as error:
        return Check(name, passed=False, detail=error.message, fix=_fix(error))
    return Check(name, passed=True, detail="Meta answers for it")


def _fix(error: ProviderError) -> str:
    """What to do about a failed read: only some failures are worth a client's time."""
    if isinstance(error, Throttled):
        return f"The budget is used up or Meta asks to wait: try again in {max(1, round(error.retry_after / 60))} min."
    if isinstance(error, Unavailable):
        return "Meta or the way to it failed: try again in a few minutes."
    return "Check the person's role on it in Meta Business Suite; then have them connect again and tick this asset."
