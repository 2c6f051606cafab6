"""What differs from one installation to another, read once from CRM_* variables."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url


class Settings(BaseSettings):
    """One frozen object, made at the composition root; nothing below reads the environment."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    env: Literal["development", "test", "production"] = "development"
    data_dir: Path = Path(".crm")
    """Keys, mails of development, files and the embedded database live here."""
    kek_file: Path | None = None
    """32 random bytes that wrap the organizations' keys. Absent: made in `data_dir` (not in production)."""
    base_url: str = "http://127.0.0.1:8000"
    """How people reach this installation: the links in mails begin with it."""

    database_url: str | None = None
    """The role that migrates (owner or superuser). Absent: the embedded PostgreSQL in `data_dir`."""
    app_database_url: str | None = None
    """The restricted role. Absent: `database_url` with the user crm_app."""
    app_database_password: SecretStr | None = None
    db_pooler: Literal["none", "transaction"] = "none"
    """`transaction` behind PgBouncer in that mode: the organization is then bound by SET LOCAL."""
    db_connections: int = Field(default=8, ge=1, le=100)
    """Direct connections of one process; its ORM sessions have as many again."""

    embed_worker: bool = True
    """Run the jobs inside the API process; `crm worker` runs them in production."""
    allow_signup: bool = True

    smtp_url: SecretStr | None = None
    """smtp://user:password@host:587 (STARTTLS), smtps://, or smtp+plain:// on loopback; absent: mails become
    files in `data_dir`/mails."""
    mail_from: str = "ASSURA-CRM <no-reply@assura.example>"

    inside_hosts: Annotated[list[str], NoDecode] = []
    """Hosts of our own network that mailboxes and gateways may be on, separated by commas; none by default.
    Every other name must lead to public addresses."""

    s3_bucket: str | None = None
    """Where files are kept; absent: in `data_dir`/files."""
    s3_endpoint: str | None = None
    """Of an S3-compatible store; absent: Amazon's."""
    s3_region: str = "us-east-1"
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    clamd_address: str | None = None
    """host:port or socket of ClamAV's daemon; absent: files are believed clean."""

    policy_mode: Literal["standalone", "projection"] = "standalone"
    """`standalone`: contracts are issued here. `projection`: a policy system keeps them and tells us; staff
    only read them."""

    llm_url: str | None = None
    """A language model that speaks as OpenAI's chat completions, up to /v1, for the assistant to put what it
    quotes into other words; absent: it quotes."""
    llm_model: str = "gpt-4o-mini"
    llm_key: SecretStr | None = None
    llm_timeout: float = Field(default=6.0, gt=0, le=30)
    """Seconds; then the assistant quotes."""

    requests_per_minute: int = Field(default=1200, ge=1)
    """Of one principal (20 a second)."""
    redis_url: SecretStr | None = None
    """Counts rate limits for all processes together; absent: each process counts its own."""
    max_in_flight: int = Field(default=256, ge=1)
    max_body_bytes: int = 1_048_576
    cors_origins: Annotated[list[str], NoDecode] = []
    """Origins of browser applications that may call us, separated by commas; none by default."""
    trusted_proxies: Annotated[list[str], NoDecode] = []
    """Addresses whose X-Forwarded-For is believed; without them a proxy looks like every caller."""
    otlp_endpoint: str | None = None
    """Where traces go (OTLP over HTTP), e.g. http://collector:4318/v1/traces; absent: none are made."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("cors_origins", "trusted_proxies", "inside_hosts", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @cached_property
    def owner_url(self) -> URL | None:
        return _driver(self.database_url) if self.database_url else None

    @property
    def app_address(self) -> URL | None:
        """Where the restricted role connects; None when no server was named."""
        if self.app_database_url:
            return _driver(self.app_database_url)
        return app_url(self, self.owner_url) if self.owner_url else None


def _driver(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+asyncpg")


def app_url(settings: Settings, owner: URL) -> URL:
    """The address of the restricted role: as configured, else the owner's with another user."""
    if settings.app_database_url:
        return _driver(settings.app_database_url)
    secret = settings.app_database_password
    return owner.set(username="crm_app", password=secret.get_secret_value() if secret else None)
