"""What time does to leads: their score ages, and who never became a customer is forgotten (domain.md 0.5)."""

from datetime import timedelta

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.clock import today
from crm_api.kit.errors import Deleted, NotFound, VersionConflict
from crm_api.leads.columns import scored
from crm_api.leads.events import LeadAnonymised, LeadScoreChanged
from crm_api.leads.intake import out_of_network
from crm_api.leads.repository.ageing import AgeingLeads
from crm_api.organizations.service import OrganizationService

DAYS_A_MONTH = 30.4375
_SCORE = ("score", "score_band", "score_explanation")


class Nightly:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = AgeingLeads(ctx)

    async def rescore(self) -> int:
        """The open leads whose age or whose end of contract weighs differently today; how many they were.

        A lead that somebody changes at the same moment was scored by that.
        """
        self.ctx.begin()
        changed = 0
        for lead in await self.leads.crossing(today()):
            away = await out_of_network(self.ctx, lead["wilaya_code"])
            score = scored(lead, out_of_network=away)
            if all(score[name] == lead[name] for name in _SCORE):
                continue
            try:
                await self.leads.edit(lead["id"], score, lead["version"])
            except (NotFound, VersionConflict, Deleted):
                continue
            changed += 1
            if score["score"] != lead["score"]:
                await publish(self.ctx, LeadScoreChanged(lead["id"], score["score"], score["score_band"]))
        return changed

    async def anonymise(self) -> int:
        """Those whose time is over by the organization's own settings; each leaves a line without values."""
        kept = (await OrganizationService(self.ctx).settings()).lead_retention_months
        gone = await self.leads.forget(now() - timedelta(days=kept * DAYS_A_MONTH))
        for lead_id in gone:
            self.ctx.note("lead.anonymised", "lead", lead_id)
            await publish(self.ctx, LeadAnonymised(lead_id))
        return len(gone)
