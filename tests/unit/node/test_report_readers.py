"""Who reads a shared report: people in browsers, and what only looks at its address."""

import pytest

from freehold.node.sharing.readers import Reader, reader_of

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
OLD_SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Safari/604.1"
CUBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT KINGKONG 9) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "agent",
    [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "WhatsApp/2.23.20.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/4.3 +http://www.linkedin.com)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ],
)
def test_a_preview_is_no_reader(agent: str) -> None:
    """Messengers and search engines say who they are; the headers of a browser make no person of them."""
    assert reader_of({"user-agent": agent}) == "preview"
    assert reader_of({"user-agent": agent, "sec-fetch-mode": "navigate"}) == "preview"


@pytest.mark.parametrize(
    ("headers", "reader"),
    [
        ({"user-agent": CHROME, "sec-fetch-mode": "navigate"}, "person"),
        ({"user-agent": CUBOT, "sec-fetch-mode": "navigate"}, "person"),
        ({"user-agent": OLD_SAFARI}, "person"),
        ({"user-agent": CHROME, "sec-fetch-mode": "navigate", "sec-purpose": "prefetch;prerender"}, "program"),
        ({"user-agent": CHROME, "sec-fetch-mode": "no-cors"}, "program"),
        ({"user-agent": "curl/8.5.0"}, "program"),
        ({}, "program"),
    ],
)
def test_a_person_goes_to_the_page_with_a_browser(headers: dict[str, str], reader: Reader) -> None:
    """What a browser fetches ahead, or a page from within, is a program's doing; so is what names no browser."""
    assert reader_of(headers) == reader
