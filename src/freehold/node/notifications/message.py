"""An edition of the report as one e-mail (RFC 5322, RFC 2045), from the pieces that the press has made.

A notice that has nothing but words is a text/plain of the same headers.

    multipart/mixed
      multipart/alternative
        text/plain             its words
        multipart/related      its page, and the pictures that it shows by `cid:`
      application/pdf          where the whole stays light

It is seven-bit throughout, so that every server takes it as it is.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final, cast

from freehold.node.notifications.notice import Enclosure

MOST_BYTES: Final = 500_000
"""An e-mail weighs less than this as it is sent."""
MANY: Final = 0.15
"""With so large a part of its bytes beyond ASCII a text is shorter in base64."""
_ASCII: Final = 127
_SEVEN_BIT: Final = SMTP.clone(cte_type="7bit")

Mailbox = tuple[str, str]
"""A name, empty for none, and an address."""


@dataclass(frozen=True)
class Envelope:
    """What stands at the head of an e-mail; `key` tells it from every other, and `headers` are wishes of the target."""

    subject: str
    key: str
    list_name: str
    at: datetime
    sender: Mailbox
    recipient: Mailbox
    copies: tuple[Mailbox, ...] = ()
    replies: tuple[Mailbox, ...] = ()
    headers: Mapping[str, str] | None = None


def compose(enclosure: Enclosure, envelope: Envelope, summary: str) -> bytes:
    """The e-mail as it is sent, below `MOST_BYTES`: where that is too much without the PDF, and then `summary` alone.

    Raises `ValueError` for an address that is none, and for a line break in a header.
    """
    without = replace(enclosure, pdf=b"")
    for lighter in (enclosure, without, replace(without, html="", text=summary)):
        made = _message(lighter, envelope).as_bytes()
        if len(made) < MOST_BYTES:
            break
    return made


def _message(enclosure: Enclosure, envelope: Envelope) -> EmailMessage:
    message = EmailMessage(policy=_SEVEN_BIT)
    for name, value in _headers(envelope):
        message[name] = value
    message.set_content(enclosure.text, cte=_encoding(enclosure.text))
    if enclosure.html:
        message.add_alternative(enclosure.html, subtype="html", cte=_encoding(enclosure.html))
        page = cast("list[EmailMessage]", message.get_payload())[1]
        for name, held in enclosure.pictures.items():
            page.add_related(held, "image", "png", cid=f"<{name}>", filename=name, disposition="inline")
    if enclosure.pdf:
        message.add_attachment(enclosure.pdf, "application", "pdf", filename=enclosure.pdf_name)
    if enclosure.language:
        message["Content-Language"] = enclosure.language
    return message


def _encoding(text: str) -> str:
    """What makes less of a text: quoted-printable triples each byte beyond ASCII, base64 makes four of every three."""
    held = text.encode()
    return "base64" if sum(byte > _ASCII for byte in held) > len(held) * MANY else "quoted-printable"


def _headers(envelope: Envelope) -> Iterator[tuple[str, Any]]:
    """Ours, and those of the target's wishes that are none of ours and say nothing of what is inside."""
    domain = envelope.sender[1].rpartition("@")[2]
    ours = {
        "From": _address(envelope.sender),
        "To": _address(envelope.recipient),
        "Cc": [_address(each) for each in envelope.copies],
        "Reply-To": [_address(each) for each in envelope.replies],
        "Subject": envelope.subject,
        "Date": envelope.at,
        "Message-ID": f"<{_digest(envelope)}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<{envelope.list_name}.{domain}>",
    }
    reserved = {name.lower() for name in ours} | {"bcc", "mime-version"}
    yield from ((name, value) for name, value in ours.items() if value)
    for name, value in (envelope.headers or {}).items():
        if name.lower() not in reserved and not name.lower().startswith("content-"):
            yield name, value


def _digest(envelope: Envelope) -> str:
    """The same whenever the same thing goes to the same reader: what a crash had sent twice is shown once."""
    about = "\n".join((envelope.key, envelope.at.isoformat(), envelope.sender[1], envelope.recipient[1]))
    return hashlib.sha256(about.encode()).hexdigest()[:40]


def _address(of: Mailbox) -> Address:
    return Address(display_name=of[0], addr_spec=of[1])
