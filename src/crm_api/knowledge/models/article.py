"""Articles of the knowledge base: the copy that is worked on, and what readers see of it (domain.md B-34)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, Tagged, at_most, newest
from crm_api.kit.states import machine
from crm_api.knowledge.models.words import triggers

LONGEST_BODY = 40_000


class KbLanguage(StrEnum):
    """The language an article is written in."""

    FR = "fr"
    AR = "ar"
    EN = "en"


class KbAudience(StrEnum):
    """Who may read an article: anybody, customers who have signed in, or the staff only."""

    PUBLIC = "public"
    PORTAL = "portal"
    INTERNAL = "internal"


class KbArticleStatus(StrEnum):
    """Where the copy that is worked on stands: from a draft to an approved publication."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


KB_ARTICLE = machine(
    "kb_article",
    """draft: in_review archived
    in_review: published draft
    published: archived draft""",
)


class KbArticle(Tagged, Entity):
    """The copy that authors work on. Readers see its live edition, which stays while a new one is written."""

    __tablename__ = "kb_articles"
    label = "kb_article"
    __table_args__ = (
        Index("uq_kb_articles_slug", "organization_id", "language", "slug", unique=True),
        Index("uq_kb_articles_family", "organization_id", "family_id", "language", unique=True),
        newest("kb_articles"),
        Index("ix_kb_articles_status", "organization_id", "status", "created_at", "id"),
        Index("ix_kb_articles_owner", "organization_id", "owner_id", "created_at", "id"),
        Index("ix_kb_articles_review", "organization_id", "review_due_on", "id"),
        ForeignKeyConstraint(
            ["organization_id", "owner_id"],
            ["users.organization_id", "users.id"],
            name="fk_kb_articles_owner",
        ),
        CheckConstraint("edition >= 0 AND helpful >= 0 AND not_helpful >= 0", name="counts"),
        at_most("slug", 120),
        at_most("title", 200),
        at_most("body", LONGEST_BODY),
        at_most("category", 60),
    )

    family_id: Mapped[UUID]
    """The same in all languages of one article."""
    slug: Mapped[str]
    language: Mapped[KbLanguage]
    title: Mapped[str]
    body: Mapped[str]
    """Markdown."""
    keywords: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """What people call it who do not know our words."""
    category: Mapped[str]
    audience: Mapped[KbAudience]
    status: Mapped[KbArticleStatus] = mapped_column(default=KbArticleStatus.DRAFT)
    owner_id: Mapped[UUID | None]
    review_due_on: Mapped[date | None]
    review_told_on: Mapped[date | None]
    """For which review date the owner has been told."""
    edition: Mapped[int] = mapped_column(server_default="0", default=0)
    """How often it was published."""
    live_edition: Mapped[int | None]
    """The one that readers see."""
    published_at: Mapped[datetime | None]
    send_back_reason: Mapped[str | None]
    helpful: Mapped[int] = mapped_column(server_default="0", default=0)
    not_helpful: Mapped[int] = mapped_column(server_default="0", default=0)


class KbEdition(Tagged, Entity):
    """An article as it was approved; never changed. `is_live`: the one that readers see."""

    __tablename__ = "kb_editions"
    label = "kb_edition"
    __table_args__ = (
        Index("uq_kb_editions_number", "organization_id", "article_id", "number", unique=True),
        Index(
            "uq_kb_editions_live",
            "organization_id",
            "article_id",
            unique=True,
            postgresql_where=text("is_live"),
        ),
        Index(
            "uq_kb_editions_address",
            "organization_id",
            "language",
            "slug",
            unique=True,
            postgresql_where=text("is_live"),
        ),
        Index(
            "ix_kb_editions_newest",
            "organization_id",
            "created_at",
            "id",
            postgresql_where=text("is_live"),
        ),
        Index(
            "ix_kb_editions_category",
            "organization_id",
            "category",
            "created_at",
            "id",
            postgresql_where=text("is_live"),
        ),
        Index(
            "ix_kb_editions_family",
            "organization_id",
            "family_id",
            postgresql_where=text("is_live"),
        ),
        ForeignKeyConstraint(
            ["organization_id", "article_id"],
            ["kb_articles.organization_id", "kb_articles.id"],
            name="fk_kb_editions_article",
        ),
        at_most("body", LONGEST_BODY),
        {"info": {"ddl": triggers("kb_editions")}},
    )

    article_id: Mapped[UUID]
    number: Mapped[int]
    family_id: Mapped[UUID]
    slug: Mapped[str]
    language: Mapped[KbLanguage]
    title: Mapped[str]
    body: Mapped[str]
    keywords: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    category: Mapped[str]
    audience: Mapped[KbAudience]
    review_due_on: Mapped[date | None]
    is_live: Mapped[bool] = mapped_column(default=True)
    approved_by_id: Mapped[UUID | None]


class KbVote(Ledger):
    """Whether an article helped: one vote of each reader, the last one counts."""

    __tablename__ = "kb_votes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "article_id"],
            ["kb_articles.organization_id", "kb_articles.id"],
            name="fk_kb_votes_article",
        ),
    )

    article_id: Mapped[UUID] = mapped_column(primary_key=True)
    voter: Mapped[str] = mapped_column(primary_key=True)
    """A user's id, or what the insurer's site calls its visitor."""
    is_helpful: Mapped[bool]
    voted_at: Mapped[datetime]
