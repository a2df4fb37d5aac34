"""A client's logo, drawn anew: whatever else its file holds stays behind."""

import base64
import io
from typing import Final

from PIL import Image, UnidentifiedImageError

FORMATS: Final = ("PNG", "JPEG")
LARGEST: Final = (480, 160)
MOST_PIXELS: Final = 16_000_000


def drawn(held: bytes) -> bytes:
    """The picture as a small PNG without anything but its pixels; nothing where it is no PNG or JPEG."""
    if not held:
        return b""
    target = io.BytesIO()
    try:
        with Image.open(io.BytesIO(held), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return b""
            picture.thumbnail(LARGEST)
            plain = Image.new("RGBA", picture.size)
            plain.paste(picture.convert("RGBA"))
            plain.save(target, "PNG", optimize=True)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    return target.getvalue()


def address(png: bytes) -> str:
    """The picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else ""
