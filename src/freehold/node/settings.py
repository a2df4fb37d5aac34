"""The node's settings, from the environment (FREEHOLD_NODE_…) and from the file that `freehold node init` wrote."""

import json
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from freehold.kernel.addresses import PORTS, AddressPolicy
from freehold.kernel.configured import (
    DatabaseUrl,
    LogFormat,
    LogLevel,
    Networks,
    Origin,
    SecretPostgresUrl,
    SettingsWrongError,
    Words,
    load_settings,
)
from freehold.kernel.database import POOL_SIZE
from freehold.kernel.problems import ExplainedError
from freehold.kernel.setting_files import with_files
from freehold.node.exports.kinds import Format

SETTINGS_FILE = "node.env"
ACCOUNTS_FOLDER = "bootstrap"
"""Below the node's folder: what bootstrap made that people and products sign in with."""


class NodeMissingError(ExplainedError):
    """There is no node in this folder."""


class NodeSettings(BaseSettings):
    """Everything that an operator may choose for one node. Keys are not here: they are files in `data_dir`."""

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_NODE_", frozen=True, extra="ignore")
    settings_customise_sources = staticmethod(with_files)  # type: ignore[assignment]

    client_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")
    company_name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    data_dir: Path
    """Holds the database (unless `database_url` says otherwise), the keys and the reports."""
    database_url: DatabaseUrl | None = Field(default=None, repr=False)
    """`postgresql+asyncpg://…`; None: SQLite in `data_dir`."""
    sql_database_url: SecretPostgresUrl | None = None
    """The same database for the role that answers questions in SQL; None: it answers none, unless it is SQLite."""
    database_pool: int = Field(default=POOL_SIZE, ge=2, le=200)
    """Connections to the database that one process opens at most."""

    host: str = "127.0.0.1"
    meta_ads_port: int = Field(default=3004, ge=0, le=65_535)
    instagram_port: int = Field(default=3005, ge=0, le=65_535)
    receiver_port: int = Field(default=3006, ge=0, le=65_535)
    workflows_port: int = Field(default=3007, ge=0, le=65_535)
    tool_hosts: Words = ()
    """Names (comma-separated, `node:3004` or `node`) that lead callers to the listeners of tools, beside loopback's."""
    tool_origins: Words = ()
    """Origins (comma-separated) whose pages may call the listeners of tools, beside those of this machine itself."""
    chat_identity_secret: Annotated[SecretStr, Field(min_length=32)] | None = None
    """With which Open WebUI signs for whom it calls tools, another one on each node. Without it no chat is believed."""
    tool_calls_per_minute: int = Field(default=240, ge=1)
    """Requests that one key may send to the listeners of tools in a minute."""
    trusted_proxies: Words = ()
    """Addresses (comma-separated) whose X-Forwarded-For is believed: the reverse proxy in front of the node."""

    public_url: Origin = "http://127.0.0.1:3007"
    """Origin at which people reach the pages."""
    allowed_networks: Networks = ()
    """Networks (CIDR, comma-separated) that may be reached although they are not public; the demo uses 127.0.0.0/8."""
    plain_hosts: Words = ()
    """Hosts in those networks (name:port, comma-separated) that are spoken to without TLS: n8n beside the node."""

    graph_url: Origin = "https://graph.facebook.com"
    graph_version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$")
    ceiling_per_hour: int = Field(default=200, ge=1)
    """Calls in a rolling hour with one person's tokens, whatever Meta counts them towards: our own ceiling."""
    app_share_per_user: int = Field(default=200, ge=1)
    """Calls in a rolling hour that this node may add to what Meta counts towards the app, for each person here."""
    concurrent_calls: int = Field(default=4, ge=1, le=64)
    provider_timeout: float = Field(default=60.0, gt=0)
    """Seconds after which one call is given up."""
    schedules_on: bool = True
    """Whether workflows begin by themselves; off where n8n or another scheduler orders them."""
    schedules: dict[str, str] = {}
    """Workflow -> "hourly :20", "daily 09:10", "weekly monday 06:30", "monthly 1 06:30" (UTC) or "off", as JSON, where
    it differs from the workflow's own.
    """
    after_collection: bool = True
    """Whether what analyses is called after a collection."""
    runs_at_once: int = Field(default=8, ge=1, le=64)
    """Runs that one worker works on side by side."""
    step_timeout: float = Field(default=7_200.0, gt=0)
    """Seconds in which one stream of one asset has to be read, waiting for budgets included; then the next is."""
    run_timeout: float = Field(default=43_200.0, gt=0)
    """Seconds that a run may take; hourly workflows have 55 minutes at most."""
    worker_poll: float = Field(default=1.0, gt=0)
    """Seconds between a worker's looks at its queues."""
    worker_lost_after: float = Field(default=60.0, gt=0)
    """Seconds without a sign of life after which a worker on another machine counts as dead."""
    keep_runs_days: int = Field(default=90, ge=1)
    """Days for which runs that have ended are kept."""
    keep_access_log_days: int = Field(default=90, ge=1)
    """Days for which requests to the node's listeners are kept."""
    keep_security_events_days: int = Field(default=365, ge=30)
    """Days for which is kept what went wrong at the door."""
    keep_api_calls_days: int = Field(default=90, ge=8)
    """Days for which calls to Meta are kept; alerts and `budget` look at the last of them."""
    keep_notifications_days: int = Field(default=365, ge=30)
    """Days for which notifications are kept; reminders of authorisations stay."""
    keep_received_days: int = Field(default=90, ge=8)
    """Days for which deliveries and Meta's callbacks that the broker passed on are remembered."""
    backfill_days: int = Field(default=90, ge=1, le=720)
    """How many days back `backfill` fills what is missing."""
    backup_key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{43}$")
    """Public key to which backups are sealed, from `freehold backup-key new`; None: no nightly backup."""
    backup_to: Path | None = None
    """Where backups go; None: `backups` in `data_dir`, which is no place for the only copy."""
    backup_keep_daily: int = Field(default=7, ge=1)
    """Days of which the newest backup is kept."""
    backup_keep_weekly: int = Field(default=4, ge=0)
    """Weeks of which the newest backup is kept."""
    backup_databases: Annotated[dict[str, str], Field(repr=False)] = {}
    """Further databases of PostgreSQL in the backup (n8n, nocodb), as JSON: name -> `postgresql+asyncpg://…`."""
    export_to: Path | None = None
    """Where exports by schedule go; None: `exports` in `data_dir`."""
    export_views: Words = ()
    """The views (comma-separated) that are exported by schedule; none named: all."""
    export_format: Format = "csv"
    """As which kind of file."""
    export_keep: int = Field(default=7, ge=1)
    """Days of which exports by schedule are kept."""
    posts_timezone: str | None = None
    """In which time zone the hours of posts are told: `Europe/Berlin`; None: that of all ad accounts, else UTC."""
    language: Literal["en", "de"] = "en"
    """In which reports, and what is told with them, are written."""
    report_colour: str = Field(default="#1f6f5c", pattern=r"^#[0-9a-fA-F]{6}$")
    """The client's colour in reports; made darker or lighter where it could not be read."""
    report_logo: Path | None = None
    """A PNG or JPEG file that reports show above the client's name; nothing but its pixels is kept."""
    keep_reports_days: int = Field(default=800, ge=70)
    """Days for which editions of reports are kept, with their files; new ones look at those of the last months."""
    four_eyes: bool = False
    """Whether a plan needs the approval of another person than the one whose key proposed it."""
    model_provider: Literal["openai", "anthropic"] | None = None
    """Whose API words findings: `openai`, which many servers speak (`model_url`), or `anthropic`; None: templates."""
    model_name: str = Field(default="", max_length=128)
    """The model, as its provider calls it."""
    model_url: str | None = None
    """Where that API is, if not at its provider: `https://models.example.com/v1`; `plain_hosts` may be without TLS."""
    model_key: SecretStr | None = None
    model_timeout: float = Field(default=60.0, gt=0, le=600)
    """Seconds for one text, repair included."""
    model_tokens_per_month: int = Field(default=2_000_000, ge=0)
    """Tokens, read and written, that a month may use; then templates word until the next."""
    model_cost_per_month: int | None = Field(default=None, ge=0)
    """US cents that a month may cost, by the prices below."""
    model_price_input: float | None = Field(default=None, ge=0)
    """US dollars for a million tokens that the model reads."""
    model_price_output: float | None = Field(default=None, ge=0)
    """US dollars for a million tokens that the model writes."""
    keep_model_calls_days: int = Field(default=365, ge=31)
    """Days for which is kept what a model was asked, without names and captions."""
    log_level: LogLevel = "info"
    log_format: LogFormat = "json"
    """`text` is for people at a terminal."""
    accept_plain_deliveries: bool = False
    """Whether a delivery that is not sealed to this node is taken; only for brokers that hold no key of this node."""

    @field_validator("posts_timezone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        """One that is known."""
        if name is not None and name not in available_timezones():
            raise ValueError(f"{name} is no time zone; one is `Europe/Berlin`")
        return name

    @field_validator("plain_hosts")
    @classmethod
    def _inside(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """A port that is reached in the open internet too is reached with TLS alone."""
        for host in hosts:
            name, _, port = host.rpartition(":")
            if not name or not port.isdecimal() or int(port) in PORTS:
                raise ValueError(
                    f'"{host}" is no host and port; write "n8n:5678", with a port other than {sorted(PORTS)}'
                )
        return hosts

    @field_validator("backup_databases", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        """What comes from a file is text."""
        return json.loads(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_ask(self) -> Self:
        """A model has a name, and a limit of cost has prices to count by."""
        if self.model_provider and not self.model_name:
            raise ValueError("MODEL_NAME is missing: say which model of MODEL_PROVIDER words findings")
        if self.model_cost_per_month is not None and None in {self.model_price_input, self.model_price_output}:
            raise ValueError("MODEL_COST_PER_MONTH counts by MODEL_PRICE_INPUT and MODEL_PRICE_OUTPUT: set both")
        return self

    def addresses(self) -> AddressPolicy:
        """What this node may reach."""
        return AddressPolicy.of(*self.allowed_networks, plain_hosts=self.plain_hosts)

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """The settings of the node in `data_dir`; the environment wins over the file.

        Raises `NodeMissingError`, `SettingsWrongError`, or `FileUnreadableError`.
        """
        file = data_dir / SETTINGS_FILE
        try:
            return load_settings(cls, file, data_dir=data_dir)
        except SettingsWrongError as error:
            if file.exists():
                raise
            raise NodeMissingError(f"{data_dir} holds no node; make one with `freehold node init`") from error

    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'node.db'}"

    def runs_file(self) -> Path:
        """Where DBOS remembers the runs, beside a database of SQLite; on PostgreSQL it does so in the node's own."""
        return self.data_dir / "workflows.db"

    def backups_dir(self) -> Path:
        """Where backups go."""
        return self.backup_to or self.data_dir / "backups"

    def exports_dir(self) -> Path:
        """Where exports by schedule go, a folder for each day; `latest` leads to the newest."""
        return self.export_to or self.data_dir / "exports"

    def reports_dir(self) -> Path:
        """Where reports are written; `latest.html` is the newest."""
        return self.data_dir / "reports"
