"""The register of complaints by quarter, as the supervisor asks for it: a table for spreadsheets."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.complaints.models import Complaint
from crm_api.complaints.repository import ComplaintRepository
from crm_api.complaints.schemas.steps import RegisterQuery, first_day
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import NotFound
from crm_api.kit.formulas import guarded
from crm_api.legal_deadlines.reckoning import midnight
from crm_api.reference import service as reference
from crm_api.reference.models import LabelLanguage

HEADER = (
    *("N°", "Reçue le", "Destinataire", "Référence", "Canal", "Réclamant", "Agence", "Branche", "Produit"),
    *("Objet", "Gravité", "Accusé attendu le", "Accusé le", "Réponse attendue le", "Répondue le"),
    *("Dans les délais", "Suite donnée", "Indemnité (DA)", "Niveau", "Cause", "État", "Close le"),
)


class Register:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.complaints = ComplaintRepository(ctx)

    async def of(self, query: RegisterQuery) -> bytes:
        """CSV with semicolons and a byte order mark, one line a complaint, by its receipt."""
        start = midnight(first_day(query.year, query.quarter))
        end = midnight(first_day(query.year, query.quarter + 1))
        rows = await self.complaints.received_between(start, end)
        agencies = await self._agencies({row.agency_id for row in rows if row.agency_id})
        labels = reference.enums(LabelLanguage.FR)
        table = io.StringIO()
        writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([guarded(cell) for cell in _line(row, agencies, labels)])
        return b"\xef\xbb\xbf" + table.getvalue().encode()

    async def _agencies(self, ids: set[UUID]) -> dict[UUID, str]:
        found = {}
        for agency_id in ids:
            try:
                found[agency_id] = (await AgencyService(self.ctx).get(agency_id)).value.code
            except NotFound:
                continue
        return found


def _line(row: Complaint, agencies: Mapping[UUID, str], labels: Mapping[str, Mapping[str, str]]) -> list[str]:
    amount = row.compensation_amount
    return [
        row.number,
        _moment(row.received_at),
        labels["complaint.recipient"][row.recipient],
        row.external_reference or "",
        labels["channel"][row.channel],
        row.complainant_name or "",
        agencies.get(row.agency_id, "") if row.agency_id else "",
        row.branch_code or "",
        row.product_code or "",
        labels["complaint.category"][row.category],
        labels["complaint.severity"][row.severity],
        _moment(row.ack_due_at),
        _moment(row.acknowledged_at),
        _moment(row.answer_due_at),
        _moment(row.answered_at),
        _in_time(row),
        labels["complaint.decision"][row.decision] if row.decision else "",
        f"{amount.centimes / 100:.2f}".replace(".", ",") if amount is not None else "",
        str(row.escalation_level),
        row.root_cause or "",
        labels["complaint.status"][row.status],
        _moment(row.closed_at),
    ]


def _in_time(row: Complaint) -> str:
    """Empty while the answer is owed and not late."""
    if row.answer_due_at is None:
        return ""
    if row.answered_at is not None:
        return "oui" if row.answered_at < row.answer_due_at else "non"
    return "non" if row.answer_due_at <= now() else ""


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(ALGIERS):%d/%m/%Y %H:%M}" if at else ""
