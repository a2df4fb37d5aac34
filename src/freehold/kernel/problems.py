"""Errors as people and machines read them: what happened, a stable code, and what to do next."""


class ExplainedError(Exception):
    """A failure whose message tells a person what happened and what to do; the command line shows it as it is."""


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """What happened (`detail`), under which stable `code`, and what to do next (`hint`); no secret in any of them.

    `retry_after` is in seconds and becomes the `Retry-After` header. `advice` is for whoever runs this program, in one
    sentence: the command line shows it, an answer to a request never does.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        hint: str,
        *,
        retry_after: float | None = None,
        headers: dict[str, str] | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.retry_after = retry_after
        self.headers = headers or {}
        self.advice = advice


def unexpected() -> Problem:
    """The answer to a failure of our own; the log has the cause under the same request id."""
    return Problem(
        500,
        "unexpected",
        "Something failed on our side; nothing was half done.",
        "Try again; if it repeats, give the operator this request id.",
    )
