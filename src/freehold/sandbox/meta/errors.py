"""Meta's error envelope, and the errors that every surface gives."""

import secrets
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class GraphError(Exception):
    """One error as the Graph API words it; `status` is the HTTP status."""

    message: str
    code: int
    subcode: int | None = None
    status: int = 400
    kind: str = "OAuthException"
    transient: bool = False
    user_title: str | None = None
    user_msg: str | None = None
    error_data: Any = None

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        error = {
            "message": self.message,
            "type": self.kind,
            "code": self.code,
            "error_subcode": self.subcode,
            "is_transient": self.transient or None,
            "error_user_title": self.user_title,
            "error_user_msg": self.user_msg,
            "error_data": self.error_data,
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
        }
        return {"error": {name: value for name, value in error.items() if value is not None}}


def unknown_object(object_id: str, method: str = "GET") -> GraphError:
    """The object is not there, or the caller may not see it: the API does not tell which."""
    verb = method.lower()
    return GraphError(
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
        code=100,
        subcode=33,
        kind="GraphMethodException",
    )


def unknown_field(name: str, node: str) -> GraphError:
    """A field or edge that this node does not have."""
    return GraphError(f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})", code=100)


def permission_missing(scope: str) -> GraphError:
    """The token's grant does not include a permission that the call needs."""
    return GraphError(
        f"(#10) Application does not have permission for this action: it needs {scope}", code=10, status=403
    )


def reduce_data() -> GraphError:
    """The answer would cost more than one call may."""
    return GraphError(
        "Please reduce the amount of data you're asking for, then retry your request",
        code=1,
        status=500,
        transient=False,
    )


def invalid_token(subcode: int | None = None, message: str = "Invalid OAuth access token.") -> GraphError:
    """The token does not work (any more)."""
    return GraphError(message, code=190, subcode=subcode)
