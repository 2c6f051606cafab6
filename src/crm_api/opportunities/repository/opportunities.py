from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    Numeric,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from crm_api.core.external_ids import REFUSALS, ExternallyKnownRepository
from crm_api.core.money import Centimes
from crm_api.core.plain import table_of
from crm_api.core.statements import as_json
from crm_api.kit.errors import NotFound
from crm_api.kit.schemas import Json
from crm_api.opportunities.errors import (
    UnknownAccount,
    UnknownAgency,
    UnknownCampaign,
    UnknownContact,
    UnknownOwner,
    UnknownStage,
)
from crm_api.opportunities.models.opportunity import Opportunity, OpportunityStage
from crm_api.opportunities.models.pipeline import OpportunityOutcome
from crm_api.opportunities.schemas.opportunity import OpportunityRead, StageHistory, StageStay


def weighted(amount: ColumnElement[Any], probability: ColumnElement[Any]) -> ColumnElement[int]:
    """Centimes, half a centime away from zero: as `kit.money.line` rounds, line by line."""
    return cast(func.round(cast(type_coerce(amount, BigInteger), Numeric) * probability), BigInteger)


class OpportunityRepository(ExternallyKnownRepository[Opportunity, OpportunityRead]):
    model, read = Opportunity, OpportunityRead
    refusals = REFUSALS | {
        "fk_opportunities_account": UnknownAccount,
        "fk_opportunities_contact": UnknownContact,
        "fk_opportunities_agency": UnknownAgency,
        "fk_opportunities_campaign": UnknownCampaign,
        "fk_opportunities_owner": UnknownOwner,
        "fk_opportunities_stage": UnknownStage,
        "fk_opportunities_pending_stage": UnknownStage,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        sale = table_of(Opportunity).c
        late = and_(sale.stagnant_at.is_not(None), sale.stagnant_at < func.now())
        worth = type_coerce(weighted(sale.amount, sale.probability), Centimes())
        return {**super().columns(), "stagnant": late, "weighted_amount": worth}

    async def history(self, opportunity_id: UUID) -> Json[StageHistory]:
        """One statement. Raises NotFound."""
        rows = await self.rows("history", self._history, {"id": opportunity_id})
        if not rows:
            raise NotFound(id=str(opportunity_id))
        return Json(StageHistory, f'{{"data":[{rows[0][0]}]}}')

    async def last_open_stage(self, opportunity: Opportunity) -> str | None:
        """Where it stood in its pipeline before it was closed."""
        stay = OpportunityStage
        await self.ctx.session.flush()
        found: str | None = await self.ctx.session.scalar(
            select(stay.stage)
            .where(
                stay.organization_id == self.ctx.organization_id,
                stay.opportunity_id == opportunity.id,
                stay.pipeline_id == opportunity.pipeline_id,
                stay.status == OpportunityOutcome.OPEN,
            )
            .order_by(stay.id.desc())
            .limit(1)
        )
        return found

    async def needs_account(self, account_id: UUID) -> bool:
        """Whether an open or a won opportunity is with it, in or out of sight."""
        held = select(Opportunity.id).where(
            Opportunity.organization_id == self.ctx.organization_id,
            Opportunity.account_id == account_id,
            Opportunity.status != OpportunityOutcome.LOST,
            Opportunity.deleted_at.is_(None),
        )
        return bool(await self.ctx.session.scalar(select(exists(held))))

    async def open_of(self, account_ids: Sequence[UUID]) -> Sequence[Sequence[Any]]:
        """Id, account, product and folded name of the visible open ones of these accounts."""
        sale = table_of(Opportunity).c
        wanted = any_(bindparam("accounts", type_=ARRAY(Uuid())))
        return await self.rows(
            "open of accounts",
            lambda: self.select(sale.id, sale.account_id, sale.product_code, sale.name_folded).where(
                *self._alive(), sale.account_id == wanted, sale.status == OpportunityOutcome.OPEN
            ),
            {"accounts": list({*account_ids})},
        )

    # --- what follows from facts below, with its lines in the journal, in or out of sight

    async def move_open(self, from_agency_id: UUID, to_agency_id: UUID) -> None:
        sale = table_of(Opportunity).c
        await self.edit_all(
            "open of agency",
            lambda: [sale.agency_id == bindparam("closing"), sale.status == OpportunityOutcome.OPEN],
            {"closing": from_agency_id},
            {"agency_id": to_agency_id},
        )

    async def hand_over(self, user_id: UUID, to_user_id: UUID) -> None:
        sale = table_of(Opportunity).c
        await self.edit_all(
            "open of owner",
            lambda: [sale.owner_user_id == bindparam("leaving"), sale.status == OpportunityOutcome.OPEN],
            {"leaving": user_id},
            {"owner_user_id": to_user_id},
        )

    async def newly_stagnant(self, moment: datetime) -> Sequence[Sequence[Any]]:
        """Id, number and owner of those nobody was told of; from now on somebody was."""
        sale = table_of(Opportunity)
        change = (
            sale.update()
            .where(
                sale.c.organization_id == self.ctx.organization_id,
                sale.c.stagnant_at < moment,
                sale.c.stagnant_told.is_(False),
                sale.c.deleted_at.is_(None),
            )
            .values(stagnant_told=True)
            .returning(sale.c.id, sale.c.number, sale.c.owner_user_id)
        )
        return [tuple(row) for row in await self.ctx.session.execute(change)]

    def _history(self) -> Any:
        sale, stay = table_of(Opportunity), OpportunityStage.__table__
        until = func.coalesce(stay.c.left_at, func.now())
        day = literal_column("86400", Integer())
        days = cast(func.floor(func.extract("epoch", until - stay.c.entered_at) / day), Integer)
        columns = {**dict(stay.c), "days": func.greatest(days, literal_column("0", Integer()))}
        one = as_json(columns, StageStay.model_fields)
        comma = literal_column("','", Text())
        stays = (
            select(func.coalesce(func.string_agg(one, aggregate_order_by(comma, stay.c.id)), ""))
            .where(stay.c.organization_id == sale.c.organization_id, stay.c.opportunity_id == sale.c.id)
            .scalar_subquery()
        )
        return self.select(stays).where(sale.c.id == bindparam("id"))
