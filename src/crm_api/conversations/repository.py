from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from crm_api.conversations.models import Conversation, ConversationMessage
from crm_api.conversations.schemas import ConversationMessageRead, ConversationRead
from crm_api.core.repository import Repository
from crm_api.users.models import User, UserStatus


class Stand(NamedTuple):
    """Whether a colleague is here, and who stands in for them."""

    here: bool
    substitute_user_id: UUID | None


class ConversationRepository(Repository[Conversation, ConversationRead]):
    model, read = Conversation, ConversationRead

    async def of_account(self, account_id: UUID) -> Conversation | None:
        """Locked, whoever sees it; two first messages of one account come one after the other."""
        name = f"{self.ctx.organization_id}|conversation|{account_id}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        found: Conversation | None = await self.ctx.session.scalar(
            select(Conversation)
            .where(
                Conversation.organization_id == self.ctx.organization_id,
                Conversation.account_id == account_id,
            )
            .with_for_update()
        )
        return found

    async def stand(self, user_id: UUID) -> Stand | None:
        """None for who has left."""
        row = (
            await self.ctx.session.execute(
                select(
                    User.out_of_office_until.is_(None) | (User.out_of_office_until <= func.now()),
                    User.substitute_user_id,
                ).where(
                    User.organization_id == self.ctx.organization_id,
                    User.id == user_id,
                    User.status == UserStatus.ACTIVE,
                )
            )
        ).first()
        return None if row is None else Stand(bool(row[0]), row[1])


class ConversationMessageRepository(Repository[ConversationMessage, ConversationMessageRead]):
    model, read = ConversationMessage, ConversationMessageRead

    async def known(self, ticket_message_id: UUID) -> bool:
        found = await self.ctx.session.scalar(
            select(ConversationMessage.id).where(
                ConversationMessage.organization_id == self.ctx.organization_id,
                ConversationMessage.ticket_message_id == ticket_message_id,
            )
        )
        return found is not None
