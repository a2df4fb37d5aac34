"""How Meta words a quota that is used up."""

from freehold.sandbox.meta.errors import GraphError

_WORDED = {
    "app": (4, None, 403, "(#4) Application request limit reached"),
    "user": (17, None, 400, "(#17) User request limit reached"),
    "page_user": (32, None, 403, "(#32) Page request limit reached"),
    "instagram": (80002, None, 400, "(#80002) There have been too many calls to this Instagram account."),
    "pages": (80001, None, 400, "(#80001) There have been too many calls to this Page account."),
    "ads_insights": (80000, 2446079, 400, "(#80000) There have been too many calls from this ad-account."),
    "ads_management": (80004, 2446079, 400, "(#80004) There have been too many calls to this ad-account."),
    "mutations": (613, 5044001, 400, "(#613) Calls to this api have exceeded the rate limit."),
    "score": (17, 2446079, 400, "(#17) User request limit reached"),
}


def throttled(system: str) -> GraphError:
    """The error for the quota of `system`."""
    code, subcode, status, message = _WORDED[system]
    advice = f"{message} Wait a bit and try again."
    return GraphError(advice, code=code, subcode=subcode, status=status, transient=system == "app")
