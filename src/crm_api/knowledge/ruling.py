"""The automatic replies themselves: written, ordered, switched on and off, tried."""

from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.knowledge.answering import AutoReplyService, Received
from crm_api.knowledge.models.replies import AutoReply, AutoReplyTrigger
from crm_api.knowledge.repository.replies import AutoReplyRepository
from crm_api.knowledge.schemas.replies import (
    AutoReplyConditions,
    AutoReplyCreate,
    AutoReplyPage,
    AutoReplyPatch,
    AutoReplyQuery,
    AutoReplyRead,
    AutoReplyTried,
    AutoReplyTry,
)


class AutoReplyRules:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.replies = AutoReplyRepository(ctx)

    async def page(self, query: AutoReplyQuery) -> Json[AutoReplyPage]:
        return await self.replies.page(query, AutoReplyPage)

    async def get(self, auto_reply_id: UUID) -> Json[AutoReplyRead]:
        return await self.replies.get(auto_reply_id)

    async def create(self, data: AutoReplyCreate) -> Json[AutoReplyRead]:
        self.ctx.begin()
        _refuse_wordless(data.trigger, data.keywords)
        reply = AutoReply(**data.model_dump(exclude={"conditions"}), id=new_id())
        reply.conditions = data.conditions.model_dump(mode="json")
        await self.replies.save(reply)
        return await self.replies.get(reply.id)

    async def update(self, auto_reply_id: UUID, data: AutoReplyPatch, version: int) -> Json[AutoReplyRead]:
        reply = await self._loaded(auto_reply_id, version)
        for name, value in data:
            if isinstance(value, AutoReplyConditions):
                reply.conditions = value.model_dump(mode="json")
            elif value is not MISSING:
                setattr(reply, name, value)
        _refuse_wordless(reply.trigger, reply.keywords)
        await self.replies.save(reply)
        return await self.replies.get(auto_reply_id)

    async def delete(self, auto_reply_id: UUID, version: int) -> None:
        """With what it remembers of whom it answered."""
        await self.replies.remove(await self._loaded(auto_reply_id, version))

    async def attempt(self, data: AutoReplyTry) -> AutoReplyTried:
        """What would answer such a message; nobody is answered."""
        self.ctx.begin()
        message = Received(**data.model_dump())
        reply, why_not = await AutoReplyService(self.ctx).tried(message)
        return AutoReplyTried(
            auto_reply_id=reply.auto_reply_id if reply else None,
            text=reply.text if reply else None,
            why_not=why_not,
        )

    async def _loaded(self, auto_reply_id: UUID, version: int) -> AutoReply:
        reply = await self.replies.load(auto_reply_id)
        if version not in (reply.version, ANY_VERSION):
            raise VersionConflict(current_version=reply.version)
        return reply


def _refuse_wordless(trigger: AutoReplyTrigger, keywords: list[str]) -> None:
    if trigger is AutoReplyTrigger.KEYWORD and not keywords:
        raise ValidationFailed.at("/keywords", "keywords_required", "Name the words that it answers to.")
