"""What an interaction does to the lead it is about (domain.md B-7, E-2): nothing here ever refuses it."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.interactions.events import InteractionCorrected, InteractionRecorded
from crm_api.interactions.models import (
    AUTOMATIC,
    IN_VAIN,
    LIVE,
    Direction,
    InteractionChannel,
    InteractionOutcome,
)
from crm_api.kit.errors import NotFound
from crm_api.leads.models import OPEN, Lead
from crm_api.leads.repository import LeadRepository
from crm_api.leads.steps import LeadSteps

Heard = InteractionRecorded | InteractionCorrected


class LeadTouches:
    def __init__(self, ctx: Context) -> None:
        self.leads, self.steps = LeadRepository(ctx), LeadSteps(ctx)

    async def note(self, lead_id: UUID, event: InteractionRecorded) -> None:
        lead = await self._open(lead_id)
        if lead is None:
            return
        if event.direction == Direction.INBOUND:
            lead.last_inbound_at = now()
        if reaches(event):
            await self.steps.reach(lead, event.channel)
        elif event.direction == Direction.OUTBOUND and event.outcome in IN_VAIN:
            await self.steps.miss(lead, wrong_contact=event.outcome == InteractionOutcome.WRONG_NUMBER)
        else:
            await self.steps.touch(lead)

    async def note_correction(self, lead_id: UUID, event: InteractionCorrected) -> None:
        """Only what was missed is made up for: a lead once contacted stays so."""
        lead = await self._open(lead_id)
        if lead is not None and lead.first_contacted_at is None and reaches(event):
            await self.steps.reach(lead, event.channel)

    async def _open(self, lead_id: UUID) -> Lead | None:
        """One that somebody works on; of a converted or abandoned one only the interaction is kept."""
        try:
            lead = await self.leads.load(lead_id)
        except NotFound:
            return None
        return lead if lead.deleted_at is None and lead.status in OPEN else None


def reaches(event: Heard) -> bool:
    """We came to them, and they heard us: an answered call or visit, a message that a colleague wrote."""
    if event.direction != Direction.OUTBOUND or event.outcome in IN_VAIN:
        return False
    channel = InteractionChannel(event.channel)
    return event.outcome is not None or channel not in LIVE | AUTOMATIC
