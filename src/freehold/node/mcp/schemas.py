"""JSON schemas of tools, as small as they say the same: a model reads all of them before it does anything."""

from typing import Any, Literal

from pydantic import BaseModel

Schema = dict[str, Any]


def schema_of(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> Schema:
    """The schema of a model without titles, references and the word for "or nothing": what is absent is left out."""
    whole = model.model_json_schema(mode=mode)
    schema = _compact(whole, whole.get("$defs", {}))
    schema.pop("description", None)
    return schema


def _compact(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    if "$ref" in schema:
        told = {key: value for key, value in schema.items() if key != "$ref"}
        return _compact({**_telling(definitions[schema["$ref"].rpartition("/")[2]]), **told}, definitions)
    choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1:
        rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
        return _compact({**choices[0], **rest}, definitions)
    found: Schema = {}
    for key, value in schema.items():
        if key in {"title", "$defs"} or (key == "default" and value in (None, "", [], {})):
            continue
        if key == "required":
            needed = [name for name in value if not _may_be_absent(schema["properties"][name])]
            found |= {"required": needed} if needed else {}
        elif key == "properties":
            found[key] = {name: _compact(each, definitions) for name, each in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            found[key] = _held(value, definitions)
        elif key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
            found[key] = [_compact(each, definitions) for each in value if each.get("type") != "null"]
        else:
            found[key] = value
    if found.get("additionalProperties") is True:
        del found["additionalProperties"]
    return found


def _telling(definition: Schema) -> Schema:
    """A type; what is said of it is left out where it names none of its members: that much says where it stands."""
    silent = "`" not in definition.get("description", "")
    return {key: value for key, value in definition.items() if not (silent and key == "description")}


def _held(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """What stands in a list or under a name of one's own: where it may be nothing, it is not left out."""
    found = _compact(schema, definitions)
    if not _may_be_absent(schema):
        return found
    if isinstance(found.get("type"), str) and not found.keys() & {"anyOf", "enum", "const"}:
        return {**found, "type": [found["type"], "null"]}
    return {"anyOf": [found, {"type": "null"}]}


def _may_be_absent(schema: Schema) -> bool:
    """Whether a member may be nothing, and is left out then."""
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))
