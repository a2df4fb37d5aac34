"""What people granted the app, and the codes and tokens that came of it.

Meta keeps one grant for each app and person: a later selection of pages and accounts replaces the earlier one, for
tokens already issued too.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from freehold.sandbox.meta.errors import GraphError, invalid_token

CODE_LIFE = timedelta(minutes=10)
SHORT_LIFE = timedelta(hours=1, minutes=30)
LONG_LIFE = timedelta(seconds=5_183_944)
DATA_ACCESS_LIFE = timedelta(days=90)

PERMISSIONS = (
    "public_profile", "email", "pages_show_list", "pages_read_engagement", "pages_read_user_content",
    "pages_manage_metadata", "pages_manage_posts", "read_insights", "instagram_basic", "instagram_manage_insights",
    "instagram_manage_comments", "instagram_content_publish", "ads_read", "ads_management", "business_management",
    "catalog_management",
)  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """What one person allowed the app: permissions and, of those that name assets, which ones."""

    user_id: str
    scopes: frozenset[str]
    declined: frozenset[str]
    assets: frozenset[str]
    active_at: datetime

    def data_access_until(self) -> datetime:
        """When the app may no longer read, unless the person comes back before."""
        return self.active_at + DATA_ACCESS_LIFE


@dataclass(frozen=True)
class Code:
    """An authorization code that waits to be exchanged."""

    user_id: str
    redirect_uri: str
    challenge: str
    challenge_method: str
    system_user: bool
    expires_at: datetime


@dataclass(frozen=True)
class Token:
    """An access token; `name` is what it is called in counts, `expires_at` None for one that does not expire."""

    name: str
    kind: str
    user_id: str | None
    page_id: str | None
    issued_at: datetime
    expires_at: datetime | None
    refused: tuple[int, str] | None = None
    """Subcode and message of error 190, once the token has been invalidated."""


class Grants:
    """The grants, codes and tokens of the one app; `mark` is put into every code and token."""

    def __init__(self, mark: str = "") -> None:
        self._mark = mark
        self._grants: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, Token] = {}
        self._page_tokens: dict[tuple[str, str, datetime | None], str] = {}

    def allow(self, grant: Grant) -> None:
        """Replace what this person granted before."""
        self._grants[grant.user_id] = grant

    def grant(self, user_id: str | None) -> Grant | None:
        """What this person has granted."""
        return self._grants.get(user_id or "")

    def people(self) -> int:
        """How many people have granted the app anything."""
        return len(self._grants)

    def remove(self, user_id: str) -> None:
        """The person removes the app: their tokens stop working."""
        self._grants.pop(user_id, None)
        self.invalidate(user_id, 458, "Error validating access token: The user has not authorized application.")

    def decline(self, user_id: str, scope: str) -> None:
        """Take one permission back."""
        grant = self._grants[user_id]
        self.allow(replace(grant, scopes=grant.scopes - {scope}, declined=grant.declined | {scope}))

    def invalidate(self, user_id: str, subcode: int, message: str) -> None:
        """Make every token of this person answer error 190 with a subcode."""
        for text, token in self._tokens.items():
            if token.user_id == user_id:
                self._tokens[text] = replace(token, refused=(subcode, message))

    def new_code(self, code: Code) -> str:
        """A code to send back through the browser."""
        text = "AQ" + self._mark + secrets.token_urlsafe(48)
        self._codes[text] = code
        return text

    def redeem(self, text: str, redirect_uri: str, verifier: str, now: datetime) -> Code:
        """Take a code, once. Raises error 100 for a used or expired one, or another redirect URI or verifier."""
        code = self._codes.pop(text, None)
        if code is None or now >= code.expires_at:
            raise GraphError("This authorization code has been used or has expired.", code=100, subcode=36009)
        if code.redirect_uri != redirect_uri:
            raise GraphError(
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you "
                "used in the OAuth dialog request",
                code=100,
                subcode=36008,
            )
        if code.challenge and not _proves(verifier, code):
            raise GraphError("Error validating code verifier.", code=100)
        return code

    def issue(
        self, kind: str, user_id: str | None, now: datetime, life: timedelta | None, page_id: str | None = None
    ) -> str:
        """A new token."""
        text = "EAA" + self._mark + secrets.token_hex(48)
        name = f"{kind.lower()}:{page_id or user_id or 'app'}"
        self._tokens[text] = Token(name, kind, user_id, page_id, now, None if life is None else now + life)
        return text

    def page_token(self, user_id: str, page_id: str, now: datetime, until: datetime | None) -> str:
        """The token with which this person acts for a page, until then; the same one each time while it works."""
        key = (user_id, page_id, until)
        known = self._page_tokens.get(key)
        if known is None or self._tokens[known].refused is not None:
            life = None if until is None else until - now
            known = self._page_tokens[key] = self.issue("PAGE", user_id, now, life, page_id)
        return known

    def token(self, text: str) -> Token | None:
        """What is known of a token, whether it still works or not."""
        return self._tokens.get(text)

    def working(self, text: str, now: datetime) -> Token:
        """A token that works now; raises error 190 with its subcode otherwise."""
        token = self._tokens.get(text)
        if token is None:
            raise invalid_token(467, "Invalid OAuth access token - Cannot parse access token")
        if token.refused is not None:
            raise invalid_token(*token.refused)
        if token.expires_at is not None and now >= token.expires_at:
            raise invalid_token(
                463,
                f"Error validating access token: Session has expired on {_when(token.expires_at)}. "
                f"The current time is {_when(now)}.",
            )
        grant = self.grant(token.user_id)
        if token.kind == "USER" and grant is not None and now >= grant.data_access_until():
            raise invalid_token(493, "Error validating access token: The user's data access has expired.")
        return token

    def shows_until(self, token: Token) -> datetime | None:
        """When page tokens that this token is shown expire: with it, if it is a short-lived one of a person."""
        if token.kind != "USER" or token.expires_at is None or token.expires_at - token.issued_at > SHORT_LIFE:
            return None
        return token.expires_at


def _proves(verifier: str, code: Code) -> bool:
    if code.challenge_method == "plain":
        return hmac.compare_digest(verifier, code.challenge)
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), code.challenge)


def _when(at: datetime) -> str:
    return at.strftime("%A, %d-%b-%y %H:%M:%S UTC")
