"""The legal delays of premiums, as the dated rows say (domain `legal_deadlines`): never a constant here."""

from datetime import date, timedelta
from typing import NamedTuple

from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.legal_deadlines.reckoning import Rule, midnight
from crm_api.legal_deadlines.service import LegalDeadlineService

NOTICE = LegalDeadlineCode.PREMIUM_NOTICE
GRACE = LegalDeadlineCode.PREMIUM_GRACE
FORMAL_NOTICE = LegalDeadlineCode.PREMIUM_FORMAL_NOTICE
SUSPEND = LegalDeadlineCode.PREMIUM_SUSPEND
TERMINATE = LegalDeadlineCode.PREMIUM_TERMINATE
PROMISE_PAUSE = LegalDeadlineCode.PREMIUM_PROMISE_PAUSE
CASH_BAN = LegalDeadlineCode.CASH_BAN


class Reckoned(NamedTuple):
    """A day, and the rule that says so."""

    on: date
    rule: Rule


class Delays:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.deadlines = LegalDeadlineService(ctx)

    async def after(self, code: LegalDeadlineCode, start: date) -> Reckoned:
        """The last day of the delay that begins on `start`, by the rule of that day."""
        rule = await self.deadlines.rule(code, start)
        calendar = await CalendarService(self.ctx).for_agency(None)
        return Reckoned(rule.due_on(midnight(start), calendar), rule)

    async def before(self, code: LegalDeadlineCode, day: date) -> Reckoned:
        """So long before `day`: the latest day whose delay ends on it or earlier."""
        found = await self.after(code, day)
        back = day - (found.on - day)
        while (await self.after(code, back)).on > day:  # working days and months are not the same both ways
            back -= timedelta(days=1)
        return Reckoned(back, found.rule)

    async def ends(self, code: LegalDeadlineCode, starts: list[date]) -> dict[date, date]:
        """For each day on which the delay begins, its last one."""
        return {start: (await self.after(code, start)).on for start in sorted(set(starts))}

    async def suspension(self, posted_on: date) -> Reckoned:
        """From the posting of the formal notice: its own delay, and what the law adds before a suspension."""
        over = await self.after(FORMAL_NOTICE, posted_on)
        return Reckoned((await self.after(SUSPEND, over.on)).on, over.rule)

    async def after_suspension(self, suspended_on: date) -> Reckoned:
        """From when the contract may be ended."""
        return await self.after(TERMINATE, suspended_on)

    async def cash_is_banned(self, on: date) -> Rule | None:
        """The rule that bans it on that day; None where it does not."""
        rule = await self.deadlines.rule_or_none(CASH_BAN, on)
        return rule if rule is not None and rule.value else None
