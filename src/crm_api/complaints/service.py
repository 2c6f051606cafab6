from uuid import UUID

from pydantic import MISSING

from crm_api.complaints.desk import ComplaintDesk
from crm_api.complaints.errors import ComplaintSettled
from crm_api.complaints.models import ComplaintStatus
from crm_api.complaints.registering import Registering
from crm_api.complaints.schemas.complaint import (
    ComplaintCreate,
    ComplaintPage,
    ComplaintPatch,
    ComplaintQuery,
    ComplaintRead,
)
from crm_api.complaints.schemas.steps import ComplaintHistory, ComplaintStepRead
from crm_api.core.context import Context
from crm_api.kit.schemas import Json


class ComplaintService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = ComplaintDesk(ctx)
        self.complaints = self.desk.complaints

    async def page(self, query: ComplaintQuery) -> Json[ComplaintPage]:
        return await self.complaints.page(query, ComplaintPage)

    async def get(self, complaint_id: UUID) -> Json[ComplaintRead]:
        return await self.complaints.get(complaint_id)

    async def open(self, data: ComplaintCreate) -> Json[ComplaintRead]:
        return await Registering(self.ctx).open(data)

    async def update(self, complaint_id: UUID, data: ComplaintPatch, version: int) -> Json[ComplaintRead]:
        """Raises ComplaintSettled."""
        complaint = await self.desk.take(complaint_id, version)
        if complaint.status is ComplaintStatus.CLOSED:
            raise ComplaintSettled
        given = {name: value for name, value in data if value is not MISSING}
        for name, value in given.items():
            setattr(complaint, name, value)
        if "recipient" in given:
            await Registering(self.ctx).set_deadlines(complaint)
        return await self.desk.kept(complaint)

    async def history(self, complaint_id: UUID) -> ComplaintHistory:
        await self.complaints.get(complaint_id)
        steps = await self.complaints.steps_of(complaint_id)
        return ComplaintHistory(data=[ComplaintStepRead.model_validate(step) for step in steps])
