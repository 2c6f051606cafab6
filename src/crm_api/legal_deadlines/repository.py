from collections.abc import Sequence
from typing import Any

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.legal_deadlines.errors import LegalDeadlineTaken
from crm_api.legal_deadlines.models import LegalDeadline
from crm_api.legal_deadlines.schemas import LegalDeadlineRow

FIELDS = (
    *("id", "code", "valid_from", "value", "unit", "label_fr", "label_ar", "label_en"),
    *("source", "verified", "created_at"),
)


class LegalDeadlineRepository(Repository[LegalDeadline, LegalDeadlineRow]):
    model, read = LegalDeadline, LegalDeadlineRow
    refusals = {"uq_legal_deadlines_code": LegalDeadlineTaken}

    async def everything(self) -> Sequence[Sequence[Any]]:
        """`FIELDS` of every row, by code, the oldest first."""
        table = table_of(LegalDeadline)
        columns = [table.c[name] for name in FIELDS]
        return await self.rows(
            "everything", lambda: self.select(*columns).order_by(table.c.code, table.c.valid_from)
        )

    async def add_all(self, rows: Sequence[LegalDeadline]) -> None:
        self.ctx.session.add_all(rows)
        with self.refusing():
            await self.ctx.session.flush()
