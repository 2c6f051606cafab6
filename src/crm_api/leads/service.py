from uuid import UUID

from crm_api.calendars.service import CalendarService
from crm_api.core.batch import Batch, BatchResult, Found, found, run_batch
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.external_ids import ExternalId, upsert
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import unseal, vault_of
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.errors import Deleted, VersionConflict
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.leads.columns import (
    PLAIN,
    WEIGHED,
    Columns,
    Sealable,
    due,
    full_name_of,
    reachable,
    renamed,
    scored,
    sealed,
)
from crm_api.leads.duplicates import DuplicateFinder, blind_indexes, named
from crm_api.leads.errors import LeadAlreadyConverted, NotYoursToAssign, NotYoursToDelete
from crm_api.leads.events import LeadScoreChanged
from crm_api.leads.intake import Intake, described, out_of_network
from crm_api.leads.models import OWN_DELETE_WITHIN, Lead, LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.schemas.actions import DuplicateCheck, Duplicates, UnmaskedLead
from crm_api.leads.schemas.content import LeadCreate, LeadPatch
from crm_api.leads.schemas.lead import LeadCreated, LeadFilter, LeadPage, LeadQuery, LeadRead


class LeadService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    # --- reads

    async def page(self, query: LeadQuery) -> Json[LeadPage]:
        return await self.leads.page(query, LeadPage)

    async def search(self, search: Search) -> Json[LeadPage]:
        own = await CustomFieldService(self.ctx).searchable("lead", Lead.custom_fields)
        return await self.leads.page(search.selection(LeadQuery, own), LeadPage)

    async def count(self, query: LeadFilter) -> Count:
        return await self.leads.count(query)

    async def get(self, lead_id: UUID) -> Json[LeadRead]:
        return await self.leads.get(lead_id)

    async def get_many(self, ids: list[UUID]) -> Json[Found[LeadRead]]:
        return found(LeadRead, await self.leads.get_many(ids))

    async def get_by_external_id(self, name: ExternalId) -> Json[LeadRead]:
        return await self.leads.get_by_external_id(name.system, name.value)

    async def unmask(self, lead_id: UUID, reason: str) -> UnmaskedLead:
        """The sealed quick data, in clear; audited."""
        lead = await self.leads.load(lead_id)
        shown = sorted(lead.masked)
        quick_data = await unseal(self.ctx, lead, reason=reason, label=lead.label, fields=shown)
        return UnmaskedLead(id=lead.id, quick_data=quick_data)

    async def check_duplicates(self, data: DuplicateCheck) -> Duplicates:
        """Nothing is written."""
        quick = data.quick_data.model_dump(mode="json", exclude_none=True) if data.quick_data else {}
        birth_index, plate_index = await blind_indexes(self.ctx, quick)
        asked = dict(data) | {"birth_index": birth_index, "plate_index": plate_index}
        person = described(asked | full_name_of(asked))
        likenesses = await DuplicateFinder(self.ctx).like(person, birth_date=quick.get("birth_date"))
        return Duplicates(data=named(likenesses, probable_only=False))

    async def duplicates_of(self, lead_id: UUID) -> Duplicates:
        recorded = await self.leads.recorded(lead_id)
        birth_date = await self._sealed_birth_date(recorded)
        finder = DuplicateFinder(self.ctx)
        likenesses = await finder.like(described(recorded), but=lead_id, birth_date=birth_date)
        return Duplicates(data=named(likenesses, probable_only=False))

    async def _sealed_birth_date(self, recorded: Columns) -> str | None:
        """Compared, and shown to nobody."""
        if recorded["birth_index"] is None:
            return None
        vault = await vault_of(self.ctx)
        opened = vault.open(recorded["sealed"], table=Lead.__tablename__, row_id=recorded["id"])
        born: str | None = opened.get("birth_date")
        return born

    # --- writes

    async def create(self, data: LeadCreate) -> Json[LeadCreated]:
        if data.owner_user_id not in (None, self.ctx.principal.id):
            self._need_assign()
        verified_at = now() if data.phone_verified else None
        recorded = await Intake(self.ctx).record(data, consent=data.consent, phone_verified_at=verified_at)
        duplicates = Duplicates(data=named(recorded.likenesses, probable_only=True)).model_dump_json()
        lead = recorded.lead
        body = f"{lead.body.decode()[:-1]},{duplicates.removeprefix('{').replace('data', 'duplicates', 1)}"
        return Json(LeadCreated, body, lead.version, id=lead.id)

    async def update(self, lead_id: UUID, data: LeadPatch, version: int) -> Json[LeadRead]:
        """One statement for plain fields, two for those others follow; a new score opens a transaction."""
        given = data.given()
        if given and PLAIN.issuperset(given) and version != ANY_VERSION:
            return await self._changed(lead_id, given, version)
        recorded = await self._changeable(lead_id, version)
        changes = await self.changes(recorded, given)
        if changes.get("score", recorded["score"]) != recorded["score"]:
            self.ctx.begin()
            event = LeadScoreChanged(lead_id, changes["score"], changes["score_band"])
            await publish(self.ctx, event)
        return await self.leads.edit(lead_id, changes, recorded["version"])

    async def changes(self, recorded: Columns, given: Columns) -> Columns:
        """What is written when people write `given`: keys, seals and score follow."""
        quick_data = "quick_data" in given
        changes = {
            name: value for name, value in given.items() if name not in ("quick_data", "phone_verified")
        }
        if "phone_verified" in given:
            changes["phone_verified_at"] = now() if given["phone_verified"] else None
        elif "phone" in given and given["phone"] != recorded["phone"]:
            changes["phone_verified_at"] = None
        changes |= renamed(recorded, changes) | reachable(recorded, changes)
        if quick_data:
            row = Sealable(recorded["id"], recorded["sealed"], recorded["masked"])
            changes |= await sealed(self.ctx, row, given["quick_data"])
        if "custom_fields" in given:
            changes["custom_fields"] = await CustomFieldService(self.ctx).validated(
                "lead", given["custom_fields"], recorded["custom_fields"]
            )
        if WEIGHED & set(changes):
            merged = {**recorded, **changes}
            merged |= scored(merged, out_of_network=await out_of_network(self.ctx, merged["wilaya_code"]))
            changes |= {name: merged[name] for name in ("score", "score_band", "score_explanation")}
            if recorded["first_contacted_at"] is None:
                changes["first_contact_due_at"] = due(
                    merged,
                    recorded["created_at"],
                    await CalendarService(self.ctx).for_agency(merged["agency_id"]),
                )
        return changes

    async def delete(self, lead_id: UUID, version: int) -> None:
        """Who may also restore, any lead; the others their own new ones, for a day."""
        if "admin:restore" not in self.ctx.principal.scopes:
            lead = await self.leads.recorded(lead_id)
            mine = self.ctx.principal.id in (lead["created_by_id"], lead["owner_user_id"])
            fresh = lead["status"] == LeadStatus.NEW and now() - lead["created_at"] <= OWN_DELETE_WITHIN
            if not (mine and fresh):
                raise NotYoursToDelete
            version = lead["version"] if version == ANY_VERSION else version
        await self.leads.discard(lead_id, version)

    async def restore(self, lead_id: UUID) -> Json[LeadRead]:
        return await self.leads.restore(lead_id)

    async def batch(self, batch: Batch[LeadCreate, LeadPatch]) -> Json[BatchResult[LeadRead]]:
        return await run_batch(self.ctx, self, batch, LeadRead, deleting="leads:delete")

    async def upsert(self, name: ExternalId, data: LeadCreate) -> Json[LeadRead]:
        return await upsert(self.leads, self, name, data, LeadPatch)

    async def _changed(self, lead_id: UUID, changes: Columns, version: int) -> Json[LeadRead]:
        changed = await self.leads.edit_unconverted(lead_id, changes, version)
        if changed is None:
            recorded = await self._changeable(lead_id, version)
            raise VersionConflict(current_version=recorded["version"])
        return changed

    async def _changeable(self, lead_id: UUID, version: int) -> Columns:
        """The lead as it is, when it may still be changed and is the one that was read."""
        if version == ANY_VERSION:
            self.ctx.begin()
            await self.leads.load(lead_id)
        recorded = await self.leads.recorded(lead_id)
        if recorded["deleted_at"] is not None:
            raise Deleted(id=str(lead_id))
        if recorded["status"] == LeadStatus.CONVERTED:
            raise LeadAlreadyConverted(
                account_id=recorded["converted_account_id"], contact_id=recorded["converted_contact_id"]
            )
        if version not in (recorded["version"], ANY_VERSION):
            raise VersionConflict(current_version=recorded["version"])
        return recorded

    def _need_assign(self) -> None:
        if "leads:assign" not in self.ctx.principal.scopes:
            raise NotYoursToAssign(required_scopes=["leads:assign"])
