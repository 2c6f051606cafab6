"""What every use case of a complaint begins and ends with."""

from uuid import UUID

from crm_api.complaints.models import Complaint, ComplaintStep
from crm_api.complaints.repository import ComplaintRepository
from crm_api.complaints.schemas.complaint import ComplaintRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.schemas import Json


class ComplaintDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.complaints = ComplaintRepository(ctx)

    async def take(self, complaint_id: UUID, version: int) -> Complaint:
        """Locked. Raises NotFound, VersionConflict."""
        complaint = await self.complaints.load(complaint_id)
        if version not in (complaint.version, ANY_VERSION):
            raise VersionConflict(current_version=complaint.version)
        return complaint

    async def keep(
        self, complaint: Complaint, step: str, event: Event | None = None, *, note: str | None = None
    ) -> None:
        """Its row, its line in the file, the news."""
        await self.complaints.save(complaint)
        await self.complaints.note(
            ComplaintStep(
                complaint_id=complaint.id,
                at=now(),
                by_kind=self.ctx.principal.kind,
                by_id=self.ctx.principal.id,
                step=step,
                status=complaint.status,
                escalation_level=complaint.escalation_level,
                note=note,
            )
        )
        if event is not None:
            await publish(self.ctx, event)

    async def kept(self, complaint: Complaint) -> Json[ComplaintRead]:
        await self.complaints.save(complaint)
        return await self.complaints.get(complaint.id)
