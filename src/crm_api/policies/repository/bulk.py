"""What is asked and written for many contracts at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, func, select, union, update
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.accounts.models import Account
from crm_api.core.plain import table_of
from crm_api.core.statements import unnested
from crm_api.policies.models.cover import PolicyCoverage, PolicyObject
from crm_api.policies.models.policy import Policy, PolicyParty, PolicyStatus, PolicySuspension
from crm_api.policies.repository.policies import PolicyRepository
from crm_api.products.models import Product

_ORGANIZATION = bindparam("organization_id", type_=Uuid())


class PolicyBulkRepository(PolicyRepository):
    async def locked(self, system: str, external_ids: Sequence[str]) -> Sequence[Policy]:
        """Those that the system calls so, locked in one order, and let go by the session.

        They are written as a set.
        """
        session = self.ctx.session
        statement = (
            select(Policy)
            .where(
                Policy.organization_id == self.ctx.organization_id,
                Policy.source_system == system,
                Policy.external_id == any_(bindparam("names", type_=ARRAY(Text()))),
            )
            .order_by(Policy.external_id)
            .with_for_update()
        )
        fresh = {"populate_existing": True}
        found = list(await session.scalars(statement, {"names": [*external_ids]}, execution_options=fresh))
        for policy in found:
            session.expunge(policy)
        return found

    async def versions(self, system: str, external_ids: Sequence[str]) -> dict[str, int]:
        """External id -> version of the row."""
        table = table_of(Policy)
        rows = await self.rows(
            "versions by name",
            lambda: select(table.c.external_id, table.c.version).where(
                table.c.organization_id == _ORGANIZATION,
                table.c.source_system == bindparam("system", type_=Text()),
                table.c.external_id == any_(bindparam("names", type_=ARRAY(Text()))),
            ),
            {"system": system, "names": [*external_ids]},
        )
        return {row[0]: row[1] for row in rows}

    async def homes(self, account_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
        """Account -> its agency, of those that are there, whoever sees them."""
        table = table_of(Account)
        rows = await self.rows(
            "homes",
            lambda: select(table.c.id, table.c.agency_id).where(
                table.c.organization_id == _ORGANIZATION,
                table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            ),
            {"ids": [*{*account_ids}]},
        )
        return {row[0]: row[1] for row in rows}

    async def branches(self, product_codes: Sequence[str]) -> dict[str, str]:
        """Product -> its branch."""
        table = table_of(Product)
        rows = await self.rows(
            "branches",
            lambda: select(table.c.code, table.c.branch_code).where(
                table.c.organization_id == _ORGANIZATION,
                table.c.code == any_(bindparam("codes", type_=ARRAY(Text()))),
            ),
            {"codes": [*product_codes]},
        )
        return {row[0]: row[1] for row in rows}

    async def with_contents(self, policy_ids: Sequence[UUID]) -> set[UUID]:
        """Those that have parties, objects or coverages on record."""
        if not policy_ids:
            return set()
        rows = await self.rows("with contents", self._with_contents, {"ids": [*policy_ids]})
        return {row[0] for row in rows}

    def _with_contents(self) -> Select[Any]:
        parts = []
        for table in (PolicyParty.__table__, PolicyObject.__table__, PolicyCoverage.__table__):
            asked = table.c.policy_id == any_(bindparam("ids", type_=ARRAY(Uuid())))
            parts.append(select(table.c.policy_id).where(table.c.organization_id == _ORGANIZATION, asked))
        return select(union(*parts).subquery())

    async def standings(self, account_ids: Sequence[UUID]) -> Sequence[Sequence[Any]]:
        """`standing` of many accounts, each with its id before it."""
        table = table_of(Policy)
        covered = table.c.in_force_since.is_not(None)
        asked = unnested(account_ids=Uuid())
        return await self.rows(
            "standings",
            lambda: (
                select(
                    asked.c.account_ids,
                    func.count().filter(table.c.status == PolicyStatus.IN_FORCE),
                    func.min(table.c.in_force_since),
                    func.max(func.coalesce(table.c.terminated_at, table.c.expires_at)).filter(covered),
                )
                .select_from(
                    asked.outerjoin(
                        table,
                        (table.c.organization_id == _ORGANIZATION)
                        & (table.c.account_id == asked.c.account_ids)
                        & (table.c.status != PolicyStatus.CANCELLED),
                    )
                )
                .group_by(asked.c.account_ids)
            ),
            {"account_ids": [*account_ids]},
        )

    async def resume_covers(self, ended: Sequence[tuple[UUID, datetime]]) -> None:
        """Of those that were suspended: cover came back, or the contract ended."""
        if not ended:
            return
        values: Mapping[str, Any] = {
            "policy_ids": [one[0] for one in ended],
            "ends": [one[1] for one in ended],
        }
        await self.ctx.write(self._statement("resume many", _resumed), values)


def _resumed() -> Any:
    table: Any = PolicySuspension.__table__
    asked = unnested(policy_ids=Uuid(), ends=TIMESTAMP(timezone=True))
    return (
        update(table)
        .where(
            table.c.organization_id == _ORGANIZATION,
            table.c.policy_id == asked.c.policy_ids,
            table.c.resumed_at.is_(None),
        )
        .values(resumed_at=func.greatest(asked.c.ends, table.c.suspended_at))
    )
