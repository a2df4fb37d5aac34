"""The certificate that the broker shows to nodes which ask who delivers: self-signed, since they know this very one."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from freehold.kernel.clock import Clock

LIFETIME = timedelta(days=3650)
"""Another certificate is a change at every node that asks for one, so this one does not end by itself soon."""
_MARK = "-----BEGIN CERTIFICATE-----"


def make(host: str, clock: Clock) -> str:
    """A new key and its certificate for the broker called `host`, as PEM, the key first."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


def public_part(pem: str) -> str:
    """The certificate alone, without its key: what a node is given."""
    return pem[pem.index(_MARK) :].strip() + "\n"
