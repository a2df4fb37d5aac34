"""Brings letters to one target through Apprise, in a short-lived process of its own: Apprise stays out of the node.

Reads an order from standard input: {"url", "encrypted", "networks" (CIDR that may be reached), "node" (whose it
is), "letters": [{"key", "title", "text", "severity", "at", "had" (which readers have it already), and for an edition of
the report "enclosed"}]}. Writes one JSON object a line to standard output: first {"service", "readers" (how many one
letter goes to)} or {"error"} for the target, then for each letter {"error" (why it is to be tried again, empty when it
is not), "missed" (how many readers will not get what others did), "had"}.

Apprise opens its own connections, in several libraries: `kernel.connection_guard` judges each of them.
"""

import contextlib
import json
import logging
import re
import smtplib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeGuard, cast

import apprise
from apprise.plugins import url_to_dict
from apprise.plugins.email.base import NotifyEmail, PGPMode
from apprise.plugins.email.smtp import AppriseSMTPController
from apprise.utils.parse import parse_list

from freehold.kernel.addresses import PORTS, AddressPolicy
from freehold.kernel.connection_guard import ConnectionGuard
from freehold.node.notifications.message import Envelope, compose
from freehold.node.notifications.notice import Enclosure, patience

MAIL_PORTS = frozenset({25, 465, 587, 2465, 2525, 2587})
SECONDS = 15.0
"""For a connection, and again for an answer."""

Channels = Mapping[str, apprise.NotifyBase]
Fate = Literal["taken", "later", "never"]
"""What came of a letter at one reader: `later` it is tried again, `never` its server wants it."""
Offer = tuple[str, Callable[[], Fate]]
"""A reader's name, and how a letter is handed to them."""

_SEVERITIES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}
_FOR_GOOD = 500
_STATUS = re.compile(r"error[=:]\s*(\d{3})\b")


class Statuses(logging.Handler):
    """Keeps the HTTP status that Apprise logs, and nothing else of its messages: they may quote addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one message."""
        found = _STATUS.search(record.getMessage())
        if found:
            self.last = f"it answered with HTTP status {found.group(1)}"


class _Connection(AppriseSMTPController):
    """Apprise's connection, which tells what came of an e-mail at its reader."""

    def offer(self, sender: str, reader: str, composed: str) -> Fate:
        """Send one e-mail: servers refuse with 5xx for good, and with 4xx for the moment (RFC 5321, 4.2.1)."""
        try:
            smtp = self._connected()
        except OSError:
            return "later"
        try:
            smtp.sendmail(sender, [reader], composed)
        except smtplib.SMTPRecipientsRefused as error:
            return _fate(error.recipients[reader][0])
        except smtplib.SMTPResponseException as error:
            return _fate(error.smtp_code)
        except (ValueError, smtplib.SMTPNotSupportedError):  # an address that this server's SMTP cannot write
            return "never"
        except OSError:
            return "later"
        return "taken"

    def _connected(self) -> smtplib.SMTP:
        """The connection, made anew where it is broken: smtplib closes it on 421 and when no answer comes in time."""
        if getattr(self._socket, "sock", None) is None:
            self.__enter__()
        return cast("smtplib.SMTP", self._socket)


def _fate(status: int) -> Fate:
    return "never" if status >= _FOR_GOOD else "later"


def open_target(url: str, *, encrypted_schema: bool) -> tuple[Channels, bool]:
    """The channels of the service at `url` by their names, none if it is no service, and whether it encrypts.

    Each is sent to by itself, so that what one did not take is tried again there alone. A service that takes all its
    readers at once is one channel, and so is e-mail that we compose.
    """
    parsed: dict[str, Any] = url_to_dict(url) or {}  # type: ignore[no-untyped-call]
    whole = _opened(parsed)
    if whole is None:
        return {}, False
    encrypted = encrypted_schema and getattr(whole, "secure_mode", "") != "insecure"
    names = [] if _is_ours(whole) else parse_list(parsed.get("targets"))  # type: ignore[no-untyped-call]
    apart = {name: _opened(_only(parsed, name, copied=name == names[0])) for name in names}
    alone = {name: made for name, made in apart.items() if made is not None and len(made) == 1}
    return (alone if names and len(alone) == len(whole) else {"": whole}), encrypted


def _only(parsed: Mapping[str, Any], name: str, *, copied: bool) -> dict[str, Any]:
    """What an address says, for one of its channels; who is `copied` has what the first one gets."""
    return {key: value for key, value in parsed.items() if copied or key not in {"cc", "bcc"}} | {"targets": [name]}


def _opened(parsed: Mapping[str, Any]) -> apprise.NotifyBase | None:
    """A service without redirects and with certificates checked, if it is one."""
    asset = apprise.AppriseAsset(storage_mode="memory", async_mode=False, http_redirects=False, app_id="Freehold")
    made = apprise.Apprise.instantiate(dict(parsed), asset=asset)
    if not isinstance(made, apprise.NotifyBase):
        return None
    made.redirects, made.verify_certificate = False, True
    made.overflow_mode = apprise.OverflowMode.SPLIT  # each service has a longest message of its own
    made.socket_connect_timeout = made.socket_read_timeout = SECONDS
    if isinstance(made, NotifyEmail):
        made.headers = {"Auto-Submitted": "auto-generated", **made.headers}
    return made


def _is_ours(made: apprise.NotifyBase) -> TypeGuard[NotifyEmail]:
    """Whether it is e-mail that we compose: what is to be signed or encrypted Apprise sends, in words alone."""
    return isinstance(made, NotifyEmail) and made.pgp_mode == PGPMode.NONE


def readers_of(channels: Channels) -> int:
    """To how many readers, channels or devices one letter goes; a reader that is named twice counts once."""
    return sum(
        len(_addresses(made)) if isinstance(made, NotifyEmail) else max(1, len(made)) for made in channels.values()
    )


def _addresses(made: NotifyEmail) -> set[str]:
    return {*(address for _, address in made.targets), *made.cc, *made.bcc}


def deliver(
    channels: Channels,
    letter: Mapping[str, Any],
    node: str,
    guard: ConnectionGuard,
    statuses: Statuses,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Send one letter to those who do not have it yet; gives `error`, `missed` and `had`.

    Being ended in the midst would have those who got it get it again: when time is up, no further reader is begun.
    """
    guard.refusal = statuses.last = trouble = ""
    until = monotonic() + patience(readers_of(channels))
    fates: dict[str, Fate] = dict.fromkeys(letter["had"], "taken")
    try:
        with contextlib.ExitStack() as connections:
            offers = dict(_offers(channels, letter, node, statuses, connections))  # the last is addressed to the reader
            waiting = [each for each in offers.items() if each[0] not in fates]
            fates |= {reader: "later" for reader, _ in waiting}
            for place, (reader, hand_over) in enumerate(waiting):
                if place and monotonic() > until:
                    break
                fates[reader] = hand_over()
    except Exception as error:  # noqa: BLE001 - a plugin may fail in any way; its message may hold an address
        trouble = _raised(error)
    return _outcome(fates, guard.refusal or trouble or statuses.last, ended=bool(trouble))


def _outcome(fates: Mapping[str, Fate], why: str, *, ended: bool) -> dict[str, Any]:
    """What came of a letter at its readers; `why` some do not have it, and whether that `ended` the attempt."""
    had = [reader for reader, fate in fates.items() if fate == "taken"]
    left, lost = (sum(fate == which for fate in fates.values()) for which in ("later", "never"))
    error = missed = ""
    if ended or not had:
        error = why or "it could not be reached, or did not take it"
    elif left:
        error = f"{left} of {len(fates)} readers did not get it so far{why and f': {why}'}"
    elif lost:
        missed = f"{lost} of {len(fates)} readers did not get it"
    return {"error": error, "missed": missed, "had": had}


def _raised(error: Exception) -> str:
    return f"sending failed ({type(error).__name__})"


def _offers(
    channels: Channels, letter: Mapping[str, Any], node: str, statuses: Statuses, connections: contextlib.ExitStack
) -> Iterator[Offer]:
    """Every reader of a letter, and how it is handed to them: e-mail with what is enclosed, elsewhere the words."""
    for name, made in channels.items():
        if _is_ours(made):
            smtp, sender = _connection(made), _named(made.from_addr)[1]
            connections.enter_context(smtp)
            for reader, composed in _copies(made, letter, node):
                yield reader, partial(smtp.offer, sender, reader, composed)
        else:
            yield name, partial(_notified, made, letter, statuses, pause=name != next(iter(channels)))


def _notified(made: apprise.NotifyBase, letter: Mapping[str, Any], statuses: Statuses, *, pause: bool) -> Fate:
    """Have Apprise send a letter to a channel; after another of the same service it waits as long as that asks for."""
    time.sleep(made.request_rate_per_sec if pause else 0)
    severity = _SEVERITIES[letter["severity"]]
    try:
        taken = made.notify(body=letter["text"], title=letter["title"], notify_type=severity, body_format="text")
    except Exception as error:  # noqa: BLE001 - a channel that fails, in any way, is no reason to leave the others out
        statuses.last = _raised(error)
        return "later"
    return "taken" if taken else "later"


def _connection(made: NotifyEmail) -> _Connection:
    return _Connection(
        host=made.smtp_host,
        port=int(made.port or 0),
        secure_mode=str(made.secure_mode),
        user=made.user,
        password=made.password,
        verify_certificate=True,
        socket_connect_timeout=int(SECONDS),
    )


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
    statuses = Statuses()
    logging.getLogger("apprise").addHandler(statuses)
    guard = ConnectionGuard(AddressPolicy.of(*order["networks"], ports=PORTS | MAIL_PORTS))
    channels, guard.encrypted = open_target(order["url"], encrypted_schema=order["encrypted"])
    sys.addaudithook(guard)

    def answer(**said: Any) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    if not channels:
        answer(error="the address is not one that this service takes")
        return
    answer(service=str(next(iter(channels.values())).service_name), readers=readers_of(channels))
    for letter in order["letters"]:
        answer(**deliver(channels, letter, order["node"], guard, statuses))


if __name__ == "__main__":
    main()
