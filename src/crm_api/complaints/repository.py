from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from crm_api.complaints.errors import ComplaintOfTicketTaken
from crm_api.complaints.models import Complaint, ComplaintStatus, ComplaintStep
from crm_api.complaints.schemas.complaint import ComplaintRead
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository

MOST_STEPS = 1000
MOST_LINES = 20_000
"""Of a register; a quarter of the largest insurer has some hundreds."""


class ComplaintRepository(Repository[Complaint, ComplaintRead]):
    model, read = Complaint, ComplaintRead
    refusals = {"uq_complaints_ticket": ComplaintOfTicketTaken}

    async def of_ticket(self, ticket_id: UUID) -> Complaint | None:
        """Locked, whoever sees it."""
        return await self._one_where(Complaint.ticket_id == ticket_id)

    async def of_clock(self, clock_id: UUID) -> Complaint | None:
        """Locked, whoever sees it."""
        return await self._one_where(Complaint.sla_clock_id == clock_id)

    async def _one_where(self, condition: Any) -> Complaint | None:
        statement = select(Complaint).where(condition).with_for_update()
        return await self.ctx.session.scalar(statement, execution_options={"populate_existing": True})

    async def unacknowledged(self, due_before: datetime, most: int) -> Sequence[Complaint]:
        statement = (
            select(Complaint)
            .where(Complaint.status == ComplaintStatus.RECEIVED, Complaint.ack_due_at < due_before)
            .order_by(Complaint.ack_due_at, Complaint.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await self.ctx.session.scalars(statement)).all()

    async def received_between(self, start: datetime, end: datetime) -> Sequence[Complaint]:
        """That this principal may see, by number."""
        statement = (
            select(Complaint)
            .where(*self.visible(), Complaint.received_at >= start, Complaint.received_at < end)
            .order_by(Complaint.received_at, Complaint.id)
            .limit(MOST_LINES)
        )
        return (await self.ctx.session.scalars(statement, self.ctx.bound)).all()

    # --- what was done

    async def note(self, step: ComplaintStep) -> None:
        self.ctx.session.add(step)
        await self.ctx.session.flush()

    async def steps_of(self, complaint_id: UUID) -> Sequence[ComplaintStep]:
        statement = (
            select(ComplaintStep)
            .where(ComplaintStep.complaint_id == complaint_id)
            .order_by(ComplaintStep.at, ComplaintStep.id)
            .limit(MOST_STEPS)
        )
        return (await self.ctx.session.scalars(statement)).all()

    # --- who leaves, and which agency closes

    async def hand_over(self, user_id: UUID, to_user_id: UUID | None) -> None:
        complaints = table_of(Complaint).c
        await self.edit_all(
            "open of owner",
            lambda: [complaints.owner_user_id == bindparam("leaving"), complaints.closed_at.is_(None)],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def move_open(self, agency_id: UUID, to_agency_id: UUID) -> None:
        complaints = table_of(Complaint).c
        await self.edit_all(
            "open of agency",
            lambda: [complaints.agency_id == bindparam("closing"), complaints.closed_at.is_(None)],
            {"closing": agency_id},
            {"agency_id": to_agency_id},
        )

    async def give(self, ticket_id: UUID, owner_user_id: UUID | None) -> None:
        """Who works on the ticket handles the complaint."""
        complaints = table_of(Complaint).c
        await self.edit_all(
            "of ticket",
            lambda: [complaints.ticket_id == bindparam("whose")],
            {"whose": ticket_id},
            {"owner_user_id": owner_user_id},
        )
