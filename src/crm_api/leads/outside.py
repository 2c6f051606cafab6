"""Leads that come from outside: forms of the insurer's site (journey E-2) and partners (E-3)."""

from uuid import UUID

from crm_api.core.batch import alone, document, sound
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import DomainError, NotFound
from crm_api.leads.errors import PartnerReferenceTaken, PartnersOnly
from crm_api.leads.intake import Intake
from crm_api.leads.models import LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.schemas.content import LeadPatch
from crm_api.leads.schemas.lead import LeadRead
from crm_api.leads.schemas.outside import (
    PartnerBatch,
    PartnerBatchResult,
    PartnerLead,
    PartnerLeadRead,
    PartnerRow,
    PublicLead,
    Receipt,
)
from crm_api.leads.schemas.words import Consent
from crm_api.leads.service import LeadService


class CaptureService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def receive(self, form: PublicLead) -> Receipt:
        """The answer is the same for a person who was known, a form sent twice, and a robot."""
        if form.website:
            return Receipt()
        self.ctx.begin()
        if form.submission_id is None or not await self.leads.claim_submission(form.submission_id):
            await Intake(self.ctx).record(form, consent=form.consent)
        return Receipt()


class PartnerService:
    """A partner is the API client that calls; it sees its own leads only, and of those the state."""

    def __init__(self, ctx: Context) -> None:
        if ctx.principal.kind != "client":
            raise PartnersOnly
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def push(self, data: PartnerLead) -> tuple[PartnerLeadRead, bool]:
        """The lead, and whether it is a new one; a known one is changed while it is new."""
        self.ctx.begin()
        known = await self.leads.claim_references(self.ctx.principal.id, [data.external_id])
        return await self._pushed(data, known)

    async def push_many(self, batch: PartnerBatch) -> PartnerBatchResult:
        self.ctx.begin()
        asked = {lead.external_id for lead in batch.leads if isinstance(lead, PartnerLead)}
        known = await self.leads.claim_references(self.ctx.principal.id, asked)
        rows = [await self._row(index, lead, known) for index, lead in enumerate(batch.leads)]
        failed = sum(row.problem is not None for row in rows)
        return PartnerBatchResult(results=rows, succeeded=len(rows) - failed, failed=failed)

    async def get(self, external_id: str) -> PartnerLeadRead:
        found = await self.leads.find(partner_id=self.ctx.principal.id, external_id=external_id)
        if found is None:
            raise NotFound
        return _as_told(found.value)

    async def _row(self, index: int, lead: PartnerLead, known: dict[str, UUID]) -> PartnerRow:
        async def push() -> tuple[PartnerLeadRead, bool]:
            return await self._pushed(sound(lead), known)

        done = await alone(self.ctx, push)
        if isinstance(done, DomainError):
            problem = document(self.ctx, done)
            return PartnerRow.model_validate(
                {"index": index, "status": done.status, "data": None, "problem": problem}
            )
        return PartnerRow(index=index, status=201 if done[1] else 200, data=done[0], problem=None)

    async def _pushed(self, data: PartnerLead, known: dict[str, UUID]) -> tuple[PartnerLeadRead, bool]:
        """`known`: external id -> lead; a new one is added to it."""
        lead_id = known.get(data.external_id)
        lead = await self._received(data) if lead_id is None else await self._changed(lead_id, data)
        known[data.external_id] = lead.id
        return _as_told(lead), lead_id is None

    async def _received(self, data: PartnerLead) -> LeadRead:
        recorded = await Intake(self.ctx).record(
            data,
            consent=_proven(data.consent),
            partner_id=self.ctx.principal.id,
            phone_verified_at=now() if data.phone_verified else None,
        )
        return recorded.lead.value

    async def _changed(self, lead_id: UUID, data: PartnerLead) -> LeadRead:
        recorded = await self.leads.recorded(lead_id)
        if recorded["status"] != LeadStatus.NEW or recorded["deleted_at"] is not None:
            raise PartnerReferenceTaken(existing_id=lead_id)
        given = {
            name: getattr(data, name) for name in data.model_fields_set if name in LeadPatch.model_fields
        }
        patch = LeadPatch.model_construct(**given)
        return (await LeadService(self.ctx).update(lead_id, patch, recorded["version"])).value


def _proven(consent: Consent | None) -> Consent | None:
    """A partner's word is no proof: the text that was shown and the moment are."""
    return consent if consent and consent.text and consent.accepted_at else None


def _as_told(lead: LeadRead) -> PartnerLeadRead:
    return PartnerLeadRead.model_validate(lead)
