"""The certificate that the broker shows to nodes which ask who delivers."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from freehold.broker import client_certificate
from freehold.broker.http import CertificateError, open_client
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import MovableClock
from freehold.kernel.http import UnreachableError

LOOPBACK = AddressPolicy.of("127.0.0.0/8")
NOW = datetime.now(UTC)


def server_certificate(folder: Path) -> Path:
    """A key and its certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    certificate = made.add_extension(address, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """The broker's own certificate with its key."""
    path = tmp_path / "client.pem"
    path.write_text(client_certificate.make("connect.example", MovableClock(NOW)))
    return path


@pytest.fixture
async def node(tmp_path: Path, shown: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A server that answers whoever shows the broker's certificate; this machine trusts the server."""
    server = server_certificate(tmp_path)
    known = tmp_path / "broker.pem"
    known.write_text(client_certificate.public_part(shown.read_text()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(known))
    context.load_cert_chain(server)
    context.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setenv("SSL_CERT_FILE", str(server))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        peer = writer.get_extra_info("peercert")["subject"][0][0][1]
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(peer)}\r\nConnection: close\r\n\r\n{peer}".encode())
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with listening:
        yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


async def test_the_certificate_is_shown_to_a_node_that_asks(node: str, shown: Path) -> None:
    """The node knows who delivers."""
    http = open_client(LOOPBACK, shown)
    try:
        reply = await http.request("POST", node, timeout=5)
    finally:
        await http.close()

    assert reply.body == b"connect.example"


async def test_another_certificate_opens_nothing(node: str, tmp_path: Path) -> None:
    """One of the same name is not the one that the node knows."""
    forged = tmp_path / "forged.pem"
    forged.write_text(client_certificate.make("connect.example", MovableClock(NOW)))
    http = open_client(LOOPBACK, forged)
    try:
        with pytest.raises(UnreachableError):
            await http.request("POST", node, timeout=5)
    finally:
        await http.close()


def test_what_nodes_are_given_holds_no_key(shown: Path) -> None:
    """The public part is one certificate, good for ten years, for clients alone."""
    public = client_certificate.public_part(shown.read_text())
    certificate = x509.load_pem_x509_certificate(public.encode())
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert "PRIVATE" not in public
    assert certificate.not_valid_after_utc - NOW > timedelta(days=3640)
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


@pytest.mark.parametrize("content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\n"])
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, content: str) -> None:
    """The broker does not start, and says which setting names which file."""
    path = tmp_path / "client.pem"
    path.write_text(content)

    with pytest.raises(CertificateError, match=r"FREEHOLD_BROKER_CLIENT_CERTIFICATE names .*client\.pem"):
        open_client(LOOPBACK, path)
