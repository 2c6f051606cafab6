from typing import Any

from sqlalchemy import ColumnElement, Uuid, bindparam, select

from crm_api.appointments.models import Appointment, Engagement
from crm_api.kit.listing import Filter, matching


def _engaging(name: str, _: Any) -> ColumnElement[bool]:
    mine = (
        Engagement.organization_id == bindparam("organization_id"),
        Engagement.party_id == bindparam(name, type_=Uuid()),
    )
    return Appointment.id.in_(select(Engagement.appointment_id).where(*mine))


engaging: Filter = matching(_engaging)
"""Those that somebody holds or attends."""
