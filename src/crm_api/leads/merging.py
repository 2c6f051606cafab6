"""Two leads of one person become one; for thirty days they can become two again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.errors import Deleted
from crm_api.kit.identifiers import email_key
from crm_api.leads.columns import full_name_of
from crm_api.leads.errors import LeadAlreadyConverted, LeadMergedWithItself
from crm_api.leads.events import LeadMerged, LeadUnmerged
from crm_api.leads.models import Lead, LeadStatus
from crm_api.leads.repository import LeadRepository

UNDOABLE_FOR = timedelta(days=30)
CHOSEN = (
    *("full_name", "first_name", "last_name", "job_title", "company_name", "phone", "whatsapp", "email"),
    *("preferred_channel", "preferred_language", "best_time", "need", "wilaya_code", "commune_code"),
    *("postal_code", "current_insurer", "current_expiry_date", "owner_user_id", "agency_id"),
)
"""Fields of which one side's value stays: the survivor's, or the other's where that is empty."""
JOINED = ("tags", "product_interest", "external_ids")
Side = Mapping[str, str]


class LeadMerges:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def merge(self, survivor_id: UUID, other_id: UUID, sides: Side) -> dict[str, Any]:
        """The other goes to the bin. What an undoing needs, as JSON values."""
        if survivor_id == other_id:
            raise LeadMergedWithItself
        # always in this order, so that two merges of one pair cannot wait for each other
        found = {id: await self._loaded(id) for id in sorted((survivor_id, other_id))}
        survivor, other = found[survivor_id], found[other_id]
        before = _state(survivor)
        kept = {"external_ids": [*other.external_ids], "duplicate_of_id": other.duplicate_of_id}
        changes = _merged(survivor, other, sides)
        other.external_ids, other.duplicate_of_id = [], survivor_id
        other.deleted_at, other.deleted_by_id = now(), self.ctx.principal.id
        await self.leads.save(other)
        if survivor.duplicate_of_id == other_id:
            survivor.duplicate_of_id = None
        for name, value in changes.items():
            setattr(survivor, name, value)
        survivor.email_key = email_key(survivor.email) if survivor.email else None
        await self.leads.save(survivor)
        await publish(self.ctx, LeadMerged(survivor_id, other_id))
        undo = {"before": before, "after": _state(survivor), "other": kept}
        plain: dict[str, Any] = to_jsonable_python(undo)
        return plain

    async def undo(self, survivor_id: UUID, other_id: UUID, kept: Mapping[str, Any]) -> None:
        """Each field that nobody has changed since gets its value back; the other comes out of the bin."""
        survivor, other = await self._loaded(survivor_id), await self.leads.load(other_id)
        present = to_jsonable_python(_state(survivor))
        for name, value in kept["before"].items():
            if present[name] == kept["after"][name] != value:
                setattr(survivor, name, _typed(name, value))
        survivor.email_key = email_key(survivor.email) if survivor.email else None
        await self.leads.save(survivor)
        other.external_ids = kept["other"]["external_ids"]
        other.duplicate_of_id = _typed("duplicate_of_id", kept["other"]["duplicate_of_id"])
        other.deleted_at = other.deleted_by_id = None
        await self.leads.save(other)
        await publish(self.ctx, LeadUnmerged(survivor_id, other_id))

    async def _loaded(self, lead_id: UUID) -> Lead:
        lead = await self.leads.load(lead_id)
        if lead.deleted_at is not None:
            raise Deleted(id=str(lead_id))
        if lead.status is LeadStatus.CONVERTED:
            raise LeadAlreadyConverted(
                account_id=lead.converted_account_id, contact_id=lead.converted_contact_id
            )
        return lead


def _merged(survivor: Lead, other: Lead, sides: Side) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in CHOSEN:
        mine, theirs = getattr(survivor, name), getattr(other, name)
        side = sides.get(name)
        if side == "other" or (side is None and mine is None):
            changes[name] = theirs
    if "full_name" not in changes and {"first_name", "last_name"} & changes.keys():
        parts = {name: changes.get(name, getattr(survivor, name)) for name in ("first_name", "last_name")}
        if all(parts.values()):
            changes |= full_name_of(parts)
    for name in JOINED:
        mine, theirs = getattr(survivor, name), getattr(other, name)
        changes[name] = [*mine, *(one for one in theirs if one not in mine)]
    if changes.get("full_name", "") is None:
        del changes["full_name"]
    if not (changes.get("phone", survivor.phone) or changes.get("email", survivor.email)):
        changes["phone"], changes["email"] = survivor.phone, survivor.email
    return changes


def _state(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in (*CHOSEN, *JOINED, "duplicate_of_id")}


def _typed(name: str, value: Any) -> Any:
    """JSON's value as the column takes it."""
    if value is None or name in JOINED:
        return value
    kind: Any = Lead.__table__.c[name].type.python_type
    if kind is UUID:
        return UUID(value)
    return kind.fromisoformat(value) if name == "current_expiry_date" else value
