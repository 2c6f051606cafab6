"""The conditions of lists of documents that no single column answers."""

from collections.abc import Hashable
from datetime import timedelta

from sqlalchemy import ColumnElement, Date, Uuid, any_, bindparam, func, select

from crm_api.core.statements import LOCAL_TODAY
from crm_api.files.models import File, FileLink
from crm_api.kit.clock import today
from crm_api.kit.listing import matching


def _hanging_on(name: str, _: Hashable) -> ColumnElement[bool]:
    """An array, not a join: the few documents of one object are looked up by their keys."""
    here = FileLink.organization_id == bindparam("organization_id", type_=Uuid())
    found = select(FileLink.file_id).where(here, FileLink.object_id == bindparam(name, type_=Uuid()))
    return File.id == any_(func.array(found.scalar_subquery()))


def _expiring(name: str, _: Hashable) -> ColumnElement[bool]:
    return File.expires_on.between(LOCAL_TODAY, bindparam(name, type_=Date()))


hanging_on = matching(_hanging_on)
expiring_soon = matching(_expiring, bound=lambda days: today() + timedelta(days=days), reads=int)
