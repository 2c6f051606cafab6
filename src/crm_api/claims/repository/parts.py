"""What hangs on a claim: seen by whoever sees the claim."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.claims.errors import UnknownClaimant, UnknownClaimParticipant
from crm_api.claims.models.claim import Claim, ClaimFraud, ClaimHealth, ClaimParticipant, ClaimSettings
from crm_api.claims.models.handling import (
    Appraisal,
    ClaimDecision,
    ClaimDocument,
    ClaimPayment,
    ClaimReserveMovement,
    Recovery,
)
from crm_api.claims.models.words import ClaimPaymentStatus, ReserveKind
from crm_api.claims.schemas.appraisal import AppraisalRead
from crm_api.claims.schemas.money import ClaimPaymentRead, RecoveryRead
from crm_api.claims.schemas.parts import ClaimDocumentRead, ClaimParticipantRead
from crm_api.claims.schemas.settings import ClaimSettingsRead
from crm_api.claims.schemas.steps import ClaimDecisionRead
from crm_api.core.context import Context
from crm_api.core.db import Entity
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.core.statements import as_json
from crm_api.core.visibility import variant_of, visible_rows
from crm_api.kit.errors import NotFound
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json

M = TypeVar("M", bound=Entity)
R = TypeVar("R", bound=BaseModel)
L = TypeVar("L", bound=BaseModel)
_TODAY = literal_column("(now() AT TIME ZONE 'Africa/Algiers')::date", Date())


class OfClaim(Repository[M, R]):
    """Rows with a `claim_id`."""

    in_order: ClassVar[tuple[str, bool]] = ("created_at", False)
    """The column lists are ordered by, and whether the newest comes first."""

    def __init__(self, ctx: Context) -> None:
        self.visibility = variant_of(ctx.principal)
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        own, of_claim = super().visible(), table_of(self.model)
        if self.visibility == "all":
            return own
        claims = table_of(Claim)
        seen: Any = select(literal_column("1")).where(
            claims.c.organization_id == of_claim.c.organization_id,
            claims.c.id == of_claim.c.claim_id,
            *visible_rows(claims, self.visibility),
        )
        return [*own, exists(seen.correlate(of_claim))]

    async def all_of(self, claim_id: UUID, schema: type[L]) -> Json[L]:
        """Every row of the claim, one statement. Raises NotFound for a claim out of sight."""
        rows = await self.rows("all of", self._all_of, {"claim_id": claim_id})
        if not rows:
            raise NotFound(id=str(claim_id))
        return Json(schema, f'{{"data":[{rows[0][0]}]}}')

    async def held(self, claim_id: UUID, id: UUID) -> M:
        """Locked. Raises NotFound where the claim has no such row."""
        row = await self.load(id)
        if row.claim_id != claim_id:  # type: ignore[attr-defined]
            raise NotFound(id=str(id))
        return row

    async def of(self, claim_id: UUID) -> Sequence[M]:
        """The rows themselves, in the transaction."""
        await self.ctx.session.flush()
        own = self.model.organization_id == self.ctx.organization_id
        rows = select(self.model).where(own, self.model.claim_id == claim_id)  # type: ignore[attr-defined]
        return list(await self.ctx.session.scalars(rows.order_by(self.model.created_at, self.model.id)))

    def _all_of(self) -> Any:
        claims, part = table_of(Claim), table_of(self.model)
        by, newest_first = self.in_order
        key = part.c[by].desc() if newest_first else part.c[by]
        comma = literal_column("','", Text())
        one = as_json(self.columns(), self.read.model_fields)
        rows = (
            select(func.coalesce(func.string_agg(one, aggregate_order_by(comma, key, part.c.id)), ""))
            .where(part.c.organization_id == claims.c.organization_id, part.c.claim_id == claims.c.id)
            .correlate(claims)
            .scalar_subquery()
        )
        return select(rows).where(
            claims.c.organization_id == bindparam("organization_id"),
            claims.c.id == bindparam("claim_id", type_=Uuid()),
            *visible_rows(claims, self.visibility),
        )


class ParticipantRepository(OfClaim[ClaimParticipant, ClaimParticipantRead]):
    model, read = ClaimParticipant, ClaimParticipantRead
    refusals = {
        "fk_claim_participants_contact": UnknownClaimant,
        "fk_claim_participants_account": UnknownClaimant,
    }


class ClaimDocumentRepository(OfClaim[ClaimDocument, ClaimDocumentRead]):
    model, read = ClaimDocument, ClaimDocumentRead
    in_order = ("kind", False)


class AppraisalRepository(OfClaim[Appraisal, AppraisalRead]):
    model, read = Appraisal, AppraisalRead
    in_order = ("ordered_at", False)
    refusals = {"fk_appraisals_adjuster": UnknownClaimParticipant}


class DecisionRepository(OfClaim[ClaimDecision, ClaimDecisionRead]):
    model, read = ClaimDecision, ClaimDecisionRead
    in_order = ("created_at", True)


class ClaimPaymentRepository(OfClaim[ClaimPayment, ClaimPaymentRead]):
    model, read = ClaimPayment, ClaimPaymentRead
    refusals = {"fk_claim_payments_payee": UnknownClaimParticipant}

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        t = table_of(ClaimPayment)
        dots = literal_column("'•••'", Text())
        last = dots.concat(func.right(t.c.bank_account_ref, literal_column("4", Integer())))
        return {
            **super().columns(),
            "proposed_by_id": t.c.created_by_id,
            "bank_account": case((t.c.bank_account_ref.is_(None), null()), else_=last),
        }

    async def underway(self, claim_id: UUID) -> int:
        """How many are neither made nor ended."""
        await self.ctx.session.flush()
        payment = ClaimPayment
        ended = ClaimPaymentStatus.PAID, ClaimPaymentStatus.REJECTED, ClaimPaymentStatus.STOPPED
        counted = select(func.count()).where(
            payment.organization_id == self.ctx.organization_id,
            payment.claim_id == claim_id,
            payment.status.not_in(ended),
        )
        return int(await self.ctx.session.scalar(counted) or 0)


class RecoveryRepository(OfClaim[Recovery, RecoveryRead]):
    model, read = Recovery, RecoveryRead

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        t = table_of(Recovery)
        ended = cast(func.timezone(literal_column("'Africa/Algiers'", Text()), t.c.ended_at), Date)
        days = func.greatest(func.coalesce(ended, _TODAY) - t.c.opened_on, literal_column("0", Integer()))
        return {**super().columns(), "days_open": days, "ageing_bucket": _bucket(days)}


class ClaimSettingsRepository(Repository[ClaimSettings, ClaimSettingsRead]):
    model, read = ClaimSettings, ClaimSettingsRead

    async def kept(self) -> tuple[dict[str, Any], int, UUID | None]:
        """What was chosen, its version, its key; nothing, 0 and None while nobody chose."""
        t = table_of(ClaimSettings)
        rows = await self.rows("kept", lambda: self.select(t.c.content, t.c.version, t.c.id))
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else ({}, 0, None)


class Apart:
    """The tables that are no entities: what stands in them reaches no journal."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def health(self, claim_id: UUID) -> ClaimHealth | None:
        return await self.ctx.session.get(ClaimHealth, (self.ctx.organization_id, claim_id))

    async def fraud(self, claim_id: UUID) -> ClaimFraud | None:
        return await self.ctx.session.get(ClaimFraud, (self.ctx.organization_id, claim_id))

    async def keep(self, row: ClaimHealth | ClaimFraud | ClaimReserveMovement) -> None:
        self.ctx.session.add(row)
        await self.ctx.session.flush()


class ReserveLedger:
    """The movements of reserves. The claim is locked by who moves one."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def last(self, claim_id: UUID) -> Sequence[ClaimReserveMovement]:
        """The newest movement of each coverage and kind: it holds the balance."""
        line = ClaimReserveMovement
        await self.ctx.session.flush()
        mine = line.organization_id == self.ctx.organization_id, line.claim_id == claim_id
        last = select(line.coverage_code, line.kind, func.max(line.sequence)).where(*mine)
        key = tuple_(line.coverage_code, line.kind, line.sequence)
        newest = (
            select(line)
            .where(*mine, key.in_(last.group_by(line.coverage_code, line.kind)))
            .order_by(line.coverage_code, line.kind)
        )
        return list(await self.ctx.session.scalars(newest))

    async def move(self, claim_id: UUID, line: ClaimReserveMovement) -> None:
        self.ctx.session.add(line)
        await self.ctx.session.flush()


def outstanding(balances: Sequence[ClaimReserveMovement]) -> Money:
    """Set aside for indemnities and expenses."""
    expected = ReserveKind.RECOVERY_EXPECTED
    return Money.of(sum(line.balance.centimes for line in balances if line.kind is not expected))


def expected_back(balances: Sequence[ClaimReserveMovement]) -> Money:
    expected = ReserveKind.RECOVERY_EXPECTED
    return Money.of(sum(line.balance.centimes for line in balances if line.kind is expected))


def _bucket(days: ColumnElement[Any]) -> ColumnElement[str]:
    edges = ((30, "d0_30"), (60, "d31_60"), (90, "d61_90"), (180, "d91_180"), (365, "d181_365"))
    return case(
        *(
            (and_(days <= literal_column(str(edge), Integer())), literal_column(f"'{name}'", Text()))
            for edge, name in edges
        ),
        else_=literal_column("'over_365'", Text()),
    )
