from uuid import UUID

from sqlalchemy import Text, bindparam, literal_column, select

from crm_api.contacts.models import Contact, ContactKey
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.statements import compiled


class PeopleRepository:
    """Who can be reached so; the house itself looks, whoever sees them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def having(self, value: str) -> list[UUID]:
        """At most two: of more than one, nobody can tell which."""
        people = table_of(Contact)
        rows = await self.ctx.fetch(
            compiled(
                (PeopleRepository, "having"),
                lambda: (
                    select(people.c.id)
                    .join(
                        ContactKey,
                        (ContactKey.organization_id == people.c.organization_id)
                        & (ContactKey.contact_id == people.c.id),
                    )
                    .where(
                        ContactKey.organization_id == bindparam("organization_id"),
                        ContactKey.value == bindparam("value", type_=Text()),
                        people.c.deleted_at.is_(None),
                        people.c.merged_into_id.is_(None),
                    )
                    .order_by(people.c.id)
                    .limit(literal_column("2"))
                ),
            ),
            {"value": value},
        )
        return [row[0] for row in rows]
