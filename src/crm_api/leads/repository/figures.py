"""What the figures of leads are worked out from: one statement for a period."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    or_,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP

from crm_api.core.plain import table_of
from crm_api.leads.models import DisqualifyReason, Lead
from crm_api.leads.repository import LeadRepository

_EXCLUDED = (DisqualifyReason.DUPLICATE, DisqualifyReason.TEST_SPAM)
_NARROWED: Mapping[str, Any] = {"agency_id": Uuid(), "owner_user_id": Uuid(), "source": Text()}
_MOMENT = TIMESTAMP(timezone=True)


class LeadFigureRepository(LeadRepository):
    async def period(self, values: Mapping[str, Any], narrowed: Sequence[str]) -> Sequence[Any]:
        """Created, excluded, converted of the created, conversions of the period, uncontacted, and answers.

        An answer is [agency id, created, first contacted], in milliseconds of the epoch.
        """
        rows = await self.rows(("figures", *narrowed), lambda: self._period(narrowed), values)
        return rows[0]

    def _period(self, narrowed: Sequence[str]) -> Select[Any]:
        lead = table_of(Lead).c
        start, end = bindparam("start", type_=_MOMENT), bindparam("end", type_=_MOMENT)
        latest = bindparam("latest", type_=_MOMENT)
        horizon = bindparam("horizon", type_=BigInteger())
        came = and_(lead.created_at >= start, lead.created_at < end)
        converted = and_(lead.converted_at >= start, lead.converted_at < end)
        told = lead.disqualify_reason.in_([literal_column(f"'{one}'") for one in _EXCLUDED])
        counts = not_(func.coalesce(told, literal_column("false")))
        in_time = and_(
            lead.converted_at < latest, _millis(lead.converted_at) - _millis(lead.created_at) <= horizon
        )
        answer = func.jsonb_build_array(
            lead.agency_id, _millis(lead.created_at), _millis(lead.first_contacted_at)
        )
        contacted = lead.first_contacted_at.is_not(None)
        return self.select(
            func.count().filter(came, counts),
            func.count().filter(came, not_(counts)),
            func.count().filter(came, counts, in_time),
            func.count().filter(converted, counts),
            func.count().filter(came, counts, not_(contacted)),
            func.coalesce(
                cast(func.jsonb_agg(answer).filter(came, counts, contacted), Text), literal_column("'[]'")
            ),
        ).where(
            *self._alive(),
            or_(came, converted),
            *(lead[name] == any_(bindparam(name, type_=ARRAY(_NARROWED[name]))) for name in narrowed),
        )


def _millis(moment: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.extract("epoch", moment) * literal_column("1000"), BigInteger)
