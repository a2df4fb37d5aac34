"""Walks the pages of a connection as the client's person would: link, interstitial, consent, asset picker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from freehold.demo.forms import Form, read_forms
from freehold.kernel.problems import ExplainedError

MAX_STEPS = 20


class WalkError(ExplainedError):
    """The pages did not lead where they should; the message quotes where it stopped."""


@dataclass(frozen=True)
class Page:
    """A page that was shown: its address, status and HTML."""

    url: str
    status: int
    html: str

    def form(self, number: int = 0) -> Form:
        """A form of the page; raises `WalkError` when there is none."""
        forms = read_forms(self.html, self.url)
        if len(forms) <= number:
            raise WalkError(f"{_without_query(self.url)} answered {self.status} and shows no form to go on with")
        return forms[number]


@dataclass
class Walker:
    """A browser without scripts: keeps cookies, follows redirects, remembers every address it was sent to."""

    session: aiohttp.ClientSession
    visited: list[str] = field(default_factory=list)

    async def open(self, url: str) -> Page:
        """Go to `url`."""
        return await self._go("GET", url, None)

    async def submit(self, form: Form) -> Page:
        """Send `form` as it is filled in."""
        return await self._go(form.method, form.action, form.data())

    async def _go(self, method: str, url: str, data: list[tuple[str, str]] | None) -> Page:
        for _ in range(MAX_STEPS):
            self.visited.append(url)
            sent = {"params": data} if method == "GET" and data else {"data": data}
            origin = {"Origin": str(URL(url).origin())} if method == "POST" else {}
            async with self.session.request(
                method, URL(url, encoded=True), allow_redirects=False, headers=origin, **sent
            ) as answer:
                if answer.status not in {301, 302, 303, 307, 308}:
                    return Page(url=url, status=answer.status, html=await answer.text())
                url = urljoin(url, answer.headers["Location"]).partition("#")[0]
                method, data = "GET", None
        raise WalkError(f"more than {MAX_STEPS} redirects, the last to {_without_query(url)}")


def new_session(*origins: str) -> aiohttp.ClientSession:
    """A session whose cookies behave as a browser's on loopback: at these `origins` Secure ones count over http too."""
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[URL(origin) for origin in origins])
    return aiohttp.ClientSession(cookie_jar=jar, trust_env=False, timeout=aiohttp.ClientTimeout(total=60))


async def connect(walker: Walker, link: str, person: str, consent: Callable[[Form], Form]) -> Page:
    """From the connect link through the provider's consent to the node's asset picker; gives the picker's page.

    `person` is the id of who signs in at the provider; `consent` fills in the provider's form.
    """
    dialog = await open_dialog(walker, link, person)
    return await walker.submit(consent(dialog.form()))


async def open_dialog(walker: Walker, link: str, person: str) -> Page:
    """From the connect link to the provider's dialog, signing in as `person` where it asks who is there."""
    page = await walker.submit((await walker.open(link)).form())
    form = page.form()
    return await walker.submit(form.choose("person", person)) if len(form.choices("person")) > 1 else page


def _without_query(url: str) -> str:
    return urlsplit(url)._replace(query="", fragment="").geturl()
