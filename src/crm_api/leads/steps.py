"""The steps of a lead's life: each checks the table of states, does its work, and says so."""

from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Deleted, InvalidTransition, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.leads.errors import DuplicateNotNamed, LeadAlreadyConverted, ReopenTooLate, UnknownLead
from crm_api.leads.events import (
    LeadAssigned,
    LeadContacted,
    LeadDisqualified,
    LeadDuplicateDetected,
    LeadNurtured,
    LeadQualified,
    LeadReopened,
    LeadScoreChanged,
)
from crm_api.leads.models import LEAD, OPEN, REOPEN_WITHIN, DisqualifyReason, Lead, LeadChannel, LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.routing import LeadRouter
from crm_api.leads.schemas.actions import (
    ContactOutcome,
    LeadAssign,
    LeadContact,
    LeadDisqualify,
    LeadNurture,
    LeadQualify,
)
from crm_api.leads.schemas.content import LeadPatch
from crm_api.leads.schemas.lead import LeadRead
from crm_api.leads.service import LeadService


class LeadSteps:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def assign(self, lead_id: UUID, data: LeadAssign, version: int) -> Json[LeadRead]:
        """A new lead becomes assigned; any other open one only changes hands."""
        lead = await self._loaded(lead_id, version)
        if lead.status not in OPEN or lead.status is LeadStatus.NEW:
            LEAD.check(lead.status, LeadStatus.ASSIGNED)
            lead.status = LeadStatus.ASSIGNED
        colleague = await LeadRouter(self.ctx).active_colleague(data.owner_user_id)
        lead.owner_user_id = colleague.id
        lead.agency_id = data.agency_id or colleague.agency_id or lead.agency_id
        lead.assigned_at = now()
        return await self._done(lead, LeadAssigned(lead.id, lead.owner_user_id, lead.agency_id))

    async def contact(self, lead_id: UUID, data: LeadContact, version: int) -> Json[LeadRead]:
        """Only reaching the person makes it contacted; an attempt in vain is counted, in any open state."""
        lead = await self._loaded(lead_id, version)
        if data.outcome is not ContactOutcome.REACHED:
            return await self._in_vain(lead, data.outcome)
        self._refuse_reopening(lead)
        LEAD.check(lead.status, LeadStatus.CONTACTED)
        return await self.reach(lead, data.channel)

    async def reach(self, lead: Lead, channel: str) -> Json[LeadRead]:
        """The person was reached: contacted, unless the lead is further on already."""
        first = lead.first_contacted_at is None
        lead.first_contacted_at = lead.first_contacted_at or now()
        if channel == LeadChannel.PHONE and lead.phone:
            lead.answered_calls, lead.contact_attempts = lead.answered_calls + 1, 0
            lead.phone_verified_at = lead.phone_verified_at or now()
        moves = LeadStatus.CONTACTED in LEAD.allowed(lead.status)
        if moves:
            lead.status, lead.nurture_until = LeadStatus.CONTACTED, None
        await self._rescore(lead)
        told = [LeadContacted(lead.id, channel, first)] if moves or first else []
        return await self._done(lead, *told)

    async def miss(self, lead: Lead, *, wrong_contact: bool) -> Json[LeadRead]:
        """Nobody answered, or somebody else did."""
        lead.contact_attempts += 1
        lead.contact_invalid = lead.contact_invalid or wrong_contact
        await self._rescore(lead)
        return await self._done(lead)

    async def touch(self, lead: Lead) -> Json[LeadRead]:
        """Something happened about it."""
        return await self._done(lead)

    async def qualify(self, lead_id: UUID, data: LeadQualify, version: int) -> Json[LeadRead]:
        lead = await self._loaded(lead_id, version)
        LEAD.check(lead.status, LeadStatus.QUALIFIED)
        learnt = {name: getattr(data, name) for name in data.model_fields_set}
        await self._change(lead, {name: value for name, value in learnt.items() if value is not None})
        lead.status, lead.qualified_at = LeadStatus.QUALIFIED, now()
        await self._rescore(lead)
        return await self._done(lead, LeadQualified(lead.id, lead.score))

    async def nurture(self, lead_id: UUID, data: LeadNurture, version: int) -> Json[LeadRead]:
        lead = await self._loaded(lead_id, version)
        LEAD.check(lead.status, LeadStatus.NURTURING)
        lead.status, lead.nurture_until = LeadStatus.NURTURING, data.nurture_until
        return await self._done(lead, LeadNurtured(lead.id))

    async def disqualify(self, lead_id: UUID, data: LeadDisqualify, version: int) -> Json[LeadRead]:
        lead = await self._loaded(lead_id, version)
        LEAD.check(lead.status, LeadStatus.DISQUALIFIED)
        original = data.duplicate_of_id or lead.duplicate_of_id
        events: list[Event] = [LeadDisqualified(lead.id, data.reason)]
        if data.reason is DisqualifyReason.DUPLICATE:
            if original is None:
                raise DuplicateNotNamed
            if original != lead.duplicate_of_id:
                if original == lead.id or await self.leads.find(id=original) is None:
                    raise UnknownLead
                lead.duplicate_of_id = original
                events.append(LeadDuplicateDetected(lead.id, "lead", original, 100, True))
        lead.status, lead.disqualified_at = LeadStatus.DISQUALIFIED, now()
        lead.disqualify_reason, lead.disqualify_comment = data.reason, data.comment
        return await self._done(lead, *events)

    async def reopen(self, lead_id: UUID, version: int) -> Json[LeadRead]:
        """Within 90 days; it takes up where contacts stand."""
        lead = await self._loaded(lead_id, version)
        if lead.status is not LeadStatus.DISQUALIFIED:
            raise _refused(lead, LeadStatus.CONTACTED)
        if lead.disqualified_at is None or now() - lead.disqualified_at > REOPEN_WITHIN:
            raise ReopenTooLate
        lead.status = LeadStatus.CONTACTED
        lead.disqualify_reason = lead.disqualify_comment = lead.disqualified_at = None
        return await self._done(lead, LeadReopened(lead.id))

    async def _loaded(self, lead_id: UUID, version: int) -> Lead:
        lead = await self.leads.load(lead_id)
        if lead.deleted_at is not None:
            raise Deleted(id=str(lead_id))
        if lead.status is LeadStatus.CONVERTED:
            raise LeadAlreadyConverted(
                account_id=lead.converted_account_id,
                contact_id=lead.converted_contact_id,
                allowed=[],
            )
        if version not in (lead.version, ANY_VERSION):
            raise VersionConflict(current_version=lead.version)
        return lead

    async def _in_vain(self, lead: Lead, outcome: ContactOutcome) -> Json[LeadRead]:
        if lead.status not in OPEN:
            raise _refused(lead, LeadStatus.CONTACTED)
        return await self.miss(lead, wrong_contact=outcome is ContactOutcome.WRONG_CONTACT)

    @staticmethod
    def _refuse_reopening(lead: Lead) -> None:
        """A lead given up is contacted again by `reopen` only, which looks at the date."""
        if lead.status is LeadStatus.DISQUALIFIED:
            raise _refused(lead, LeadStatus.CONTACTED)

    async def _rescore(self, lead: Lead) -> None:
        await self._change(lead, {"quote_completed": lead.quote_completed})

    async def _change(self, lead: Lead, given: dict[str, Any]) -> None:
        """As `LeadService.update` would; says so when the score has changed."""
        before = {column.name: getattr(lead, column.name) for column in Lead.__table__.c}
        patch = LeadPatch.model_construct(**given)
        changes = await LeadService(self.ctx).changes(before, patch.given())
        for name, value in changes.items():
            setattr(lead, name, value)
        if lead.score != before["score"]:
            await publish(self.ctx, LeadScoreChanged(lead.id, lead.score, lead.score_band))

    async def _done(self, lead: Lead, *events: Event) -> Json[LeadRead]:
        lead.last_activity_at = now()
        await self.leads.save(lead)
        for event in events:
            await publish(self.ctx, event)
        return await self.leads.get(lead.id)


def _refused(lead: Lead, wanted: LeadStatus) -> InvalidTransition:
    allowed = [*LEAD.allowed(lead.status)]
    return InvalidTransition(
        entity=LEAD.entity, current=str(lead.status), wanted=str(wanted), allowed=allowed
    )
