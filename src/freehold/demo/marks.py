"""Searches bytes for marks in every form in which a secret may lie about."""

import base64
import pickle
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FORMS = ("plain", "base64", "base64url", "hex", "URL-encoded", "percent-encoded", "pickled", "UTF-16", "reversed")


@dataclass(frozen=True)
class Place:
    """Somewhere to search: what people call it, whose it is ("central" or "node"), and what is there by name."""

    name: str
    side: str
    contents: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """How many bytes are searched here."""
        return sum(map(len, self.contents.values()))


@dataclass(frozen=True)
class Finding:
    """A mark that was found: which, where, in which form, and how often."""

    mark: str
    place: str
    side: str
    where: str
    form: str
    times: int


def files(folder: Path, leave_out: Iterable[str] = ()) -> dict[str, bytes]:
    """Every file below a folder by its path, but those whose name is left out."""
    left_out = set(leave_out)
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in left_out]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def search(marks: Mapping[str, str], places: Iterable[Place]) -> list[Finding]:
    """Every place, file and form in which one of the `marks` (name -> text) stands."""
    patterns = [(name, form, pattern) for name, text in marks.items() for form, pattern in forms(text)]
    return [
        Finding(name, place.name, place.side, where, form, times)
        for place in places
        for where, data in place.contents.items()
        for name, form, pattern in patterns
        if (times := len(pattern.findall(data)))
    ]


def forms(text: str) -> Iterator[tuple[str, re.Pattern[bytes]]]:
    """The forms of a text, each as a pattern: whatever stands around it when it was encoded as a part of more."""
    plain = text.encode()
    yield "plain", re.compile(re.escape(plain))
    standard = set(_base64_cores(plain))
    yield "base64", _either(standard)
    yield "base64url", _either({core.replace(b"+", b"-").replace(b"/", b"_") for core in standard})
    yield "hex", re.compile(plain.hex().encode(), re.IGNORECASE)
    yield (
        "URL-encoded",
        _either({quote(text, safe="").encode(), quote(quote(text, safe=""), safe="").encode()} - {plain}),
    )
    yield "percent-encoded", re.compile("".join(f"%{byte:02x}" for byte in plain).encode(), re.IGNORECASE)
    yield "pickled", _either({_pickle_core(text, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)})
    yield "UTF-16", _either({text.encode("utf-16-le"), text.encode("utf-16-be")})
    yield "reversed", re.compile(re.escape(plain[::-1]))


def _base64_cores(plain: bytes) -> Iterator[bytes]:
    """What base64 makes of the text at each of the three places where it may begin, less what its neighbours change.

    All that the text alone decides, not whole groups of four alone: of `fhnode_` one group would be left at one of the
    places, and one in a hundred thousand of NocoDB's random names holds it.
    """
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        yield encoded[-(-8 * shift // 6) : 8 * (shift + len(plain)) // 6]


def _pickle_core(text: str, protocol: int) -> bytes:
    """The pickled text without the frame around it, which depends on what else is pickled."""
    return pickle.dumps(text, protocol).rstrip(b".").removeprefix(b"\x80" + bytes([protocol]))[-len(text) - 6 :]


def _either(patterns: set[bytes]) -> re.Pattern[bytes]:
    """Any of several texts; nothing when there are none."""
    return re.compile(b"|".join(map(re.escape, sorted(patterns))) if patterns else rb"(?!)")
