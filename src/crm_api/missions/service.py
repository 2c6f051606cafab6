from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_json

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.numbers import next_number
from crm_api.core.objects import UnknownObject, seen_objects
from crm_api.core.principal import DataScope
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.missions.errors import MissionOrderNotDraft, UnknownAssignee, UnknownMissionAgency
from crm_api.missions.models import LONGEST_DAYS, MissionOrder, MissionStatus
from crm_api.missions.repository import MissionOrderRepository
from crm_api.missions.schemas import (
    MissionOrderCreate,
    MissionOrderFilter,
    MissionOrderPage,
    MissionOrderPatch,
    MissionOrderQuery,
    MissionOrderRead,
    MissionOrderTold,
    Overlap,
)
from crm_api.reference import service as reference
from crm_api.users.models import UserStatus
from crm_api.users.service import UserService

_LINKS = {"linked_account_ids": "account", "linked_task_ids": "task"}


class MissionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.orders = MissionOrderRepository(ctx)

    # --- reads

    async def page(self, query: MissionOrderQuery) -> Json[MissionOrderPage]:
        return await self.orders.page(query, MissionOrderPage)

    async def count(self, query: MissionOrderFilter) -> Count:
        return await self.orders.count(query)

    async def get(self, mission_order_id: UUID) -> Json[MissionOrderRead]:
        return await self.orders.get(mission_order_id)

    # --- the draft

    async def create(self, data: MissionOrderCreate) -> Json[MissionOrderTold]:
        """A draft, with its number: of the agency and the year."""
        self.ctx.begin()
        home = await self._agency_of(data.assignee_user_id)
        agency_id = data.agency_id or home
        if agency_id is None:
            raise ValidationFailed.at("/agency_id", "agency_required", "Name the agency that sends.")
        self._refuse_foreign(agency_id)
        given = {name: value for name, value in data if name not in ("assignee_user_id", "agency_id")}
        await self.refuse_unknown(given)
        order = MissionOrder(
            **given | {"ends_on": data.ends_on or data.starts_on},
            id=new_id(),
            number=await self._number(agency_id),
            owner_user_id=data.assignee_user_id,
            agency_id=agency_id,
        )
        await self.orders.save(order)
        return await self.told(order)

    async def update(
        self, mission_order_id: UUID, data: MissionOrderPatch, version: int
    ) -> Json[MissionOrderTold]:
        order = await self.loaded(mission_order_id, version)
        if order.status is not MissionStatus.DRAFT:
            raise MissionOrderNotDraft
        given = {name: value for name, value in data if value is not MISSING}
        _refuse_disorder(given.get("starts_on", order.starts_on), given.get("ends_on", order.ends_on))
        if "assignee_user_id" in given:
            await self._agency_of(given["assignee_user_id"])
            given["owner_user_id"] = given.pop("assignee_user_id")
        await self.refuse_unknown(given)
        for name, value in given.items():
            setattr(order, name, value)
        await self.orders.save(order)
        return await self.told(order)

    # --- what the steps share

    async def loaded(self, mission_order_id: UUID, version: int) -> MissionOrder:
        """Locked. Raises NotFound, VersionConflict."""
        order = await self.orders.load(mission_order_id)
        if version not in (order.version, ANY_VERSION):
            raise VersionConflict(current_version=order.version)
        return order

    async def told(self, order: MissionOrder) -> Json[MissionOrderTold]:
        """The order, with the others that send the same person away at the same time."""
        assert order.owner_user_id is not None  # noqa: S101 - a CHECK says so
        shown = await self.orders.get(order.id)
        others = await self.orders.overlapping(order.owner_user_id, order.starts_on, order.ends_on, order.id)
        names = "mission_order_id", "number", "starts_on", "ends_on"
        overlaps = [Overlap(**dict(zip(names, row, strict=True))) for row in others]
        warnings = to_json({"warnings": overlaps}).decode()
        body = f"{shown.body.decode()[:-1]},{warnings[1:]}"
        return Json(MissionOrderTold, body, shown.version, id=shown.id)

    async def refuse_unknown(self, given: Mapping[str, Any]) -> None:
        """Accounts, tasks and receipts are there, and may be seen; so is the wilaya."""
        if given.get("wilaya_code"):
            reference.wilaya(given["wilaya_code"])
        for name, kind in _LINKS.items():
            await self._require(kind, given.get(name) or ())
        receipts = [id for line in given.get("expenses") or () for id in line.document_ids]
        await self._require("document", receipts)

    async def _require(self, kind: str, ids: Collection[UUID]) -> None:
        if not ids:
            return
        known = kind in self.ctx.tools.objects
        missing = set(ids) - (await seen_objects(self.ctx, kind, [*ids]) if known else set())
        if missing:
            raise UnknownObject(object_type=kind, object_id=str(min(missing)))

    async def _agency_of(self, user_id: UUID) -> UUID | None:
        """Where who is sent works. Raises UnknownAssignee."""
        try:
            user = (await UserService(self.ctx).get(user_id)).value
        except NotFound as unknown:
            raise UnknownAssignee from unknown
        if user.status is not UserStatus.ACTIVE:
            raise UnknownAssignee
        return user.agency_id

    def _refuse_foreign(self, agency_id: UUID) -> None:
        """A head of agency sends people of the agency, a regional director those of the region."""
        principal = self.ctx.principal
        if principal.data_scope is not DataScope.ALL and agency_id not in principal.agency_ids:
            raise UnknownMissionAgency

    async def _number(self, agency_id: UUID) -> str:
        """OM-16012-2026-0007."""
        try:
            code = (await AgencyService(self.ctx).get(agency_id)).value.code
        except NotFound as unknown:
            raise UnknownMissionAgency from unknown
        year = today().year
        number = await next_number(self.ctx, f"{MissionOrder.label}.{code}.{year}")
        return f"OM-{code}-{year}-{number:04d}"


def _refuse_disorder(starts_on: date, ends_on: date) -> None:
    if not 0 <= (ends_on - starts_on).days < LONGEST_DAYS:
        raise ValidationFailed.at(
            "/ends_on", "mission_dates", "It ends on its first day or later, after 90 days at most."
        )
