"""The sandbox's settings, from the environment (FREEHOLD_SANDBOX_…). Its secrets protect nothing but made-up data."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LimitNumbers(BaseModel):
    """Meta's quotas; `limited` is what an app with Limited access gets, as a client's first app has."""

    platform_app_per_user_hour: int = 200
    platform_user_hour: int = 4_000
    instagram_day_per_impression: float = 4_800.0
    instagram_day_minimum: int = 48_000
    pages_day: int = 48_000
    ads_management_hour: int = 300
    ads_management_per_active_ad: int = 40
    ads_insights_hour: int = 600
    ads_insights_per_active_ad: int = 400
    score_maximum: int = 60
    score_decay_seconds: int = 300
    score_block_seconds: int = 300
    mutations_per_second: int = 100
    headers_from_percent: float = 1.0
    """A meter below this percentage sends no header, as Meta's do."""
    tier: str = "development_access"


class Scale(BaseModel):
    """What to change about one business of the cast, for a test or benchmark that needs another size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    followers: int | None = Field(default=None, ge=0)
    posts: int | None = Field(default=None, ge=0, le=100_000)
    ads: int | None = Field(default=None, ge=0, le=20_000)
    timezone_name: str | None = None
    always_professional: bool = False
    """Whether the Instagram account was a professional one before its first post."""


class SandboxSettings(BaseSettings):
    """Where the sandbox listens, what world it plays, and which refusals it is strict about."""

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_SANDBOX_", frozen=True, env_nested_delimiter="__")

    host: str = "127.0.0.1"
    port: int = Field(default=4000, ge=0, le=65_535)
    app_id: str = "1234567890123456"
    app_secret: SecretStr = SecretStr("sandbox-app-secret")
    app_name: str = "Freehold"
    redirect_uris: tuple[str, ...] = ()
    """Redirect URIs that the app has registered; empty: any on loopback."""
    deauthorize_url: str | None = None
    data_deletion_url: str | None = None
    seed: int = 20_260_729
    epoch: datetime | None = None
    """The instant at which the seeded world stands; None: when the sandbox starts."""
    extra_businesses: int = Field(default=0, ge=0, le=400)
    scale: dict[int, Scale] = {}
    """By number of a business of the cast, what is different about it."""
    cost_limit: int = 60_000
    """Fields that one call may read before "reduce the amount of data"."""
    media_page: int = Field(default=100, ge=1)
    """Posts or stories of an Instagram account that one page holds at most; a larger limit is cut to it."""
    media_insights_page: int = Field(default=50, ge=1)
    """Posts that one page may hold when each comes with its insights; more is refused: "reduce the amount of data"."""
    ads_insights_page: int = Field(default=500, ge=1)
    """Rows of an ads report that one page holds at most; a larger limit is cut to it."""
    ads_report_seconds: float = Field(default=20.0, gt=0)
    """Seconds that an asynchronous ads report takes at most."""
    require_proof: bool = False
    """Whether every call must carry appsecret_proof ("Require App Secret")."""
    strict_window: bool = True
    """Whether account insights over more than 30 days are refused."""
    strict_timeframe: bool = True
    """Whether follower_demographics needs a timeframe, as Meta documents; collectors that are in use send none."""
    retired_metrics: tuple[str, ...] = ()
    """Metrics of Instagram that are refused as if they had never been, like those that Meta takes away."""
    upgrade_dead_versions: bool = False
    """Whether a call to a dead ads version is answered by the oldest living one instead of error 2635."""
    mark: str = ""
    """Text that is put into every token and code, so that it can be searched for."""
    limits: LimitNumbers = LimitNumbers()
