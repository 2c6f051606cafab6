"""Mailboxes that are read by IMAP, and domains in whose name mails are signed."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Sealed, at_most, newest


class MailboxSecurity(StrEnum):
    """How the connection to a mailbox is encrypted."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Mailbox(Sealed, Entity):
    """A folder on a mail server, of which new mails are fetched. Sealed: `password`."""

    __tablename__ = "mailboxes"
    label = "mailbox"
    personal: ClassVar = frozenset({"username"})
    __table_args__ = (
        newest("mailboxes"),
        Index("uq_mailboxes_folder", "organization_id", "host", "username", "folder", unique=True),
        Index("ix_mailboxes_channel", "organization_id", "channel_id"),
        ForeignKeyConstraint(
            ["organization_id", "channel_id"],
            ["inbox_channels.organization_id", "inbox_channels.id"],
            name="fk_mailboxes_channel",
        ),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port_exists"),
        at_most("host", 253),
        at_most("username", 254),
        at_most("folder", 120),
    )

    channel_id: Mapped[UUID]
    host: Mapped[str]
    port: Mapped[int]
    security: Mapped[MailboxSecurity] = mapped_column(default=MailboxSecurity.TLS)
    username: Mapped[str]
    folder: Mapped[str] = mapped_column(default="INBOX")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    """Up to this one everything is here."""
    polled_at: Mapped[datetime | None]
    failure_count: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """In a row; 0 after a poll that went well."""
    last_error: Mapped[str | None]


class MailDomain(Sealed, Entity):
    """A domain of the company, and the key that signs its mails (DKIM). Sealed: `private_key`."""

    __tablename__ = "mail_domains"
    label = "mail_domain"
    __table_args__ = (
        newest("mail_domains"),
        Index("uq_mail_domains_selector", "organization_id", "domain", "selector", unique=True),
        at_most("domain", 190),
        at_most("selector", 40),
    )

    domain: Mapped[str]
    selector: Mapped[str]
    dns_value: Mapped[str]
    """Of the TXT record `<selector>._domainkey.<domain>`."""
    is_active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
