"""The broker's HTTP client: many clients' flows at once, small answers."""

import ssl
from pathlib import Path

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient
from freehold.kernel.problems import ExplainedError

CONCURRENT = 200
MAX_BODY = 2 * 1024 * 1024


class CertificateError(ExplainedError):
    """The file with the broker's client certificate is of no use; the message says why."""


def open_client(policy: AddressPolicy, certificate: Path | None = None) -> HttpClient:
    """A client that reaches what `policy` allows, and shows the `certificate` (PEM, with its key) to who asks for one.

    Raises `CertificateError`.
    """
    tls = None if certificate is None else _showing(certificate)
    return HttpClient(policy, concurrent=CONCURRENT, max_body=MAX_BODY, tls=tls)


def _showing(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_cert_chain(certificate, password="")  # an empty password: never ask at a terminal
    except (OSError, ValueError) as error:
        raise CertificateError(
            f"FREEHOLD_BROKER_CLIENT_CERTIFICATE names {certificate}, which holds no certificate with its key "
            f"({type(error).__name__}); `freehold broker stack` makes one"
        ) from error
    return context
