"""Customer service of a demo company: what was asked, complained of and written, and what answers it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.demo.acting import Step
from crm_api.demo.companies import Company
from crm_api.demo.grievances import GrievanceDesk
from crm_api.demo.library import furnish_library
from crm_api.demo.mail import correspond
from crm_api.demo.marketing.segments import segment_customers
from crm_api.demo.requests import RequestDesk

Do = Callable[[Step, UUID], Awaitable[None]]
"""A step, done by that user."""


async def serve(
    company: Company,
    administrator_id: UUID,
    users: Sequence[Mapping[str, Any]],
    agencies: Sequence[UUID],
    do: Do,
) -> dict[str, str]:
    """One id of each kind of object that came of it."""
    objects = await _answer(company, administrator_id, do)
    approvers = [UUID(user["id"]) for user in users if user["role"] == "supervisor"]
    objects |= await _complain(administrator_id, approvers, do)

    async def write(ctx: Context) -> None:
        objects.update(await correspond(ctx, company.domain, next(iter(agencies), None)))

    async def stock(ctx: Context) -> None:
        objects.update(await furnish_library(ctx, administrator_id))

    async def segment(ctx: Context) -> None:
        objects["segment"] = await segment_customers(ctx)

    await do(segment, administrator_id)
    await do(write, administrator_id)
    await do(stock, administrator_id)
    return objects


async def _answer(company: Company, administrator_id: UUID, do: Do) -> dict[str, str]:
    """Tickets at every stage, by every channel."""
    desk = RequestDesk(28 if company.leads > 100 else 7)
    for step in (desk.arrange, desk.receive, desk.share):
        await do(step, administrator_id)
    return dict(desk.objects)


async def _complain(administrator_id: UUID, approvers: Sequence[UUID], do: Do) -> dict[str, str]:
    """Complaints at every stage; who wrote an answer does not approve it."""
    desk = GrievanceDesk()
    await do(desk.receive, administrator_id)
    for approver in approvers[:1]:
        await do(desk.settle, approver)
    return dict(desk.objects)
