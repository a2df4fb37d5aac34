"""Where a form may come from: our own page, and no other."""

from collections.abc import Mapping

from freehold.kernel.problems import Problem


def check_same_site(headers: Mapping[str, str], public_url: str) -> None:
    """Refuse (`Problem` 403) a form that does not come from a page of `public_url`.

    Browsers say where a form comes from in `Origin`; some hide it behind "null" or leave it out, and then
    `Sec-Fetch-Site`, which no page can set, has to say that it is our own.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    ours = site in {None, "same-origin"} if origin == public_url else origin in {None, "null"} and site == "same-origin"
    if not ours:
        raise Problem(
            403,
            "form_from_elsewhere",
            "This form was not sent from our own page.",
            "Open the link in a browser and use the button on the page. A program sends the header "
            f"Origin: {public_url}.",
        )
