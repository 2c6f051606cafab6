"""Who is told what about a quote."""

from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound
from crm_api.notifications.models import NotificationKind
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.quotes.models import Quote


class QuoteTeller:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def referred(self, quote: Quote) -> None:
        """The manager of its agency, where it has one."""
        assert quote.agency_id is not None  # noqa: S101 - a CHECK says so
        try:
            manager_id = (await AgencyService(self.ctx).get(quote.agency_id)).value.manager_user_id
        except NotFound:
            return
        if manager_id != quote.referred_by_id:
            reasons = " ".join(reason["message_fr"] for reason in quote.referral_reasons)
            why = Message("quote_referred_why", reasons=reasons[:300])
            await self._tell(manager_id, NotificationKind.APPROVAL_REQUEST, "quote_referred", quote, why)

    async def decided(self, quote: Quote, *, approved: bool) -> None:
        """Who asked."""
        key = "quote_referral_approved" if approved else "quote_referral_refused"
        why = Message("quote_decision_why", reason=quote.decision_reason or "")
        await self._tell(quote.referred_by_id, NotificationKind.DECISION, key, quote, why)

    async def answered(self, quote: Quote, *, accepted: bool) -> None:
        """The seller, of what the customer answered by the link."""
        key = "quote_accepted" if accepted else "quote_declined"
        await self._tell(quote.owner_user_id, NotificationKind.DECISION, key, quote)

    async def _tell(
        self,
        user_id: UUID | None,
        kind: NotificationKind,
        key: str,
        quote: Quote,
        body: Message | None = None,
    ) -> None:
        if user_id is not None:
            await NotificationService(self.ctx).notify(
                [user_id],
                kind,
                title=Message(key, number=quote.number),
                body=body,
                object_type=Quote.label,
                object_id=quote.id,
            )
