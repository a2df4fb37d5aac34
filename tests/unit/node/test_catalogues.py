"""Every text of a report has its words in every language, and numbers are written as its readers write them."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from freehold.node.reports import press
from freehold.node.reports.press.language import Language

REPORTS = Path(press.__path__[0]).parent
CATALOGUES = sorted((REPORTS / "press" / "translations").glob("*.po"))
NAMED = re.compile(r"%\(\w+\)[sd]")
METHODS = [("**/templates/**", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**": {"newstyle_gettext": "true"}}
KEYWORDS = {"_": None, "gettext": None, "say": None, "ngettext": (1, 2)}


def texts() -> set[str]:
    """Every text that is marked to be translated."""
    found = extract_from_dir(REPORTS, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS)
    return {each[2] if isinstance(each[2], str) else each[2][0] for each in found}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_text_and_no_other(path: Path) -> None:
    """None is forgotten, none is left over, and each keeps what is filled in."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem, abort_invalid=True)
    messages = {each.id if isinstance(each.id, str) else each.id[0]: each for each in catalogue if each.id}
    assert set(messages) == texts()
    for message in messages.values():
        words = [message.string] if isinstance(message.string, str) else list(message.string or ())
        source = message.id if isinstance(message.id, str) else message.id[0]
        assert all(words), source
        assert not message.fuzzy
        assert all(sorted(NAMED.findall(each)) == sorted(NAMED.findall(source)) for each in words), source


def test_numbers_are_written_as_people_write_them() -> None:
    """English and German: thousands, shares, money of currencies with and without decimals, and nothing."""
    english, german = Language("en"), Language("de")
    assert (english.count(1234567), german.count(1234567)) == ("1,234,567", "1.234.567")
    assert (english.share(0.1234, signed=True), german.share(-0.1234)) == ("+12.3%", "-12,3\u00a0%")
    assert (english.money(123456, "EUR"), german.money(123456, "EUR")) == ("€1,234.56", "1.234,56\u00a0€")
    assert (english.money(1234, "JPY"), german.money(1234, "HUF")) == ("¥1,234", "1.234\u00a0HUF")
    assert {english.count(None), german.money(None, "EUR"), german.share(None)} == {"\u2013"}
    assert german.day("2026-11-17") == "17. November 2026"
