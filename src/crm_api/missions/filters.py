from typing import Any

from sqlalchemy import ColumnElement, Date, and_, literal_column, or_

from crm_api.kit.listing import Filter, matching
from crm_api.missions.models import UNDER_WAY, MissionOrder

TODAY = literal_column("(now() AT TIME ZONE 'Africa/Algiers')::date", Date())


def is_overdue(table: Any = MissionOrder) -> ColumnElement[bool]:
    """Its last day has passed, and who was sent has not reported."""
    columns = getattr(table, "c", table)
    return and_(or_(*(columns.status == state for state in sorted(UNDER_WAY))), columns.ends_on < TODAY)


overdue: Filter = matching(lambda _, wanted: is_overdue() if wanted else ~is_overdue(), bool, reads=bool)
