"""How a sale goes, as data: pipelines, and the stages that a sale passes (domain.md B-17, B-60)."""

from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_api.core.db import Entity, Ledger, at_most
from crm_api.kit.states import machine


class PipelineStatus(StrEnum):
    """Whether new sales may enter a pipeline."""

    ACTIVE = "active"
    CLOSED = "closed"


PIPELINE = machine("pipeline", "active: closed \n closed: active")


class OpportunityType(StrEnum):
    """What kind of sale it is: to somebody new, more to a customer, a renewal, or a return."""

    NEW_BUSINESS = "new_business"
    CROSS_SELL = "cross_sell"
    UP_SELL = "up_sell"
    RENEWAL = "renewal"
    WIN_BACK = "win_back"


class OpportunityOutcome(StrEnum):
    """What a stage makes of the sale: still open, won, or lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ForecastCategory(StrEnum):
    """How a sales forecast counts an opportunity, from hoped for to closed; omitted is not counted."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    CLOSED = "closed"
    OMITTED = "omitted"


_KEEP = """CREATE OR REPLACE FUNCTION crm_keep_pipeline_stages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pipeline_stages s
    WHERE s.organization_id = NEW.organization_id AND s.pipeline_id = NEW.id
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(NEW.stages) AS e WHERE e->>'code' = s.code);
    INSERT INTO pipeline_stages
        (organization_id, pipeline_id, code, outcome, position, probability, forecast_category, max_days)
    SELECT NEW.organization_id, NEW.id, e->>'code', e->>'outcome', n, (e->>'probability')::numeric,
        e->>'forecast_category', (e->>'max_days')::int
    FROM jsonb_array_elements(NEW.stages) WITH ORDINALITY AS x(e, n)
    ON CONFLICT (organization_id, pipeline_id, code) DO UPDATE SET outcome = excluded.outcome,
        position = excluded.position, probability = excluded.probability,
        forecast_category = excluded.forecast_category, max_days = excluded.max_days
    WHERE pipeline_stages IS DISTINCT FROM excluded;
    RETURN NULL;
END $$"""


class Pipeline(Entity):
    """One way to sell. `stages` are in their order; a trigger keeps them as rows too, see `PipelineStage`."""

    __tablename__ = "pipelines"
    label = "pipeline"
    __table_args__ = (
        Index("uq_pipelines_code", "organization_id", "code", unique=True),
        Index("uq_pipelines_default", "organization_id", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("NOT is_default OR status = 'active'", name="default_is_active"),
        at_most("name", 80),
        {
            "info": {
                "ddl": (
                    _KEEP,
                    "CREATE TRIGGER stages_begun AFTER INSERT ON pipelines FOR EACH ROW"
                    " EXECUTE FUNCTION crm_keep_pipeline_stages()",
                    "CREATE TRIGGER stages_changed AFTER UPDATE OF stages ON pipelines FOR EACH ROW"
                    " WHEN (OLD.stages IS DISTINCT FROM NEW.stages)"
                    " EXECUTE FUNCTION crm_keep_pipeline_stages()",
                )
            }
        },
    )

    code: Mapped[str]
    name: Mapped[str]
    product_family: Mapped[str | None]
    opportunity_types: Mapped[list[str]] = mapped_column(server_default=text("'{}'"), default=list)
    """Sales of these types go this way when nobody says which."""
    status: Mapped[PipelineStatus] = mapped_column(default=PipelineStatus.ACTIVE)
    is_default: Mapped[bool] = mapped_column(default=False)
    no_skipping: Mapped[bool] = mapped_column(default=False)
    no_backwards: Mapped[bool] = mapped_column(default=False)
    stages: Mapped[list[dict[str, Any]]]


class PipelineStage(Ledger):
    """A stage as a row, so that the database refuses to drop one where opportunities stand.

    Its outcome is part of a key that opportunities refer to: whether one is open, won or lost is what its
    stage says, and nothing else can be written.
    """

    __tablename__ = "pipeline_stages"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "pipeline_id", "code", "outcome", name="uq_pipeline_stages_outcome"
        ),
        ForeignKeyConstraint(
            ["organization_id", "pipeline_id"], ["pipelines.organization_id", "pipelines.id"]
        ),
    )

    pipeline_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[OpportunityOutcome]
    position: Mapped[int]
    probability: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    forecast_category: Mapped[ForecastCategory]
    max_days: Mapped[int | None]
