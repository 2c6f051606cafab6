from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.dialects.postgresql import insert

from crm_api.accounts.models import Account
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.duplicates.models import DuplicatePair, DuplicateScan, PairEntity, PairStatus
from crm_api.duplicates.schemas import DuplicatePairRead
from crm_api.kit.ids import new_id
from crm_api.leads.models import Lead

TABLES: dict[PairEntity, type[Any]] = {
    PairEntity.LEAD: Lead,
    PairEntity.CONTACT: Contact,
    PairEntity.ACCOUNT: Account,
}
Found = tuple[UUID, UUID, int, Sequence[str]]
"""Two ids, score, reasons."""


class DuplicateRepository(Repository[DuplicatePair, DuplicatePairRead]):
    """A pair is seen by who sees both of its records."""

    model, read = DuplicatePair, DuplicatePairRead

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        if self.visibility == "all":
            return super().visible()
        return [*super().visible(), or_(*(self._both_seen(entity) for entity in TABLES))]

    def _both_seen(self, entity: PairEntity) -> ColumnElement[bool]:
        pairs, records = table_of(DuplicatePair), table_of(TABLES[entity])
        seen = [
            exists().where(
                records.c.organization_id == pairs.c.organization_id,
                records.c.id == side,
                *visible_rows(records, self.visibility),
            )
            for side in (pairs.c.first_id, pairs.c.second_id)
        ]
        return and_(pairs.c.entity == entity, *seen)

    async def put(self, entity: PairEntity, found: Sequence[Found]) -> None:
        """New pairs; of one that is known and open, what is known now. One that was decided stays so."""
        if not found:
            return
        me = self.ctx.principal.id
        rows = [
            {
                "organization_id": self.ctx.organization_id,
                "id": new_id(),
                "version": 1,
                "entity": entity,
                "first_id": first,
                "second_id": second,
                "score": score,
                "reasons": [*reasons],
                "status": PairStatus.OPEN,
                "created_by_id": me,
                "updated_by_id": me,
            }
            for first, second, score, reasons in found
        ]
        table = table_of(DuplicatePair)
        statement = insert(table)
        fresh = {name: statement.excluded[name] for name in ("score", "reasons")}
        await self.ctx.session.execute(
            statement.on_conflict_do_update(
                index_elements=["organization_id", "entity", "first_id", "second_id"],
                set_={**fresh, "version": table.c.version + 1, "updated_at": now()},
                where=and_(table.c.status == PairStatus.OPEN, table.c.score != statement.excluded.score),
            ),
            rows,
        )

    async def scanned(self) -> str | None:
        scan = await self.ctx.session.get(DuplicateScan, self.ctx.organization_id)
        return scan.cursor if scan is not None else None

    async def scanned_to(self, cursor: str) -> None:
        statement = insert(DuplicateScan).values(organization_id=self.ctx.organization_id, cursor=cursor)
        await self.ctx.session.execute(
            statement.on_conflict_do_update(index_elements=["organization_id"], set_={"cursor": cursor})
        )
