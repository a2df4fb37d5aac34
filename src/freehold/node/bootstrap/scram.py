"""Passwords as PostgreSQL keeps them (SCRAM-SHA-256, RFC 5803), made here: the server neither sees nor logs them."""

import base64
import hashlib
import hmac
import re
import secrets

ITERATIONS = 4096
"""PostgreSQL's own number. The passwords are random, so guessing gains nothing from fewer."""
_VERIFIER = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)")


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """What `ALTER ROLE … PASSWORD` takes for `password`, which has to be ASCII."""
    salted_with = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salted_with, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_text(salted_with)}${_text(stored)}:{_text(server)}"


def fits(password: str, kept: str | None) -> bool:
    """Whether `kept`, as PostgreSQL has it of a role, is of `password`."""
    found = _VERIFIER.fullmatch(kept or "")
    if found is None:
        return False
    made = verifier(password, base64.b64decode(found.group(2)), int(found.group(1)))
    return hmac.compare_digest(made, found.group(0))


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
