"""What the tables of tools promise, held for every tool in them."""

import json
import re
from typing import Any

import jsonschema
import pytest

from freehold.node.mcp.protocol import described
from freehold.node.mcp.registry import SERVICES
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
