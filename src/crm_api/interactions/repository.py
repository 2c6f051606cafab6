from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.context import Context
from crm_api.core.db import Owned
from crm_api.core.inheritance import object_in_sight, sights, subject
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.core.visibility import visible_rows
from crm_api.interactions.columns import LINKS, shown_columns
from crm_api.interactions.errors import ExternalMessageKnown, UnknownAgent
from crm_api.interactions.models import Interaction, InteractionChannel, InteractionLink
from crm_api.interactions.schemas import (
    InteractionFilter,
    InteractionLine,
    InteractionPage,
    InteractionRead,
    LastPromise,
)
from crm_api.kit.schemas import Json


class InteractionRepository(Repository[Interaction, InteractionRead]):
    model, read = Interaction, InteractionRead
    refusals = {
        "uq_interactions_message": ExternalMessageKnown,
        "fk_interactions_organization_id_owner_user_id": UnknownAgent,
    }

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._owned = [kind for kind, of in ctx.tools.objects.items() if issubclass(of.model, Owned)]
        self._mine = self.visibility
        if self._mine != "all":
            self.visibility = self._mine, sights(ctx, Interaction.label, self._owned)

    def visible(self) -> list[ColumnElement[bool]]:
        """One's own and one's agency's, and whatever is about somebody in sight (C-5)."""
        table = table_of(Interaction)
        own = table.c.organization_id == bindparam("organization_id")
        mine = visible_rows(table, self._mine)
        return [own, or_(*mine, self._about_somebody_in_sight())] if mine else [own]

    def _about_somebody_in_sight(self) -> ColumnElement[bool]:
        link = LINKS.alias("about")
        in_sight = object_in_sight(
            self.ctx, Interaction.label, link.c.object_type, link.c.object_id, self._owned
        )
        found: Select[Any] = select(literal_column("1")).where(
            link.c.organization_id == bindparam("organization_id"),
            link.c.interaction_id == table_of(Interaction).c.id,
            in_sight,
        )
        return exists(found.correlate(table_of(Interaction)))

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return shown_columns(super().columns())

    async def page_of_lines(self, query: InteractionFilter) -> Json[InteractionPage]:
        """Without the bodies: they are read one by one."""
        chosen = replace(query.selection(), fields=tuple(InteractionLine.model_fields))
        return await self.page(chosen, InteractionPage)

    # --- what came in before

    async def claim_message(self, channel: InteractionChannel, external_message_id: str) -> UUID | None:
        """Which interaction it is, if it was recorded; an equal one waits for the end of this use case."""
        name = f"{self.ctx.organization_id}|interaction|{channel}|{external_message_id}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
        known: UUID | None = await self.ctx.session.scalar(
            select(Interaction.id).where(
                Interaction.channel == channel, Interaction.external_message_id == external_message_id
            )
        )
        return known

    # --- links

    async def put_links(self, links: Iterable[InteractionLink]) -> None:
        self.ctx.session.add_all(links)
        await self.ctx.session.flush()

    async def links_of(self, interaction_id: UUID) -> Sequence[InteractionLink]:
        statement = select(InteractionLink).where(InteractionLink.interaction_id == interaction_id)
        found = await self.ctx.session.scalars(
            statement.order_by(InteractionLink.object_type, InteractionLink.object_id)
        )
        return found.all()

    async def mark_promise(self, interaction_id: UUID, made: bool) -> None:
        await self.ctx.session.execute(
            update(InteractionLink)
            .where(InteractionLink.interaction_id == interaction_id)
            .values(has_promise=made)
        )

    async def link_phone(self, phone: str, object_type: str, object_id: UUID) -> list[UUID]:
        """Everything from that unknown number and not linked to a party yet; which those were."""
        parties = select(LINKS.c.interaction_id).where(
            LINKS.c.organization_id == self.ctx.organization_id,
            LINKS.c.object_type.in_(("contact", "account", "lead")),
        )
        unknown: Any = select(
            Interaction.organization_id,
            Interaction.id,
            literal(object_type, Text()),
            literal(object_id, Uuid()),
            Interaction.occurred_at,
            Interaction.promise_text.is_not(None),
        ).where(
            Interaction.organization_id == self.ctx.organization_id,
            Interaction.anonymous_phone == phone,
            Interaction.id.not_in(parties),
        )
        return await self._linked(unknown, None)

    async def link_also(
        self,
        object_type: str,
        object_id: UUID,
        to_type: str,
        to_id: UUID,
        via_id: UUID | None = None,
    ) -> list[UUID]:
        """Whatever is about the one object is about the other too; which those were."""
        same = and_(
            LINKS.c.organization_id == self.ctx.organization_id,
            LINKS.c.object_type == object_type,
            LINKS.c.object_id == object_id,
        )
        theirs: Any = select(
            LINKS.c.organization_id,
            LINKS.c.interaction_id,
            literal(to_type, Text()),
            literal(to_id, Uuid()),
            LINKS.c.occurred_at,
            LINKS.c.has_promise,
        ).where(same)
        return await self._linked(theirs, via_id)

    async def unlink_via(self, via_id: UUID, object_type: str, object_id: UUID) -> None:
        here = LINKS.c.object_type == object_type, LINKS.c.object_id == object_id
        brought = LINKS.c.organization_id == self.ctx.organization_id, LINKS.c.via_id == via_id
        await self.ctx.session.execute(delete(LINKS).where(*here, *brought))

    async def _linked(self, rows: Select[Any], via_id: UUID | None) -> list[UUID]:
        names = "organization_id", "interaction_id", "object_type", "object_id", "occurred_at", "has_promise"
        statement = (
            insert(LINKS)
            .from_select([*names, "via_id"], rows.add_columns(literal(via_id, Uuid())))
            .on_conflict_do_nothing()
            .returning(LINKS.c.interaction_id)
        )
        return list((await self.ctx.session.scalars(statement)).all())

    # --- promises

    async def last_promise(self, object_type: str, object_id: UUID) -> Json[LastPromise] | None:
        """None when that object is not to be seen. One statement."""
        values = {"object_type": object_type, "object_id": object_id}
        party, shape = subject(self.ctx, object_type)
        rows = await self.rows(
            ("last promise", object_type, shape), lambda: self._last_promise(party), values
        )
        if not rows:
            return None
        body = rows[0][0] or "null"
        return Json(LastPromise, f'{{"promise":{body}}}')

    def _last_promise(self, party: Subquery) -> Select[Any]:
        row = table_of(Interaction)
        of_subject = (
            LINKS.c.organization_id == bindparam("organization_id"),
            LINKS.c.object_type == bindparam("object_type", type_=Text()),
            LINKS.c.object_id == bindparam("object_id", type_=Uuid()),
            LINKS.c.has_promise,
            row.c.organization_id == LINKS.c.organization_id,
            row.c.id == LINKS.c.interaction_id,
            row.c.corrected_by_id.is_(None),
        )
        newest = (
            select(as_json(self.columns(), InteractionLine.model_fields).label("body"))
            .select_from(LINKS.join(row, row.c.id == LINKS.c.interaction_id))
            .where(*of_subject)
            .order_by(LINKS.c.occurred_at.desc(), LINKS.c.interaction_id.desc())
            .limit(literal_column("1"))
            .scalar_subquery()
        )
        return select(newest).select_from(party)
