"""What `freehold doctor` tells: one check each, passed or not, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `fix` says what to do when it did not pass, or when it did with a `warning`."""

    name: str
    passed: bool
    detail: str
    fix: str = ""
    warning: bool = False
