from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select

from crm_api.agencies.models import Agency
from crm_api.billing.models.schedule import (
    Instalment,
    InstalmentStatus,
    PremiumReceipt,
    PremiumSchedule,
    ReceiptType,
)
from crm_api.billing.schemas.schedule import InstalmentRead, PremiumReceiptRead
from crm_api.core.context import Context
from crm_api.core.repository import Repository
from crm_api.policies.models.endorsement import Endorsement
from crm_api.policies.models.policy import Policy
from crm_api.products.models import Product
from crm_api.reference.models import Compulsory


class Contract(NamedTuple):
    """A contract, as far as money goes."""

    policy: Policy
    agency_code: str


class InstalmentRepository(Repository[Instalment, InstalmentRead]):
    model, read = Instalment, InstalmentRead

    async def of_policy(self, policy_id: UUID) -> list[Instalment]:
        """All of a contract, whoever sees them, locked; in the order in which they fall due."""
        statement = (
            select(Instalment)
            .where(Instalment.organization_id == self.ctx.organization_id, Instalment.policy_id == policy_id)
            .order_by(Instalment.due_on, Instalment.seq, Instalment.id)
            .with_for_update()
        )
        found = await self.ctx.session.scalars(statement, execution_options={"populate_existing": True})
        return list(found)

    async def locked(self, ids: Sequence[UUID]) -> dict[UUID, Instalment]:
        """These, locked in the order of their keys."""
        statement = (
            select(Instalment)
            .where(Instalment.organization_id == self.ctx.organization_id, Instalment.id.in_(ids))
            .order_by(Instalment.id)
            .with_for_update()
        )
        found = await self.ctx.session.scalars(statement, execution_options={"populate_existing": True})
        return {one.id: one for one in found}

    async def first_is_paid(self, policy_id: UUID) -> bool:
        """Whether the part of the premium that cover waits for is paid."""
        first = (
            select(Instalment.status)
            .join(PremiumSchedule, _same_schedule())
            .where(
                Instalment.organization_id == self.ctx.organization_id,
                Instalment.policy_id == policy_id,
                Instalment.seq == 1,
                PremiumSchedule.policy_version == 1,
            )
        )
        return await self.ctx.session.scalar(first) is InstalmentStatus.PAID


def _same_schedule() -> ColumnElement[bool]:
    return (PremiumSchedule.organization_id == Instalment.organization_id) & (
        PremiumSchedule.id == Instalment.schedule_id
    )


class PremiumReceiptRepository(Repository[PremiumReceipt, PremiumReceiptRead]):
    model, read = PremiumReceipt, PremiumReceiptRead

    async def given_back(self, policy_id: UUID) -> list[tuple[PremiumReceipt, datetime]]:
        """What endorsements of a contract gave back, and from when on."""
        statement = (
            select(PremiumReceipt, Endorsement.effective_at)
            .join(
                Endorsement,
                (Endorsement.organization_id == PremiumReceipt.organization_id)
                & (Endorsement.id == PremiumReceipt.endorsement_id),
            )
            .where(
                PremiumReceipt.organization_id == self.ctx.organization_id,
                PremiumReceipt.policy_id == policy_id,
                PremiumReceipt.type == ReceiptType.REFUND,
            )
            .order_by(PremiumReceipt.id)
        )
        return [(row[0], row[1]) for row in await self.ctx.session.execute(statement)]


class Contracts:
    """Contracts as the floor below keeps them: read, never changed here."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, policy_id: UUID) -> Contract:
        """Whoever sees it: what is owed follows from the contract, not from who acts."""
        statement = (
            select(Policy, Agency.code)
            .join(
                Agency, (Agency.organization_id == Policy.organization_id) & (Agency.id == Policy.agency_id)
            )
            .where(Policy.organization_id == self.ctx.organization_id, Policy.id == policy_id)
        )
        found = (await self.ctx.session.execute(statement)).one()
        return Contract(*found)

    async def schedule_exists(self, policy_id: UUID, version: int) -> bool:
        statement = select(PremiumSchedule.id).where(
            PremiumSchedule.organization_id == self.ctx.organization_id,
            PremiumSchedule.policy_id == policy_id,
            PremiumSchedule.policy_version == version,
        )
        return await self.ctx.session.scalar(statement) is not None

    async def begins(self, endorsement_id: UUID) -> datetime:
        """When a change of a contract takes effect."""
        statement = select(Endorsement.effective_at).where(
            Endorsement.organization_id == self.ctx.organization_id, Endorsement.id == endorsement_id
        )
        return (await self.ctx.session.scalars(statement)).one()

    async def compulsory(self, policy_ids: Sequence[UUID]) -> list[UUID]:
        """Those of these contracts whose product is compulsory, or has a coverage that is."""
        statement = (
            select(Policy.id)
            .join(
                Product,
                (Product.organization_id == Policy.organization_id) & (Product.code == Policy.product_code),
            )
            .where(
                Policy.organization_id == self.ctx.organization_id,
                Policy.id.in_(policy_ids),
                Product.compulsory != Compulsory.NO,
            )
            .order_by(Policy.id)
        )
        return list(await self.ctx.session.scalars(statement))

    async def hold(self, policy_ids: Collection[UUID]) -> dict[UUID, Policy]:
        """Locked, in the order of their keys, before what is owed for them: the floor below does so too."""
        statement = (
            select(Policy)
            .where(Policy.organization_id == self.ctx.organization_id, Policy.id.in_(policy_ids))
            .order_by(Policy.id)
            .with_for_update()
        )
        found = await self.ctx.session.scalars(statement, execution_options={"populate_existing": True})
        return {one.id: one for one in found}
