"""Questions that no article answers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, at_most
from crm_api.knowledge.models.article import KbLanguage


class KbGapSource(StrEnum):
    """Where a question came from: the assistant, the text of a request, or a colleague."""

    ASSISTANT = "assistant"
    SUGGESTION = "suggestion"
    COLLEAGUE = "colleague"


class KbGapStatus(StrEnum):
    """Whether a question still wants an article."""

    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


class KbGap(Entity):
    """One question, however often and in whatever order of words it was asked; without personal data."""

    __tablename__ = "kb_gaps"
    label = "kb_gap"
    __table_args__ = (
        Index("uq_kb_gaps_key", "organization_id", "language", "key", unique=True),
        Index("ix_kb_gaps_often", "organization_id", "status", "times", "id"),
        Index("ix_kb_gaps_lately", "organization_id", "status", "last_asked_at", "id"),
        ForeignKeyConstraint(
            ["organization_id", "article_id"],
            ["kb_articles.organization_id", "kb_articles.id"],
            name="fk_kb_gaps_article",
        ),
        CheckConstraint("times >= 1", name="asked"),
        at_most("question", 300),
    )

    language: Mapped[KbLanguage]
    key: Mapped[str]
    """Its words, sorted."""
    question: Mapped[str]
    """As it was asked first; numbers and addresses are masked."""
    source: Mapped[KbGapSource]
    status: Mapped[KbGapStatus] = mapped_column(server_default=text("'open'"), default=KbGapStatus.OPEN)
    times: Mapped[int] = mapped_column(server_default="1", default=1)
    last_asked_at: Mapped[datetime]
    article_id: Mapped[UUID | None]
    """What answers it now."""
