from uuid import UUID

from crm_api.conversations.errors import ConversationOver
from crm_api.conversations.repository import ConversationMessageRepository, ConversationRepository
from crm_api.conversations.schemas import (
    ConversationAnswer,
    ConversationMessagePage,
    ConversationMessageQuery,
    ConversationMessageRead,
    ConversationPage,
    ConversationQuery,
    ConversationRead,
    MessagesOfOne,
)
from crm_api.core.context import Context
from crm_api.kit.schemas import Json
from crm_api.tickets.errors import TicketClosed
from crm_api.tickets.models.words import TicketChannel
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.service import TicketService


class ConversationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.conversations = ConversationRepository(ctx)
        self.messages = ConversationMessageRepository(ctx)

    async def page(self, query: ConversationQuery) -> Json[ConversationPage]:
        return await self.conversations.page(query, ConversationPage)

    async def get(self, conversation_id: UUID) -> Json[ConversationRead]:
        return await self.conversations.get(conversation_id)

    async def messages_of(
        self, conversation_id: UUID, query: ConversationMessageQuery
    ) -> Json[ConversationMessagePage]:
        """Whoever may not see the conversation may not see its messages."""
        await self.conversations.get(conversation_id)
        mine = MessagesOfOne(conversation_id=conversation_id, **dict(query))
        return await self.messages.page(mine, ConversationMessagePage)

    async def answer(self, conversation_id: UUID, data: ConversationAnswer) -> Json[ConversationMessageRead]:
        """By the ticket that is being talked about: its clocks hear it. Raises ConversationOver."""
        conversation = await self.conversations.load(conversation_id)
        written = TicketMessageCreate(
            body=data.body, document_ids=data.document_ids, channel=TicketChannel.PORTAL_MESSAGE
        )
        try:
            message = await TicketService(self.ctx).answer(conversation.ticket_id, written)
        except TicketClosed as closed:
            raise ConversationOver from closed
        found = await self.messages.find(ticket_message_id=message.value.id)
        if found is None:
            raise RuntimeError("a public message of the portal is heard by its conversation")
        return found

    async def read(self, conversation_id: UUID) -> Json[ConversationRead]:
        """A colleague has seen what the customer wrote; once more changes nothing."""
        conversation = await self.conversations.load(conversation_id)
        if conversation.staff_unread_count:
            conversation.staff_unread_count = 0
            await self.conversations.save(conversation)
        return await self.conversations.get(conversation_id)
