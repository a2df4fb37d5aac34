"""Brings letters to one target through Apprise, in a short-lived process of its own: Apprise stays out of the node.

Reads an order from standard input: {"url", "encrypted", "networks" (CIDR that may be reached), "node" (whose it
is), "letters": [{"key", "title", "text", "severity", "at", and for an edition of the report "enclosed"}]}. Writes one
JSON object a line to standard output: first {"service", "readers" (how many one letter goes to)} or {"error"} for the
target, then for each letter {"error"}, empty when it was taken, and {"missed"}: how many readers did not get what
others did.

Apprise opens its own connections, in several libraries: `kernel.connection_guard` judges each of them.
"""

import contextlib
import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import apprise
from apprise.plugins.email.base import NotifyEmail, PGPMode
from apprise.plugins.email.smtp import AppriseSMTPController

from freehold.kernel.addresses import PORTS, AddressPolicy
from freehold.kernel.connection_guard import ConnectionGuard
from freehold.node.notifications.message import Envelope, compose
from freehold.node.notifications.notice import Enclosure, patience

MAIL_PORTS = frozenset({25, 465, 587, 2465, 2525, 2587})
SECONDS = 15.0
"""For a connection, and again for an answer."""

_SEVERITIES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}
_STATUS = re.compile(r"error[=:]\s*(\d{3})\b")


class _Statuses(logging.Handler):
    """Keeps the HTTP status that Apprise logs, and nothing else of its messages: they may quote addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one message."""
        found = _STATUS.search(record.getMessage())
        if found:
            self.last = f"it answered with HTTP status {found.group(1)}"


def open_target(url: str, *, encrypted_schema: bool) -> tuple[apprise.NotifyBase | None, bool]:
    """The service at `url` without redirects and with certificates checked, if it is one, and whether it encrypts."""
    asset = apprise.AppriseAsset(storage_mode="memory", async_mode=False, http_redirects=False, app_id="Freehold")
    made = apprise.Apprise.instantiate(url, asset=asset)
    if not isinstance(made, apprise.NotifyBase):
        return None, False
    made.redirects, made.verify_certificate = False, True
    made.overflow_mode = apprise.OverflowMode.SPLIT  # each service has a longest message of its own
    made.socket_connect_timeout = made.socket_read_timeout = SECONDS
    if isinstance(made, NotifyEmail):
        made.headers = {"Auto-Submitted": "auto-generated", **made.headers}
    return made, encrypted_schema and getattr(made, "secure_mode", "") != "insecure"


def deliver(
    made: apprise.NotifyBase, letter: Mapping[str, Any], node: str, guard: ConnectionGuard, statuses: _Statuses
) -> dict[str, str]:
    """Send one letter; gives the `error` for which nobody took it, else empty, and how many readers `missed` it."""
    guard.refusal = statuses.last = ""
    readers = readers_of(made)
    try:
        taken = tell(made, letter, node)
    except Exception as error:  # noqa: BLE001 - a plugin may fail in any way; its message may hold an address
        return {"error": guard.refusal or f"sending failed ({type(error).__name__})"}
    if not taken:
        return {"error": guard.refusal or statuses.last or "it could not be reached, or did not take it"}
    missed = "" if taken == readers else f"{readers - taken} of {readers} readers did not get it"
    return {"error": "", "missed": missed}


def readers_of(made: apprise.NotifyBase) -> int:
    """To how many readers, channels or devices one letter goes."""
    copies = len(made.cc) + len(made.bcc) if isinstance(made, NotifyEmail) else 0
    return max(1, len(made) + copies)


def tell(made: apprise.NotifyBase, letter: Mapping[str, Any], node: str) -> int:
    """Send a letter, and to e-mail what is enclosed; gives how many took it.

    Whoever wants e-mails signed or encrypted gets words alone, which Apprise signs and encrypts.
    """
    if isinstance(made, NotifyEmail) and made.pgp_mode == PGPMode.NONE:
        return mail(made, letter, node)
    severity = _SEVERITIES[letter["severity"]]
    taken = made.notify(body=letter["text"], title=letter["title"], notify_type=severity, body_format="text")
    return readers_of(made) if taken else 0


def mail(
    made: NotifyEmail, letter: Mapping[str, Any], node: str, monotonic: Callable[[], float] = time.monotonic
) -> int:
    """Send each of a target's readers an e-mail of their own; gives how many took it.

    Trying again for one reader would send it to the others twice, and so would being ended in the midst: when time is
    up, no further reader is begun.
    """
    began, taken, sender = monotonic(), 0, _named(made.from_addr)[1]
    copies = tuple(_copies(made, letter, node))
    with AppriseSMTPController(
        host=made.smtp_host,
        port=int(made.port or 0),
        secure_mode=str(made.secure_mode),
        user=made.user,
        password=made.password,
        verify_certificate=True,
        socket_connect_timeout=int(SECONDS),
    ) as smtp:
        for place, (reader, composed) in enumerate(copies):
            if place and monotonic() - began > patience(len(copies)):
                break
            with contextlib.suppress(ValueError):  # an address that this server's SMTP cannot write
                taken += smtp.sendmail(sender, [reader], composed)
    return taken


def _copies(made: NotifyEmail, letter: Mapping[str, Any], node: str) -> Iterator[tuple[str, str]]:
    """Each reader and the e-mail for them; who is copied has that of the first reader."""
    text, whole = letter["text"], letter.get("enclosed")
    enclosure = Enclosure.from_json(whole) if whole else Enclosure.of_words(text)
    for place, recipient in enumerate(made.targets):
        copied, blind = (sorted(made.cc), sorted(made.bcc)) if place == 0 else ([], [])
        envelope = Envelope(
            subject=letter["title"],
            key=letter["key"],
            list_name=f"reports.{node}" if whole else f"notices.{node}",
            at=datetime.fromisoformat(letter["at"]),
            sender=_named(made.from_addr),
            recipient=_named(recipient),
            copies=tuple(_named((made.names.get(each), each)) for each in copied),
            replies=tuple(_named((made.names.get(each), each)) for each in sorted(made.reply_to)),
            headers=made.headers,
        )
        composed = compose(enclosure, envelope, text).decode("ascii")
        yield from ((reader, composed) for reader in (recipient[1], *copied, *blind))


def _named(of: Any) -> tuple[str, str]:
    """A name and an address; Apprise writes False for no name."""
    return of[0] or "", of[1]


def main() -> None:
    """Do what standard input orders."""
    order, answers = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr
    statuses = _Statuses()
    logging.getLogger("apprise").addHandler(statuses)
    guard = ConnectionGuard(AddressPolicy.of(*order["networks"], ports=PORTS | MAIL_PORTS))
    made, guard.encrypted = open_target(order["url"], encrypted_schema=order["encrypted"])
    sys.addaudithook(guard)

    def answer(**said: str | int) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    if made is None:
        answer(error="the address is not one that this service takes")
        return
    answer(service=str(made.service_name), readers=readers_of(made))
    for letter in order["letters"]:
        answer(**deliver(made, letter, order["node"], guard, statuses))


if __name__ == "__main__":
    main()
