"""What every use case of a claim begins and ends with: the file locked, its version and state checked."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from crm_api.claims.choosing import ClaimSettingsService
from crm_api.claims.errors import ClaimFileClosed, UnknownClaimHandler
from crm_api.claims.models.claim import Claim
from crm_api.claims.models.words import CLAIM, ClaimStatus
from crm_api.claims.repository.claims import ClaimRepository
from crm_api.claims.repository.parts import AppraisalRepository
from crm_api.claims.schemas.claim import ClaimRead
from crm_api.claims.timing import ClaimTiming, facts_of
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import Event, publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.users.models import UserStatus
from crm_api.users.service import UserService


class ClaimDesk:
    """The file on the desk."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.claims = ClaimRepository(ctx)

    async def take(self, claim_id: UUID, version: int | None = None) -> Claim:
        """Locked. Raises NotFound, VersionConflict."""
        claim = await self.claims.load(claim_id)
        if version not in (None, claim.version, ANY_VERSION):
            raise VersionConflict(current_version=claim.version)
        return claim

    async def take_open(self, claim_id: UUID, version: int | None = None) -> Claim:
        """`take`, of a file that is not closed. Raises ClaimFileClosed."""
        claim = await self.take(claim_id, version)
        if claim.status is ClaimStatus.CLOSED:
            raise ClaimFileClosed
        return claim

    async def stepping(
        self,
        claim_id: UUID,
        version: int,
        wanted: ClaimStatus,
        only_from: Collection[ClaimStatus] | None = None,
    ) -> Claim:
        """`take`, and the state after it. `only_from`: this verb is not the way from the others."""
        claim = await self.take(claim_id, version)
        self.move(claim, wanted, only_from)
        return claim

    def move(
        self, claim: Claim, wanted: ClaimStatus, only_from: Collection[ClaimStatus] | None = None
    ) -> None:
        """Raises InvalidTransition."""
        CLAIM.check(claim.status, wanted)
        if only_from is not None and claim.status not in only_from:
            raise CLAIM.refusal(claim.status, wanted)
        claim.status, claim.status_since = wanted, now()

    async def keep(self, claim: Claim, *events: Event) -> None:
        await self.claims.save(claim)
        for event in events:
            await publish(self.ctx, event)

    async def kept(self, claim: Claim, *events: Event) -> Json[ClaimRead]:
        """`keep`, and the answer."""
        await self.keep(claim, *events)
        return await self.claims.get(claim.id)

    async def retime(self, claim: Claim) -> None:
        """The clock of its settlement, after something that it depends on changed."""
        motor = await self.is_motor(claim.branch_code)
        appraised_at = await self.appraised_at(claim.id)
        await ClaimTiming(self.ctx).set_target(claim, facts_of(claim, motor, appraised_at), now())

    async def is_motor(self, branch_code: str | None) -> bool:
        return branch_code in (await ClaimSettingsService(self.ctx).chosen()).motor_branches

    async def appraised_at(self, claim_id: UUID) -> Any:
        """When the first report came; None while there is none."""
        reports = [each.reported_at for each in await AppraisalRepository(self.ctx).of(claim_id)]
        return min((each for each in reports if each is not None), default=None)

    async def refuse_unfit_handler(self, user_id: UUID) -> None:
        """Raises UnknownClaimHandler."""
        try:
            user = (await UserService(self.ctx).get(user_id)).value
        except NotFound as unknown:
            raise UnknownClaimHandler from unknown
        if user.status is not UserStatus.ACTIVE:
            raise UnknownClaimHandler
