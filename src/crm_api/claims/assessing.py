"""The indicators of fraud of a claim: computed by the house, read and judged by who holds claims:fraud."""

from uuid import UUID

from crm_api.claims import fraud
from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.fraud import Suspicion
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim, ClaimFraud
from crm_api.claims.models.words import HOLDING, CoverageCheck, FraudStatus
from crm_api.claims.repository.cover import Cover
from crm_api.claims.repository.parts import Apart
from crm_api.claims.schemas.apart import ClaimFraudJudge, ClaimFraudRead, FraudIndicatorRead
from crm_api.claims.sentences import said
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import NotFound

LABEL = "claim_fraud"


class FraudDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.apart = ClaimDesk(ctx), Apart(ctx)

    async def assess(self, claim: Claim, cover: Cover | None) -> None:
        """When it is declared, and when what the rules look at changes."""
        rules = (await ClaimSettingsService(self.ctx).chosen()).fraud
        since = cover.in_force_since and max(cover.in_force_since, cover.effective_at) if cover else None
        found = fraud.indicators(
            Suspicion(
                occurred_at=claim.occurred_at,
                cover_began_at=since,
                cover_ends_at=cover.expires_at if cover else None,
                claims_in_a_year=await self.desk.claims.within_a_year(
                    claim.policy_id, claim.account_id, claim.occurred_at
                ),
                late=claim.late_declaration,
                coverage_failed=claim.coverage_check is CoverageCheck.FAILED,
                estimate=claim.estimate_amount.centimes if claim.estimate_amount else None,
                largest_sum_insured=cover.largest_sum_insured if cover else None,
            ),
            rules,
        )
        row = await self.apart.fraud(claim.id) or ClaimFraud(id=claim.id, version=0, status=FraudStatus.NONE)
        row.score, row.indicators = fraud.score(found), found
        row.status = fraud.judged_by_rules(row.score, rules, row.status)
        row.version, row.assessed_at = row.version + 1, now()
        await self.apart.keep(row)

    async def holds(self, claim_id: UUID) -> bool:
        """Whether the approval is held back."""
        row = await self.apart.fraud(claim_id)
        return row is not None and row.status in HOLDING

    async def read(self, claim_id: UUID) -> ClaimFraudRead:
        """Raises NotFound."""
        claim = await self.desk.claims.get(claim_id)
        row = await self.apart.fraud(claim_id)
        if row is None:
            raise NotFound(id=str(claim.id))
        return self._shown(row)

    async def judge(self, claim_id: UUID, data: ClaimFraudJudge, version: int) -> ClaimFraudRead:
        """By a person; the audit log says who, and that it changed, not to what."""
        claim = await self.desk.take(claim_id, version)
        row = await self.apart.fraud(claim.id)
        if row is None:
            row = ClaimFraud(id=claim.id, version=0, score=0, indicators=[], assessed_at=now())
        row.status, row.note = data.status, data.note
        row.judged_by_id, row.judged_at = self.ctx.principal.id, now()
        row.version += 1
        await self.apart.keep(row)
        self.ctx.note(f"{LABEL}.judged", LABEL, claim.id)
        return self._shown(row)

    def _shown(self, row: ClaimFraud) -> ClaimFraudRead:
        language = self.ctx.origin.locale
        return ClaimFraudRead(
            claim_id=row.id,
            score=row.score,
            status=row.status,
            indicators=[
                FraudIndicatorRead(
                    code=each["code"],
                    points=each["points"],
                    sentence=said("fraud", each["code"], language, value=each["value"]),
                )
                for each in row.indicators
            ],
            note=row.note,
            judged_by_id=row.judged_by_id,
            judged_at=row.judged_at,
            assessed_at=row.assessed_at,
        )
