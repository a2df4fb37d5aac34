"""Two countdowns of each authorisation: its token is renewed through the broker; its data access needs the person.

Meta's tokens last about 60 days and are renewed daily without anybody. Data access ends 90 days after the person was
last at Meta's dialog, and nothing but the person brings it back: so a link to connect goes out ahead of it. The same
goes for a token that cannot be renewed, and for an authorisation that has ended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from freehold.contracts.connect_link import ConnectLink
from freehold.kernel import logs
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.broker_client import BrokerError
from freehold.node.context import Node
from freehold.node.notifications import queries
from freehold.node.notifications.notice import Notice, Severity, plain
from freehold.node.notifications.outbox import tell
from freehold.node.notifications.targets import load_targets
from freehold.node.renewal import Renewed, renew
from freehold.node.vault import Credential, credentials

log = logs.get(__name__)

RENEW_AFTER = timedelta(hours=20)
"""Less than a day: a renewal ends a little after its slot, and the next day's must not find it too young."""
DATA_ACCESS_DAYS = (1, 7, 21)
"""Days ahead of its end at which the person is asked to connect again."""
TOKEN_DAYS = (1, 7)
"""The same for the token, which by then should have been renewed dozens of times."""

WITHOUT_LINK = ":without-link"
"""Ends the key of a reminder that went out while the broker was away."""
NAMED = 5
"""How many assets a reminder names."""
ENDED = {
    "deauthorize": "The person removed the app in their Facebook settings.",
    "data_deletion": "The person asked Meta for their data to be deleted.",
    "refused_by_provider": "Meta no longer accepts it: a password was changed, the app was removed, a role was lost, "
    "or Meta ended the session.",
}
"""Why an authorisation has ended, in words."""

Kind = Literal["data_access", "token_expiry", "authorisation_ended"]
KINDS: tuple[Kind, ...] = ("data_access", "token_expiry", "authorisation_ended")


@dataclass(frozen=True)
class Reminder:
    """That a person has to connect again: why, for which credential, until when (empty: at once), and which it is.

    `stage` is the number of days ahead, 0 once it is over.
    """

    kind: Kind
    credential_id: str
    deadline: datetime | None
    stage: int
    reason: str | None = None

    @property
    def key(self) -> str:
        """What makes it one reminder: it goes out once."""
        until = "now" if self.deadline is None else f"{self.deadline:%Y-%m-%d}"
        return f"{self.kind}:{self.credential_id}:{until}:{self.stage}"


async def refresh(node: Node) -> list[Renewed]:
    """Renew every token that is due, then remind people of what only they can do; gives what came of the renewals."""
    now = node.clock.now()
    async with node.database.reading() as session:
        due = [credential for credential in await credentials(session, "active") if renewal_due(credential, now)]
    renewed = await renew(node, due)
    await remind(node)
    return renewed


async def remind(node: Node) -> list[Reminder]:
    """Write the reminders down that are due and were not told; gives those that are told now.

    Without a target nothing is written, so that the first target that is added still hears of it. When the broker is
    away the reminder goes out without a link, and the link follows. What is no longer due is withdrawn.
    """
    now, targets, told = node.clock.now(), load_targets(node.settings.data_dir), []
    async with node.database.reading() as session:
        assets = await ticked_assets(session)
        used = {asset.credential_id for asset in assets}
        held = [each for each in await credentials(session, "active", "revoked") if each.id in used]
        due = list(reminders(held, now))
        keys = [reminder.key for reminder in due]
        said = await queries.said(session, keys, now)
        outdated = await queries.waiting(session, KINDS, [*keys, *(key + WITHOUT_LINK for key in keys)])
    if outdated:
        async with node.database.writing() as session:
            await queries.withdraw(session, outdated)
    for reminder in due if targets else []:
        if reminder.key not in said:
            concerned = [asset for asset in assets if asset.credential_id == reminder.credential_id]
            notice = notice_of(reminder, node.settings.company_name, concerned, await _link(node))
            async with node.database.writing() as session:
                if await tell(session, notice, targets, now):
                    told.append(reminder)
    return told


def renewal_due(credential: Credential, now: datetime) -> bool:
    """Whether to renew: once a day, if the token ends at all and has not ended."""
    if credential.token_expires_at is None or credential.token_expires_at <= now:
        return False
    return credential.last_refreshed_at is None or credential.last_refreshed_at + RENEW_AFTER <= now


def reminders(held: Iterable[Credential], now: datetime) -> Iterator[Reminder]:
    """What people have to be reminded of now, for credentials that are in use: of each countdown the latest stage."""
    for credential in held:
        if credential.status == "revoked":
            yield Reminder("authorisation_ended", credential.id, None, 0, credential.status_reason)
            continue
        countdowns: tuple[tuple[Kind, datetime | None, Sequence[int]], ...] = (
            ("data_access", credential.data_access_expires_at, DATA_ACCESS_DAYS),
            ("token_expiry", credential.token_expires_at, TOKEN_DAYS),
        )
        for kind, deadline, days in countdowns:
            stage = None if deadline is None else stage_of(deadline, now, days)
            if stage is not None:
                yield Reminder(kind, credential.id, deadline, stage)


def stage_of(deadline: datetime, now: datetime, days: Sequence[int]) -> int | None:
    """The smallest of `days` (ascending) that lies ahead of the deadline by now, 0 once it has passed, None before."""
    if now >= deadline:
        return 0
    return next((stage for stage in days if deadline - now <= timedelta(days=stage)), None)


def notice_of(reminder: Reminder, company: str, assets: Sequence[ConnectedAsset], link: ConnectLink | None) -> Notice:
    """A reminder in words, with the link to connect where there is one."""
    what, title, severity = _WORDS[reminder.kind](reminder)
    company = plain(company)
    named = ", ".join(f"{plain(asset.name)} ({asset.kind.replace('_', ' ')})" for asset in assets[:NAMED])
    more = f" and {len(assets) - NAMED} more" if len(assets) > NAMED else ""
    text = f"{what}\n\nIt concerns {company}: {named}{more}.\n\n{_to_do(link)}"
    return Notice(
        key=reminder.key if link else reminder.key + WITHOUT_LINK,
        kind=reminder.kind,
        severity=severity,
        title=f"{company}: {title}",
        text=text,
        valid_until=None if link is None else link.expires_at,
    )


async def _link(node: Node) -> ConnectLink | None:
    try:
        return await node.broker.connect_link()
    except BrokerError as error:
        log.warning("reminder.without_link", code=error.code)
        return None


def _to_do(link: ConnectLink | None) -> str:
    if link is None:
        return (
            "What to do: connect again. The broker gave no link just now; one follows as soon as it does. "
            "The agency can make one too, with `freehold clients link`."
        )
    return (
        "What to do: somebody who looks after these accounts opens the link below, signs in to Facebook, and agrees. "
        f"It works once, until {_written(link.expires_at)}; for another one, run `freehold node connect-link`.\n\n"
        f"{link.url}"
    )


def _data_access(reminder: Reminder) -> tuple[str, str, Severity]:
    end = _written(reminder.deadline)
    rule = "Meta gives access to data for 90 days after a person has agreed"
    if reminder.stage == 0:
        what = (
            f"{rule}. That ended on {end}: nothing new arrives until somebody agrees again. What was collected stays."
        )
        return what, "access to data has ended", "critical"
    what = f"{rule}. That ends on {end}. Without a new consent nothing new arrives after it; what was collected stays."
    return what, f"access to data ends {_ahead(reminder.stage)}", "critical" if reminder.stage == 1 else "warning"


def _token(reminder: Reminder) -> tuple[str, str, Severity]:
    end = _written(reminder.deadline)
    if reminder.stage == 0:
        what = (
            f"The token for Meta ended on {end}; it could not be renewed. Nothing arrives until a person agrees anew."
        )
        return what, "the token has ended", "critical"
    what = (
        f"The token for Meta ends on {end}. The node renews it every day, and that has failed for weeks: the operator "
        "finds the cause with `freehold doctor` and `freehold node renew`. Connecting again helps too."
    )
    return what, f"the token ends {_ahead(reminder.stage)}", "critical" if reminder.stage == 1 else "warning"


def _ended(reminder: Reminder) -> tuple[str, str, Severity]:
    why = ENDED.get(reminder.reason or "", "It is no longer valid.")
    what = (
        f"The authorisation to read these accounts has ended. {why} Collecting has stopped; what was collected stays."
    )
    return what, "the authorisation has ended", "critical"


def _ahead(days: int) -> str:
    return "within a day" if days == 1 else f"in {days} days or less"


def _written(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d %B %Y, %H:%M} UTC"


_WORDS = {"data_access": _data_access, "token_expiry": _token, "authorisation_ended": _ended}
