"""How one record of each kind is found and changed: by its own domain, under its own rules."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from crm_api.accounts.actions import AccountAssign
from crm_api.accounts.schemas import AccountPatch, AccountQuery
from crm_api.accounts.service import AccountService
from crm_api.bulk_edits.models import EditedEntity
from crm_api.bulk_edits.schemas import AccountChanges, LeadChanges
from crm_api.contacts.schemas import ContactPatch, ContactQuery
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.kit.errors import InsufficientScope
from crm_api.kit.listing import ListQuery
from crm_api.kit.schemas import Json
from crm_api.leads.schemas.actions import LeadAssign
from crm_api.leads.schemas.content import LeadPatch
from crm_api.leads.schemas.lead import LeadQuery
from crm_api.leads.service import LeadService
from crm_api.leads.steps import LeadSteps
from crm_api.opportunities.schemas.content import OpportunityPatch
from crm_api.opportunities.schemas.opportunity import OpportunityQuery
from crm_api.opportunities.service import OpportunityService

Edit = Callable[[Context, UUID, Any, int], Awaitable[Json[Any]]]


@dataclass(frozen=True, slots=True)
class Editor:
    """One kind of record."""

    query: type[ListQuery]
    changes: type[BaseModel]
    edit: Edit


async def _edit_lead(ctx: Context, id: UUID, changes: LeadChanges, version: int) -> Json[Any]:
    given = changes.given()
    owner_id = given.pop("owner_user_id", None)
    if owner_id is not None:
        if "leads:assign" not in ctx.principal.scopes:
            raise InsufficientScope(required_scopes=["leads:assign"])
        done = await LeadSteps(ctx).assign(id, LeadAssign(owner_user_id=owner_id), version)
        if not given:
            return done
        version = done.version or version
    return await LeadService(ctx).update(id, LeadPatch.model_construct(**given), version)


async def _edit_account(ctx: Context, id: UUID, changes: AccountChanges, version: int) -> Json[Any]:
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    if "manager_user_id" in given:
        data = AccountAssign(manager_user_id=given.pop("manager_user_id"))
        done = await AccountService(ctx).assign(id, data, version)
        if not given:
            return done
        version = done.version or version
    return await AccountService(ctx).update(id, AccountPatch.model_construct(**given), version)


async def _edit_contact(ctx: Context, id: UUID, changes: ContactPatch, version: int) -> Json[Any]:
    return await ContactService(ctx).update(id, changes, version)


async def _edit_opportunity(ctx: Context, id: UUID, changes: OpportunityPatch, version: int) -> Json[Any]:
    return await OpportunityService(ctx).update(id, changes, version)


EDITORS: Mapping[EditedEntity, Editor] = {
    EditedEntity.LEAD: Editor(LeadQuery, LeadChanges, _edit_lead),
    EditedEntity.ACCOUNT: Editor(AccountQuery, AccountChanges, _edit_account),
    EditedEntity.CONTACT: Editor(ContactQuery, ContactPatch, _edit_contact),
    EditedEntity.OPPORTUNITY: Editor(OpportunityQuery, OpportunityPatch, _edit_opportunity),
}
