"""Field expansion: `id,media.limit(5){id,children{id}}` as a tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from freehold.sandbox.meta.errors import GraphError

MAX_DEPTH = 8


@dataclass(frozen=True)
class Selection:
    """One asked field: its name, its arguments (`.limit(5)`), and the fields asked inside it."""

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    fields: tuple["Selection", ...] = ()


def parse(text: str) -> tuple[Selection, ...]:
    """The selections in a `fields` parameter; raises error 2500 when it is not well formed."""
    reader = _Reader(text)
    found = reader.selections(depth=0)
    if reader.position < len(text):
        raise reader.error()
    return found


def written(selections: tuple[Selection, ...]) -> str:
    """The text of a `fields` parameter that asks for these selections."""
    return ",".join(_written(selection) for selection in selections)


def _written(selection: Selection) -> str:
    arguments = "".join(f".{name}({value})" for name, value in selection.arguments.items())
    inner = f"{{{written(selection.fields)}}}" if selection.fields else ""
    return f"{selection.name}{arguments}{inner}"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def error(self) -> GraphError:
        return GraphError(
            f"Syntax error \"Expected end of string instead of '{self.peek()}'.\" at character {self.position}: "
            f"{self.text[:80]}",
            code=2500,
        )

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def take(self, wanted: str) -> bool:
        if self.peek() != wanted:
            return False
        self.position += 1
        return True

    def selections(self, depth: int) -> tuple[Selection, ...]:
        if depth > MAX_DEPTH:
            raise self.error()
        found: list[Selection] = []
        while True:
            found.append(self.selection(depth))
            if not self.take(","):
                return tuple(found)

    def selection(self, depth: int) -> Selection:
        name, arguments = self.name(), {}
        while self.take("."):
            key = self.name()
            if not self.take("("):
                raise self.error()
            if key == "as":
                raise GraphError("(#100) The .as() modifier is deprecated in v26.0+.", code=100)
            arguments[key] = self.argument()
        fields: tuple[Selection, ...] = ()
        if self.take("{"):
            fields = self.selections(depth + 1)
            if not self.take("}"):
                raise self.error()
        return Selection(name, arguments, fields)

    def name(self) -> str:
        self.spaces()
        start = self.position
        while self.peek().isalnum() or self.peek() == "_":
            self.position += 1
        if start == self.position:
            raise self.error()
        name = self.text[start : self.position]
        self.spaces()
        return name

    def argument(self) -> str:
        """Everything up to the parenthesis that closes this one; brackets and quotes inside count."""
        start, open_brackets, quoted = self.position, 1, False
        while self.position < len(self.text):
            character = self.text[self.position]
            if character == '"' and self.text[self.position - 1] != "\\":
                quoted = not quoted
            elif not quoted and character in "([{":
                open_brackets += 1
            elif not quoted and character in ")]}":
                open_brackets -= 1
            self.position += 1
            if open_brackets == 0:
                return self.text[start : self.position - 1].strip()
        raise self.error()

    def spaces(self) -> None:
        while self.peek().isspace():
            self.position += 1
