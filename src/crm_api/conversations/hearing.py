"""What is said in tickets by the portal, written into the conversation of the account."""

from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.conversations.models import Conversation, ConversationMessage, ConversationSide
from crm_api.conversations.repository import ConversationMessageRepository, ConversationRepository
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.ids import new_id
from crm_api.tickets.events import TicketMessageAdded
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.words import MessageAuthor, MessageVisibility, TicketChannel, TicketStatus
from crm_api.tickets.schemas.content import TicketAssign
from crm_api.tickets.schemas.messages import TicketMessageRead
from crm_api.tickets.service import TicketService
from crm_api.tickets.steps import TicketSteps

_CUSTOMER = frozenset({MessageAuthor.CONTACT, MessageAuthor.PORTAL_USER})


class Hearing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.conversations = ConversationRepository(ctx)
        self.messages = ConversationMessageRepository(ctx)

    async def hear(self, event: TicketMessageAdded) -> None:
        """A public message of the portal, of a known customer; anything else is not for a conversation."""
        if event.visibility != MessageVisibility.PUBLIC or event.channel != TicketChannel.PORTAL_MESSAGE:
            return
        ticket = (await TicketService(self.ctx).get(event.ticket_id)).value
        if ticket.account_id is None or await self.messages.known(event.message_id):
            return
        message = (await Messaging(self.ctx).messages.get(event.message_id)).value
        conversation = await self.conversations.of_account(ticket.account_id)
        if conversation is None:
            conversation = Conversation(
                id=new_id(),
                account_id=ticket.account_id,
                ticket_id=ticket.id,
                owner_user_id=ticket.owner_user_id,
                agency_id=ticket.agency_id,
                staff_unread_count=0,
                customer_unread_count=0,
                message_count=0,
            )
        conversation.ticket_id = ticket.id
        await self._add(conversation, message)

    async def _add(self, conversation: Conversation, message: TicketMessageRead) -> None:
        side = _side(message.author_type)
        conversation.message_count += 1
        conversation.last_message_at = message.created_at
        if side is ConversationSide.CUSTOMER:  # who writes has seen what stood there
            conversation.staff_unread_count += 1
            conversation.customer_unread_count = 0
        else:
            conversation.customer_unread_count += 1
            if side is ConversationSide.STAFF:
                conversation.staff_unread_count = 0
        await self.conversations.save(conversation)
        await self.messages.save(
            ConversationMessage(
                id=new_id(),
                conversation_id=conversation.id,
                ticket_id=message.ticket_id,
                ticket_message_id=message.id,
                side=side,
                author_id=message.author_id,
                body=message.body,
                document_ids=list(message.document_ids),
            )
        )

    async def have_answered(self, ticket_id: UUID) -> None:
        """Whoever answers the account now has the ticket: its manager, else who stands in, else the agency.

        A colleague who has the ticket and is here keeps it.
        """
        tickets = TicketService(self.ctx)
        ticket = (await tickets.get(ticket_id)).value
        if ticket.account_id is None or ticket.status is TicketStatus.CLOSED:
            return
        conversation = await self.conversations.of_account(ticket.account_id)
        if conversation is None:
            return
        answers = ticket.owner_user_id and await self._present(ticket.owner_user_id)
        if not answers:
            account = (await AccountService(self.ctx).get(ticket.account_id)).value
            answers = account.manager_user_id and await self._present(account.manager_user_id)
            if answers and answers != ticket.owner_user_id:
                assign = TicketAssign(owner_user_id=answers)
                await TicketSteps(self.ctx).assign(ticket_id, assign, ANY_VERSION)
        if conversation.owner_user_id != answers:
            conversation.owner_user_id = answers or None
            await self.conversations.save(conversation)

    async def _present(self, user_id: UUID) -> UUID | None:
        """That colleague, or who stands in for them, whoever is here."""
        stand = await self.conversations.stand(user_id)
        if stand is None or stand.here:
            return user_id if stand else None
        if stand.substitute_user_id is None:
            return None
        substitute = await self.conversations.stand(stand.substitute_user_id)
        return stand.substitute_user_id if substitute and substitute.here else None


def _side(author: MessageAuthor) -> ConversationSide:
    if author in _CUSTOMER:
        return ConversationSide.CUSTOMER
    return ConversationSide.STAFF if author is MessageAuthor.USER else ConversationSide.HOUSE
