"""Who has a part in a claim, and the documents it needs."""

from uuid import UUID

from pydantic import MISSING

from crm_api.claims.errors import ClaimDocumentUnrequired, UnknownClaimant, UnknownClaimDocument
from crm_api.claims.events import ClaimDocumentReceived, ClaimDocumentsRequested
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim, ClaimParticipant
from crm_api.claims.models.handling import ClaimDocument
from crm_api.claims.models.words import REQUIRED_DOCUMENT, ClaimStatus, RequiredDocumentStatus
from crm_api.claims.repository.parts import ClaimDocumentRepository, ParticipantRepository
from crm_api.claims.schemas.claim import ClaimRead
from crm_api.claims.schemas.parts import (
    ClaimDocumentList,
    ClaimDocumentRead,
    ClaimDocumentReceive,
    ClaimDocumentRefuse,
    ClaimParticipantCreate,
    ClaimParticipantList,
    ClaimParticipantPatch,
    ClaimParticipantRead,
)
from crm_api.claims.schemas.steps import ClaimDocumentsRequest
from crm_api.claims.telling import ClaimTeller
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.objects import seen_objects
from crm_api.core.repository import ANY_VERSION
from crm_api.files.schemas import ObjectName
from crm_api.files.service import FileService
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json

_STATUS = RequiredDocumentStatus


class ClaimParticipants:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.participants = ClaimDesk(ctx), ParticipantRepository(ctx)

    async def all_of(self, claim_id: UUID) -> Json[ClaimParticipantList]:
        return await self.participants.all_of(claim_id, ClaimParticipantList)

    async def add(self, claim_id: UUID, data: ClaimParticipantCreate) -> Json[ClaimParticipantRead]:
        """Raises UnknownClaimant, ClaimFileClosed."""
        claim = await self.desk.take_open(claim_id)
        for kind, id in ("contact", data.contact_id), ("account", data.account_id):
            if id is not None and not await seen_objects(self.ctx, kind, [id]):
                raise UnknownClaimant
        given = dict(data)
        given["vehicle"] = data.vehicle.model_dump(mode="json") if data.vehicle else None
        row = await self.participants.save(ClaimParticipant(claim_id=claim.id, **given))
        return await self.participants.get(row.id)

    async def update(
        self, claim_id: UUID, participant_id: UUID, data: ClaimParticipantPatch, version: int
    ) -> Json[ClaimParticipantRead]:
        await self.desk.take_open(claim_id)
        row = await self.participants.held(claim_id, participant_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        for name, value in data:
            if value is not MISSING:
                setattr(row, name, value.model_dump(mode="json") if name == "vehicle" and value else value)
        await self.participants.save(row)
        return await self.participants.get(row.id)


class ClaimDocuments:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.documents = ClaimDesk(ctx), ClaimDocumentRepository(ctx)

    async def all_of(self, claim_id: UUID) -> Json[ClaimDocumentList]:
        return await self.documents.all_of(claim_id, ClaimDocumentList)

    async def request(self, claim_id: UUID, data: ClaimDocumentsRequest, version: int) -> Json[ClaimRead]:
        """The file waits for them. Raises ClaimDocumentUnrequired for one that was accepted."""
        claim = await self.desk.take(claim_id, version)
        if claim.status is not ClaimStatus.DOCUMENTS_PENDING:
            self.desk.move(claim, ClaimStatus.DOCUMENTS_PENDING)
        known = {row.kind: row for row in await self.documents.of(claim.id)}
        for kind in data.kinds:
            row = known.get(kind) or ClaimDocument(claim_id=claim.id, kind=kind, status=_STATUS.MISSING)
            if row.status is _STATUS.ACCEPTED:
                raise ClaimDocumentUnrequired
            if row.status is _STATUS.RECEIVED:  # asked for again: what came will not do
                row.status = _STATUS.REFUSED
            row.requested_at = now()
            await self.documents.save(row)
        event = ClaimDocumentsRequested(claim.id, claim.number, claim.account_id, [*data.kinds])
        return await self.desk.kept(claim, event)

    async def receive(
        self, claim_id: UUID, claim_document_id: UUID, data: ClaimDocumentReceive, version: int
    ) -> Json[ClaimDocumentRead]:
        """Raises UnknownClaimDocument."""
        claim, row = await self._held(claim_id, claim_document_id, version)
        REQUIRED_DOCUMENT.check(row.status, _STATUS.RECEIVED)
        await link(self.ctx, claim.id, data.document_id)
        row.status, row.document_id, row.received_at = _STATUS.RECEIVED, data.document_id, now()
        row.refusal_reason = row.judged_at = None
        await self.documents.save(row)
        await self.desk.keep(claim, ClaimDocumentReceived(claim.id, claim.number, row.kind))
        await ClaimTeller(self.ctx).document_came(claim)
        return await self.documents.get(row.id)

    async def accept(self, claim_id: UUID, claim_document_id: UUID, version: int) -> Json[ClaimDocumentRead]:
        return await self._judged(claim_id, claim_document_id, _STATUS.ACCEPTED, None, version)

    async def refuse(
        self, claim_id: UUID, claim_document_id: UUID, data: ClaimDocumentRefuse, version: int
    ) -> Json[ClaimDocumentRead]:
        return await self._judged(claim_id, claim_document_id, _STATUS.REFUSED, data.reason, version)

    async def _judged(
        self, claim_id: UUID, id: UUID, wanted: RequiredDocumentStatus, reason: str | None, version: int
    ) -> Json[ClaimDocumentRead]:
        _, row = await self._held(claim_id, id, version)
        REQUIRED_DOCUMENT.check(row.status, wanted)
        row.status, row.refusal_reason, row.judged_at = wanted, reason, now()
        await self.documents.save(row)
        return await self.documents.get(row.id)

    async def _held(self, claim_id: UUID, id: UUID, version: int) -> tuple[Claim, ClaimDocument]:
        claim = await self.desk.take_open(claim_id)
        row = await self.documents.held(claim_id, id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        return claim, row


async def link(ctx: Context, claim_id: UUID, document_id: UUID) -> None:
    """Hangs a document on the claim. Raises UnknownClaimDocument."""
    if not await seen_objects(ctx, "document", [document_id]):
        raise UnknownClaimDocument
    await FileService(ctx).link(document_id, ObjectName(object_type="claim", object_id=claim_id))
