from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, literal_column, select, true, union_all

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.visibility import visible_rows
from crm_api.leads.errors import PartnerReferenceTaken, SubmissionKnown, UnknownAgency, UnknownLead
from crm_api.leads.models import Lead
from crm_api.leads.schemas.lead import LeadRead

MOST_CANDIDATES = 20
"""Of one key: a phone that more leads share says nothing."""


class LeadRepository(Repository[Lead, LeadRead]):
    model, read = Lead, LeadRead
    refusals = {
        "fk_leads_organization_id_agency_id": UnknownAgency,
        "fk_leads_organization_id_duplicate_of_id": UnknownLead,
        "uq_leads_submission": SubmissionKnown,
        "uq_leads_partner_reference": PartnerReferenceTaken,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        return {**super().columns(), "quick_data": table_of(Lead).c.masked}

    async def candidates(self, keys: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Leads of the whole organization with one of the `keys` (column -> value), in or out of sight.

        Rows: id, full_name, phone, email, wilaya_code, birth_index, plate_index, and whether it is in sight.
        One probe of an index per key: together in one OR they would be one guess of the planner.
        """
        return await self.rows(("candidates", *keys), lambda: _candidates(keys, self.visibility), keys)


def _candidates(keys: Mapping[str, Any], visibility: Any) -> Any:
    leads = table_of(Lead)
    in_sight = and_(true(), *visible_rows(leads, visibility))
    names = ("id", "full_name", "phone", "email", "wilaya_code", "birth_index", "plate_index")
    probes = [
        select(*(leads.c[name] for name in names), in_sight.label("in_sight"))
        .where(
            leads.c.organization_id == bindparam("organization_id"),
            leads.c[key] == bindparam(key, type_=leads.c[key].type),
            leads.c.deleted_at.is_(None),
        )
        .limit(literal_column(str(MOST_CANDIDATES), Integer()))
        .subquery()
        for key in keys
    ]
    return union_all(*(select(probe) for probe in probes))
