"""The clocks of one claim: the dated rules, the calendar of its agency, and what the file says."""

from datetime import datetime
from uuid import UUID

from crm_api.calendars.service import CalendarService
from crm_api.claims import clocks
from crm_api.claims.clocks import Clock, Facts
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import ClaimCause, ClaimRegime
from crm_api.core.context import Context
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.legal_deadlines.reckoning import Rule, local_day
from crm_api.legal_deadlines.service import LegalDeadlineService


class ClaimTiming:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rules, self.calendars = LegalDeadlineService(ctx), CalendarService(ctx)

    async def report(self, facts: Facts, agency_id: UUID, moment: datetime) -> Clock | None:
        """The delay to declare."""
        code = clocks.report_code(facts.cause, facts.regime)
        start, started_at = clocks.report_start(facts)
        return await self._clock(code, start, started_at, facts.declared_at, facts, agency_id, moment)

    async def settlement(self, facts: Facts, agency_id: UUID, moment: datetime) -> list[Clock]:
        """The delays to settle that apply."""
        found = []
        for code in clocks.settle_codes(facts):
            start, started_at = clocks.settle_start(code, facts)
            clock = await self._clock(code, start, started_at, facts.ended_at, facts, agency_id, moment)
            found += [clock] if clock else []
        return found

    async def limitation(self, facts: Facts, agency_id: UUID, moment: datetime) -> Clock | None:
        """Until when an action can be brought."""
        start, started_at = facts.noticed
        code = LegalDeadlineCode.LIMITATION
        return await self._clock(code, start, started_at, facts.ended_at, facts, agency_id, moment)

    async def rate(self, moment: datetime) -> Rule | None:
        """Of interest for a late settlement, where somebody laid one down."""
        return await self.rules.rule_or_none(LegalDeadlineCode.LATE_INTEREST_RATE, local_day(moment))

    async def set_target(self, claim: Claim, facts: Facts, moment: datetime) -> None:
        """The strictest clock of the settlement, kept with the claim for lists and for the night."""
        assert claim.agency_id is not None  # noqa: S101 - a CHECK says so
        first = clocks.strictest(await self.settlement(facts, claim.agency_id, moment))
        claim.settle_rule = first.rule.code if first else None
        due_at = first.due_at if first else None
        if due_at != claim.target_settlement_at:
            claim.target_settlement_at = due_at
            claim.risk_told_at = claim.breach_told_at = None

    async def _clock(  # noqa: PLR0917 - what a clock is made of
        self,
        code: LegalDeadlineCode,
        start: clocks.Start,
        started_at: datetime | None,
        done_at: datetime | None,
        facts: Facts,
        agency_id: UUID,
        moment: datetime,
    ) -> Clock | None:
        """By the row that held when it started; None where none did."""
        on = local_day(started_at or facts.declared_at or facts.occurred_at)
        rule = await self.rules.rule_or_none(code, on)
        if rule is None:
            return None
        calendar = await self.calendars.for_agency(agency_id)
        return clocks.clock(rule, start, started_at, done_at, calendar, moment)


def facts_of(claim: Claim, motor: bool, appraised_at: datetime | None) -> Facts:
    return Facts(
        cause=ClaimCause(claim.cause),
        regime=ClaimRegime(claim.regime) if claim.regime else None,
        motor=motor,
        occurred_at=claim.occurred_at,
        discovered_at=claim.discovered_at,
        declared_at=claim.declared_at,
        catnat_published_on=claim.catnat_published_on,
        appraised_at=appraised_at,
        ended_at=ended_at(claim.settled_at, claim.refusal_motive, claim.decided_at),
    )


def ended_at(
    settled_at: datetime | None, refusal_motive: str | None, decided_at: datetime | None
) -> datetime | None:
    """When the settlement stopped being owed."""
    if settled_at is not None:
        return settled_at
    return decided_at if refusal_motive is not None else None
