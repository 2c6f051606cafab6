"""Leads that time itself changes: those whose score it moves, those that are kept no longer."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, or_, select, update

from crm_api.core.plain import table_of
from crm_api.leads.models import Lead, LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.repository.conditions import is_open
from crm_api.leads.scoring import AGEING, BEST_TIME_TO_CALL, OLD

MADE_UP_FOR = timedelta(days=7)
"""Nights that were missed: a threshold is looked for so long after it was crossed."""
AT_ONCE = 2000
"""Leads of one night and organization; the others follow the next night."""
NOBODY = "(anonymisé)"
_EMPTIED = frozenset(
    {"first_name", "last_name", "job_title", "company_name", "phone", "whatsapp", "email", "email_key"}
    | {"best_time", "need", "source_detail", "external_id", "idempotency_key", "landing_url", "referrer"}
    | {"click_id", "disqualify_comment", "postal_code", "commune_code"}
    | {"sealed", "birth_index", "plate_index"}
)


class AgeingLeads(LeadRepository):
    """Asked by the house itself, which sees every lead."""

    async def crossing(self, on: date) -> Sequence[dict[str, Any]]:
        """Every column of the open leads that crossed a threshold of the score in the last days."""
        leads = table_of(Lead)
        names = [column.name for column in leads.c]
        first = on - MADE_UP_FOR
        moments = {
            f"{name}_{end}": datetime.combine(day - timedelta(days=days), time.min, UTC)
            for name, days in (("ageing", AGEING), ("old", OLD))
            for end, day in (("from", first), ("to", on + timedelta(days=1)))
        }
        near = timedelta(days=BEST_TIME_TO_CALL)
        days = {"near_from": first + near, "near_to": on + near, "over_from": first, "over_to": on}
        rows = await self.rows("crossing", self._crossing, moments | days)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _crossing(self) -> Select[Any]:
        leads = table_of(Lead)

        def between(column: str, name: str) -> Any:
            kind = leads.c[column].type
            first, last = (bindparam(f"{name}_{end}", type_=kind) for end in ("from", "to"))
            return leads.c[column].between(first, last)

        crossed = or_(
            between("created_at", "ageing"),
            between("created_at", "old"),
            between("current_expiry_date", "near"),
            between("current_expiry_date", "over"),
        )
        return (
            self.select(*leads.c)
            .where(is_open(), *self._alive(), leads.c.anonymised_at.is_(None), crossed)
            .order_by(leads.c.id)
            .limit(AT_ONCE)
        )

    async def forget(self, before: datetime) -> list[UUID]:
        """Those never converted who last came to us before that moment lose what names them, for good.

        Source, place, dates, state and score stay: statistics survive. What was recorded of them before
        stands in the audit log until that is too old itself; this writes no value of theirs anywhere.
        """
        leads = table_of(Lead)
        due = (
            select(leads.c.id)
            .where(
                leads.c.organization_id == self.ctx.organization_id,
                leads.c.created_at < before,  # nobody comes before they are known, and this has an index
                leads.c.last_inbound_at < before,
                leads.c.status != LeadStatus.CONVERTED,
                leads.c.anonymised_at.is_(None),
            )
            .order_by(leads.c.created_at, leads.c.id)
            .limit(AT_ONCE)
        )
        own = leads.c.organization_id == self.ctx.organization_id
        emptying = (
            update(leads).where(own, leads.c.id.in_(due)).values(_emptied(leads, self.ctx.principal.id))
        )
        return [*(await self.ctx.session.scalars(emptying.returning(leads.c.id)))]


def _emptied(leads: Table, actor_id: UUID) -> dict[str, Any]:
    nothing: dict[str, Any] = {"masked": {}, "custom_fields": {}, "external_ids": [], "tags": []}
    gone = dict.fromkeys(_EMPTIED)
    told = {"updated_at": func.clock_timestamp(), "updated_by_id": actor_id, "version": leads.c.version + 1}
    consent = {"consent_snapshot": leads.c.consent_snapshot.op("-")("ip")}
    return {**gone, **nothing, **told, **consent, "full_name": NOBODY, "anonymised_at": func.now()}
