from sqlalchemy import ColumnElement, and_

from crm_api.core.plain import table_of
from crm_api.leads.models import Lead, LeadStatus


def is_open() -> ColumnElement[bool]:
    """Somebody still has to work on it: `models.OPEN`, in SQL."""
    status = table_of(Lead).c.status
    return and_(status != LeadStatus.CONVERTED, status != LeadStatus.DISQUALIFIED)
