"""What tasks do when something happens on the floors below."""

from collections.abc import Mapping

from crm_api.agencies.events import AgencyClosed
from crm_api.billing.events import DunningPassed
from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.roles.service import GroupService
from crm_api.tasks.house import HouseTasks, Occasion
from crm_api.tasks.models import TaskType
from crm_api.tasks.repository import TaskRepository
from crm_api.users.events import UserDeactivated

COLLECTORS, WITHIN = "collector", 480
"""The group that collects, and the working minutes it has for what a night brought."""
OF_THE_NIGHT: Mapping[str, tuple[str, TaskType]] = {
    "reminder": ("Relancer les primes impayées ({count})", TaskType.CALL),
    "formal_notice_due": ("Envoyer les mises en demeure ({count})", TaskType.DOCUMENT),
    "suspension_proposal": ("Décider des suspensions proposées ({count})", TaskType.APPROVAL),
    "termination_proposal": ("Décider des résiliations proposées ({count})", TaskType.APPROVAL),
}
"""Step of the legal clock -> what it asks of people."""


async def ask_collectors(ctx: Context, event: DunningPassed) -> None:
    """One task of an agency for each step of a night, however many debts reached it (E-7)."""
    asked = OF_THE_NIGHT.get(event.step)
    group_id = await GroupService(ctx).id_with_code(COLLECTORS) if asked else None
    if asked is None or group_id is None:
        return
    title, kind = asked
    await HouseTasks(ctx).ask(
        Occasion(
            f"dunning|{event.agency_id}|{event.step}|{today()}",
            title.format(count=event.count),
            kind,
            WITHIN,
            group_id=group_id,
            agency_id=event.agency_id,
            object_type="agency",
            object_id=event.agency_id,
        )
    )


async def move_unfinished_tasks(ctx: Context, event: AgencyClosed) -> None:
    """The agency that takes over takes the unfinished work too."""
    await TaskRepository(ctx).move_unfinished("agency_id", event.agency_id, event.transfer_to_agency_id)


async def hand_unfinished_tasks_over(ctx: Context, event: UserDeactivated) -> None:
    """Whoever takes over from a colleague who left takes the unfinished work too."""
    await TaskRepository(ctx).move_unfinished("assignee_user_id", event.user_id, event.reassign_to_id)
