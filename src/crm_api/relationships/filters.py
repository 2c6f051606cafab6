"""The conditions of lists of relationships that no single column answers."""

from collections.abc import Hashable

from sqlalchemy import ColumnElement, Date, Uuid, and_, bindparam, or_

from crm_api.kit.listing import matching
from crm_api.relationships.models import Relationship


def _at(name: str, _: Hashable) -> ColumnElement[bool]:
    party = bindparam(name, type_=Uuid())
    return or_(Relationship.from_id == party, Relationship.to_id == party)


def _on(name: str, _: Hashable) -> ColumnElement[bool]:
    day = bindparam(name, type_=Date())
    begun = or_(Relationship.from_date.is_(None), Relationship.from_date <= day)
    return and_(begun, or_(Relationship.to_date.is_(None), Relationship.to_date >= day))


at_party = matching(_at)
holding_on = matching(_on)
