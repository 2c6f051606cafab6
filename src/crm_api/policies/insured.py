"""Insured objects: recorded, changed, found by their registration, shown in clear for a reason."""

from typing import Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_json, to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.objects import seen_objects
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import seal, unseal, vault_of
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.policies.errors import (
    InsuredObjectInUse,
    NotAPerson,
    UnknownPolicyAccount,
    UnknownPolicyHolder,
)
from crm_api.policies.models.cover import HealthQuestionnaire, InsuredObject, InsuredObjectStatus
from crm_api.policies.repository.objects import HealthRepository, InsuredObjectRepository
from crm_api.policies.schemas.kinds import SEALED
from crm_api.policies.schemas.objects import (
    HealthAnswers,
    HealthAnswersRead,
    HealthQuestionnaireRead,
    HealthReading,
    InsuredObjectCreate,
    InsuredObjectPage,
    InsuredObjectPatch,
    InsuredObjectQuery,
    InsuredObjectRead,
    InsuredObjectTold,
    InsuredObjectUnmask,
    InsuredObjectUnmasked,
)
from crm_api.reference.models import ObjectKind

PLATE, VIN = "plate", "vin"
"""Names of the blind indexes; leads find vehicles by the same one."""


class InsuredObjectService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.objects, self.health = InsuredObjectRepository(ctx), HealthRepository(ctx)

    async def page(self, query: InsuredObjectQuery) -> Json[InsuredObjectPage]:
        return await self.objects.page(query, InsuredObjectPage)

    async def get(self, object_id: UUID) -> Json[InsuredObjectRead]:
        return await self.objects.get(object_id)

    async def lookup(self, plate: str) -> list[Json[InsuredObjectRead]]:
        """Those that this principal sees; through the blind index, and that somebody looked is audited."""
        vault = await vault_of(self.ctx)
        ids = await self.objects.with_plate(vault.blinds(plate, PLATE))
        for object_id in ids:
            self.ctx.note("insured_object.found_by_plate", InsuredObject.label, object_id)
        return [found for found in await self.objects.get_many(ids) if found is not None]

    async def create(self, data: InsuredObjectCreate) -> Json[InsuredObjectTold]:
        """Raises UnknownPolicyAccount, UnknownPolicyHolder."""
        self.ctx.begin()
        if not await seen_objects(self.ctx, "account", [data.account_id]):
            raise UnknownPolicyAccount
        is_person = ObjectKind(data.details.kind) is ObjectKind.PERSON
        if is_person is (data.contact_id is None):
            raise ValidationFailed.at(
                "/contact_id", "person_expected", "A person is insured, and only a person."
            )
        if data.contact_id and not await seen_objects(self.ctx, "contact", [data.contact_id]):
            raise UnknownPolicyHolder
        held = InsuredObject(
            id=new_id(),
            account_id=data.account_id,
            contact_id=data.contact_id,
            kind=ObjectKind(data.details.kind),
            label_text=data.label,
            valuation_amount=data.valuation_amount,
            valued_on=data.valued_on,
        )
        await self._describe(held, data.details)
        await self.objects.save(held)
        return await self._told(held)

    async def update(
        self, object_id: UUID, data: InsuredObjectPatch, version: int
    ) -> Json[InsuredObjectTold]:
        held = await self._loaded(object_id, version)
        given = {name: value for name, value in data if value is not MISSING}
        details = given.pop("details", None)
        if details is not None:
            if details.kind != held.kind:
                raise ValidationFailed.at("/details/kind", "kind_stays", "An object stays of its kind.")
            await self._describe(held, details)
        if "label" in given:
            held.label_text = given.pop("label")
        for name, value in given.items():
            setattr(held, name, value)
        await self.objects.save(held)
        return await self._told(held)

    async def remove(self, object_id: UUID, version: int) -> Json[InsuredObjectRead]:
        """It is no longer there to be insured. Raises InsuredObjectInUse."""
        held = await self._loaded(object_id, version)
        if await self.objects.is_covered(object_id):
            raise InsuredObjectInUse
        held.status = InsuredObjectStatus.REMOVED
        await self.objects.save(held)
        return await self.objects.get(object_id)

    async def unmask(self, object_id: UUID, data: InsuredObjectUnmask) -> InsuredObjectUnmasked:
        """In clear, and audited with the reason."""
        held = await self.objects.load(object_id)
        kept = await unseal(self.ctx, held, reason=data.reason, label=InsuredObject.label, fields=data.fields)
        return InsuredObjectUnmasked.model_validate({name: kept.get(name) for name in data.fields})

    # --- health (class P4)

    async def answer_health(self, object_id: UUID, data: HealthAnswers) -> Json[HealthQuestionnaireRead]:
        """Instead of what was answered before. Raises NotAPerson."""
        await self._person(object_id)
        kept = await self.health.of(object_id)
        kept = kept or HealthQuestionnaire(id=new_id(), insured_object_id=object_id)
        kept.answered_at = now()
        # Whole, as one value: the mask of a single answer would say that there is one.
        await seal(self.ctx, kept, {"answers": data.model_dump(mode="json")})
        kept.masked = {}
        await self.health.save(kept)
        return await self.health.get(kept.id)

    async def read_health(self, object_id: UUID, data: HealthReading) -> HealthAnswersRead:
        """In clear, and audited with the reason. Raises NotFound where nothing was answered."""
        await self._person(object_id)
        kept = await self.health.of(object_id)
        if kept is None:
            raise NotFound(id=str(object_id))
        known = await unseal(self.ctx, kept, reason=data.reason, label=HealthQuestionnaire.label)
        return HealthAnswersRead(
            answered_at=kept.answered_at, answers=HealthAnswers.model_validate(known["answers"])
        )

    # --- inside

    async def _person(self, object_id: UUID) -> InsuredObject:
        held = await self.objects.load(object_id)
        if held.kind is not ObjectKind.PERSON:
            raise NotAPerson
        return held

    async def _loaded(self, object_id: UUID, version: int) -> InsuredObject:
        held = await self.objects.load(object_id)
        if version not in (held.version, ANY_VERSION):
            raise VersionConflict(current_version=held.version)
        return held

    async def _describe(self, held: InsuredObject, details: Any) -> None:
        """What is sealed goes apart; the registration and the chassis keep a blind index."""
        known: dict[str, Any] = to_jsonable_python(details)
        secret = {name: known.pop(name) for name in SEALED.get(details.kind, ())}
        given = {name: value for name, value in secret.items() if name in details.model_fields_set}
        held.details = known
        if not given:
            return
        await seal(self.ctx, held, given)
        vault = await vault_of(self.ctx)
        if "plate_number" in given:
            plate = given["plate_number"]
            held.plate_index = plate and vault.blind(plate, PLATE)
        if "vin" in given:
            held.vin_index = given["vin"] and vault.blind(given["vin"], VIN)

    async def _told(self, held: InsuredObject) -> Json[InsuredObjectTold]:
        shown = await self.objects.get(held.id)
        warnings = await self.objects.insured_twice([held.id], [], None)
        others = [one for one in warnings if one.insured_object_id == held.id]
        mine = to_json({"warnings": others}).decode()
        return Json(InsuredObjectTold, f"{shown.body.decode()[:-1]},{mine[1:]}", shown.version, id=shown.id)
