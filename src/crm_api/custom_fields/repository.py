from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from crm_api.core.repository import Repository
from crm_api.custom_fields.errors import CustomFieldKeyTaken
from crm_api.custom_fields.models import CustomField
from crm_api.custom_fields.schemas import CustomFieldRead


class CustomFieldRepository(Repository[CustomField, CustomFieldRead]):
    model, read = CustomField, CustomFieldRead
    refusals = {"uq_custom_fields_key": CustomFieldKeyTaken}

    async def of(self, entity: str) -> Sequence[CustomFieldRead]:
        """Every definition of one kind of object, retired ones too."""
        rows = await self.rows(
            "of",
            lambda: (
                self.select(*self._read())
                .where(CustomField.entity == bindparam("entity"))
                .order_by(CustomField.key)
            ),
            {"entity": entity},
        )
        return [self._json(row).value for row in rows]

    async def counted_alone(self, entity: str) -> int:
        """How many there are; until the end of this use case nobody else can count to add one."""
        lock = f"{self.ctx.organization_id}|custom_fields|{entity}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
        return len(await self.of(entity))
