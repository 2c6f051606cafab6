"""Whoever gets a lead that nobody has reached is to call it within 30 working minutes (domain.md E-2)."""

from uuid import UUID

from crm_api.core.context import Context
from crm_api.leads.models import OPEN
from crm_api.leads.repository import LeadRepository
from crm_api.tasks.house import CALL_BACK_WITHIN, HouseTasks, Occasion
from crm_api.tasks.models import TaskType


class FirstCall:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def ask(self, lead_id: UUID) -> None:
        """A task of the lead's owner; the lead changes hands, and so does the task."""
        lead = await LeadRepository(self.ctx).recorded(lead_id)
        is_waiting = lead["status"] in OPEN and not lead["first_contacted_at"] and not lead["deleted_at"]
        if lead["owner_user_id"] is None or not is_waiting:
            return
        await HouseTasks(self.ctx).ask(
            Occasion(
                _key(lead_id),
                f"Appeler {lead['full_name'] or lead['company_name'] or lead['number']}",
                TaskType.CALL,
                CALL_BACK_WITHIN,
                assignee_user_id=lead["owner_user_id"],
                agency_id=lead["agency_id"],
                object_type="lead",
                object_id=lead_id,
                tells=False,  # the new owner is told of the lead
            )
        )

    async def settle(self, lead_id: UUID) -> None:
        """The lead was reached, or there is nobody to reach any more."""
        await HouseTasks(self.ctx).settle(_key(lead_id))


def _key(lead_id: UUID) -> str:
    return f"lead.first_call:{lead_id}"
