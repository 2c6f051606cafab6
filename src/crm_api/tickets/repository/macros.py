"""Macros: seen by whoever may use them."""

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, literal_column, or_

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.roles.models import GroupMember
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.models.setup import TicketMacro
from crm_api.tickets.schemas.macros import TicketMacroRead


class TicketMacroRepository(Repository[TicketMacro, TicketMacroRead]):
    model, read = TicketMacro, TicketMacroRead
    refusals = {"fk_ticket_macros_group": UnknownTicketPart}

    def visible(self) -> list[ColumnElement[bool]]:
        """Everybody's, those of one's groups, one's own."""
        t = table_of(TicketMacro).c
        me = bindparam("actor_id", type_=Uuid())
        mine = exists().where(
            GroupMember.organization_id == t.organization_id,
            GroupMember.group_id == t.group_id,
            GroupMember.user_id == me,
        )
        return [*super().visible(), or_(t.scope == literal_column("'all'"), t.owner_user_id == me, mine)]
