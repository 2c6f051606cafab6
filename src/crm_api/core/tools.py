"""What one installation owns, made once at the composition root and carried by every context."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import make_url

from crm_api.core.bucket import bucket_of
from crm_api.core.identity import Identity
from crm_api.core.keys import SigningKeys
from crm_api.core.mail import FolderMailer, Mailer, MailServer, SmtpMailer
from crm_api.core.scanner import Clamd, Scanner
from crm_api.core.settings import Settings
from crm_api.core.signed_links import LinkSigner
from crm_api.core.storage import FolderStorage, Storage
from crm_api.core.tokens import Tokens
from crm_api.core.vault import OrganizationVault, Vault, load_keks
from crm_api.kit.bounded import Bounded, Remembered
from crm_api.kit.cursors import Seal


@dataclass(frozen=True, slots=True)
class Tools:
    """Keys, mail, files, listeners: the same objects for every request and job of the process."""

    settings: Settings
    keys: SigningKeys
    tokens: Tokens
    vault: Vault
    mailer: Mailer
    storage: Storage
    scanner: Scanner | None
    links: LinkSigner
    cursors: Seal
    identity: Identity
    listeners: Mapping[type, Sequence[Any]] = field(default_factory=dict)
    objects: Mapping[str, type[Any]] = field(default_factory=dict)
    """What a note or a task may hang on; see `core.objects`."""
    told: dict[str, Any] = field(default_factory=dict)
    """What else streams tell of, and to whom; see `core.sight`."""
    entities: dict[str, Any] = field(default_factory=dict)
    """What screens can show and change, read off the routes; see `core.entities`."""
    audience: dict[str, Any] = field(default_factory=dict)
    """What upper floors let segments ask about people; see `segments.catalogue` (`registry.AUDIENCE`)."""
    vaults: Bounded[UUID, OrganizationVault] = field(default_factory=lambda: Bounded(1000))
    numbers: Bounded[tuple[UUID, str], list[int]] = field(default_factory=lambda: Bounded(20_000))
    """Numbers that this process has reserved and not given yet; see `core.numbers`."""
    memory: Remembered[Hashable, Any] = field(default_factory=lambda: Remembered(5000, seconds=5))
    """Settings of organizations that hardly change; whoever changes one forgets it here."""


def make_tools(
    settings: Settings,
    identity: Identity,
    listeners: Mapping[type, Sequence[Any]],
    objects: Mapping[str, type[Any]],
) -> Tools:
    """As configured. In production the key of keys must be there already; elsewhere it is made."""
    folder = settings.data_dir / "keys"
    keys = SigningKeys(folder)
    keks = load_keks(kek_path(settings), create=settings.env != "production")
    return Tools(
        settings=settings,
        keys=keys,
        tokens=Tokens(keys),
        vault=Vault(*keks),
        mailer=_mailer(settings),
        storage=bucket_of(settings) if settings.s3_bucket else FolderStorage(settings.data_dir / "files"),
        scanner=Clamd(settings.clamd_address) if settings.clamd_address else None,
        links=LinkSigner(keks[0]),
        cursors=Seal(keks[0]),
        identity=identity,
        listeners=listeners,
        objects=objects,
    )


def kek_path(settings: Settings) -> Path:
    """In production always named; elsewhere in the data folder."""
    return settings.kek_file or settings.data_dir / "keys" / "kek"


def _mailer(settings: Settings) -> Mailer:
    if settings.smtp_url is None:
        return FolderMailer(
            settings.data_dir / "mails", sender=settings.mail_from, log_links=settings.env == "development"
        )
    url = make_url(settings.smtp_url.get_secret_value())
    security: Any = {"smtps": "tls", "smtp+plain": "none"}.get(url.drivername, "starttls")
    server = MailServer(
        host=url.host or "localhost",
        port=url.port or (465 if security == "tls" else 587),
        security=security,
        username=url.username,
        password=url.password,
    )
    return SmtpMailer(server, sender=settings.mail_from)
