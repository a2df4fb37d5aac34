"""The broker's settings, from the environment (FREEHOLD_BROKER_…) and from the file `broker.env` in its data folder."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from freehold.kernel.configured import (
    DatabaseUrl,
    LogFormat,
    LogLevel,
    Networks,
    Origin,
    Rate,
    RedisUrl,
    Words,
    load_settings,
)
from freehold.kernel.database import POOL_SIZE
from freehold.kernel.setting_files import with_files

SETTINGS_FILE = "broker.env"


class BrokerSettings(BaseSettings):
    """Everything that an operator may choose for the broker. Its keys are not here: they are files in `data_dir`."""

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_BROKER_", frozen=True, extra="ignore")
    settings_customise_sources = staticmethod(with_files)  # type: ignore[assignment]

    data_dir: Path
    """Holds the keys, and the database unless `database_url` says otherwise."""
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    public_url: Origin = "http://127.0.0.1:3000"
    """Origin at which browsers, nodes and Meta reach the broker; the Host header is never believed."""
    database_url: DatabaseUrl | None = None
    """`postgresql+asyncpg://…`; None: SQLite in `data_dir`."""
    database_pool: int = Field(default=POOL_SIZE, ge=2, le=200)
    """Connections to the database that one process opens at most."""
    redis_url: RedisUrl | None = None
    """Holds one-time state and counts requests for several replicas; None: the database and this process's memory."""
    trusted_proxies: Words = ()
    """Addresses (comma-separated) whose X-Forwarded-For is believed: the reverse proxy in front of the broker."""
    allowed_networks: Networks = ()
    """Networks (CIDR, comma-separated) that may be reached although they are not public; the demo uses 127.0.0.0/8."""
    client_certificate: Path | None = None
    """PEM file with a key and its certificate, shown to nodes whose proxy asks who delivers; None: nothing is shown."""

    meta_app_id: str = Field(pattern=r"^\w{1,64}$")
    meta_app_secret: Annotated[SecretStr, Field(min_length=1)]
    meta_old_app_secrets: SecretStr | None = None
    """Earlier app secrets (comma-separated): Meta's callbacks signed with one of them are still believed."""
    meta_dialog_url: Origin = "https://www.facebook.com"
    meta_graph_url: Origin = "https://graph.facebook.com"
    meta_graph_version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$")
    meta_config_id: str | None = None
    """Configuration of Facebook Login for Business; it names the scopes itself."""
    meta_scopes: Words = (
        "instagram_basic", "instagram_manage_insights", "pages_show_list", "pages_read_engagement", "read_insights",
        "ads_read", "ads_management", "business_management",
    )  # fmt: skip
    meta_required_scopes: Words = (
        "instagram_basic", "instagram_manage_insights", "pages_show_list", "pages_read_engagement", "ads_read",
    )  # fmt: skip
    meta_pkce: bool = True
    tester_cap: int = Field(default=50, ge=1)
    """Testers and analytics users of the app together: 50 for most apps, 500 with a verified business."""

    provider_timeout: float = Field(default=20.0, gt=0)
    """Seconds after which one call to Meta is given up."""
    delivery_seconds: float = Field(default=15.0, gt=0, le=60)
    """How long a delivery is repeated while the person waits."""
    public_rate: Rate = "240/minute"
    """Requests to the public pages from one address."""
    node_rate: Rate = "120/minute"
    """Requests of one node."""
    admin_rate: Rate = "600/minute"
    """Requests with one administrator's key."""
    failure_rate: Rate = "20/minute"
    """Wrong keys from one address."""
    keep_events_days: int = Field(default=400, ge=30)
    """Days for which audit events are kept."""
    keep_platform_events_days: int = Field(default=400, ge=30)
    """Days for which Meta's callbacks are kept that reached their nodes, and the codes of requests for deletion."""
    log_level: LogLevel = "info"
    log_format: LogFormat = "json"
    """`text` is for people at a terminal."""
    discover: bool = True
    """Whether assets are looked up after the exchange; off only to measure the flow without it."""
    deliver: bool = True
    """Whether grants are delivered; off only to measure the flow without it, since the token is then dropped."""

    backup_key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{43}$")
    """Public key to which backups are sealed, from `freehold backup-key new`."""
    backup_to: Path | None = None
    """Where backups go; None: `backups` in `data_dir`, which is no place for the only copy."""
    backup_keep_daily: int = Field(default=7, ge=1)
    """Days of which the newest backup is kept."""
    backup_keep_weekly: int = Field(default=4, ge=0)
    """Weeks of which the newest backup is kept."""

    @classmethod
    def load(cls, data_dir: Path) -> Self:
        """The settings of the broker in `data_dir`; the environment wins over the file.

        Raises `SettingsWrongError`, or `FileUnreadableError`.
        """
        return load_settings(cls, data_dir / SETTINGS_FILE, data_dir=data_dir)

    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'broker.db'}"

    def backups_dir(self) -> Path:
        """Where backups go."""
        return self.backup_to or self.data_dir / "backups"

    def redirect_uri(self, provider: str) -> str:
        """The address to which the provider sends the browser back; registered with the app exactly so."""
        return f"{self.public_url}/callback/{provider}"

    def app_secrets(self) -> tuple[str, ...]:
        """The app secret, then the earlier ones."""
        old = self.meta_old_app_secrets.get_secret_value().split(",") if self.meta_old_app_secrets else []
        return (self.meta_app_secret.get_secret_value(), *(secret.strip() for secret in old if secret.strip()))
