"""The Graph: nodes with fields, links and edges, read through field expansion under a cost limit.

A surface (Instagram, pages, ads) describes its nodes as `NodeType`s and finds its objects; everything else, the paging,
nesting, summaries and refusals, is the same for all of them and stands here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from freehold.sandbox.meta import fields as expansion
from freehold.sandbox.meta import paging
from freehold.sandbox.meta.errors import GraphError, reduce_data, unknown_field, unknown_object
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.state import Sandbox

OMITTED = object()
"""What a reader gives for a field that this object does not show: the key is left out."""

JSON = dict[str, Any]
Reader = Callable[["Call", Any], Any]


@dataclass(frozen=True)
class Caller:
    """Whose token a call carries. `granted_ids` are the pages, Instagram accounts and ad accounts of the grant."""

    kind: str
    app_id: str
    user_id: str | None
    scopes: frozenset[str] = frozenset()
    granted_ids: frozenset[str] = frozenset()
    page_id: str | None = None
    until: datetime | None = None
    """When page tokens that this caller is shown expire; None: never, as for a long-lived user token."""


@dataclass(frozen=True)
class Call:
    """One call, or one part of a batch. `params` are text, as they came; `now` is the sandbox's time at its start."""

    sandbox: Sandbox
    caller: Caller
    method: str
    version: str
    path: str
    params: Mapping[str, str]
    now: datetime
    base_url: str = ""
    cost: list[int] = field(default_factory=lambda: [0])
    """What the answer has cost so far, shared with everything nested in it."""

    def nested(self, arguments: Mapping[str, str], path: str = "") -> "Call":
        """The call as an expanded field sees it: with the field's own arguments for parameters."""
        return replace(self, params=arguments, path=path)

    def spend(self, units: int) -> None:
        """Count towards the cost limit; raises error 1 (HTTP 500) beyond it."""
        self.cost[0] += units
        if self.cost[0] > self.sandbox.settings.cost_limit:
            raise reduce_data()

    def demand(self, *scopes: str) -> None:
        """Refuse (error 10) unless the grant has every one of these permissions."""
        for scope in scopes:
            if scope not in self.caller.scopes:
                raise GraphError(
                    "(#10) This endpoint requires the "
                    f"'{scope}' permission or the 'Page Public Content Access' feature.",
                    code=10,
                    status=403,
                )


@dataclass(frozen=True)
class Edge:
    """A list of nodes that hangs on a node.

    `read` gives the objects in order, newest first, as a sequence that may be lazy. `create` answers a POST to the
    edge. `answer`, where given, takes the place of `read`: it gives the whole answer itself (insights).
    """

    node: "NodeType | None" = None
    read: Callable[[Call, Any], Sequence[Any]] | None = None
    answer: Callable[[Call, Any, tuple[Selection, ...]], JSON] | None = None
    create: Callable[[Call, Any], JSON] | None = None
    remove: Callable[[Call, Any], JSON] | None = None
    limit: int = 25
    max_limit: int = 500
    only_after: bool = False
    """Some edges give an `after` cursor alone."""
    paged: bool = True
    """False: the whole list comes at once, without cursors."""
    media: bool = False
    """Whether the pages are those of Instagram's media, whose sizes are settings."""


@dataclass(frozen=True)
class NodeType:
    """A kind of node: how each field is read, which ones lead to another node, and its edges.

    `fields` give JSON; `links` give another node's object, shown through that node's type. `default` is what a call
    without `fields` answers.
    """

    name: str
    fields: Mapping[str, Reader]
    default: tuple[str, ...] = ("id",)
    links: Mapping[str, tuple["NodeType", Reader]] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    update: Callable[[Call, Any], JSON] | None = None
    delete: Callable[[Call, Any], JSON] | None = None


@dataclass(frozen=True)
class Found:
    """An object, the type through which it is shown, and whose limits a call to it counts towards.

    `system` is platform, instagram, pages or ads; `owner` the id of the account or page that its quota belongs to.
    """

    node: NodeType
    value: Any
    system: str = "platform"
    owner: str = ""


@dataclass(frozen=True)
class Surface:
    """One part of the API: finds its objects by id (None: not one of its own, or not for this caller), and answers
    calls to names at the root (`/ads_archive`).
    """

    find: Callable[[Call, str], Found | None]
    roots: Mapping[str, Callable[[Call], JSON]] = field(default_factory=dict)


def read_node(call: Call, found: Found) -> JSON:
    """The answer to `GET /{id}`."""
    return render(call, found.node, found.value, asked_of(call, found.node))


def asked_of(call: Call, node: NodeType) -> tuple[Selection, ...]:
    """What the `fields` parameter asks of nodes of a type; raises error 100 for names that do not exist."""
    text = call.params.get("fields", "")
    selections = expansion.parse(text) if text else ()
    check(node, selections)
    return selections


def check(node: NodeType, selections: tuple[Selection, ...]) -> None:
    """Raise error 100 for a name that a type of node does not have, whether or not there is any node to show."""
    for selection in selections:
        name = selection.name
        if name in node.links:
            check(node.links[name][0], selection.fields)
        elif name in node.edges:
            inner = node.edges[name].node
            if inner is not None:
                check(inner, selection.fields)
        elif name not in node.fields:
            raise unknown_field(name, node.name)


def render(call: Call, node: NodeType, value: Any, asked: tuple[Selection, ...]) -> JSON:
    """One object with the fields asked for; `id` is always among them where the node has one."""
    shown: JSON = {}
    selections = asked or tuple(Selection(name) for name in node.default)
    call.spend(len(selections))
    for selection in selections:
        got = _field(call, node, value, selection)
        if got is not OMITTED:
            shown[selection.name] = got
    if "id" in node.fields and "id" not in shown:
        shown["id"] = node.fields["id"](call, value)
    return shown


def _field(call: Call, node: NodeType, value: Any, selection: Selection) -> Any:
    name = selection.name
    if name in node.edges and (name not in node.fields or selection.arguments or selection.fields):
        return _nested_edge(call, node, value, selection)
    if name in node.links:
        target, read = node.links[name]
        found = read(call.nested(selection.arguments), value)
        if found is None or found is OMITTED:
            return OMITTED
        return render(call.nested(selection.arguments), target, found, selection.fields)
    if name in node.fields:
        return _within(node.fields[name](call.nested(selection.arguments), value), selection.fields)
    raise unknown_field(name, node.name)


def _within(got: Any, asked: tuple[Selection, ...]) -> Any:
    """A structured field with only the members asked for."""
    if isinstance(got, dict) and asked:
        return {selection.name: got[selection.name] for selection in asked if selection.name in got}
    return got


def _nested_edge(call: Call, node: NodeType, value: Any, selection: Selection) -> Any:
    edge = node.edges[selection.name]
    arguments = dict(selection.arguments)
    if selection.fields:
        arguments["fields"] = expansion.written(selection.fields)
    path = f"/{call.version}/{node.fields['id'](call, value)}/{selection.name}" if "id" in node.fields else ""
    answer = list_edge(call.nested(arguments, path), edge, value, selection.fields)
    return answer if answer.get("data") or "summary" in answer or edge.answer else OMITTED


def read_edge(call: Call, edge: Edge, value: Any) -> JSON:
    """The answer to `GET /{id}/{edge}`."""
    if edge.node is not None:
        return list_edge(call, edge, value, asked_of(call, edge.node))
    text = call.params.get("fields", "")
    return list_edge(call, edge, value, expansion.parse(text) if text else ())


def list_edge(call: Call, edge: Edge, value: Any, asked: tuple[Selection, ...]) -> JSON:
    """A page of an edge, with its cursors and, when asked for, its summary."""
    if edge.answer is not None:
        return edge.answer(call, value, asked)
    if edge.read is None or edge.node is None:
        raise unknown_object(call.path, call.method)
    rows = edge.read(call, value)
    if not edge.paged:
        return {"data": [render(call, edge.node, row, asked) for row in rows]}
    settings = call.sandbox.settings
    max_limit = settings.media_page if edge.media else edge.max_limit
    page = paging.cut(call.params, rows, limit=edge.limit, max_limit=max_limit)
    with_insights = any(selection.name == "insights" for selection in asked)
    if edge.media and with_insights and len(page.rows) > settings.media_insights_page:
        raise reduce_data()
    answer: JSON = {"data": [render(call, edge.node, row, asked) for row in page.rows]}
    links = paging.links(call.base_url + call.path, call.params, page, only_after=edge.only_after)
    if links:
        answer["paging"] = links
    if call.params.get("summary", "").lower() not in {"", "false", "0"}:
        answer["summary"] = {"total_count": len(rows)}
    return answer
