"""Alerts in words: what happened, why, and what to do next."""

from datetime import datetime

from freehold.kernel.backups import age
from freehold.node.alerts.conditions import LATE_AFTER, STUCK_AFTER, Finding
from freehold.node.notifications.notice import Notice, plain

_WORKFLOWS = {"stories_hourly": "stories", "ads_hourly": "today's ads"}
_TITLES = {
    "hourly_late": "{subject} are not being read",
    "collection_stuck": "{subject} is not being collected",
    "throttled": "Meta has made us wait for over an hour: {subject}",
    "api_errors": "many calls to Meta fail",
    "backup_late": "there is no new backup",
    "sign_in_failures": "somebody is trying keys",
}
_WELL = {
    "hourly_late": "{subject} are being read again",
    "collection_stuck": "{subject} is being collected again",
    "throttled": "Meta answers again: {subject}",
    "api_errors": "calls to Meta work again",
    "backup_late": "there is a new backup",
    "sign_in_failures": "nobody tries keys any more",
}
_TEXTS = {
    "collection_stuck": (
        "Nothing new was read of {subject} for more than {hours} hours. It was last read: {detail}.\n\n"
        "Why: the schedule may not be running, Meta may refuse this account, or every run fails.\n\n"
        "What to do: see why with `freehold node runs --failed` and `freehold doctor --meta`, then start "
        "`freehold node collect`. "
        "Days that were missed are read later, as far as Meta keeps them."
    ),
    "hourly_late": (
        "The hourly reading of {subject} has not ended well for {late} hours. It last did: {detail}.\n\n"
        "Why: the node may have been off, Meta may make it wait, or every run fails. A story is gone after 24 hours, "
        "and nothing brings back what was not read until then.\n\n"
        "What to do: see why with `freehold node runs --failed` and `freehold doctor --meta`, and that the node runs."
    ),
    "throttled": (
        "Meta refuses calls for {subject} because too many were made; it has set a wait until {detail}.\n\n"
        "Why: other programs may use the same app, person or account, or more is collected than the limits allow.\n\n"
        "What to do: nothing at once. The node waits as long as Meta says and then goes on where it stopped. If it "
        "happens often, see who else uses the app, and lower FREEHOLD_NODE_CEILING_PER_HOUR."
    ),
    "api_errors": (
        "In the last hour {detail} calls to Meta failed.\n\n"
        "Why: Meta may be out of order, a permission or a role may be missing, or an account may be gone.\n\n"
        "What to do: check with `freehold doctor --meta`, which names each account and its cause. If all of them fail, "
        "see Meta's status page and wait: what could not be read is read later."
    ),
    "backup_late": (
        "No backup of this node was made for more than {kept} hours. The newest was made: {detail}.\n\n"
        "Why: no backup key may be set, the nightly workflow may be off, or every backup fails.\n\n"
        "What to do: `freehold doctor --node` says which it is, and `freehold node backup` makes one, or says why it "
        "cannot. If other means back this machine up, nothing: this is told once."
    ),
    "sign_in_failures": (
        "In the last hour a key, a link or an identity was refused {detail}.\n\n"
        "Why: a program may hold a key that was revoked or has expired, or somebody is guessing. Guessing is slowed "
        "down, and no key is short enough for it.\n\n"
        "What to do: see the table `security_events` for what was tried and from where. If it is a program of yours, "
        "give it a new key with `freehold node keys add`; if not, have the proxy or the firewall refuse that address."
    ),
}


def opened(finding: Finding, company: str, names: dict[str, str], at: datetime) -> Notice:
    """What is told when an alert opens; `names` has the assets' names by id."""
    subject = _subject(finding, names)
    hours, late, kept = (round(limit.total_seconds() / 3600) for limit in (STUCK_AFTER, LATE_AFTER, age.LATE_AFTER))
    return Notice(
        key=f"{finding.key}:{at:%Y-%m-%dT%H:%M:%S.%f}",
        kind=finding.kind,
        severity="warning",
        title=f"{plain(company)}: {_TITLES[finding.kind].format(subject=subject)}",
        text=_TEXTS[finding.kind].format(subject=subject, detail=finding.detail, hours=hours, late=late, kept=kept),
    )


def closed(finding: Finding, company: str, names: dict[str, str], at: datetime) -> Notice:
    """What is told when an alert closes that was opened `at`."""
    title = _WELL[finding.kind].format(subject=_subject(finding, names))
    return Notice(
        key=f"{finding.key}:{at:%Y-%m-%dT%H:%M:%S.%f}:well",
        kind=finding.kind,
        severity="info",
        title=f"{plain(company)}: {title}",
        text=f"What was reported on {at:%d %B %Y, %H:%M} UTC is over: {title}. Nothing is to be done.",
    )


def _subject(finding: Finding, names: dict[str, str]) -> str:
    if finding.subject is None:
        return "the whole node"
    return _WORKFLOWS.get(finding.subject) or plain(names.get(finding.subject, finding.subject))
