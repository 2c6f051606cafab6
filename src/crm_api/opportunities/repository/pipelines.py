from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.opportunities.errors import PipelineCodeTaken, PipelineDefaultTaken, StageInUse
from crm_api.opportunities.models.opportunity import IDLE, Opportunity, OpportunityStage
from crm_api.opportunities.models.pipeline import OpportunityOutcome, Pipeline, PipelineStage, PipelineStatus
from crm_api.opportunities.schemas.pipeline import PipelineRead


class PipelineRepository(Repository[Pipeline, PipelineRead]):
    model, read = Pipeline, PipelineRead
    refusals = {
        "uq_pipelines_code": PipelineCodeTaken,
        "uq_pipelines_default": PipelineDefaultTaken,
        "fk_opportunities_stage": StageInUse,
        "fk_opportunities_pending_stage": StageInUse,
    }

    async def track(self, pipeline_id: UUID) -> Sequence[Any] | None:
        """id, status, stages, no_skipping, no_backwards of one pipeline."""
        rows = await self.rows(
            "track",
            lambda: self.select(*_rules()).where(table_of(Pipeline).c.id == bindparam("id")),
            {"id": pipeline_id},
        )
        return rows[0] if rows else None

    async def track_for(self, opportunity_type: str) -> Sequence[Any] | None:
        """The same of the active pipeline for opportunities of that type, else of the default one."""
        pipeline = table_of(Pipeline).c
        fits = bindparam("type", type_=Text()) == any_(pipeline.opportunity_types)
        rows = await self.rows(
            "track for",
            lambda: (
                self.select(*_rules())
                .where(pipeline.status == PipelineStatus.ACTIVE, or_(fits, pipeline.is_default))
                .order_by(fits.desc(), pipeline.is_default.desc(), pipeline.code)
                .limit(1)
            ),
            {"type": opportunity_type},
        )
        return rows[0] if rows else None

    async def present_codes(self) -> set[str]:
        rows = await self.rows("codes", lambda: self.select(table_of(Pipeline).c.code))
        return {row[0] for row in rows}

    async def ids_by_code(self, codes: Sequence[str]) -> dict[str, UUID]:
        pipeline = table_of(Pipeline).c
        asked = any_(bindparam("codes", type_=ARRAY(Text())))
        rows = await self.rows(
            "ids by code",
            lambda: self.select(pipeline.code, pipeline.id).where(
                pipeline.status == PipelineStatus.ACTIVE, pipeline.code == asked
            ),
            {"codes": list(codes)},
        )
        return {row[0]: row[1] for row in rows}

    async def load_default(self) -> Pipeline | None:
        """Locked until the end of the use case."""
        chosen = select(Pipeline).where(*self.visible(), Pipeline.is_default).with_for_update()
        found: Pipeline | None = await self.ctx.session.scalar(chosen, self.ctx.bound)
        return found

    async def has_open(self, pipeline_id: UUID) -> bool:
        """Whether open opportunities are in it, in or out of sight."""
        held = select(Opportunity.id).where(
            Opportunity.organization_id == self.ctx.organization_id,
            Opportunity.pipeline_id == pipeline_id,
            Opportunity.status == OpportunityOutcome.OPEN,
            Opportunity.deleted_at.is_(None),
        )
        return bool(await self.ctx.session.scalar(select(exists(held))))

    async def open_ones(self, pipeline_id: UUID) -> Sequence[Sequence[Any]]:
        """Every open opportunity of it, in or out of sight, by number, as `_OPEN` names its columns.

        The last one is its stays in this pipeline, oldest first: [stage, approved].
        """
        return await self.rows("open ones", _open_ones, {"pipeline": pipeline_id})

    async def refresh_stagnation(self, pipeline_id: UUID) -> None:
        """After new rules: when open ones become stagnant. It follows from other columns: no new version."""
        due = func.least(
            Opportunity.last_activity_at + IDLE,
            Opportunity.stage_entered_at + func.make_interval(0, 0, 0, PipelineStage.max_days),
        )
        await self.ctx.session.flush()
        await self.ctx.session.execute(
            update(Opportunity)
            .where(
                Opportunity.organization_id == self.ctx.organization_id,
                Opportunity.pipeline_id == pipeline_id,
                Opportunity.status == OpportunityOutcome.OPEN,
                PipelineStage.organization_id == Opportunity.organization_id,
                PipelineStage.pipeline_id == Opportunity.pipeline_id,
                PipelineStage.code == Opportunity.stage,
            )
            .values(
                stagnant_at=due,
                # told again only where it is stagnant anew
                stagnant_told=Opportunity.stagnant_told & (due < func.now()),
                version=Opportunity.version,
            )
            .execution_options(synchronize_session=False)
        )


def _rules() -> list[Any]:
    pipeline = table_of(Pipeline).c
    return [pipeline.id, pipeline.status, pipeline.stages, pipeline.no_skipping, pipeline.no_backwards]


FIELDS = (
    "contact_id",
    "amount",
    "lines",
    "competitors",
    "source",
    "campaign_id",
    "next_step",
    "next_step_at",
)
"""What a stage may require, beside the fields that an organization defines."""
OPEN_ONES = ("id", "number", "stage", *FIELDS, "custom_fields")


def _open_ones() -> Any:
    sale, stay = table_of(Opportunity).c, OpportunityStage.__table__.c
    other = OpportunityStage.__table__.alias("other").c
    of_the_sale = stay.organization_id == sale.organization_id, stay.opportunity_id == sale.id
    elsewhere = (
        select(func.max(other.id))
        .where(
            other.organization_id == sale.organization_id,
            other.opportunity_id == sale.id,
            other.pipeline_id != sale.pipeline_id,
        )
        .scalar_subquery()
    )
    one = func.jsonb_build_array(stay.stage, stay.approved_by_id.is_not(None))
    stays = (
        select(func.jsonb_agg(aggregate_order_by(one, stay.id), type_=JSONB()))
        .where(*of_the_sale, stay.id > func.coalesce(elsewhere, 0))
        .scalar_subquery()
    )
    return (
        select(*(sale[name] for name in OPEN_ONES), stays)
        .where(
            sale.organization_id == bindparam("organization_id"),
            sale.pipeline_id == bindparam("pipeline"),
            sale.status == OpportunityOutcome.OPEN,
            sale.deleted_at.is_(None),
        )
        .order_by(sale.number)
    )
