from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Text, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.relationships.errors import RelationshipDatesCrossed, RelationshipKnown
from crm_api.relationships.labels import inverse_label_of, label_of
from crm_api.relationships.models import Relationship, RelationshipType
from crm_api.relationships.schemas import RelationshipRead


class RelationshipRepository(Repository[Relationship, RelationshipRead]):
    model, read = Relationship, RelationshipRead
    refusals = {
        "uq_relationships_bond": RelationshipKnown,
        "ck_relationships_order": RelationshipDatesCrossed,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        kind = table_of(Relationship).c.type
        labels = {kind: label_of(kind) for kind in RelationshipType}
        inverse = {kind: inverse_label_of(kind) for kind in RelationshipType}
        return {
            **super().columns(),
            "label": _looked_up(labels, kind),
            "inverse_label": _looked_up(inverse, kind),
        }

    async def of_party(self, party_id: UUID) -> list[Relationship]:
        """At either end."""
        here = or_(Relationship.from_id == party_id, Relationship.to_id == party_id)
        return list(await self.ctx.session.scalars(select(Relationship).where(here)))

    async def bonds(self, bonds: list[tuple[str, date | None]]) -> set[tuple[str, date | None]]:
        """Which of these are recorded."""
        statement = select(Relationship.bond, Relationship.from_date)
        found = await self.ctx.session.execute(
            statement.where(Relationship.bond.in_([bond for bond, _ in bonds]))
        )
        return {(row[0], row[1]) for row in found} & set(bonds)

    async def many(self, ids: list[UUID]) -> list[Relationship]:
        found = await self.ctx.session.scalars(select(Relationship).where(Relationship.id.in_(ids)))
        return list(found)


def _looked_up(words: Mapping[Any, Any], key: ColumnElement[Any]) -> ColumnElement[Any]:
    known = cast(literal(to_json(words).decode(), Text()), JSONB())
    return func.jsonb_extract_path(known, cast(key, Text()), type_=JSONB())
