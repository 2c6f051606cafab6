"""Appraisals: ordered, scheduled, seen, reported, accepted or contested."""

from uuid import UUID

from crm_api.claims.errors import UnknownClaimParticipant
from crm_api.claims.events import ClaimAppraisalOrdered, ClaimAppraised
from crm_api.claims.gathering import link
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import Appraisal
from crm_api.claims.models.words import APPRAISAL, AppraisalStatus, ClaimStatus
from crm_api.claims.repository.parts import AppraisalRepository, ParticipantRepository
from crm_api.claims.schemas.appraisal import (
    AppraisalContest,
    AppraisalList,
    AppraisalOrder,
    AppraisalRead,
    AppraisalReport,
    AppraisalSchedule,
)
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json


class Appraising:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.appraisals = ClaimDesk(ctx), AppraisalRepository(ctx)

    async def all_of(self, claim_id: UUID) -> Json[AppraisalList]:
        return await self.appraisals.all_of(claim_id, AppraisalList)

    async def order(self, claim_id: UUID, data: AppraisalOrder, version: int) -> Json[AppraisalRead]:
        """The first one, or a second opinion. Raises UnknownClaimParticipant, InvalidTransition."""
        claim = await self.desk.stepping(claim_id, version, ClaimStatus.APPRAISAL_ORDERED)
        if data.adjuster_participant_id is not None:
            await self._refuse_unknown(claim.id, data.adjuster_participant_id)
        row = Appraisal(**dict(data), id=new_id(), claim_id=claim.id, ordered_at=now())
        await self.appraisals.save(row)
        await self.desk.keep(claim, ClaimAppraisalOrdered(claim.id, claim.number, row.id))
        return await self.appraisals.get(row.id)

    async def schedule(
        self, claim_id: UUID, id: UUID, data: AppraisalSchedule, version: int
    ) -> Json[AppraisalRead]:
        _, row = await self._step(claim_id, id, AppraisalStatus.SCHEDULED, version)
        row.visit_at, row.place = data.visit_at, data.place or row.place
        return await self._kept(row)

    async def visit(self, claim_id: UUID, id: UUID, version: int) -> Json[AppraisalRead]:
        _, row = await self._step(claim_id, id, AppraisalStatus.VISITED, version)
        row.visited_at = now()
        return await self._kept(row)

    async def report(
        self, claim_id: UUID, id: UUID, data: AppraisalReport, version: int
    ) -> Json[AppraisalRead]:
        """The claim is appraised; the clock of a catastrophe begins."""
        claim, row = await self._step(claim_id, id, AppraisalStatus.REPORTED, version)
        if data.report_document_id is not None:
            await link(self.ctx, claim.id, data.report_document_id)
        for name, value in data:
            setattr(row, name, value)
        row.reported_at = now()
        await self.appraisals.save(row)
        if (
            claim.status is ClaimStatus.APPRAISAL_ORDERED
        ):  # else it waits for documents, and goes on from there
            self.desk.move(claim, ClaimStatus.APPRAISED)
        await self.desk.retime(claim)
        await self.desk.keep(claim, ClaimAppraised(claim.id, claim.number, row.id, data.outcome))
        return await self.appraisals.get(row.id)

    async def accept(self, claim_id: UUID, id: UUID, version: int) -> Json[AppraisalRead]:
        _, row = await self._step(claim_id, id, AppraisalStatus.ACCEPTED, version)
        row.judged_at = now()
        return await self._kept(row)

    async def contest(
        self, claim_id: UUID, id: UUID, data: AppraisalContest, version: int
    ) -> Json[AppraisalRead]:
        _, row = await self._step(claim_id, id, AppraisalStatus.CONTESTED, version)
        row.judged_at, row.contest_reason = now(), data.reason
        return await self._kept(row)

    async def cancel(self, claim_id: UUID, id: UUID, version: int) -> Json[AppraisalRead]:
        _, row = await self._step(claim_id, id, AppraisalStatus.CANCELLED, version)
        return await self._kept(row)

    async def _step(
        self, claim_id: UUID, id: UUID, wanted: AppraisalStatus, version: int
    ) -> tuple[Claim, Appraisal]:
        claim = await self.desk.take_open(claim_id)
        row = await self.appraisals.held(claim_id, id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        APPRAISAL.check(row.status, wanted)
        row.status = wanted
        return claim, row

    async def _kept(self, row: Appraisal) -> Json[AppraisalRead]:
        await self.appraisals.save(row)
        return await self.appraisals.get(row.id)

    async def _refuse_unknown(self, claim_id: UUID, participant_id: UUID) -> None:
        try:
            await ParticipantRepository(self.ctx).held(claim_id, participant_id)
        except NotFound as unknown:
            raise UnknownClaimParticipant from unknown
