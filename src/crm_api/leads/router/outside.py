from typing import Annotated

from fastapi import Path, status

from crm_api.core.http import Audience
from crm_api.kit.schemas import Json
from crm_api.leads.outside import CaptureService, PartnerService
from crm_api.leads.router.doors import Form, Reader, Writer, partner, public
from crm_api.leads.schemas.outside import (
    PartnerBatch,
    PartnerBatchResult,
    PartnerLead,
    PartnerLeadRead,
    PublicLead,
    Receipt,
)
from crm_api.leads.schemas.words import Reference

PARTNERS = {"x-audience": [Audience.STAFF, Audience.PARTNER]}


@public.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=PARTNERS)
async def capture_lead(ctx: Form, body: PublicLead) -> Receipt:
    """Receive a form of the insurer's site or app.

    Authorised by a write key (`X-Write-Key`), which may do nothing else. The answer is always the same, so
    that nobody learns who is known. A `submission_id` sent again has no effect.
    """
    return await CaptureService(ctx).receive(body)


@partner.post("", openapi_extra=PARTNERS)
async def push_partner_lead(ctx: Writer, body: PartnerLead) -> Json[PartnerLeadRead]:
    """Receive a lead of a partner, or change it while it is new.

    201 when it was received, 200 when it was changed; 409 `partner_reference_taken` once work on it has
    begun. Give an Idempotency-Key to be sure that a repeated request has one effect.
    """
    lead, created = await PartnerService(ctx).push(body)
    answer = Json(PartnerLeadRead, lead.model_dump_json(), id=lead.external_id)
    answer.created = created
    return answer


@partner.post("/batch", openapi_extra=PARTNERS)
async def batch_partner_leads(ctx: Writer, body: PartnerBatch) -> PartnerBatchResult:
    """Receive up to 500 leads of a partner, each on its own."""
    return await PartnerService(ctx).push_many(body)


@partner.get("/{external_id}", openapi_extra=PARTNERS)
async def get_partner_lead(
    ctx: Reader, external_id: Annotated[Reference, Path(description="Your own reference.")]
) -> Json[PartnerLeadRead]:
    """Read the state of a lead you sent."""
    lead = await PartnerService(ctx).get(external_id)
    return Json(PartnerLeadRead, lead.model_dump_json())
