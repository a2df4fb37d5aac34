"""A search that finds nothing proves something only if it would have found it."""

import base64
import json
import pickle
import zlib
from urllib.parse import quote

import pytest

from freehold.demo.forms import read_forms
from freehold.demo.marks import Place, search

MARK = "Mark0a1b2c+d/e=f"


def found(data: bytes, mark: str = MARK) -> set[str]:
    """The forms in which the mark was found in some bytes."""
    places = [Place("somewhere", "central", {"file": b"before" + data + b"after"})]
    return {finding.form for finding in search({"token": mark}, places)}


@pytest.mark.parametrize("before", [b"", b"x", b"xy", b"xyz"])
def test_base64_is_found_wherever_it_begins(before: bytes) -> None:
    """Encoded as a part of something longer, at any offset, in both alphabets."""
    whole = before + MARK.encode() + b"tail"
    assert "base64" in found(base64.b64encode(whole))
    assert "base64url" in found(base64.urlsafe_b64encode(whole))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_are_found(protocol: int) -> None:
    """Alone, in a dictionary, in every protocol."""
    assert found(pickle.dumps(MARK, protocol))
    assert found(pickle.dumps({"access_token": MARK, "n": 1}, protocol))


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("plain", MARK.encode()),
        ("plain", json.dumps({"token": MARK}).encode()),
        ("hex", MARK.encode().hex().encode()),
        ("hex", MARK.encode().hex().upper().encode()),
        ("URL-encoded", quote(MARK, safe="").encode()),
        ("URL-encoded", quote(quote(MARK, safe=""), safe="").encode()),
        ("percent-encoded", "".join(f"%{byte:02X}" for byte in MARK.encode()).encode()),
        ("UTF-16", MARK.encode("utf-16-le")),
        ("reversed", MARK[::-1].encode()),
    ],
)
def test_every_form_is_found(form: str, data: bytes) -> None:
    """Each form in which a secret may lie about."""
    assert form in found(data)


def test_what_is_not_there_is_not_found() -> None:
    """Neither another mark nor compressed bytes, which the search does not claim to open."""
    assert found(b"Mark0a1b2c+d/e=g") == set()
    assert found(zlib.compress(MARK.encode() * 3)) in (set(), {"plain"})


@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_a_short_mark_is_told_from_a_random_name(before: bytes) -> None:
    """The beginning of a key is found in base64 wherever it begins; four characters of it alone are not it."""
    encoded = base64.b64encode(before + b"fhnode_0a1b2c")
    assert "base64" in found(encoded, "fhnode_")
    assert found(b"c7q2bm9kx0w4e1t", "fhnode_") == set()


def test_forms_are_read_as_a_browser_would() -> None:
    """Boxes and buttons count only when chosen; hidden fields always do; the action is relative to the page."""
    page = """<form method="post" action="/go"><input type="hidden" name="a" value="1&amp;2">
    <input type="checkbox" name="b" value="x"><input type="checkbox" name="b" value="y" checked>
    <button name="c" value="yes">Yes</button></form>"""
    (form,) = read_forms(page, "http://127.0.0.1:1/page?q=1")
    assert (form.action, form.method) == ("http://127.0.0.1:1/go", "POST")
    assert form.data() == [("a", "1&2"), ("b", "y")]
    assert form.choose("b", "x").choose("c", "yes").data() == [("a", "1&2"), ("b", "x"), ("c", "yes")]
    with pytest.raises(KeyError):
        form.choose("b", "z")
