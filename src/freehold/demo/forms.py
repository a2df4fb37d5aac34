"""Reads the forms of a page, as a browser without scripts would."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass(frozen=True)
class Field:
    """One control of a form; a box, radio or button counts only when it is chosen."""

    name: str
    value: str
    kind: str
    chosen: bool


@dataclass(frozen=True)
class Form:
    """A form: where it goes, how, and with what."""

    action: str
    method: str
    fields: tuple[Field, ...] = field(default=())

    def choices(self, name: str) -> tuple[str, ...]:
        """The values that may be chosen for the control `name`."""
        return tuple(control.value for control in self.fields if control.name == name)

    def choose(self, name: str, *values: str) -> "Form":
        """This form with exactly `values` chosen for the control `name`; raises `KeyError` when one is not offered."""
        missing = set(values) - set(self.choices(name))
        if missing:
            raise KeyError(f"the page offers no {name} {sorted(missing)}, only {sorted(self.choices(name))}")
        return replace(
            self,
            fields=tuple(
                replace(control, chosen=control.value in values) if control.name == name else control
                for control in self.fields
            ),
        )

    def data(self) -> list[tuple[str, str]]:
        """What a browser would send."""
        return [(control.name, control.value) for control in self.fields if control.chosen]


def read_forms(page: str, url: str) -> list[Form]:
    """The forms of the HTML `page` that was read from `url`."""
    reader = _Reader(url)
    reader.feed(page)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._url = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self._url, attributes.get("action") or self._url)
            self.forms.append(Form(action=action, method=attributes.get("method", "get").upper()))
        elif tag in {"input", "button", "option"} and self.forms and attributes.get("name"):
            self._add(tag, attributes, chosen="checked" in attributes)

    def _add(self, tag: str, attributes: dict[str, str], *, chosen: bool) -> None:
        kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        optional = kind in {"checkbox", "radio", "submit", "button"}
        value = attributes.get("value", "on" if kind in {"checkbox", "radio"} else "")
        control = Field(name=attributes["name"], value=value, kind=kind, chosen=chosen or not optional)
        form = self.forms[-1]
        self.forms[-1] = replace(form, fields=(*form.fields, control))
