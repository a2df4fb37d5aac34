"""Reads an order from standard input and writes the files of an edition to standard output, both as JSON.

An order is {"report", "language", "colour", "logo", "formats"}, its logo in base64; the answer is {"files", "spent"},
files in base64 by name. What is rendered is other people's text. Beside a fetcher that fetches nothing, a guard that no
code can take away again refuses this process every connection, every other program, and every file that is not a part
of Python, of this program, or of the system's fonts.
"""

import base64
import gc
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from freehold.node.reports import charts
from freehold.node.reports.press import logos
from freehold.node.reports.press.language import Language
from freehold.node.reports.press.pages import LOGO, Sheet, fill, print_pdf
from freehold.node.reports.press.pictures import Picture, draw_section

_FORBIDDEN: Final = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove", "os.rename", "os.link",
    "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "shutil.", "urllib.",
    "ftplib.", "ctypes.dlopen",
)  # fmt: skip
MOST_MAIL_BYTES: Final = 340_000
"""Words and pictures of one e-mail, which has to stay below half a megabyte as it is sent: in base64, at worst."""
OBJECTS_BETWEEN_COLLECTIONS: Final = 50_000
"""Of the garbage collector's: nearly everything that a page makes stays until it is written."""
STATUS: Final = Path("/proc/self/status")
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class GuardError(Exception):
    """Something was tried that drawing and rendering never need."""


class Guard:
    """An audit hook that leaves reading alone what belongs to the program itself."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._roots = roots

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raises `GuardError`."""
        if event.startswith(_FORBIDDEN):
            raise GuardError(f"{event} is refused")
        if event == "open" and not isinstance(arguments[0], int):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if arguments[2] & _WRITING or not path.startswith(self._roots):
                raise GuardError("this file is refused")


def own_folders() -> tuple[str, ...]:
    """Python, its packages, this program, and the system's fonts."""
    source = Path(__file__).resolve().parents[4]
    found = {sys.prefix, sys.base_prefix, str(source), "/usr/share/fonts", "/usr/share/zoneinfo", "/usr/lib/python3"}
    return tuple(f"{os.path.realpath(each)}{os.sep}" for each in sorted(found))


def light(pictures: Sequence[Sequence[Picture]], left: int) -> list[list[Picture]]:
    """Of each section the picture for e-mail, as long as all are within `left` bytes; the rest is in the report."""
    kept = []
    for section in pictures:
        fitting = [each for each in section[:1] if len(each.png) <= left]
        left -= sum(len(each.png) for each in fitting)
        kept.append(fitting)
    return kept


def make(order: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of an edition by name."""
    report, formats = order["report"], set(order["formats"])
    language = Language(order["language"])
    logo = logos.drawn(base64.b64decode(order["logo"]))
    pictures = [draw_section(section, report, language, place) for place, section in enumerate(report["sections"], 1)]

    def sheet(address: str) -> Sheet:
        return Sheet(report, language, pictures, order["colour"], logo, address)

    files: dict[str, bytes] = {}
    if "html" in formats:
        files["report.html"] = fill("report.html", sheet(logos.address(logo))).encode()
    if "pdf" in formats:
        files["report.pdf"] = print_pdf(sheet(f"held:{LOGO}"))
    if "email" in formats:
        files["email.txt"] = fill("email.txt", sheet("")).encode()
        drawn, pictures = pictures, [[] for _ in pictures]
        words = len(files["email.txt"]) + len(fill("email.html", sheet("cid:logo.png")).encode())
        pictures = light(drawn, MOST_MAIL_BYTES - words - len(logo))
        files["email.html"] = fill("email.html", sheet("cid:logo.png")).encode()
        files["summary.txt"] = fill("summary.txt", sheet("")).encode()
        files |= {f"images/{of[0].name}.png": of[0].png for of in pictures if of}
        files |= {"images/logo.png": logo} if logo else {}
    return files


def main() -> None:
    """Do what standard input orders."""
    began, order = time.monotonic(), json.load(sys.stdin)
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    charts.prepare()
    with STATUS.open() as status:  # the guard would refuse it; it tells how things are when it is read
        sys.addaudithook(Guard(own_folders()))
        files = make(order)
        spent = {"seconds": round(time.monotonic() - began, 3), "peak_mib": peak_mib(status.read())}
    json.dump(
        {"files": {name: base64.b64encode(held).decode() for name, held in files.items()}, "spent": spent}, sys.stdout
    )


def peak_mib(status: str) -> int:
    """The most memory that the process has had by its `status`. `getrusage` begins with its parent's."""
    (kib,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kib) // 1024


if __name__ == "__main__":
    main()
