from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.kit.clock import today
from crm_api.missions.events import MissionOrderOverdue
from crm_api.missions.repository import MissionOrderRepository
from crm_api.missions.telling import Telling


async def tell_of_overdue_missions(ctx: Context, _: Payload) -> None:
    """Who was sent, and who sent them, are told once of each order that is late."""
    orders = MissionOrderRepository(ctx)
    for order in await orders.newly_overdue():
        order.overdue_since = today()
        await orders.save(order)
        await publish(ctx, MissionOrderOverdue(order.id, order.number))
        await Telling(ctx).overdue(order)


JOBS: Jobs = {"tell_of_overdue_missions": tell_of_overdue_missions}
SCHEDULES = (Schedule("tell_of_overdue_missions", "10 7 * * *"),)
