"""Open WebUI's connections: to the node's three services of tools, and to the server of models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.access import Scope, create_key, find_caller, revoke_older
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.open_webui.client import OpenWebUiApi

KEY_NAME = "open webui"
SCOPES: frozenset[Scope] = frozenset({"tools:read", "tools:on-behalf"})
"""Of a key that reads, for people who are signed in. What changes something at Meta is proposed elsewhere."""
EVERYBODY = {"principal_type": "user", "principal_id": "*", "permission": "read"}
_NOBODY = dict.fromkeys(
    (
        *("X-OpenWebUI-User-Jwt", "X-OpenWebUI-Auth-Type"),
        *("X-OpenWebUI-User-Name", "X-OpenWebUI-User-Id", "X-OpenWebUI-User-Email", "X-OpenWebUI-User-Role"),
    ),
    "",
)
"""Who asks is proved to the node's tools alone. A server of models would get the same headers, or the plain ones where
signing fails: at ours all of them are empty.
"""
_MODELS = (("openai/config", "OPENAI"), ("ollama/config", "OLLAMA"))
"""Where Open WebUI has its connections to servers of models, and how the settings of each kind begin."""
_NAMES = {"insights": "Insights", "instagram": "Instagram Analytics", "meta_ads": "Meta Ads"}


@dataclass(frozen=True, repr=False)
class Llm:
    """A server that speaks OpenAI's API: its address, with `/v1`, and the key for it, which may be empty."""

    url: str
    key: str


async def connect_tools(api: OpenWebUiApi, database: Database, clock: Clock, urls: Mapping[str, str]) -> Done:
    """Have Open WebUI call the services at `urls` (service -> origin) with a good key.

    What an administrator set of a connection (who may use it, which tools, whether it is on, its name) is kept, and
    so are people's own connections. Raises `OpenWebUiError`.
    """
    there = (await api.get("api/v1/configs/tool_servers"))["TOOL_SERVER_CONNECTIONS"]
    ours = {each["info"]["id"]: each for each in there if (each.get("info") or {}).get("id") in urls}
    held = {str(each.get("key")) for each in ours.values()}
    shared = held.pop() if len(held) == 1 else ""
    as_wanted = _connections(urls, shared, ours) == [ours.get(service) for service in urls]
    if as_wanted and await _is_good(database, clock, shared):
        return Done("Open WebUI's connections to tools", "unchanged")
    async with database.writing() as session:
        key = await create_key(session, KEY_NAME, SCOPES, clock.now())
    others = [each for each in there if each not in ours.values()]
    wanted = [*others, *_connections(urls, key.secret, ours)]
    await api.post("api/v1/configs/tool_servers", {"TOOL_SERVER_CONNECTIONS": wanted})
    async with database.writing() as session:
        await revoke_older(session, KEY_NAME, key.id, clock.now())
    return Done("Open WebUI's connections to tools", "updated" if ours else "created")


async def _is_good(database: Database, clock: Clock, key: str) -> bool:
    async with database.reading() as session:
        found = await find_caller(session, key, clock.now())
    return found is not None and found.scopes == SCOPES


async def connect_llm(api: OpenWebUiApi, llm: Llm) -> Done:
    """Have Open WebUI ask this server of models; another address or key takes the place of the one before.

    Servers that an administrator added are theirs, and stay. Raises `OpenWebUiError`.
    """
    there = await api.get("openai/config")
    others = _others(there, llm)
    wanted = {
        "ENABLE_OPENAI_API": True,
        "OPENAI_API_BASE_URLS": [llm.url, *(url for url, _key, _config in others)],
        "OPENAI_API_KEYS": [llm.key, *(key for _url, key, _config in others)],
        "OPENAI_API_CONFIGS": {
            "0": {"enable": True, "headers": _NOBODY},
            **{str(place): config for place, (_url, _key, config) in enumerate(others, 1)},
        },
    }
    if all(there[name] == value for name, value in wanted.items()):
        return Done("Open WebUI's server of models", "unchanged")
    await api.post("openai/config/update", wanted)
    return Done("Open WebUI's server of models", "updated")


def _others(there: Mapping[str, Any], llm: Llm) -> list[tuple[str, str, dict[str, Any]]]:
    """Address, key and settings of each server but ours, which is the one with its address, or else the first."""
    urls, keys = there["OPENAI_API_BASE_URLS"], there["OPENAI_API_KEYS"]
    ours = urls.index(llm.url) if llm.url in urls else 0
    return [
        (url, keys[place] if place < len(keys) else "", _config(there["OPENAI_API_CONFIGS"], place, url))
        for place, url in enumerate(urls)
        if place != ours
    ]


def _config(configs: Mapping[str, dict[str, Any]], place: int, url: str) -> dict[str, Any]:
    """The settings of a connection, which Open WebUI had under its address before it numbered them."""
    return configs.get(str(place), configs.get(url, {}))


async def warn_of_models(api: OpenWebUiApi) -> list[Done]:
    """A warning of each server of models that Open WebUI tells who asks. Raises `OpenWebUiError`."""
    told: list[Done] = []
    for path, kind in _MODELS:
        there = await api.get(path)
        if there[f"ENABLE_{kind}_API"]:
            urls = enumerate(there[f"{kind}_BASE_URLS" if kind == "OLLAMA" else f"{kind}_API_BASE_URLS"])
            found = [(url, _config(there[f"{kind}_API_CONFIGS"], place, url)) for place, url in urls]
            told += [_warning(url) for url, config in found if config.get("enable", True) and _tells(config)]
    return told


def _tells(config: Mapping[str, Any]) -> bool:
    """Whether a connection leaves one of the headers that say who asks as Open WebUI fills it."""
    headers = config.get("headers") or {}
    return any(headers.get(name) != value for name, value in _NOBODY.items())


def _warning(url: str) -> Done:
    """Of an address no more than the host: there may be a password in it."""
    host = urlsplit(url).hostname or "?"
    return Done(
        f"Open WebUI tells the server of models at {host} who asks; give that connection the empty headers that "
        "docs/guides/chat.md names, or remove it",
        "warning",
    )


def _connections(urls: Mapping[str, str], key: str, there: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Each service as it is to be connected: where and with which key is ours to say, all else only as long as it is
    not `there`.
    """
    return [
        {**there.get(service, _new(service)), "type": "mcp", "url": f"{url}/mcp", "auth_type": "bearer", "key": key}
        for service, url in urls.items()
    ]


def _new(service: str) -> dict[str, Any]:
    """What a connection begins with: everybody may use all of its tools, which are called `SERVICE_TOOL` there."""
    return {
        "path": "",
        "headers": None,
        "config": {"enable": True, "function_name_filter_list": "", "access_grants": [EVERYBODY]},
        "info": {"id": service, "name": _NAMES[service], "description": f"Freehold's {_NAMES[service]}"},
    }
