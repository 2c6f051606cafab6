"""The pipelines of an organization: their making, their rules, and what a change of rules would find."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.opportunities.errors import NoPipeline, PipelineInUse, PipelineIsDefault, UnknownPipeline
from crm_api.opportunities.models.pipeline import PIPELINE, OpportunityType, Pipeline, PipelineStatus
from crm_api.opportunities.repository.pipelines import OPEN_ONES, PipelineRepository
from crm_api.opportunities.schemas.pipeline import (
    BreachCount,
    BreachRead,
    DryRun,
    PipelineCreate,
    PipelinePage,
    PipelinePatch,
    PipelineQuery,
    PipelineRead,
    PipelineRules,
)
from crm_api.opportunities.seeds import PIPELINES
from crm_api.opportunities.track import CUSTOM, Breach, Stay, Track, breaches

MOST_SHOWN = 200


class PipelineService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.pipelines = PipelineRepository(ctx)

    async def page(self, query: PipelineQuery) -> Json[PipelinePage]:
        return await self.pipelines.page(query, PipelinePage)

    async def get(self, pipeline_id: UUID) -> Json[PipelineRead]:
        return await self.pipelines.get(pipeline_id)

    async def create(self, data: PipelineCreate) -> Json[PipelineRead]:
        return await self.pipelines.add(data)

    async def seed(self) -> None:
        """The usual ways to sell; those whose code is there already are left alone."""
        known = await self.pipelines.present_codes()
        self.ctx.begin()
        for told in PIPELINES:
            if told["code"] not in known:
                data = PipelineCreate.model_validate({k: v for k, v in told.items() if k != "is_default"})
                await self.pipelines.add({**dict(data), "is_default": told.get("is_default", False)})

    async def update(self, pipeline_id: UUID, data: PipelinePatch, version: int) -> Json[PipelineRead]:
        """What already stands where the new rules would not let it may stay; `dry_run` names it.

        Raises StageInUse.
        """
        given = data.given()
        pipeline = await self._loaded(pipeline_id, version)
        if given.pop("is_default", False) and not pipeline.is_default:
            await self._take_default(pipeline)
        if "stages" in given:
            given["stages"] = to_jsonable_python(given["stages"])
        for name, value in given.items():
            setattr(pipeline, name, value)
        await self.pipelines.save(pipeline)
        if "stages" in given:
            await self.pipelines.refresh_stagnation(pipeline_id)
        return await self.pipelines.get(pipeline_id)

    async def close(self, pipeline_id: UUID, version: int) -> Json[PipelineRead]:
        """No new opportunity goes this way. Raises PipelineIsDefault, PipelineInUse."""
        pipeline = await self._loaded(pipeline_id, version)
        PIPELINE.check(pipeline.status, PipelineStatus.CLOSED)
        if pipeline.is_default:
            raise PipelineIsDefault
        if await self.pipelines.has_open(pipeline_id):
            raise PipelineInUse
        return await self._become(pipeline, PipelineStatus.CLOSED)

    async def reopen(self, pipeline_id: UUID, version: int) -> Json[PipelineRead]:
        pipeline = await self._loaded(pipeline_id, version)
        PIPELINE.check(pipeline.status, PipelineStatus.ACTIVE)
        return await self._become(pipeline, PipelineStatus.ACTIVE)

    async def dry_run(self, pipeline_id: UUID, data: PipelineRules) -> DryRun:
        """Which open opportunities, in or out of sight, contradict these rules; nothing is written."""
        pipeline = (await self.pipelines.get(pipeline_id)).value
        asked = PipelinePatch.model_construct(**dict(data)).given()
        rules = {name: getattr(pipeline, name) for name in PipelineRules.model_fields} | asked
        track = Track.of(
            to_jsonable_python(rules["stages"]),
            no_skipping=rules["no_skipping"],
            no_backwards=rules["no_backwards"],
        )
        found: list[BreachRead] = []
        rows = await self.pipelines.open_ones(pipeline_id)
        for row in rows:
            found += _breaches(track, row)
        counts = Counter(each.breach for each in found)
        return DryRun(
            examined=len(rows),
            concerned=len({each.opportunity_id for each in found}),
            counts=[BreachCount(breach=breach, count=counts[breach]) for breach in Breach if counts[breach]],
            data=found[:MOST_SHOWN],
        )

    # --- for opportunities

    async def track(self, pipeline_id: UUID) -> Track:
        """The rules of a pipeline where opportunities are. Raises UnknownPipeline."""
        row = await self.pipelines.track(pipeline_id)
        if row is None:
            raise UnknownPipeline
        return _track(row)

    async def ids_by_code(self, codes: Sequence[str]) -> dict[str, UUID]:
        """Of the active ones."""
        return await self.pipelines.ids_by_code(codes)

    async def chosen(self, pipeline_id: UUID | None, opportunity_type: OpportunityType) -> tuple[UUID, Track]:
        """For a new opportunity. Raises UnknownPipeline, NoPipeline."""
        if pipeline_id is None:
            row = await self.pipelines.track_for(opportunity_type)
            if row is None and not await self.pipelines.present_codes():
                await self.seed()  # an organization older than the pipelines
                row = await self.pipelines.track_for(opportunity_type)
            if row is None:
                raise NoPipeline
            return row[0], _track(row)
        row = await self.pipelines.track(pipeline_id)
        if row is None or row[1] != PipelineStatus.ACTIVE:
            raise UnknownPipeline
        return pipeline_id, _track(row)

    # --- inside

    async def _loaded(self, pipeline_id: UUID, version: int) -> Pipeline:
        pipeline = await self.pipelines.load(pipeline_id)
        if version not in (pipeline.version, ANY_VERSION):
            raise VersionConflict(current_version=pipeline.version)
        return pipeline

    async def _become(self, pipeline: Pipeline, status: PipelineStatus) -> Json[PipelineRead]:
        pipeline.status = status
        await self.pipelines.save(pipeline)
        return await self.pipelines.get(pipeline.id)

    async def _take_default(self, pipeline: Pipeline) -> None:
        if pipeline.status is not PipelineStatus.ACTIVE:
            raise UnknownPipeline
        former = await self.pipelines.load_default()
        if former is not None:
            former.is_default = False
            await self.pipelines.save(former)  # first, for there is one default at any moment
        pipeline.is_default = True


def _track(row: Sequence[Any]) -> Track:
    return Track.of(row[2], no_skipping=row[3], no_backwards=row[4])


def _breaches(track: Track, row: Sequence[Any]) -> list[BreachRead]:
    fields = dict(zip(OPEN_ONES, row, strict=False))
    fields["amount"] = Money.of(fields["amount"])
    history = [Stay(stage, approved) for stage, approved in row[-1] or []]
    found = breaches(track, fields["stage"], history, partial(value_of, fields))
    about = {"opportunity_id": fields["id"], "number": fields["number"], "stage": fields["stage"]}
    return [BreachRead(**about, breach=breach, about=name) for breach, name in found]


def value_of(fields: Mapping[str, Any], name: str) -> Any:
    """A field that a stage may require: `next_step`, `custom.fleet_size`."""
    if name.startswith(CUSTOM):
        return fields["custom_fields"].get(name.removeprefix(CUSTOM))
    return fields[name]
