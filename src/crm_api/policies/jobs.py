"""What the clock does to contracts. Each run takes those whose time has come, in the order of their expiry;
what is left is taken by the next run. Safe to run twice, and after a break."""

from datetime import timedelta

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.policies.endorsing import EndorsementService
from crm_api.policies.life import PolicyLife
from crm_api.policies.renewing import RenewalService


async def follow_policies(ctx: Context, _: Payload) -> None:
    """Cover begins, resumes, changes and ends at its moment."""
    life = PolicyLife(ctx)
    for policy in await life.policies.due_to_begin(now()):
        await life.begin(policy, policy.first_paid_at or now())
    for policy in await life.policies.due_to_reinstate(now()):
        await life.reinstate(policy)
    await EndorsementService(ctx).apply_due()
    for policy in await life.policies.due_to_expire(now()):
        await life.expire(policy)


async def tell_of_renewals(ctx: Context, _: Payload) -> None:
    """Of each contract that ends soon the house says once that its renewal is to be prepared."""
    life = PolicyLife(ctx)
    moment = now()
    before = moment + timedelta(days=await RenewalService(ctx).notice_days())
    for policy in await life.policies.due_to_tell(moment, before):
        await life.tell_of_renewal(policy)


JOBS: Jobs = {"follow_policies": follow_policies, "tell_of_renewals": tell_of_renewals}
SCHEDULES = (
    Schedule("follow_policies", "*/5 * * * *"),
    Schedule("tell_of_renewals", "*/20 5,6 * * *"),
)
"""Every five minutes: cover that resumes at noon is there by five past. Renewals early in the morning,
several times over: a run takes five hundred."""
