"""Who asks for a shared report: a person, the preview of a messenger or a search engine, or another program.

Messengers fetch every link that somebody posts, so that they show its title: that is no reading. They say who they are
in `User-Agent`. Browsers of today say in `Sec-Fetch-Mode` that a person goes to a page (W3C, Fetch Metadata); what they
fetch in advance has `Sec-Purpose`. Without either, a name as browsers have it is believed.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

Reader = Literal["person", "preview", "program"]

_PREVIEWS: Final = re.compile(
    r"(?<!cu)bot\b|whatsapp|externalhit|preview|crawler|spider|slurp|embedly|iframely|imgproxy", re.IGNORECASE
)
"""Slackbot-LinkExpanding, WhatsApp/2, facebookexternalhit/1.1, SkypeUriPreview (Teams); no CUBOT telephone."""
_BROWSER: Final = "Mozilla/5.0 "


def reader_of(headers: Mapping[str, str]) -> Reader:
    """Who sends a request with these headers, whose names are written in small letters."""
    agent = headers.get("user-agent", "")
    if _PREVIEWS.search(agent):
        return "preview"
    if "sec-purpose" in headers:
        return "program"
    mode = headers.get("sec-fetch-mode")
    browses = agent.startswith(_BROWSER) if mode is None else mode == "navigate"
    return "person" if browses else "program"
