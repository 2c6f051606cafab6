"""What upper floors hear of the knowledge base; ids and public facts only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class KbArticleSubmitted(Event):
    kind: ClassVar = "kb_article.submitted"

    kb_article_id: UUID


@dataclass(frozen=True, slots=True)
class KbArticlePublished(Event):
    kind: ClassVar = "kb_article.published"

    kb_article_id: UUID
    edition: int
    audience: str


@dataclass(frozen=True, slots=True)
class KbArticleSentBack(Event):
    kind: ClassVar = "kb_article.sent_back"

    kb_article_id: UUID


@dataclass(frozen=True, slots=True)
class KbArticleArchived(Event):
    kind: ClassVar = "kb_article.archived"

    kb_article_id: UUID
