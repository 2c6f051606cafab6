"""Every two minutes, for each organization: who enters, who is out, who goes on."""

from crm_api.automations.moving import Moving
from crm_api.core.context import Context
from crm_api.core.jobs import Jobs, Payload, Schedule


async def advance_automations(ctx: Context, _: Payload) -> None:
    """In one transaction with the signing off of the job: a worker that dies leaves no half of it."""
    await Moving(ctx).run()


JOBS: Jobs = {"advance_automations": advance_automations}
SCHEDULES = (Schedule("advance_automations", "*/2 * * * *"),)
