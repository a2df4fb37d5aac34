"""Arguments for a tool as its schema has them, as it nearly has them, and as it does not; always the same ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE

Schema = Mapping[str, Any]
REAL = (CERAMICS_ADS, CERAMICS, CERAMICS_PAGE, "act_1", "1")
KNOWN = {
    "metrics": ("impressions", "spend_minor", "account_views", "reach", "views"),
    "dimensions": ("ad", "age", "account"),
}
"""Words that mean something, where no schema says which do."""
HARD = st.one_of(
    st.sampled_from(
        ["", "\0", "\ud800", "\u202e", "0001-01-01", "9999-12-31", "1" * 400, "null", "{}", "../../me", "*"]
    ),
    st.text(max_size=20),
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | HARD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HARD, inner, max_size=3),
    max_leaves=6,
)


def arguments_for(schema: Schema, examples: int) -> list[Any]:
    """So many arguments, of which about a third break the schema somewhere."""
    found: list[Any] = []

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.one_of(_value(schema), _value(schema), _broken(schema)))
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def _broken(schema: Schema) -> st.SearchStrategy[Any]:
    """Good arguments but for one, or none at all."""
    names = st.sampled_from([*schema.get("properties", {}), "unknown"])
    return st.one_of(JUNK, st.builds(lambda good, name, bad: {**good, name: bad}, _value(schema), names, JUNK))


def _value(schema: Schema, name: str = "") -> st.SearchStrategy[Any]:
    for chosen in ("enum", "const"):
        if chosen in schema:
            return st.sampled_from(schema["enum"]) if chosen == "enum" else st.just(schema["const"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of(*(_value(each, name) for each in schema[several]))
    made = {"object": _object, "array": _array, "string": _string, "integer": _integer}.get(schema.get("type", ""))
    if made is not None:
        return made(schema, name)
    return {"boolean": st.booleans(), "number": st.floats(0, 1e6), "null": st.none()}.get(schema.get("type", ""), JUNK)


def _object(schema: Schema, _name: str) -> st.SearchStrategy[Any]:
    members = {name: _value(each, name) for name, each in schema.get("properties", {}).items()}
    needed = {name: members[name] for name in schema.get("required", ()) if name in members}
    further = {name: each for name, each in members.items() if name not in needed}
    if not members:
        return st.dictionaries(st.sampled_from(["name", "US", "campaign", "age"]), JUNK, max_size=2)
    return st.fixed_dictionaries(needed, optional=further)


def _array(schema: Schema, name: str) -> st.SearchStrategy[Any]:
    return st.lists(_value(schema.get("items", {}), name), min_size=schema.get("minItems", 0), max_size=3)


def _string(schema: Schema, name: str) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(str)
    most = min(schema.get("maxLength", 30), 60)
    plain = st.text(min_size=min(schema.get("minLength", 0), most), max_size=most)
    if "pattern" in schema:
        pattern: str = schema["pattern"]
        plain = st.from_regex(pattern, fullmatch=True)
    known = REAL if name.endswith(("_id", "_ids")) else KNOWN.get(name, ())
    return st.one_of(st.sampled_from(known), plain) if known else plain


def _integer(schema: Schema, _name: str) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum", -(10**6)), schema.get("maximum", 10**16)
    return st.one_of(st.integers(least, min(most, least + 1_000)), st.integers(least, most))


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, the names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
