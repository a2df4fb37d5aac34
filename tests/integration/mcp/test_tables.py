"""What the tables of tools promise, held for every tool in them."""

import json
import re
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel
from tests.integration.mcp.conftest import Tools

from freehold.node.mcp import calling
from freehold.node.mcp.protocol import described
from freehold.node.mcp.registry import SERVICES
from freehold.node.mcp.schemas import schema_of
from freehold.node.mcp.tool import TOOL_SCOPES, Service, Tool

ALL = frozenset(TOOL_SCOPES)
EVERY = [
    pytest.param(tool, id=f"{service.name}.{tool.name}") for service in SERVICES.values() for tool in service.tools
]
SECRET = re.compile(r"access_token|appsecret|app_secret|password", re.IGNORECASE)
LARGEST = 40_000
"""Bytes of a list of tools."""


def listed(tools: tuple[Tool, ...]) -> int:
    """Bytes of `tools/list` as it is sent."""
    shown = [described(tool).model_dump(by_alias=True, exclude_none=True, mode="json") for tool in tools]
    return len(json.dumps({"tools": shown}, separators=(",", ":"), ensure_ascii=False).encode())


@pytest.mark.parametrize("tool", EVERY)
def test_a_tool_says_what_it_is(tool: Tool) -> None:
    """A name, a title, a short description of whole sentences, and annotations that follow from its scope."""
    shown = described(tool)
    assert re.fullmatch(r"[a-z][a-z_]{2,47}", tool.name)
    assert shown.title
    assert shown.description is not None
    assert shown.description.endswith(".")
    assert len(shown.description) <= 320
    assert shown.annotations is not None
    assert shown.annotations.read_only_hint is (tool.scope == "tools:read")
    assert shown.annotations.open_world_hint is not None
    if not tool.reads_only:
        assert shown.annotations.destructive_hint is not None
        assert shown.annotations.idempotent_hint is not None


@pytest.mark.parametrize("tool", EVERY)
def test_schemas_are_closed_and_ask_for_no_secret(tool: Tool) -> None:
    """Input refuses what it does not know; both are objects, valid by their own standard, without references."""
    shown = described(tool)
    assert shown.input_schema["additionalProperties"] is False
    assert shown.output_schema is not None
    for schema in (shown.input_schema, shown.output_schema):
        assert schema["type"] == "object"
        jsonschema.Draft202012Validator.check_schema(schema)
        text = json.dumps(schema)
        assert "$ref" not in text
        assert not SECRET.search(text)


@pytest.mark.parametrize("tool", EVERY)
def test_a_schema_shows_what_the_arguments_take(tool: Tool) -> None:
    """Every argument, and no other; what has to be there is what cannot be left out."""
    shown, fields = described(tool).input_schema, tool.arguments.model_fields
    assert shown["properties"].keys() == fields.keys()
    assert set(shown.get("required", ())) == {name for name, field in fields.items() if field.is_required()}


GUIDES = {
    "meta_ads": ("mcp-meta-ads.md", r"((?:`\w+`(?:, )?)+) \| [^|]+ \| [^|]+ \| `[\w:]+` \|"),
    "instagram": ("instagram.md", r"\w+ \| ((?:`\w+`(?:, )?)+) \| [^|]+ \| [^|]+ \|"),
    "insights": ("insights.md", r"((?:`\w+`(?:, )?)+) \| [^|]+ \|"),
}
"""The guide of each service, and what a row of its table of tools looks like."""


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_a_guide_has_a_line_for_every_tool(service: Service) -> None:
    """In its table, once, and none for a tool that there is not."""
    guide, row = GUIDES[service.name]
    text = (Path(__file__).parents[3] / "docs" / "guides" / guide).read_text(encoding="utf-8")
    cells = re.findall(rf"^\| {row}$", text, re.MULTILINE)
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(tool.name for tool in service.tools)


class Held(BaseModel):
    """Values that may be nothing: as a member, in a list, under a name, and one of a few words."""

    member: int | None
    listed: list[int | None]
    named: dict[str, float | None]
    worded: list[Literal["a", "b"] | None]


def test_a_schema_says_where_nothing_may_stand() -> None:
    """A member that is nothing is left out of an answer; what stands in a list or under a name is not."""
    shown = schema_of(Held, "serialization")
    answer = calling.plain(Held(member=None, listed=[1, None], named={"x": None}, worded=["a", None]))
    jsonschema.validate(answer, shown)
    for bad in ({"member": None}, {"listed": ["x"]}, {"named": {"x": "y"}}, {"worded": ["c"]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**answer, **bad}, shown)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_every_tool_is_called_by_a_test(service: Service) -> None:
    """Whose answers are compared with the tool's schema, over the protocol or over REST (`Tools.ask`, `Tools.rest`)."""
    here = Path(__file__)
    texts = [each.read_text(encoding="utf-8") for each in here.parent.glob("test_*.py") if each != here]
    assert [tool.name for tool in service.tools if not any(f'"{tool.name}"' in text for text in texts)] == []


def test_an_answer_that_a_schema_does_not_show_is_seen() -> None:
    """What compares answers with schemas refuses a member too many, one of another kind, and one that is missing."""
    tools = Tools(None, "", "", "meta_ads")  # type: ignore[arg-type]
    good = {
        "source": "live",
        "as_of": "2026-11-23T10:00:00Z",
        "accounts": [{"id": "act_1", "name": {"untrusted_text": "A"}}],
    }
    tools.fits("get_ad_accounts", good)
    for bad in (
        {**good, "token": "x"},
        {**good, "accounts": [{"id": "act_1", "name": {"untrusted_text": "A"}, "token": "x"}]},
        {**good, "accounts": [{"id": "act_1", "name": "A"}]},
        {**good, "as_of": "yesterday"},
        {**good, "source": "somewhere"},
        {"source": "live", "accounts": []},
    ):
        with pytest.raises(jsonschema.ValidationError):
            tools.fits("get_ad_accounts", bad)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_lists_are_small_enough_to_be_read(service: Service) -> None:
    """By default and for each toolset, with all schemas, for a key that may do everything."""
    sizes: dict[str, Any] = {name: listed(service.shown(ALL, name)) for name in ("", *service.toolsets)}
    assert max(sizes.values()) <= LARGEST, sizes


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_a_service_has_each_name_once_and_hides_what_is_out_of_scope(service: Service) -> None:
    """In a fixed order; the default is made of toolsets that exist."""
    names = [tool.name for tool in service.tools]
    assert len(set(names)) == len(names)
    assert service.default <= set(service.toolsets)
    assert [tool.name for tool in service.shown(ALL, "all")] == names
    assert all(tool.reads_only for tool in service.shown(frozenset({"tools:read"}), "all"))
