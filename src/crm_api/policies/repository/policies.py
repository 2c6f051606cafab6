from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.kit.errors import NotFound
from crm_api.policies.errors import (
    PolicyAlreadyRenewed,
    PolicyNumberTaken,
    UnknownPolicyAccount,
    UnknownPolicyAgency,
    UnknownPolicyHolder,
    UnknownPolicyProduct,
    UnknownPreviousPolicy,
    UnknownProducer,
)
from crm_api.policies.models.policy import OURS, Policy, PolicyStatus, PolicySuspension, PolicyVersion
from crm_api.policies.schemas.policy import PolicyRead
from crm_api.products.models import Product

AT_ONCE = 500
"""Contracts that one run of a job takes in hand, so that its transaction stays short."""


class Standing(NamedTuple):
    """What the contracts of an account make of it."""

    in_force: int
    since: datetime | None
    """When cover of the first of them began; null: none ever did."""
    last_expiry: datetime | None


_OURS = (Policy.source_system == OURS,)
"""The clock moves only what is issued here: a policy system tells itself what becomes of its contracts."""


class PolicyRepository(Repository[Policy, PolicyRead]):
    model, read = Policy, PolicyRead
    refusals = {
        "uq_policies_number": PolicyNumberTaken,
        "uq_policies_external": PolicyNumberTaken,
        "ix_policies_previous": PolicyAlreadyRenewed,
        "fk_policies_account": UnknownPolicyAccount,
        "fk_policies_holder": UnknownPolicyHolder,
        "fk_policies_agency": UnknownPolicyAgency,
        "fk_policies_producer": UnknownProducer,
        "fk_policies_product": UnknownPolicyProduct,
        "fk_policies_previous": UnknownPreviousPolicy,
    }
    rows_by_owner = True

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "producer_user_id": table_of(Policy).c.owner_user_id}

    # --- one contract, whoever sees it: for the house

    async def held(self, policy_id: UUID) -> Policy:
        """Locked until the end of the use case. Raises NotFound."""
        own = Policy.organization_id == self.ctx.organization_id, Policy.id == policy_id
        statement = select(Policy).where(*own).with_for_update()
        fresh = {"populate_existing": True}
        row = await self.ctx.session.scalar(statement, execution_options=fresh)
        if row is None:
            raise NotFound(id=str(policy_id))
        return row

    async def claimed(self, system: str, external_id: str) -> Policy | None:
        """The contract that the system calls so, locked; nobody else makes it before the end of this."""
        lock = f"{self.ctx.organization_id}|policy|{system}|{external_id}"
        session = self.ctx.session
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
        named = (
            Policy.organization_id == self.ctx.organization_id,
            Policy.source_system == system,
            Policy.external_id == external_id,
        )
        return await session.scalar(select(Policy).where(*named).with_for_update())

    async def id_of(self, system: str, external_id: str) -> UUID | None:
        found: UUID | None = await self.ctx.session.scalar(
            select(Policy.id).where(
                Policy.organization_id == self.ctx.organization_id,
                Policy.source_system == system,
                Policy.external_id == external_id,
            )
        )
        return found

    async def branch_of(self, product_code: str) -> str:
        """Raises UnknownPolicyProduct."""
        mine = Product.organization_id == self.ctx.organization_id, Product.code == product_code
        branch: str | None = await self.ctx.session.scalar(select(Product.branch_code).where(*mine))
        if branch is None:
            raise UnknownPolicyProduct
        return branch

    async def standing(self, account_id: UUID) -> Standing:
        await self.ctx.session.flush()
        covered = Policy.in_force_since.is_not(None)
        row = (
            await self.ctx.session.execute(
                select(
                    func.count().filter(Policy.status == PolicyStatus.IN_FORCE),
                    func.min(Policy.in_force_since),
                    func.max(func.coalesce(Policy.terminated_at, Policy.expires_at)).filter(covered),
                ).where(
                    Policy.organization_id == self.ctx.organization_id,
                    Policy.account_id == account_id,
                    Policy.status != PolicyStatus.CANCELLED,
                )
            )
        ).one()
        return Standing(*row)

    # --- suspensions and versions

    def stop_cover(self, policy: Policy, at: datetime, reason: str) -> None:
        self.ctx.session.add(PolicySuspension(policy_id=policy.id, suspended_at=at, reason=reason))

    async def resume_cover(self, policy: Policy, at: datetime) -> None:
        """Cover came back, or the contract ended; nothing where it was not suspended."""
        mine = (
            PolicySuspension.organization_id == self.ctx.organization_id,
            PolicySuspension.policy_id == policy.id,
            PolicySuspension.resumed_at.is_(None),
        )
        suspension = await self.ctx.session.scalar(select(PolicySuspension).where(*mine))
        if suspension is not None:
            suspension.resumed_at = max(at, suspension.suspended_at)

    def keep_version(self, version: PolicyVersion) -> None:
        self.ctx.session.add(version)

    # --- those whose time has come, locked; another worker's are left out

    async def due_to_begin(self, moment: datetime) -> Sequence[Policy]:
        """Issued and paid, and their effect has come."""
        return await self._due(
            *_OURS,
            Policy.status == PolicyStatus.ISSUED,
            Policy.first_paid_at.is_not(None),
            Policy.effective_at <= moment,
        )

    async def due_to_reinstate(self, moment: datetime) -> Sequence[Policy]:
        return await self._due(*_OURS, Policy.reinstates_at <= moment, Policy.reinstates_at.is_not(None))

    async def due_to_expire(self, moment: datetime) -> Sequence[Policy]:
        ended = *_OURS, Policy.expires_at <= moment
        return [
            *await self._due(Policy.status == PolicyStatus.IN_FORCE, *ended),
            *await self._due(Policy.status == PolicyStatus.SUSPENDED, *ended),
        ]

    async def due_to_tell(self, moment: datetime, before: datetime) -> Sequence[Policy]:
        """In force, ending before then, with nothing that goes on from them, and not told of yet."""
        return await self._due(
            Policy.status == PolicyStatus.IN_FORCE,
            Policy.expires_at > moment,
            Policy.expires_at <= before,
            Policy.next_policy_id.is_(None),
            Policy.renewal_due_told_at.is_(None),
        )

    async def _due(self, *conditions: ColumnElement[bool]) -> Sequence[Policy]:
        mine = Policy.organization_id == self.ctx.organization_id
        statement = (
            select(Policy)
            .where(mine, *conditions)
            .order_by(Policy.expires_at, Policy.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return list(await self.ctx.session.scalars(statement))
