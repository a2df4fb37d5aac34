"""`freehold doctor`: checks a broker's settings, keys, backups and stores, and with `--meta` the app at Meta."""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from freehold.broker.backups.back_up import shelf_of
from freehold.broker.connections import queries as connections
from freehold.broker.context import Broker, open_broker
from freehold.broker.health.checks import check_database, check_redis
from freehold.broker.keys import KEY_FILES, KeysMissingError, load_keys
from freehold.broker.settings import SETTINGS_FILE, BrokerSettings
from freehold.broker.testers.testers import ROLES_OF_META, listed_roles
from freehold.contracts.registration import BrokerIdentity
from freehold.kernel.backups.age import check_age
from freehold.kernel.checks import Check
from freehold.kernel.clock import SystemClock
from freehold.kernel.http import UnreachableError
from freehold.kernel.problems import Problem
from freehold.kernel.schema import SchemaError
from freehold.providers.calls import ProviderError
from freehold.providers.meta import oauth

PRIVATE = 0o077
IDENTITY_PATH = "/.well-known/freehold-broker.json"


async def diagnose(settings: BrokerSettings, ask_meta: bool) -> list[Check]:
    """Check everything that can be checked from here; nothing is changed."""
    checks = [
        _public_url(settings), _scopes_named(settings), _whole_flow(settings), _proxies(settings), _file(settings),
        _keys(settings),
    ]  # fmt: skip
    if not checks[-1].passed:
        return checks
    checks.append(_backups(settings))
    try:
        async with open_broker(settings) as broker:
            checks.append(await _store("database", broker, check_database))
            if settings.redis_url is not None:
                checks.append(await _store("redis", broker, check_redis))
            if ask_meta:
                checks += await _meta(broker)
    except (Problem, SchemaError) as error:
        detail, fix = (error.detail, error.advice or error.hint) if isinstance(error, Problem) else (str(error), "")
        checks.append(Check("database", passed=False, detail=detail, fix=fix))
    return checks


def _public_url(settings: BrokerSettings) -> Check:
    parts = urlsplit(settings.public_url)
    passed = parts.scheme == "https" or parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return Check(
        "public address",
        passed,
        settings.public_url,
        "Set FREEHOLD_BROKER_PUBLIC_URL to the https address at which browsers reach the broker.",
    )


def _scopes_named(settings: BrokerSettings) -> Check:
    missing = sorted(set(settings.meta_required_scopes) - set(settings.meta_scopes))
    return Check(
        "scopes",
        settings.meta_config_id is not None or not missing,
        f"not asked for, yet required: {', '.join(missing)}"
        if missing
        else f"{len(settings.meta_scopes)} are asked for",
        "Add them to FREEHOLD_BROKER_META_SCOPES.",
    )


def _whole_flow(settings: BrokerSettings) -> Check:
    left_out = [name for name in ("discover", "deliver") if not getattr(settings, name)]
    return Check(
        "whole flow",
        not left_out,
        f"left out, as only a measurement does: {', '.join(left_out)}" if left_out else "every step is taken",
        "Remove FREEHOLD_BROKER_DISCOVER and FREEHOLD_BROKER_DELIVER from the settings.",
    )


def _proxies(settings: BrokerSettings) -> Check:
    """Behind https stands a reverse proxy, and limits per address need to know whom it speaks for."""
    unknown = [each for each in settings.trusted_proxies if not _is_network(each)]
    missing = settings.public_url.startswith("https://") and not settings.trusted_proxies
    detail = f"not an address or network: {', '.join(unknown)}" if unknown else "none is named" if missing else "named"
    return Check(
        "trusted proxies",
        not unknown and not missing,
        detail,
        "Set FREEHOLD_BROKER_TRUSTED_PROXIES to the reverse proxy's addresses; otherwise everybody shares one limit.",
    )


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _file(settings: BrokerSettings) -> Check:
    """The settings file holds the app secret."""
    path = settings.data_dir / SETTINGS_FILE
    found = path.exists()
    passed = not found or not path.stat().st_mode & PRIVATE
    detail = "none; the environment is read" if not found else "private" if passed else "readable by others"
    return Check("settings file", passed, detail, f"chmod 600 {path}")


def _keys(settings: BrokerSettings) -> Check:
    try:
        load_keys(settings.data_dir)
    except KeysMissingError as error:
        return Check("keys", passed=False, detail=str(error), fix="Run `freehold broker init`, or restore the keys.")
    open_to_others = [name for name in KEY_FILES if (settings.data_dir / name).stat().st_mode & PRIVATE]
    return Check(
        "keys",
        not open_to_others,
        f"readable by others: {', '.join(open_to_others)}" if open_to_others else "present and private",
        f"chmod 600 the key files in {settings.data_dir}.",
    )


def _backups(settings: BrokerSettings) -> Check:
    shelf = None if settings.backup_key is None else shelf_of(settings)
    command = f"freehold broker backup --data {settings.data_dir}"
    return check_age(shelf, SystemClock().now(), "FREEHOLD_BROKER_BACKUP_KEY", command)


async def _store(name: str, broker: Broker, check: Callable[[Broker], Awaitable[None]]) -> Check:
    try:
        await check(broker)
    except Problem as problem:
        fix = "Start it, and check its address in the settings."
        return Check(name, passed=False, detail=problem.advice or problem.detail, fix=fix)
    return Check(name, passed=True, detail="answers")


async def _meta(broker: Broker) -> list[Check]:
    """The app at Meta; the rest is not asked when app id and secret are wrong."""
    app = await _app(broker)
    if not app.passed:
        return [app]
    return [app, await _redirect_uri(broker), await _reached(broker), await _roles(broker), *await _scopes(broker)]


async def _app(broker: Broker) -> Check:
    try:
        await broker.meta.app_token()
    except ProviderError as error:
        return Check(
            "app id and secret",
            passed=False,
            detail=error.message,
            fix="Copy both from the app's dashboard (App settings, Basic) into the broker's settings.",
        )
    return Check("app id and secret", passed=True, detail=f"Meta knows app {broker.settings.meta_app_id}")


async def _redirect_uri(broker: Broker) -> Check:
    uri = broker.settings.redirect_uri("meta")
    host = urlsplit(uri).hostname or ""
    fix = f"Add {uri} to Valid OAuth Redirect URIs (Facebook Login, Settings) and {host} to App domains."
    try:
        details = await broker.meta.read_as_app(oauth.app_details(broker.meta.app))
    except ProviderError as error:
        return Check("redirect address", passed=False, detail=error.message, fix=fix)
    domains = [str(domain) for domain in details.get("app_domains") or ()]
    passed = not domains or any(host == domain or host.endswith(f".{domain}") for domain in domains)
    told = f"app domains: {', '.join(domains)}" if domains else "Meta lists no app domains to compare with"
    return Check("redirect address", passed, f"{uri}; {told}", fix)


async def _reached(broker: Broker) -> Check:
    fix = "Start the broker, and let the reverse proxy pass the public address on to it."
    try:
        reply = await broker.http.request("GET", broker.settings.public_url + IDENTITY_PATH, timeout=10.0)
        identity = BrokerIdentity.model_validate_json(reply.body)
    except UnreachableError as error:
        return Check("reached from outside", passed=False, detail=str(error), fix=fix)
    except ValueError:
        return Check("reached from outside", passed=False, detail="something else answers there", fix=fix)
    ours = identity.signing_key == broker.keys.signing.public_text()
    return Check("reached from outside", ours, "this broker answers" if ours else "another broker answers", fix)


async def _roles(broker: Broker) -> Check:
    """In development mode only people with a role connect; Meta does not tell the mode itself."""
    fix = "Invite people in the app's dashboard (App roles); each accepts at developers.facebook.com/requests."
    try:
        listed = await listed_roles(broker)
    except ProviderError as error:
        return Check("mode and roles", passed=False, detail=error.message, fix=fix)
    counted = sum(person.role in ROLES_OF_META for person in listed)
    cap = broker.settings.tester_cap
    detail = f"in development mode, {len(listed)} people can connect; {counted} of {cap} testers and analytics users"
    return Check("mode and roles", bool(listed) and counted <= cap, detail, fix)


async def _scopes(broker: Broker) -> list[Check]:
    """Whether each scope was granted in the connections made last."""
    async with broker.database.reading() as session:
        recent = await connections.list_connections(session, None, None, 100)
    return [
        _scope(scope, sum(scope in each.scopes for each in recent), len(recent), broker)
        for scope in broker.settings.meta_scopes
    ]


def _scope(scope: str, granted: int, connected: int, broker: Broker) -> Check:
    need = "required" if scope in broker.settings.meta_required_scopes else "optional"
    return Check(
        f"scope {scope}",
        granted > 0 or connected == 0,
        f"granted in {granted} of the last {connected} connections" if connected else "nobody has connected yet",
        f"Add the product that offers {scope} to the app ({need}), then connect again.",
    )
