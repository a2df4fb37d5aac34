"""Brings letters to one target through Apprise, in a short-lived process of its own: Apprise stays out of the node.

Reads an order from standard input: {"url", "encrypted", "networks" (CIDR that may be reached), "list" (`List-Id`
begins with it), "letters": [{"key", "title", "text", "severity", and for an edition of the report "enclosed" and
"at"}]}. Writes one JSON object a line to standard output: first {"service"} or {"error"} for the target, then {"error"}
for each letter, empty when it was taken.

Apprise opens its own connections, in several libraries: `kernel.connection_guard` judges each of them.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import apprise
from apprise.plugins.email.base import NotifyEmail, PGPMode
from apprise.plugins.email.smtp import AppriseSMTPController

from freehold.kernel.addresses import PORTS, AddressPolicy
from freehold.kernel.connection_guard import ConnectionGuard
from freehold.node.notifications.message import Envelope, compose
from freehold.node.notifications.notice import Enclosure

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
    made.socket_connect_timeout = made.socket_read_timeout = SECONDS
    if isinstance(made, NotifyEmail):
        made.headers = {"Auto-Submitted": "auto-generated", **made.headers}
    return made, encrypted_schema and getattr(made, "secure_mode", "") != "insecure"


def deliver(
    made: apprise.NotifyBase, letter: Mapping[str, Any], list_name: str, guard: ConnectionGuard, statuses: _Statuses
) -> str:
    """Send one letter; gives why it was not taken, empty when it was."""
    guard.refusal = statuses.last = ""
    try:
        taken = tell(made, letter, list_name)
    except Exception as error:  # noqa: BLE001 - a plugin may fail in any way; its message may hold an address
        return guard.refusal or f"sending failed ({type(error).__name__})"
    return "" if taken else guard.refusal or statuses.last or "it could not be reached, or did not take it"


def tell(made: apprise.NotifyBase, letter: Mapping[str, Any], list_name: str) -> bool:
    """Send a letter, and to e-mail what is enclosed; gives whether it was taken.

    Whoever wants e-mails signed or encrypted gets words alone, which Apprise signs and encrypts.
    """
    if isinstance(made, NotifyEmail) and "enclosed" in letter and made.pgp_mode == PGPMode.NONE:
        return mail(made, letter, list_name)
    severity = _SEVERITIES[letter["severity"]]
    return bool(made.notify(body=letter["text"], title=letter["title"], notify_type=severity, body_format="text"))


def mail(made: NotifyEmail, letter: Mapping[str, Any], list_name: str) -> bool:
    """Send an edition to each of a target's readers, copies of the first one's too; gives whether any of them got it.

    Trying again for one reader would send it to the others twice.
    """
    enclosure, sender, taken = Enclosure.from_json(letter["enclosed"]), _named(made.from_addr), []
    with AppriseSMTPController(
        host=made.smtp_host,
        port=int(made.port or 0),
        secure_mode=str(made.secure_mode),
        user=made.user,
        password=made.password,
        verify_certificate=True,
        socket_connect_timeout=int(SECONDS),
    ) as smtp:
        for place, recipient in enumerate(made.targets):
            copies, blind = (sorted(made.cc), sorted(made.bcc)) if place == 0 else ([], [])
            envelope = Envelope(
                subject=letter["title"],
                key=letter["key"],
                list_name=list_name,
                at=datetime.fromisoformat(letter["at"]),
                sender=sender,
                recipient=_named(recipient),
                copies=tuple(_named((made.names.get(each), each)) for each in copies),
                replies=tuple(_named((made.names.get(each), each)) for each in sorted(made.reply_to)),
                headers=made.headers,
            )
            composed = compose(enclosure, envelope, letter["text"]).decode("ascii")
            readers = (recipient[1], *copies, *blind)
            taken += [smtp.sendmail(sender[1], [each], composed) for each in readers]
    return any(taken)


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

    def answer(**said: str) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    if made is None:
        answer(error="the address is not one that this service takes")
        return
    answer(service=str(made.service_name))
    for letter in order["letters"]:
        answer(error=deliver(made, letter, order["list"], guard, statuses))


if __name__ == "__main__":
    main()
