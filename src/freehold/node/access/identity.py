"""For whom a chat asks: Open WebUI signs it, with a secret that it shares with its own node and with no other.

The proof is a JWT (RFC 7519) beside the key. It names no audience, so that the secret is what binds it to one node.
"""

import re
from datetime import datetime, timedelta
from typing import Final

import jwt
from pydantic import SecretStr

HEADER: Final = "x-openwebui-user-jwt"
ISSUER: Final = "open-webui"
LONGEST: Final = timedelta(minutes=10)
"""A proof that is good for longer was not made by Open WebUI as it is set up."""
AHEAD: Final = timedelta(minutes=1)
"""How far the other clock may be ahead."""
_CLAIMS: Final = ["iss", "iat", "exp", "email"]
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f]{1,190}@[\w.-]{1,63}")


class ProofRefusedError(Exception):
    """A proof that proves nothing; the message says why, and quotes none of it."""


def person_of(proof: str, secret: SecretStr | None, now: datetime) -> str:
    """The e-mail address of the person for whom the call is made, in lower case; raises `ProofRefusedError`."""
    if secret is None:
        raise ProofRefusedError("this node shares no secret with a chat")
    try:
        told = jwt.decode(
            proof,
            secret.get_secret_value(),
            algorithms=["HS256"],
            issuer=ISSUER,
            options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        made, until = (datetime.fromtimestamp(float(told[name]), now.tzinfo) for name in ("iat", "exp"))
    except jwt.InvalidTokenError as error:
        raise ProofRefusedError("it is not signed by the chat of this node") from error
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise ProofRefusedError("its times cannot be read") from error
    if made > now + AHEAD or until <= now or until - made > LONGEST:
        raise ProofRefusedError("it has expired, or is not good yet")
    if not isinstance(told["email"], str) or not _ADDRESS.fullmatch(told["email"]):
        raise ProofRefusedError("it names nobody")
    return told["email"].lower()
