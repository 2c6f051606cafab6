"""What became of the messages of a campaign, as the floor below counts it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from crm_api.core.context import Context
from crm_api.mailings.models import Message, MessageProvider, Send, SendCount, SendSource, SendStatus
from crm_api.policies.models.policy import Policy, PolicyStatus
from crm_api.templates.models import Template

_SIGNED = (PolicyStatus.ISSUED, PolicyStatus.IN_FORCE)


class Sent(NamedTuple):
    """Of one variant in the test: people, not messages."""

    variant: str
    recipients: int
    delivered: int
    opened: int
    clicked: int
    converted: int


class SendsRepository:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def open_ids(self, campaign_id: UUID) -> list[UUID]:
        """Sends that go out or wait for their hour."""
        return await self._ids(campaign_id, SendStatus.SCHEDULED, SendStatus.SENDING)

    async def paused_ids(self, campaign_id: UUID) -> list[UUID]:
        return await self._ids(campaign_id, SendStatus.PAUSED)

    async def _ids(self, campaign_id: UUID, *statuses: SendStatus) -> list[UUID]:
        found = select(Send.id).where(*_of(campaign_id), Send.status.in_(statuses)).order_by(Send.id)
        return list(await self.ctx.session.scalars(found))

    async def templates(self, ids: Sequence[UUID]) -> Mapping[UUID, Template]:
        """By their id."""
        found = select(Template).where(Template.id.in_(ids))
        return {one.id: one for one in await self.ctx.session.scalars(found)}

    async def carried(self) -> set[str]:
        """Channels that an active provider carries."""
        active = select(MessageProvider.channel).where(MessageProvider.is_active).distinct()
        return {str(channel) for channel in await self.ctx.session.scalars(active)}

    async def tested(self, campaign_id: UUID, since: Any) -> Sequence[Sent]:
        """Variant by variant, of the sample; machines are not counted."""
        counts = SendCount
        names = "targeted", "delivered", "opened", "clicked"
        summed = (
            select(Send.variant, *(func.coalesce(func.sum(getattr(counts, name)), 0) for name in names))
            .join(counts, and_(counts.organization_id == Send.organization_id, counts.send_id == Send.id))
            .where(*_of(campaign_id), Send.key.startswith("sample|"))
            .group_by(Send.variant)
            .order_by(Send.variant)
        )
        rows = (await self.ctx.session.execute(summed)).all()
        bought = await self._bought(campaign_id, since)
        return [Sent(row[0], row[1], row[2], row[3], row[4], bought.get(row[0], 0)) for row in rows]

    async def _bought(self, campaign_id: UUID, since: Any) -> Mapping[str, int]:
        """People whom a message of the sample reached and who signed a policy since."""
        statement = (
            select(Send.variant, func.count(Message.contact_id.distinct()))
            .join(Message, and_(Message.organization_id == Send.organization_id, Message.send_id == Send.id))
            .join(
                Policy,
                and_(
                    Policy.organization_id == Message.organization_id,
                    Policy.policyholder_contact_id == Message.contact_id,
                ),
            )
            .where(
                *_of(campaign_id),
                Send.key.startswith("sample|"),
                Message.delivered_at.is_not(None),
                Policy.created_at >= since,
                Policy.status.in_(_SIGNED),
            )
            .group_by(Send.variant)
        )
        return {str(row[0]): row[1] for row in await self.ctx.session.execute(statement)}


def _of(campaign_id: UUID) -> Sequence[ColumnElement[bool]]:
    return Send.source_type == SendSource.CAMPAIGN, Send.source_id == campaign_id
