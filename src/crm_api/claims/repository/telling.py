"""What the clocks and the milestones of a claim look at, in one statement."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, literal_column, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.claims.models.claim import Claim
from crm_api.claims.models.handling import Appraisal, ClaimDocument
from crm_api.claims.models.words import ClaimCause, ClaimRegime
from crm_api.core.context import Context
from crm_api.core.journal import EventLine
from crm_api.core.plain import table_of
from crm_api.core.statements import compiled
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.kit.errors import NotFound

_FIELDS = (
    *("number", "status", "agency_id", "branch_code", "cause", "regime", "occurred_at", "discovered_at"),
    *("declared_at", "catnat_published_on", "settled_at", "decided_at", "refusal_motive"),
)


class Story(NamedTuple):
    """A claim as far as clocks and milestones go."""

    number: str
    status: str
    agency_id: UUID
    branch_code: str | None
    cause: ClaimCause
    regime: ClaimRegime | None
    occurred_at: datetime
    discovered_at: datetime | None
    declared_at: datetime | None
    catnat_published_on: date | None
    settled_at: datetime | None
    decided_at: datetime | None
    refusal_motive: str | None
    target: datetime | None
    approved: int | None
    """Centimes."""
    estimate: int | None
    appraised_at: datetime | None
    documents: Sequence[Sequence[str]]
    """Kind and status of each that the file needs."""
    states: Sequence[tuple[str, datetime]]
    """Each state it came into, and when, in their order."""


class ClaimStory:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def of(self, claim_id: UUID) -> Story:
        """Raises NotFound."""
        variant = variant_of(self.ctx.principal)
        statement = compiled(("claim story", variant), lambda: _story(variant))
        rows = await self.ctx.fetch(statement, {"claim_id": claim_id})
        if not rows:
            raise NotFound(id=str(claim_id))
        row = dict(zip(Story._fields, rows[0], strict=True))
        row["cause"] = ClaimCause(row["cause"])
        row["regime"] = ClaimRegime(row["regime"]) if row["regime"] else None
        row["documents"] = row["documents"] or ()
        row["states"] = [(state, datetime.fromisoformat(at)) for state, at in row["states"] or ()]
        return Story(**row)


def _story(variant: str) -> Any:
    claim, document, appraisal = table_of(Claim), table_of(ClaimDocument), table_of(Appraisal)
    line = EventLine.__table__
    appraised = (
        select(func.min(appraisal.c.reported_at))
        .where(appraisal.c.organization_id == claim.c.organization_id, appraisal.c.claim_id == claim.c.id)
        .correlate(claim)
        .scalar_subquery()
    )
    documents = (
        select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_array(document.c.kind, document.c.status), document.c.kind
                )
            )
        )
        .where(document.c.organization_id == claim.c.organization_id, document.c.claim_id == claim.c.id)
        .correlate(claim)
        .scalar_subquery()
    )
    status = line.c.data["values"]["status"].astext
    states = (
        select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(status, line.c.at), line.c.id)))
        .where(
            line.c.organization_id == claim.c.organization_id,
            line.c.object_type == literal_column("'claim'"),
            line.c.object_id == claim.c.id,
            status.is_not(None),
        )
        .correlate(claim)
        .scalar_subquery()
    )
    return select(
        *(claim.c[name] for name in _FIELDS),
        claim.c.target_settlement_at,
        type_coerce(claim.c.approved_amount, BigInteger),
        type_coerce(claim.c.estimate_amount, BigInteger),
        appraised,
        documents,
        states,
    ).where(
        claim.c.organization_id == bindparam("organization_id"),
        claim.c.id == bindparam("claim_id", type_=Uuid()),
        *visible_rows(claim, variant),
    )
