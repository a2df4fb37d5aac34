"""The client's person at a browser of their own: `person.py LINK PERSON ASSET…`; prints where each step led."""

import asyncio
import json
import sys

from freehold.demo.forms import Form
from freehold.demo.walk import Page, Walker, connect, new_session


async def walk(link: str, person: str, assets: list[str]) -> Page:
    """From the connect link to the node's page after the choice of assets."""

    def consent(form: Form) -> Form:
        ticked = form.choose("asset", *assets).choose("permission", *form.choices("permission"))
        return ticked.choose("decision", "allow")

    async with new_session() as session:
        walker = Walker(session)
        picker = await connect(walker, link, person, consent)
        if picker.status != 200:
            return picker
        chosen = picker.form()
        return await walker.submit(
            chosen.choose("asset", *(each for each in assets if each in chosen.choices("asset")))
        )


page = asyncio.run(walk(sys.argv[1], sys.argv[2], sys.argv[3:]))
sys.stdout.write(json.dumps({"url": page.url.partition("?")[0], "status": page.status, "html": page.html}))
