from uuid import UUID

from pydantic import MISSING

from crm_api.claims.assessing import FraudDesk
from crm_api.claims.declaring import Declaring, take_adversary, take_cover
from crm_api.claims.errors import ClaimPolicyKnown
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import ClaimStatus
from crm_api.claims.repository.claims import ClaimRepository
from crm_api.claims.schemas.claim import ClaimFilter, ClaimPage, ClaimQuery, ClaimRead
from crm_api.claims.schemas.constat import Constat, ConstatRead, ConstatReveal, sealed_constat
from crm_api.claims.schemas.content import ClaimPatch
from crm_api.core.batch import Found, found
from crm_api.core.context import Context
from crm_api.core.sealing import seal, unseal
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

_RECHECKED = frozenset({"policy_id", "coverages_invoked"})
_RETIMED = frozenset({"policy_id", "regime", "catnat_published_on"})


class ClaimService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.claims, self.desk = ClaimRepository(ctx), ClaimDesk(ctx)

    # --- reads

    async def page(self, query: ClaimQuery) -> Json[ClaimPage]:
        return await self.claims.page(query, ClaimPage)

    async def count(self, query: ClaimFilter) -> Count:
        return await self.claims.count(query)

    async def search(self, body: Search) -> Json[ClaimPage]:
        return await self.claims.page(body.selection(ClaimQuery), ClaimPage)

    async def get(self, claim_id: UUID) -> Json[ClaimRead]:
        return await self.claims.get(claim_id)

    async def get_many(self, ids: list[UUID]) -> Json[Found[ClaimRead]]:
        return found(ClaimRead, await self.claims.get_many(ids))

    # --- the file

    async def update(self, claim_id: UUID, data: ClaimPatch, version: int) -> Json[ClaimRead]:
        """Raises ClaimFileClosed, ClaimPolicyKnown."""
        claim = await self.desk.take_open(claim_id, version)
        given = {name: value for name, value in data if value is not MISSING}
        constat: Constat | None = given.pop("constat", None)
        policy_id = given.pop("policy_id", None)
        for name, value in given.items():
            setattr(claim, name, value)
        if constat is not None:
            await seal(self.ctx, claim, sealed_constat(constat))
            take_adversary(claim, data)
        await self._recheck(claim, policy_id, {*given, *(["policy_id"] if policy_id else [])})
        return await self.desk.kept(claim)

    async def _recheck(self, claim: Claim, policy_id: UUID | None, changed: set[str]) -> None:
        """What follows from what was changed: the cover, the clocks, the indicators."""
        if policy_id is not None and claim.policy_id not in (None, policy_id):
            raise ClaimPolicyKnown
        declaring = Declaring(self.ctx)
        known = policy_id or claim.policy_id
        cover = await declaring.cover(known, claim.occurred_at) if known and changed else None
        if changed & _RECHECKED:
            take_cover(claim, cover)
        if claim.status is ClaimStatus.DRAFT:
            return
        if changed & _RETIMED:
            await declaring.set_report_clock(claim)
            await self.desk.retime(claim)
        if changed & {*_RECHECKED, *_RETIMED, "estimate_amount"}:
            await FraudDesk(self.ctx).assess(claim, cover)

    async def reveal_constat(self, claim_id: UUID, data: ConstatReveal) -> ConstatRead:
        """In clear; the audit log says who read it, and why."""
        claim = await self.desk.take(claim_id)
        kept = await unseal(self.ctx, claim, reason=data.reason, label=Claim.label, fields=["constat"])
        written = kept.get("constat")
        return ConstatRead(constat=Constat.model_validate(written) if written else None)
