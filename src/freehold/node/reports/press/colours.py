"""Colours that can be read: the client's own, made darker or lighter until it stands out from the ground."""

from typing import Final

WHITE: Final = "#ffffff"
DARK: Final = "#161c23"
CONTRAST: Final = 4.5
"""What WCAG 2 asks for of text (1.4.3)."""
_STEP: Final = 0.06


def readable(colour: str, ground: str) -> str:
    """`colour`, mixed with black or white until its contrast with `ground` is at least 4.5."""
    towards = (0, 0, 0) if _luminance(_parts(ground)) > 0.18 else (255, 255, 255)  # noqa: PLR2004 - equally far from both
    parts, mixed = _parts(colour), 0.0
    while contrast(_text(parts), ground) < CONTRAST:
        mixed += _STEP
        parts = tuple(
            round(one + (end - one) * min(mixed, 1.0)) for one, end in zip(_parts(colour), towards, strict=True)
        )
    return _text(parts)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(_parts(one)), _luminance(_parts(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(parts: tuple[int, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in parts)]  # noqa: PLR2004 - as sRGB has it
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _text(parts: tuple[int, ...]) -> str:
    return f"#{bytes(parts).hex()}"
