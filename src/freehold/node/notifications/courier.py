"""Brings letters to one target through Apprise, in a short-lived process of its own: Apprise stays out of the node.

Reads an order from standard input: {"url", "networks" (CIDR that may be reached), "letters": [{"title", "text",
"severity"}]}. Writes one JSON object a line to standard output: first {"service"} or {"error"} for the target, then
{"error"} for each letter, empty when it was taken.

Apprise opens its own connections, in several libraries: `kernel.connection_guard` judges each of them.
"""

import json
import logging
import re
import sys

import apprise

from freehold.kernel.addresses import PORTS, AddressPolicy
from freehold.kernel.connection_guard import ConnectionGuard

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
    return made, encrypted_schema and getattr(made, "secure_mode", "") != "insecure"


def deliver(made: apprise.NotifyBase, letter: dict[str, str], guard: ConnectionGuard, statuses: _Statuses) -> str:
    """Send one letter; gives why it was not taken, empty when it was."""
    guard.refusal = statuses.last = ""
    severity = _SEVERITIES[letter["severity"]]
    try:
        taken = made.notify(body=letter["text"], title=letter["title"], notify_type=severity, body_format="text")
    except Exception as error:  # noqa: BLE001 - a plugin may fail in any way; its message may hold an address
        return guard.refusal or f"sending failed ({type(error).__name__})"
    return "" if taken else guard.refusal or statuses.last or "it could not be reached, or did not take it"


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
        answer(error=deliver(made, letter, guard, statuses))


if __name__ == "__main__":
    main()
