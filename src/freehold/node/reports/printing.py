"""Has a report drawn and rendered by a short-lived process of its own, which gives the files of its edition."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date
from typing import Any, Final

from freehold.kernel import logs
from freehold.kernel.problems import ExplainedError
from freehold.node import children
from freehold.node.children import Child

log = logs.get(__name__)

PRESS: Final = "freehold.node.reports.press"
SECONDS: Final = 180
_FONTS: Final = ("MPLCONFIGDIR", "HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""Where the child finds fonts, and keeps what it found out about them."""


class PrintingError(ExplainedError):
    """The report could not be drawn or rendered; the message has the kind of the error, and no text of it."""


@dataclass(frozen=True)
class Brand:
    """How the client looks: a colour (#rrggbb), and a PNG or JPEG file's bytes, empty for none."""

    colour: str
    logo: bytes = b""


@dataclass(frozen=True)
class Press:
    """A child that is ready, or getting ready, to draw and render one report."""

    child: Child

    async def print_files(
        self, report: object, language: str, brand: Brand, formats: tuple[str, ...]
    ) -> dict[str, bytes]:
        """The files of an edition by name, for `formats` of html, pdf and email. Raises `PrintingError`."""
        order = {
            "report": plain(report),
            "language": language,
            "colour": brand.colour,
            "logo": base64.b64encode(brand.logo).decode(),
            "formats": formats,
        }
        answer = await _ask(self.child, json.dumps(order).encode())
        log.info("report.printed", **answer["spent"])
        return {name: base64.b64decode(text) for name, text in answer["files"].items()}


@contextlib.asynccontextmanager
async def open_press() -> AsyncIterator[Press]:
    """A press, which gets ready while the numbers are read; it is gone after the block."""
    async with children.started(PRESS, _FONTS) as child:
        yield Press(child)


def plain(value: Any) -> Any:
    """Dataclasses, mappings and days as JSON has them: keys are texts, days and instants in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain({name: getattr(value, name) for name in value.__dataclass_fields__})
    if isinstance(value, Mapping):
        return {key.isoformat() if isinstance(key, date) else key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


async def _ask(child: Child, order: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(await child.answer(order, SECONDS))
    except TimeoutError as error:
        raise PrintingError(f"drawing and rendering the report took longer than {SECONDS} s") from error
    except children.ChildFailedError as error:
        raise PrintingError(f"the report could not be drawn: {error.kind}") from error
    return answer
