"""What Meta sends to the app: signed deauthorize and data-deletion callbacks."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=30)


def signed_request(app_secret: str, user_id: str, now: datetime) -> str:
    """base64url(HMAC-SHA256 of the payload as sent) "." base64url(JSON payload)."""
    payload = _text(
        json.dumps({"algorithm": "HMAC-SHA256", "issued_at": int(now.timestamp()), "user_id": user_id}).encode()
    )
    signature = hmac.new(app_secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{_text(signature)}.{payload}"


async def send(url: str, app_secret: str, user_id: str, now: datetime) -> dict[str, Any]:
    """Post a signed request to the app; gives the status and the JSON or text that it answered."""
    form = {"signed_request": signed_request(app_secret, user_id, now)}
    async with (
        aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False) as session,
        session.post(url, data=form, allow_redirects=False) as answer,
    ):
        text = await answer.text()
    try:
        return {"status": answer.status, "answer": json.loads(text)}
    except ValueError:
        return {"status": answer.status, "answer": text}


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
