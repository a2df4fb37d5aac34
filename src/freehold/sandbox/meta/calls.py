"""One call from its parameters to its answer: token, version, limits, faults, then the node or edge it names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from freehold.sandbox.faults import FaultOrder
from freehold.sandbox.limits import Metered, QuotaUsedUpError
from freehold.sandbox.meta import graph, oauth, versions
from freehold.sandbox.meta.ads import surface as ads
from freehold.sandbox.meta.errors import GraphError, reduce_data, unknown_object
from freehold.sandbox.meta.grants import Token
from freehold.sandbox.meta.graph import Call, Caller, Found, Surface
from freehold.sandbox.meta.instagram import surface as instagram
from freehold.sandbox.meta.pages import surface as pages
from freehold.sandbox.meta.state import Sandbox
from freehold.sandbox.meta.throttles import throttled
from freehold.sandbox.meta.users import surface as users

SURFACES: tuple[Surface, ...] = (users(), instagram.surface(), pages.surface(), ads.surface())
_SECRETS = frozenset(
    {"access_token", "appsecret_proof", "client_secret", "code", "code_verifier", "fb_exchange_token", "input_token"}
)
_ID = re.compile(r"(?<=/)(?:act_)?\d[\d_]*(?=/|$)")


@dataclass(frozen=True)
class Asked:
    """A call as it came: method after override, path without query, parameters, and the token it carries."""

    method: str
    path: str
    params: Mapping[str, str]
    token: str
    base_url: str


@dataclass
class Answered:
    """What is sent back: status, JSON, headers of the limits, and the fault that struck."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    fault: FaultOrder | None = None
    version: str = versions.NEWEST


def answer(sandbox: Sandbox, asked: Asked, *, strike: bool = True) -> Answered:
    """Answer one call, or one part of a batch."""
    fault = sandbox.faults.strike(asked.method, asked.path) if strike else None
    done = Answered(200, None, fault=fault)
    try:
        _fail(fault)
        done.body = _answer(sandbox, asked, done)
    except GraphError as error:
        done.status, done.body = error.status, error.body()
    if fault is not None and fault.kind == "no_headers":
        done.headers = {}
    return done


def _fail(fault: FaultOrder | None) -> None:
    if fault is None:
        return
    error = GraphError(
        fault.message, code=fault.code, subcode=fault.subcode, status=fault.status, transient=fault.transient
    )
    if fault.kind == "error":
        raise error
    if fault.kind == "error_in_ok":
        error.status = 200
        raise error
    if fault.kind == "error_data_text":
        error.error_data = '{"blame_field_specs":[["daily_budget"]]}'
        raise error
    if fault.kind == "reduce_data":
        raise reduce_data()


def _answer(sandbox: Sandbox, asked: Asked, done: Answered) -> Any:
    now = sandbox.now()
    segments = [segment for segment in asked.path.split("/") if segment]
    named = segments.pop(0) if segments and versions.is_version(segments[0]) else versions.NEWEST
    done.version = versions.living(named, now)
    _tally(sandbox, asked)
    _refuse_removed(asked.params)
    if segments == ["oauth", "access_token"]:
        return oauth.exchange(sandbox, asked.params)
    caller = _caller(sandbox, asked)
    if segments == ["debug_token"]:
        return _inspect(sandbox, asked, caller)
    call = Call(
        sandbox=sandbox,
        caller=caller,
        method=asked.method,
        version=done.version,
        path=asked.path,
        params=asked.params,
        now=now,
        base_url=asked.base_url,
    )
    root = _root(segments)
    if root is not None:
        _meter(done, call, Found(graph.NodeType("Root", {}), None), insights=False)
        return root(call)
    found = find(call, segments[0] if segments else "")
    if found is None:
        _meter(done, call, Found(graph.NodeType("Root", {}), None), insights=False)
        raise unknown_object(segments[0] if segments else "", asked.method)
    if found.system == "ads":
        versions.check_ads(named, now, upgrade=sandbox.settings.upgrade_dead_versions)
    _meter(done, call, found, insights=segments[-1] == "insights")
    return _act(call, found, segments[1:])


def find(call: Call, object_id: str) -> Found | None:
    """The object with this id that the caller may see."""
    for surface in SURFACES:
        found = surface.find(call, object_id)
        if found is not None:
            return found
    return None


def _root(segments: list[str]) -> Any:
    if len(segments) != 1:
        return None
    return next((surface.roots[segments[0]] for surface in SURFACES if segments[0] in surface.roots), None)


def _act(call: Call, found: Found, rest: list[str]) -> Any:
    if not rest:
        return _on_node(call, found)
    edge = found.node.edges.get(rest[0])
    if edge is None or len(rest) > 1:
        raise GraphError(
            f"(#2500) Unknown path components: /{'/'.join(rest)}", code=2500, kind="OAuthException", status=400
        )
    acts = {"POST": edge.create, "DELETE": edge.remove}
    if call.method == "GET":
        return graph.read_edge(call, edge, found.value)
    act = acts.get(call.method)
    if act is None:
        raise unknown_object(rest[0], call.method)
    return act(call, found.value)


def _on_node(call: Call, found: Found) -> Any:
    if call.method == "GET":
        return graph.read_node(call, found)
    act = found.node.update if call.method == "POST" else found.node.delete
    if act is None:
        raise unknown_object(call.path.rpartition("/")[2], call.method)
    return act(call, found.value)


def _refuse_removed(params: Mapping[str, str]) -> None:
    if "ids" in params:
        raise GraphError("The ids query parameter is deprecated in v26.0+.", code=100, status=500)


def _caller(sandbox: Sandbox, asked: Asked) -> Caller:
    """Whose token the call carries; raises error 104 without one and 190 for one that does not work."""
    settings = sandbox.settings
    text = asked.token
    if not text:
        raise GraphError("An access token is required to request this resource.", code=104)
    secret = settings.app_secret.get_secret_value()
    if text == f"{settings.app_id}|{secret}":
        return Caller("APP", settings.app_id, None)
    token = sandbox.grants.working(text, sandbox.now())
    proof = asked.params.get("appsecret_proof")
    if proof is None and settings.require_proof:
        raise GraphError(
            "API calls from the server require an appsecret_proof argument", code=100, kind="GraphMethodException"
        )
    if proof is not None and proof != oauth.proof(secret, text):
        raise GraphError("Invalid appsecret_proof provided in the API argument", code=100, kind="GraphMethodException")
    return _speaking(sandbox, token)


def _speaking(sandbox: Sandbox, token: Token) -> Caller:
    grant = sandbox.grants.grant(token.user_id)
    scopes = frozenset[str]() if grant is None else grant.scopes
    assets = frozenset[str]() if grant is None else grant.assets
    until = sandbox.grants.shows_until(token)
    return Caller(token.kind, sandbox.settings.app_id, token.user_id, scopes, assets, token.page_id, until)


def _inspect(sandbox: Sandbox, asked: Asked, caller: Caller) -> Any:
    if caller.kind != "APP" and asked.params.get("input_token") != asked.token:
        raise GraphError(
            "(#100) You must provide an app access token, or a user access token of an owner or developer of the app",
            code=100,
        )
    if not asked.params.get("input_token"):
        raise GraphError("(#100) The parameter input_token is required.", code=100)
    return oauth.inspect(sandbox, asked.params["input_token"])


def _tally(sandbox: Sandbox, asked: Asked) -> None:
    """Count the call for whoever looks at the control endpoint."""
    token = sandbox.grants.token(asked.token)
    is_app = asked.token.startswith(f"{sandbox.settings.app_id}|") or not asked.token
    name = token.name if token is not None else "app" if is_app else "unknown"
    sandbox.calls[name, asked.method, _ID.sub("{id}", asked.path)] += 1
    shown = sorted((name, value) for name, value in asked.params.items() if name not in _SECRETS)
    sandbox.exact_calls[asked.method, f"{asked.path}?{urlencode(shown)}"] += 1


def _meter(done: Answered, call: Call, found: Found, *, insights: bool) -> None:
    """Count the call towards its limits; the headers tell of them also when it is refused."""
    metered = Metered(
        system=found.system,
        app_id=call.caller.app_id,
        user_id=call.caller.user_id or "",
        owner=found.owner,
        size=_size(call, found),
        insights=insights,
        writes=call.method != "GET",
        users=call.sandbox.grants.people(),
        by_person=call.caller.kind == "USER",
    )
    try:
        done.headers = call.sandbox.limits.count(metered, call.now)
    except QuotaUsedUpError as full:
        done.headers = full.headers
        raise throttled(full.system) from full


def _size(call: Call, found: Found) -> int:
    """How big the owner of a quota is: impressions of a day, or active ads."""
    if found.system == "instagram":
        account = call.sandbox.world.instagram(found.owner)
        return 0 if account is None else account.size
    if found.system == "ads":
        ad_account = call.sandbox.world.ad_account(found.owner)
        return 0 if ad_account is None else ad_account.ad_count
    return 0
