"""Whom this node tells: names and addresses in a file beside the keys, because such addresses carry passwords."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError
from freehold.node.notifications.wishes import Wishes

TARGETS_FILE = "notify.json"

ENCRYPTED = frozenset({
    "apprises", "azure", "brevo", "discord", "flock", "gchat", "gotifys", "hassios", "lark", "mailgun", "mailtos",
    "matrixs", "mmosts", "nctalks", "ntfys", "o365", "opsgenie", "pagerduty", "postmark", "pover", "rockets",
    "sendgrid", "ses", "signals", "slack", "tgram", "threema", "twilio", "webex", "workflow", "workflows", "wxteams",
    "zulip",
})  # fmt: skip
"""Apprise's schemas that may be used: they speak TLS, over HTTP or SMTP, and touch nothing of this machine."""
PLAIN = frozenset({
    "apprise", "gotify", "hassio", "mailto", "matrix", "mmost", "nctalk", "ntfy", "rocket", "signal",
})  # fmt: skip
"""Those that speak without encryption: only into networks that are explicitly allowed."""
NATIVE_HOSTS = frozenset({"chat.googleapis.com", "discord.com", "discordapp.com", "hooks.slack.com"})
"""Services whose webhook addresses Apprise takes as they were copied; any other https address is a webhook of ours."""
_WEBHOOKS = {"https": "https", "http": "http", "jsons": "https", "json": "http"}
_SCHEMA = re.compile(r"^([a-z0-9]{2,20})://\S+$", re.IGNORECASE)

MAIL = frozenset({"mailto", "mailtos"})
"""Those that speak SMTP themselves."""
Way = Literal["webhook", "apprise"]


class TargetRefusedError(ExplainedError):
    """A target that cannot be used; the message says why, and never repeats its address."""


class Target(BaseModel):
    """Somewhere to send notifications: `name` for people, `url` as Apprise writes addresses, or of a webhook.

    `wishes` is what it wants to hear of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    url: SecretStr
    wishes: Wishes = Wishes()

    @property
    def schema_name(self) -> str:
        """The first part of the address, which is no secret."""
        return self.url.get_secret_value().partition("://")[0].lower()

    @property
    def way(self) -> Way:
        """Whether we post to it ourselves, or Apprise does it."""
        host = urlsplit(self.url.get_secret_value()).hostname
        return "webhook" if self.schema_name in _WEBHOOKS and host not in NATIVE_HOSTS else "apprise"

    @property
    def webhook(self) -> str:
        """The address to post to."""
        return _WEBHOOKS[self.schema_name] + self.url.get_secret_value()[len(self.schema_name) :]

    @property
    def is_mail(self) -> bool:
        """Whether it takes an e-mail as we make it."""
        return self.schema_name in MAIL

    @property
    def encrypted(self) -> bool:
        """Whether what is sent to it is encrypted on its way; the sending process has the last word."""
        return self.schema_name in ENCRYPTED | {"https"}


_TARGETS = TypeAdapter(list[Target])


def load_targets(data_dir: Path) -> list[Target]:
    """The targets of the node in `data_dir`, none before the first was added; raises `TargetRefusedError`."""
    try:
        return _TARGETS.validate_json((data_dir / TARGETS_FILE).read_bytes())
    except FileNotFoundError:
        return []
    except ValidationError:
        # Without the cause: it would repeat the addresses.
        raise TargetRefusedError(
            f"{data_dir / TARGETS_FILE} is not a list of targets; restore it from the backup of the keys, or remove it "
            "and add the targets again with `freehold node notify add`"
        ) from None


def new_target(name: str, url: str, policy: AddressPolicy, wishes: Wishes | None = None) -> Target:
    """A target, checked and not yet kept; raises `TargetRefusedError` or `AddressRefusedError`."""
    try:
        target = Target(name=name, url=SecretStr(url.strip()), wishes=wishes or Wishes())
    except ValidationError:
        raise TargetRefusedError("a target's name is of small letters, digits and hyphens, at most 63") from None
    check(target, policy)
    return target


def keep_target(data_dir: Path, target: Target) -> None:
    """Remember a target, in place of one with the same name; raises `TargetRefusedError`."""
    _write(data_dir, [*(each for each in load_targets(data_dir) if each.name != target.name), target])


def with_wishes(target: Target, **changed: object) -> Target:
    """A target that wants something else; what is None stays as it was. Raises `TargetRefusedError`.

    "none" ends quiet hours, and "all" among the topics a choice of topics.
    """
    wanted = target.wishes.model_dump() | {name: value for name, value in changed.items() if value is not None}
    if "all" in wanted["topics"]:
        wanted["topics"] = ()
    if wanted["quiet"] == "none":
        wanted["quiet"] = None
    try:
        return target.model_copy(update={"wishes": Wishes.model_validate(wanted)})
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        reason = str(wrong["msg"]).removeprefix("Value error, ")
        raise TargetRefusedError(f"{wrong['loc'][0]}: {reason[:1].lower()}{reason[1:]}") from None


def remove_target(data_dir: Path, name: str) -> bool:
    """Forget a target; False when there is none of this name."""
    held = load_targets(data_dir)
    left = [target for target in held if target.name != name]
    _write(data_dir, left)
    return len(left) < len(held)


def check(target: Target, policy: AddressPolicy) -> None:
    """Refuse an address that is none, or a way that is not allowed; where a name leads is checked when it is used."""
    url = target.url.get_secret_value()
    if not url.isprintable() or not _SCHEMA.match(url):
        raise TargetRefusedError("write the address as Apprise does, such as mailtos://…, slack://… or https://…")
    if target.way == "webhook":
        policy.check_url(target.webhook)
    elif target.schema_name not in ENCRYPTED | PLAIN | {"https"}:
        raise TargetRefusedError(
            f"{target.schema_name}:// is not among the ways that may be used: https, {', '.join(sorted(ENCRYPTED))}; "
            f"in allowed networks also {', '.join(sorted(PLAIN))}"
        )
    elif target.schema_name in PLAIN and not policy.allowed_networks:
        raise TargetRefusedError(
            f"{target.schema_name}:// is not encrypted; use {target.schema_name}s://, or name the network that it "
            "stays in with FREEHOLD_NODE_ALLOWED_NETWORKS"
        )


def _write(data_dir: Path, targets: Sequence[Target]) -> None:
    kept = [
        {
            "name": target.name,
            "url": target.url.get_secret_value(),
            "wishes": target.wishes.model_dump(mode="json", exclude_defaults=True),
        }
        for target in targets
    ]
    write_private(data_dir / TARGETS_FILE, json.dumps(kept, indent=2))
