"""Templates of messages (domain.md B-36): a code, a channel, a language, and revisions in a row.

A row is one revision. Of one code, channel and language there is one draft and one approved revision at
most; what was approved never changes, for messages and campaigns are pinned to it by its id.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most, folded, newest
from crm_api.kit.states import machine


class TemplateChannel(StrEnum):
    """By which way a message of this template goes."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PUSH = "push"
    LETTER = "letter"


class TemplateLanguage(StrEnum):
    """In which language it is written; Arabic runs from right to left."""

    FR = "fr"
    AR = "ar"
    EN = "en"


class TemplatePurpose(StrEnum):
    """Why it is sent: to sell, which needs consent and a footer, or because the contract asks for it."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


class TemplateFormat(StrEnum):
    """In what the body is written: plain text, HTML, or MJML."""

    TEXT = "text"
    HTML = "html"
    MJML = "mjml"


class TemplateStatus(StrEnum):
    """Where a revision stands: being written, in use and unchangeable, or put away."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


TEMPLATE = machine("template", "draft: approved retired \n approved: retired")
LONGEST_BODY = 200_000


class Template(Entity):
    """One revision of one template in one language."""

    __tablename__ = "templates"
    label = "template"
    __table_args__ = (
        newest("templates"),
        Index(
            "uq_templates_revision",
            *("organization_id", "code", "channel", "language", "revision"),
            unique=True,
        ),
        Index(
            "uq_templates_draft",
            *("organization_id", "code", "channel", "language"),
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index(
            "uq_templates_approved",
            *("organization_id", "code", "channel", "language"),
            unique=True,
            postgresql_where=text("status = 'approved'"),
        ),
        Index("ix_templates_name", "organization_id", "name_folded", "id"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("(status = 'draft') = (approved_at IS NULL) OR status = 'retired'", name="approval"),
        CheckConstraint("channel = 'email' OR format = 'text'", name="layout_of_email"),
        at_most("code", 60),
        at_most("name", 120),
        at_most("subject", 200),
        at_most("body", LONGEST_BODY),
    )

    code: Mapped[str]
    channel: Mapped[TemplateChannel]
    language: Mapped[TemplateLanguage]
    revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    name_folded: Mapped[str] = folded("name", "code")
    purpose: Mapped[TemplatePurpose]
    format: Mapped[TemplateFormat]
    subject: Mapped[str | None]
    body: Mapped[str]
    html: Mapped[str | None]
    """The compiled layout, merge fields still in it."""
    text: Mapped[str]
    """The plain text, merge fields still in it."""
    variables: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sms_segments: Mapped[int | None]
    """Parts, with the examples filled in."""
    status: Mapped[TemplateStatus] = mapped_column(default=TemplateStatus.DRAFT)
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None]
