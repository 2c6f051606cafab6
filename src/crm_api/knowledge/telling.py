"""What people are told about articles."""

from crm_api.core.context import Context
from crm_api.knowledge.models.article import KbArticle
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message


class Telling:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def sent_back(self, article: KbArticle) -> None:
        why = Message("kb_why", reason=article.send_back_reason) if article.send_back_reason else None
        await self._tell(article, "decision", "kb_sent_back", why)

    async def review_due(self, article: KbArticle) -> None:
        key = f"kb_article|{article.id}|{article.review_due_on}"
        await self._tell(article, "deadline", "kb_review_due", None, key)

    async def _tell(
        self, article: KbArticle, kind: str, key: str, body: Message | None, once: str | None = None
    ) -> None:
        if article.owner_id is None or article.owner_id == self.ctx.principal.id:
            return
        await NotificationService(self.ctx).notify(
            [article.owner_id],
            kind,
            title=Message(key, title=article.title[:120]),
            body=body,
            object_type=None,
            object_id=None,
            dedupe_key=once,
        )
