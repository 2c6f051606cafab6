from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.accounts.service import AccountService
from crm_api.contacts.service import ContactService
from crm_api.core.batch import Batch, BatchResult, Found, found, run_batch
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.external_ids import ExternalId, upsert
from crm_api.core.numbers import next_number, yearly
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.clock import today
from crm_api.kit.errors import Deleted, NotFound, ValidationFailed, VersionConflict
from crm_api.kit.listing import Count
from crm_api.kit.money import Money
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.opportunities.errors import (
    OpportunityClosed,
    UnknownAccount,
    UnknownAgency,
    UnknownContact,
    WonStays,
)
from crm_api.opportunities.models.opportunity import IDLE, Opportunity
from crm_api.opportunities.models.pipeline import ForecastCategory, OpportunityOutcome
from crm_api.opportunities.pipelines import PipelineService, value_of
from crm_api.opportunities.repository.opportunities import OpportunityRepository
from crm_api.opportunities.repository.pipelines import FIELDS
from crm_api.opportunities.schemas.content import OpportunityCreate, OpportunityPatch
from crm_api.opportunities.schemas.opportunity import (
    OpportunityFilter,
    OpportunityPage,
    OpportunityQuery,
    OpportunityRead,
    StageHistory,
)
from crm_api.opportunities.telling import Teller
from crm_api.opportunities.track import Stage, Track, missing
from crm_api.opportunities.worth import agreed, branch_of, priced
from crm_api.users.service import UserService

numbered = yearly("O")
FROZEN = frozenset(
    {"amount", "lines", "close_date", "forecast_category", "type", "product_code", "account_id"}
)
"""What nobody changes once it is won or lost."""
JSON = frozenset({"competitors", "external_ids"})


class OpportunityService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.opportunities = OpportunityRepository(ctx)

    # --- reads

    async def page(self, query: OpportunityQuery) -> Json[OpportunityPage]:
        return await self.opportunities.page(query, OpportunityPage)

    async def search(self, search: Search) -> Json[OpportunityPage]:
        own = await CustomFieldService(self.ctx).searchable("opportunity", Opportunity.custom_fields)
        return await self.opportunities.page(search.selection(OpportunityQuery, own), OpportunityPage)

    async def count(self, query: OpportunityFilter) -> Count:
        return await self.opportunities.count(query)

    async def get(self, opportunity_id: UUID) -> Json[OpportunityRead]:
        return await self.opportunities.get(opportunity_id)

    async def get_many(self, ids: list[UUID]) -> Json[Found[OpportunityRead]]:
        return found(OpportunityRead, await self.opportunities.get_many(ids))

    async def get_by_external_id(self, name: ExternalId) -> Json[OpportunityRead]:
        return await self.opportunities.get_by_external_id(name.system, name.value)

    async def history(self, opportunity_id: UUID) -> Json[StageHistory]:
        return await self.opportunities.history(opportunity_id)

    # --- writes

    async def create(self, data: OpportunityCreate, lead_id: UUID | None = None) -> Json[OpportunityRead]:
        """In the first stage that takes new ones, unless another is asked for.

        Raises UnknownAccount, UnknownContact, UnknownPipeline, StageNotForCreation, LinesDisagree, and
        ValidationFailed for what its stage requires.
        """
        way = await PipelineService(self.ctx).chosen(data.pipeline_id, data.type)
        columns = await self.columns(data, way, await self._place(data))
        year = today().year
        columns["number"] = numbered(year, await next_number(self.ctx, f"opportunity.{year}"))
        if lead_id is not None:
            columns["lead_id"] = lead_id
        return await self.opportunities.add(columns)

    async def columns(
        self, data: OpportunityCreate, way: tuple[UUID, Track], place: Mapping[str, UUID]
    ) -> dict[str, Any]:
        """What is stored of a new one, but for its number. Raises what creating raises."""
        pipeline_id, track = way
        stage = track.entry(data.stage)
        lines, moment = priced(data.lines), now()
        named = {name: value for name, value in data if value is not None} | {"lines": lines}
        columns = named | {
            "amount": agreed(data.amount, lines) or Money.of(0),
            "branch_code": branch_of(data.product_code),
            "pipeline_id": pipeline_id,
            "stage": stage.code,
            "probability": stage.probability,
            "forecast_category": stage.forecast_category,
            "stage_entered_at": moment,
            "last_activity_at": moment,
            "stagnant_at": due(stage, moment, moment),
            **place,
        }
        columns["custom_fields"] = await CustomFieldService(self.ctx).validated(
            "opportunity", data.custom_fields
        )
        refuse_missing(stage, dict(data) | columns)
        return columns

    async def update(
        self, opportunity_id: UUID, data: OpportunityPatch, version: int
    ) -> Json[OpportunityRead]:
        """Raises OpportunityClosed for what is frozen, LinesDisagree, and what creating raises."""
        given = data.given()
        sale = await self.loaded(opportunity_id, version)
        if sale.status is not OpportunityOutcome.OPEN and (frozen := FROZEN & given.keys()):
            raise OpportunityClosed(fields=sorted(frozen))
        if not given:
            return await self.opportunities.get(opportunity_id)
        await self._refuse_unknown(given)
        stage = (await PipelineService(self.ctx).track(sale.pipeline_id)).stage(sale.stage)
        former = sale.owner_user_id
        before = missing(stage, partial(value_of, fields_of(sale)))
        for name, value in (await self._changes(sale, given)).items():
            setattr(sale, name, value)
        if given.get("owner_user_id") not in (None, former):
            await Teller(self.ctx).given(sale.id, sale.number, sale.owner_user_id)
        emptied = [name for name in missing(stage, partial(value_of, fields_of(sale))) if name not in before]
        if emptied and sale.status is OpportunityOutcome.OPEN:
            raise _required(emptied)
        await self.touch(sale, stage)
        return await self.opportunities.get(opportunity_id)

    async def delete(self, opportunity_id: UUID, version: int) -> None:
        """To the bin. Raises WonStays."""
        sale = await self.loaded(opportunity_id, version)
        if sale.status is OpportunityOutcome.WON:
            raise WonStays
        await self.opportunities.discard(opportunity_id, version)

    async def restore(self, opportunity_id: UUID) -> Json[OpportunityRead]:
        return await self.opportunities.restore(opportunity_id)

    async def batch(
        self, batch: Batch[OpportunityCreate, OpportunityPatch]
    ) -> Json[BatchResult[OpportunityRead]]:
        return await run_batch(self.ctx, self, batch, OpportunityRead, deleting="opportunities:write")

    async def upsert(self, name: ExternalId, data: OpportunityCreate) -> Json[OpportunityRead]:
        return await upsert(self.opportunities, self, name, data, OpportunityPatch)

    async def hear_of(self, opportunity_id: UUID) -> None:
        """Somebody talked about it; what is out of sight, closed or in the bin stays as it is."""
        try:
            sale = await self.opportunities.load(opportunity_id)
        except NotFound:
            return
        if sale.status is OpportunityOutcome.OPEN and sale.deleted_at is None:
            track = await PipelineService(self.ctx).track(sale.pipeline_id)
            await self.touch(sale, track.stage(sale.stage))

    # --- for the steps

    async def loaded(self, opportunity_id: UUID, version: int) -> Opportunity:
        sale = await self.opportunities.load(opportunity_id)
        if sale.deleted_at is not None:
            raise Deleted(id=str(opportunity_id))
        if version not in (sale.version, ANY_VERSION):
            raise VersionConflict(current_version=sale.version)
        return sale

    async def touch(self, sale: Opportunity, stage: Stage) -> None:
        """Writes it, as something that was done about it."""
        sale.last_activity_at = now()
        sale.stagnant_at = None
        if sale.status is OpportunityOutcome.OPEN:
            sale.stagnant_at = due(stage, sale.stage_entered_at, sale.last_activity_at)
        sale.stagnant_told = False
        await self.opportunities.save(sale)

    # --- inside

    async def _place(self, data: OpportunityCreate) -> dict[str, UUID]:
        """Whose it is, and which agency's: those named, else one's own, else that of the account."""
        await self._refuse_unknown(dict(data))
        try:
            account = (await AccountService(self.ctx).get(data.account_id)).value
        except NotFound as error:
            raise UnknownAccount from error
        if account.deleted_at is not None:
            raise UnknownAccount
        who = self.ctx.principal
        owner = data.owner_user_id or (who.id if who.is_person else None)
        place = {"agency_id": data.agency_id or who.agency_id or account.agency_id, "owner_user_id": owner}
        return {name: value for name, value in place.items() if value is not None}

    async def _refuse_unknown(self, given: dict[str, Any]) -> None:
        """What is named must be there, and in sight."""
        if (agency_id := given.get("agency_id")) is not None:
            self.refuse_foreign_agency(agency_id)
        if (owner_id := given.get("owner_user_id")) not in (None, self.ctx.principal.id):
            await UserService(self.ctx).refuse_unknown([owner_id], "/owner_user_id")
        if (contact_id := given.get("contact_id")) is not None:
            try:
                await ContactService(self.ctx).get(contact_id)
            except NotFound as error:
                raise UnknownContact from error

    def refuse_foreign_agency(self, agency_id: UUID) -> None:
        """Who does not see an agency puts nothing into it."""
        who = self.ctx.principal
        if who.data_scope is not DataScope.ALL and agency_id not in (who.agency_id, *who.agency_ids):
            raise UnknownAgency

    async def _changes(self, sale: Opportunity, given: dict[str, Any]) -> dict[str, Any]:
        """The columns that follow from what somebody wrote."""
        changes = {
            name: to_jsonable_python(value) if name in JSON else value for name, value in given.items()
        }
        if given.get("forecast_category") is ForecastCategory.CLOSED:
            raise ValidationFailed.at(
                "/forecast_category", "closed_by_winning", "Only winning puts it in this category."
            )
        if "account_id" in given:
            try:
                await AccountService(self.ctx).get(given["account_id"])
            except NotFound as error:
                raise UnknownAccount from error
        if "product_code" in given:
            changes["branch_code"] = branch_of(given["product_code"])
        if "lines" in given:
            changes["lines"] = priced(given["lines"])
        if {"amount", "lines"} & given.keys():
            lines = changes.get("lines", sale.lines)
            changes["amount"] = agreed(given.get("amount"), lines) or sale.amount
        if "custom_fields" in given:
            changes["custom_fields"] = await CustomFieldService(self.ctx).validated(
                "opportunity", given["custom_fields"], sale.custom_fields
            )
        return changes


def due(stage: Stage, entered_at: Any, last_activity_at: Any) -> Any:
    """When it becomes stagnant: idle for 14 days, or longer in its stage than expected."""
    idle = last_activity_at + IDLE
    return idle if stage.max_days is None else min(idle, entered_at + timedelta(days=stage.max_days))


def fields_of(sale: Opportunity) -> dict[str, Any]:
    """What a stage may require, as it stands."""
    return {name: getattr(sale, name) for name in (*FIELDS, "custom_fields")}


def refuse_missing(stage: Stage, fields: dict[str, Any]) -> None:
    """Raises ValidationFailed with every field that the stage requires and nobody filled in."""
    if names := missing(stage, partial(value_of, fields)):
        raise _required(names)


def _required(names: list[str]) -> ValidationFailed:
    errors = [
        {
            "pointer": "/" + name.replace("custom.", "custom_fields/"),
            "location": "body",
            "code": "required_by_stage",
            "detail": "The stage requires this field.",
        }
        for name in names
    ]
    return ValidationFailed(*errors)
