"""Inputs and looks as JSON, as they go into a child process and come out of it."""

from pydantic import TypeAdapter

from freehold.node.analysis.findings import Look
from freehold.node.analysis.inputs import Inputs

INPUTS = TypeAdapter(Inputs)
"""`dump_json` gives bytes, `validate_json` takes them."""
LOOK = TypeAdapter(Look)
