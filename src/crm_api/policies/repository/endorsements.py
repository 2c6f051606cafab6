from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP, aggregate_order_by

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.policies.models.endorsement import Endorsement, EndorsementStatus
from crm_api.policies.models.policy import Policy, PolicySuspension, PolicyVersion
from crm_api.policies.repository.policies import AT_ONCE, PolicyRepository
from crm_api.policies.schemas.endorsements import EndorsementRead, PolicyVersionRead, PolicyVersions


class EndorsementRepository(Repository[Endorsement, EndorsementRead]):
    model, read = Endorsement, EndorsementRead
    rows_by_owner = True

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "requested_by_id": table_of(Endorsement).c.owner_user_id}

    async def next_of(self, policy_id: UUID) -> int:
        """The contract is locked, so that nobody else takes it."""
        mine = Endorsement.organization_id == self.ctx.organization_id, Endorsement.policy_id == policy_id
        known = await self.ctx.session.scalar(select(func.count()).where(*mine).select_from(Endorsement))
        return int(known or 0) + 1

    async def due(self, moment: datetime) -> Sequence[Endorsement]:
        """Approved, and their effect has come; locked, another worker's are left out."""
        mine = (
            Endorsement.organization_id == self.ctx.organization_id,
            Endorsement.status == EndorsementStatus.APPROVED,
            Endorsement.effective_at <= moment,
        )
        statement = select(Endorsement).where(*mine).order_by(Endorsement.effective_at, Endorsement.id)
        return list(
            await self.ctx.session.scalars(statement.limit(AT_ONCE).with_for_update(skip_locked=True))
        )


class PolicyHistory(PolicyRepository):
    """The versions of a contract that this principal sees, in one statement."""

    async def versions(self, policy_id: UUID, at: datetime | None) -> Json[PolicyVersions]:
        """All of them, or the last one that had taken effect at that moment. Raises NotFound."""
        values = {"id": policy_id} | ({} if at is None else {"at": at})
        rows = await self.rows(("versions", at is None), lambda: self._versions(at is not None), values)
        if not rows:
            raise NotFound(id=str(policy_id))
        return Json(PolicyVersions, f'{{"data":[{rows[0][0]}]}}')

    async def cover(self, policy_id: UUID, at: datetime, whoever_sees: bool = False) -> Sequence[Any] | None:
        """status, in_force_since, terminated_at, expires_at, whether suspended then, the version then."""
        values = {"id": policy_id, "at": at}
        rows = await self.rows(("cover", whoever_sees), lambda: self._cover(whoever_sees), values)
        return rows[0] if rows else None

    def _cover(self, whoever_sees: bool) -> Any:
        policies, moment = table_of(Policy), bindparam("at", type_=TIMESTAMP(timezone=True))
        held, versions = PolicySuspension.__table__, PolicyVersion.__table__
        suspended = exists().where(
            held.c.organization_id == policies.c.organization_id,
            held.c.policy_id == policies.c.id,
            held.c.suspended_at <= moment,
            or_(held.c.resumed_at.is_(None), held.c.resumed_at > moment),
        )
        last = select(func.max(versions.c.version_no)).where(
            versions.c.organization_id == policies.c.organization_id,
            versions.c.policy_id == policies.c.id,
            versions.c.effective_at <= moment,
        )
        columns = (
            *(policies.c.status, policies.c.in_force_since, policies.c.terminated_at, policies.c.expires_at),
            *(suspended, last.correlate(policies).scalar_subquery()),
        )
        mine = policies.c.organization_id == bindparam("organization_id")
        listed = select(*columns).where(mine) if whoever_sees else self.select(*columns)
        return listed.where(policies.c.id == bindparam("id", type_=Uuid()))

    def _versions(self, one: bool) -> Any:
        policies, versions = table_of(Policy), PolicyVersion.__table__
        held: tuple[ColumnElement[bool], ...] = (
            versions.c.organization_id == policies.c.organization_id,
            versions.c.policy_id == policies.c.id,
        )
        if one:
            latest = PolicyVersion.__table__.alias("latest")
            moment: Any = bindparam("at", type_=TIMESTAMP(timezone=True))
            last = (
                select(func.max(latest.c.version_no))
                .where(
                    latest.c.organization_id == policies.c.organization_id,
                    latest.c.policy_id == policies.c.id,
                    latest.c.effective_at <= moment,
                )
                .correlate(policies)
                .scalar_subquery()
            )
            held = (*held, versions.c.version_no == last)
        row = as_json(dict(versions.c), PolicyVersionRead.model_fields)
        comma = literal_column("','", Text())
        joined = func.string_agg(row, aggregate_order_by(comma, versions.c.version_no))
        listed = select(func.coalesce(joined, literal_column("''", Text()))).where(*held).correlate(policies)
        same = policies.c.id == bindparam("id", type_=Uuid())
        return self.select(listed.scalar_subquery()).where(same)
