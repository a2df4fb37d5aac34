"""Settings of `freehold node bootstrap`, from the environment (FREEHOLD_BOOTSTRAP_…; …_FILE for what is in a file)."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from freehold.kernel.configured import SecretPostgresUrl, load_settings
from freehold.kernel.setting_files import with_files

Password = Annotated[SecretStr, Field(min_length=1)]


class BootstrapSettings(BaseSettings):
    """Where the products of this machine are, and the passwords that their accounts are to have."""

    model_config = SettingsConfigDict(env_prefix="FREEHOLD_BOOTSTRAP_", frozen=True, extra="ignore")
    settings_customise_sources = staticmethod(with_files)  # type: ignore[assignment]

    admin_database_url: SecretPostgresUrl
    """`postgresql+asyncpg://…` of PostgreSQL's superuser; host and port are what NocoDB reaches PostgreSQL by, too."""
    freehold_password: Password
    """Of the role `freehold`, which owns the node's tables."""
    nocodb_password: Password
    """Of the role `nocodb`, which owns NocoDB's own database."""
    nocodb_data_password: Password
    """Of the role `nocodb_data`, with which NocoDB reads the node's tables."""
    n8n_password: Password
    """Of the role `n8n`, which owns n8n's database."""
    open_webui_password: Password | None = None
    """Of the role `open_webui`, which owns Open WebUI's database; None: it is not made."""
    sql_password: Password | None = None
    """Of the role `freehold_sql`, with which the node answers questions in SQL; None: it is not made."""
    bi_password: Password | None = None
    """Of the role `bi`, with which BI tools read the wide views; None: it is not made."""

    owner_email: str = ""
    """Whose account NocoDB, n8n and Open WebUI began with."""
    nocodb_url: str = ""
    """Empty: this machine has no NocoDB."""
    nocodb_admin_password: SecretStr | None = None
    """Of the owner's account in NocoDB, as NocoDB was started with it."""
    marketer_email: str = "marketer@freehold.invalid"
    """Of the account that is made in NocoDB for a marketer; it need not receive mail."""
    n8n_url: str = ""
    """Empty: this machine has no n8n."""
    n8n_owner_password: SecretStr | None = None
    """Of the owner's account in n8n."""
    open_webui_url: str = ""
    """Empty: this machine has no Open WebUI."""
    open_webui_admin_password: SecretStr | None = None
    """Of the owner's account in Open WebUI, as Open WebUI was started with it."""
    chat_llm_url: str = ""
    """Where Open WebUI finds a server that speaks OpenAI's API, with `/v1`; empty: nobody can chat yet."""
    chat_llm_key: SecretStr | None = None
    """The key for that server; None where it needs none."""
    chat_model: str = ""
    """The model of that server which words the answers."""
    workflows_url: str = "http://node:3007"
    """Where n8n finds the node's workflows and Graph proxy, and Open WebUI its insights."""
    receiver_url: str = "http://node:3006"
    """Where n8n finds which accounts are connected."""
    meta_ads_url: str = "http://node:3004"
    """Where n8n finds the node's tools of Meta Ads."""
    instagram_url: str = "http://node:3005"
    """Where n8n finds the node's tools of Instagram Analytics."""
    wait: float = Field(default=180.0, gt=0)
    """Seconds that a product may take until it answers."""

    @classmethod
    def load(cls) -> "BootstrapSettings":
        """The settings that the environment has; raises `SettingsWrongError` or `SettingFileError`."""
        return load_settings(cls, None)
