"""The pages of a report: its templates filled, and the PDF of the same page, fetched from nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from freehold.node.reports.press import colours, labels
from freehold.node.reports.press.language import Language
from freehold.node.reports.press.pictures import Picture, cost, span_days

LINKED: Final = ("instagram.com", "facebook.com")
"""Whither a post's link may lead."""
PRINTED_DAYS: Final = 92
"""So many days are printed one by one; more are in the page alone."""
LOGO: Final = "logo.png"
KINDS: Final = {"png": "image/png", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Sheet:
    """What every page of a report is made of."""

    report: Mapping[str, Any]
    language: Language
    pictures: Sequence[Sequence[Picture]]
    colour: str
    logo: bytes
    logo_address: str


class Nowhere(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Fetches the pictures that it was given, by name, and nothing else: no network, no file, no `data:`."""

    def __init__(self, held: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=False)
        self._held = held

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 - nothing is sent
        """What is held under an address `held:NAME`; raises `ValueError` for any other."""
        scheme, _, name = url.partition(":")
        if scheme != "held" or name not in self._held:
            raise ValueError("a report fetches nothing")
        return URLFetcherResponse(url, body=self._held[name], headers={"Content-Type": KINDS[name.rpartition(".")[2]]})


def fill(name: str, sheet: Sheet, *, printed: bool = False) -> str:
    """A template's text. What came from Meta or from people is escaped wherever it stands."""
    environment = Environment(
        loader=PackageLoader("freehold.node.reports"),
        autoescape=name.endswith(".html"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    language = sheet.language
    environment.install_gettext_translations(language.words, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=language,
        titled=lambda kind: labels.TITLES.get(kind) or language.words.gettext("Ads"),
        label=lambda key: labels.label(language.words.gettext, key),
        part=lambda key: language.words.gettext(labels.PARTS[key]) if key in labels.PARTS else key,
        cost=cost,
        link=link,
    )
    spans = [list(span_days(sheet.report["period"][which])) for which in ("now", "before", "year")]
    return environment.get_template(name).render(
        report=sheet.report,
        pictures=sheet.pictures,
        logo=sheet.logo_address if sheet.logo else "",
        accent=colours.readable(sheet.colour, colours.WHITE),
        accent_dark=colours.readable(sheet.colour, colours.DARK),
        days=spans[0],
        uneven=len({len(span) for span in spans}) > 1,
        printed=printed,
        printed_days=PRINTED_DAYS,
    )


def print_pdf(sheet: Sheet) -> bytes:
    """The printed page as a PDF that says what its parts are, for those who have it read to them."""
    charts = {f"{picture.name}.svg": picture.flat.encode() for of in sheet.pictures for picture in of}
    held = charts | ({LOGO: sheet.logo} if sheet.logo else {})
    document = HTML(string=fill("report.html", sheet, printed=True), base_url=None, url_fetcher=Nowhere(held))
    made: bytes = document.write_pdf(pdf_tags=True, pdf_variant="pdf/ua-1", title=sheet.report["company"])
    return made


def link(url: str) -> str:
    """An address that a reader may follow: at Meta's, over TLS; else nothing."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    known = any(host == name or host.endswith(f".{name}") for name in LINKED)
    return url if parts.scheme == "https" and known and not parts.username else ""
