"""The policies themselves: made, changed, put in order, tried."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.business_time import NeverOpens
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.sla import seeds
from crm_api.sla.clock import SlaMetric
from crm_api.sla.errors import TooManySlaPolicies
from crm_api.sla.models import SLA_POLICY, SlaHours, SlaPolicy, SlaPolicyStatus
from crm_api.sla.policies import Promise, SlaFacts
from crm_api.sla.promising import PromiseBook
from crm_api.sla.repository import SlaPolicyRepository
from crm_api.sla.schemas.policies import (
    SlaCase,
    SlaDryRun,
    SlaPolicyCreate,
    SlaPolicyMove,
    SlaPolicyPage,
    SlaPolicyPatch,
    SlaPolicyQuery,
    SlaPolicyRead,
    SlaPromised,
    SlaTried,
)
from crm_api.sla.service import SlaService

MOST_POLICIES = 100
RECOUNT = "recount_sla"


class SlaPolicyService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.policies = SlaPolicyRepository(ctx)
        self.book = PromiseBook(ctx)

    async def page(self, query: SlaPolicyQuery) -> Json[SlaPolicyPage]:
        return await self.policies.page(query, SlaPolicyPage)

    async def get(self, policy_id: UUID) -> Json[SlaPolicyRead]:
        return await self.policies.get(policy_id)

    async def create(self, data: SlaPolicyCreate) -> Json[SlaPolicyRead]:
        """Tried after all others. Raises SlaPolicyNameTaken, UnknownSlaCalendar, TooManySlaPolicies."""
        self.ctx.begin()
        others = await self.policies.all_locked()
        if len(others) >= MOST_POLICIES:
            raise TooManySlaPolicies(limit=MOST_POLICIES)
        position = max((each.position for each in others), default=0) + 1
        return await self._saved(SlaPolicy(id=new_id(), position=position, **data.model_dump(mode="json")))

    async def update(self, policy_id: UUID, data: SlaPolicyPatch, version: int) -> Json[SlaPolicyRead]:
        """What it rules is counted again within a minute."""
        policy = await self._loaded(policy_id, version)
        given = {name for name, value in data if value is not MISSING}
        for name, value in data.model_dump(mode="json", include=given).items():
            setattr(policy, name, value)
        if (policy.hours == SlaHours.CALENDAR) != (policy.calendar_id is not None):
            raise ValidationFailed.at(
                "/calendar_id", "sla_calendar", "calendar_id goes with hours `calendar`, and only so."
            )
        return await self._saved(policy)

    async def retire(self, policy_id: UUID, version: int) -> Json[SlaPolicyRead]:
        """What it ruled falls to the next one that fits."""
        return await self._turned(policy_id, version, SlaPolicyStatus.RETIRED)

    async def reactivate(self, policy_id: UUID, version: int) -> Json[SlaPolicyRead]:
        return await self._turned(policy_id, version, SlaPolicyStatus.ACTIVE)

    async def move(self, policy_id: UUID, data: SlaPolicyMove, version: int) -> Json[SlaPolicyRead]:
        """To another place; the others close up."""
        moved = await self._loaded(policy_id, version)
        others = [policy for policy in await self.policies.all_locked() if policy.id != policy_id]
        others.insert(data.position - 1, moved)
        for position, policy in enumerate(others, 1):
            if policy.position != position:
                policy.position = position
                await self.policies.save(policy)
        self.book.forget()
        return await self.policies.get(policy_id)

    async def dry_run(self, case: SlaCase) -> SlaDryRun:
        """What would rule such work, and what would be owed."""
        about = {name: value for name, value in case if name != "at"}
        facts, moment = SlaFacts(**about), case.at or now()
        promises = await self.book.fresh()
        unmet = [(promise, promise.unmet(facts)) for promise in promises]
        ruling = next((promise for promise, why in unmet if why is None), None)
        return SlaDryRun(
            tried=[
                SlaTried(policy_id=each.id, name=each.name, rules=each is ruling, unmet=why)
                for each, why in unmet
            ],
            promised=[
                SlaPromised(
                    metric=metric,
                    minutes=minutes,
                    due_at=None
                    if metric in (SlaMetric.NEXT_REPLY, SlaMetric.UPDATE)
                    else await self._due(ruling, facts, moment, minutes),
                )
                for metric in SlaMetric
                if ruling and (minutes := ruling.minutes(metric, facts.priority))
            ],
        )

    async def recount(self) -> Json[JobRead]:
        """Every open clock by the policies and calendars as they are now."""
        return await JobService(self.ctx).start(RECOUNT, b"")

    async def seed(self) -> None:
        """The usual policies, where there is none."""
        if await self.policies.all_locked():
            return
        for position, seed in enumerate(seeds.POLICIES, 1):
            await self.policies.save(SlaPolicy(id=new_id(), position=position, **seed._asdict()))
        self.book.forget()

    async def _due(self, ruling: Promise, facts: SlaFacts, moment: datetime, minutes: int) -> datetime | None:
        calendar = await SlaService(self.ctx).calendar(ruling, facts)
        try:
            return calendar.add(moment, timedelta(minutes=minutes))
        except NeverOpens:
            return None

    async def _turned(self, policy_id: UUID, version: int, status: SlaPolicyStatus) -> Json[SlaPolicyRead]:
        policy = await self._loaded(policy_id, version)
        SLA_POLICY.check(policy.status, status)
        policy.status = status
        return await self._saved(policy)

    async def _loaded(self, policy_id: UUID, version: int) -> SlaPolicy:
        policy = await self.policies.load(policy_id)
        if version not in (policy.version, ANY_VERSION):
            raise VersionConflict(current_version=policy.version)
        return policy

    async def _saved(self, policy: SlaPolicy) -> Json[SlaPolicyRead]:
        await self.policies.save(policy)
        self.book.forget()
        return await self.policies.get(policy.id)
