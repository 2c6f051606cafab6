"""Reserves: set aside and released, movement by movement; what remains is never below zero."""

from collections.abc import Sequence
from uuid import UUID

from crm_api.claims.errors import ReserveTooSmall
from crm_api.claims.holding import ClaimDesk
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import ClaimReserveMovement
from crm_api.claims.models.words import ReserveKind
from crm_api.claims.repository.parts import ReserveLedger, expected_back, outstanding
from crm_api.claims.repository.reserves import ReserveReading
from crm_api.claims.schemas.money import ReserveMove, ReserveRead
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.money import Money, in_french


class ClaimReserves:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.ledger = ClaimDesk(ctx), ReserveLedger(ctx)

    async def read(self, claim_id: UUID) -> ReserveRead:
        """Raises NotFound."""
        return await ReserveReading(self.ctx).of(claim_id)

    async def move(self, claim_id: UUID, data: ReserveMove, version: int) -> ReserveRead:
        """Raises ReserveTooSmall, ClaimFileClosed."""
        claim = await self.desk.take_open(claim_id, version)
        await self.moved(claim, data.coverage_code, data.kind, data.movement.centimes, data.reason)
        await self.desk.keep(claim)
        return await self.read(claim_id)

    # --- for the other desks: the claim is locked, and kept by who calls

    async def moved(
        self, claim: Claim, coverage_code: str, kind: ReserveKind, centimes: int, reason: str
    ) -> None:
        """One movement. Raises ReserveTooSmall."""
        balances = await self.ledger.last(claim.id)
        last = next((b for b in balances if (b.coverage_code, b.kind) == (coverage_code, kind)), None)
        before = last.balance.centimes if last else 0
        if before + centimes < 0:
            raise ReserveTooSmall(balance=in_french(before))
        await self._written(claim.id, coverage_code, kind, last, centimes, reason)
        await self._summed(claim)

    async def drawn(
        self, claim: Claim, coverage_code: str, kind: ReserveKind, centimes: int, reason: str
    ) -> None:
        """What is paid leaves the reserve, as far as there is one."""
        balances = await self.ledger.last(claim.id)
        last = next((b for b in balances if (b.coverage_code, b.kind) == (coverage_code, kind)), None)
        taken = min(last.balance.centimes if last else 0, centimes)
        if taken:
            await self._written(claim.id, coverage_code, kind, last, -taken, reason)
        await self._summed(claim)

    async def released(self, claim: Claim, reason: str) -> None:
        """Everything that is still set aside: nothing is, once a file is closed."""
        for last in await self.ledger.last(claim.id):
            if last.balance.centimes:
                await self._written(
                    claim.id, last.coverage_code, last.kind, last, -last.balance.centimes, reason
                )
        await self._summed(claim)

    async def _written(
        self,
        claim_id: UUID,
        coverage_code: str,
        kind: ReserveKind,
        last: ClaimReserveMovement | None,
        centimes: int,
        reason: str,
    ) -> None:
        line = ClaimReserveMovement(
            claim_id=claim_id,
            coverage_code=coverage_code,
            kind=kind,
            sequence=last.sequence + 1 if last else 1,
            movement=Money.of(centimes),
            balance=Money.of((last.balance.centimes if last else 0) + centimes),
            reason=reason,
            made_at=now(),
            made_by_id=self.ctx.principal.id,
        )
        await self.ledger.move(claim_id, line)

    async def _summed(self, claim: Claim) -> None:
        balances: Sequence[ClaimReserveMovement] = await self.ledger.last(claim.id)
        claim.reserve_amount, claim.recovery_expected_amount = outstanding(balances), expected_back(balances)
