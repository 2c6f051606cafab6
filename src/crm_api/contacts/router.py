from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.contacts.identity import ContactUnmask, ContactUnmasked, NationalIdLookup
from crm_api.contacts.linking import LinkingService
from crm_api.contacts.links import AccountLinkCreate, AccountLinkHistory, AccountLinkPatch, AccountLinkRecord
from crm_api.contacts.merges import ContactMergeList, ContactMergeRequest
from crm_api.contacts.merging import MergingService
from crm_api.contacts.schemas import (
    ContactCreate,
    ContactCreated,
    ContactFacts,
    ContactListQuery,
    ContactPage,
    ContactPatch,
    ContactQuery,
    ContactRead,
    DuplicateList,
)
from crm_api.contacts.service import ContactService
from crm_api.core.batch import Batch, BatchGet, BatchResult, Found, found, run_batch
from crm_api.core.context import Context
from crm_api.core.external_ids import ExternalId, ExternalSystem, ExternalValue
from crm_api.core.http import IfMatch, MergePatch, Router, requires, upserted
from crm_api.core.openapi import refusals
from crm_api.kit.errors import NotFound
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search

router = Router("contacts")
named_outside = Router("external-ids", tag="contacts")
members = Router("accounts", tag="contacts")
Reader = Annotated[Context, requires("contacts:read")]
Writer = Annotated[Context, requires("contacts:write")]
Remover = Annotated[Context, requires("contacts:delete")]
Merger = Annotated[Context, requires("contacts:write", "accounts:merge")]
Unmasker = Annotated[Context, requires("contacts:read", "pii:read")]


@router.get("")
async def list_contacts(ctx: Reader, query: Annotated[ContactListQuery, Query()]) -> Json[ContactPage]:
    """List people.

    Official and financial data (class P3) is masked: `•••5678`.
    """
    return await ContactService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_contact(ctx: Writer, body: ContactCreate) -> Json[ContactCreated]:
    """Record a person.

    `duplicates` in the answer warns of people who may be the same: nothing is refused for a shared
    telephone or e-mail address. Only a national identification number recorded already is refused, with
    its holder's id.
    """
    return await ContactService(ctx).create(body)


@router.get("/count")
async def count_contacts(ctx: Reader, query: Annotated[ContactQuery, Query()]) -> Count:
    """Count people."""
    return await ContactService(ctx).count(query)


@router.post("/search")
async def search_contacts(ctx: Reader, body: Search) -> Json[ContactPage]:
    """List people by a filter of two levels."""
    return await ContactService(ctx).search(body)


@router.post("/batch")
async def batch_contacts(
    ctx: Writer, body: Batch[ContactCreate, ContactPatch]
) -> Json[BatchResult[ContactRead]]:
    """Create, change and delete up to a hundred people.

    Deletions need the scope contacts:delete.
    """
    return await run_batch(ctx, ContactService(ctx), body, ContactRead, deleting="contacts:delete")


@router.post("/batch-get")
async def batch_get_contacts(ctx: Reader, body: BatchGet) -> Json[Found[ContactRead]]:
    """Read up to a hundred people."""
    return found(ContactRead, await ContactService(ctx).get_many(body.ids))


@router.post("/check-duplicates")
async def check_contact_duplicates(ctx: Reader, body: ContactFacts) -> DuplicateList:
    """Find out who a person may be, before recording them.

    Nothing is written.
    """
    return await ContactService(ctx).check_duplicates(body)


@router.post("/find-by-national-id", openapi_extra=refusals(NotFound))
async def find_contact_by_national_id(ctx: Reader, body: NationalIdLookup) -> Json[ContactRead]:
    """Find the holder of a national identification number.

    The number travels in the body, never in an address; that you looked is audited.
    """
    return await ContactService(ctx).find_by_national_id(body.national_id_number)


@named_outside.get("/{system}/contacts/{value}")
async def get_contact_by_external_id(
    ctx: Reader, system: ExternalSystem, value: ExternalValue
) -> Json[ContactRead]:
    """Read the person whom another system calls so."""
    return await ContactService(ctx).get_by_external_id(system, value)


@named_outside.post("/{system}/contacts/{value}", responses=upserted(ContactRead))
async def upsert_contact(
    ctx: Writer, system: ExternalSystem, value: ExternalValue, body: ContactCreate
) -> Json[ContactRead]:
    """Create or change the person whom another system calls so.

    201 when the person is new. Fields left out of a change stay as they are; the accounts of somebody
    known already do too.
    """
    return await ContactService(ctx).upsert(ExternalId(system=system, value=value), body)


@router.get("/{contact_id}")
async def get_contact(ctx: Reader, contact_id: UUID) -> Json[ContactRead]:
    """Read a person's sheet, class P3 masked.

    Who reads it is recorded in the audit log.
    """
    return await ContactService(ctx).sheet(contact_id)


@router.patch("/{contact_id}")
async def update_contact(
    ctx: Writer, contact_id: UUID, body: Annotated[ContactPatch, MergePatch], version: IfMatch
) -> Json[ContactRead]:
    """Change a person's sheet."""
    return await ContactService(ctx).update(contact_id, body, version)


@router.delete("/{contact_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_contact(ctx: Remover, contact_id: UUID, version: IfMatch) -> None:
    """Put a person's sheet in the bin, for thirty days."""
    await ContactService(ctx).delete(contact_id, version)


@router.post("/{contact_id}/restore")
async def restore_contact(ctx: Remover, contact_id: UUID) -> Json[ContactRead]:
    """Take a person's sheet out of the bin."""
    return await ContactService(ctx).restore(contact_id)


@router.post("/{contact_id}/unmask")
async def unmask_contact(ctx: Unmasker, contact_id: UUID, body: ContactUnmask) -> ContactUnmasked:
    """Read class P3 fields in clear.

    Who looked at which field, and why, is audited; the answer is stored by no cache.
    """
    return ContactUnmasked.model_validate(
        await ContactService(ctx).unmask(contact_id, body.fields, body.reason)
    )


@router.get("/{contact_id}/duplicates")
async def list_contact_duplicates(ctx: Reader, contact_id: UUID) -> DuplicateList:
    """List the people who may be the same as this one."""
    return await ContactService(ctx).duplicates_of(contact_id)


@router.post("/{contact_id}/merge")
async def merge_contacts(
    ctx: Merger, contact_id: UUID, body: ContactMergeRequest, version: IfMatch
) -> Json[ContactRead]:
    """Merge another sheet of the same person into this one.

    The other sheet goes to the bin. For thirty days the merge can be undone.
    """
    return await MergingService(ctx).merge(contact_id, body, version)


@router.get("/{contact_id}/merges")
async def list_contact_merges(ctx: Reader, contact_id: UUID) -> ContactMergeList:
    """List the merges that this sheet survived."""
    return await MergingService(ctx).merges_of(contact_id)


@router.post("/{contact_id}/merges/{merge_id}/undo")
async def undo_contact_merge(
    ctx: Merger, contact_id: UUID, merge_id: UUID, version: IfMatch
) -> Json[ContactRead]:
    """Undo a merge.

    The other sheet comes back as it was; of this one, each field that nobody has changed since.
    """
    return await MergingService(ctx).undo(contact_id, merge_id, version)


@router.get("/{contact_id}/account-links")
async def list_contact_account_links(ctx: Reader, contact_id: UUID) -> AccountLinkHistory:
    """List the accounts that a person belongs or belonged to."""
    return await LinkingService(ctx).history(contact_id)


@router.post("/{contact_id}/account-links", status_code=status.HTTP_201_CREATED)
async def link_contact_account(ctx: Writer, contact_id: UUID, body: AccountLinkCreate) -> AccountLinkRecord:
    """Link a person to another account."""
    return await LinkingService(ctx).link(contact_id, body)


@router.get("/{contact_id}/account-links/{link_id}")
async def get_contact_account_link(ctx: Reader, contact_id: UUID, link_id: UUID) -> AccountLinkRecord:
    """Read the link between a person and an account."""
    return await LinkingService(ctx).get(contact_id, link_id)


@router.patch("/{contact_id}/account-links/{link_id}")
async def update_contact_account_link(
    ctx: Writer,
    contact_id: UUID,
    link_id: UUID,
    body: Annotated[AccountLinkPatch, MergePatch],
    version: IfMatch,
) -> AccountLinkRecord:
    """Change or end the link between a person and an account.

    `If-Match` names the version of the person's sheet.
    """
    return await LinkingService(ctx).change(contact_id, link_id, body, version)


@router.delete("/{contact_id}/account-links/{link_id}", status_code=status.HTTP_204_NO_CONTENT)
async def unlink_contact_account(ctx: Writer, contact_id: UUID, link_id: UUID, version: IfMatch) -> None:
    """End the link between a person and an account today.

    It is kept as history. A person belongs to at least one account. `If-Match` names the version of the
    person's sheet.
    """
    await LinkingService(ctx).unlink(contact_id, link_id, version)


@members.get("/{account_id}/contacts")
async def list_account_contacts(
    ctx: Reader, account_id: UUID, query: Annotated[ContactListQuery, Query()]
) -> Json[ContactPage]:
    """List the people of a household or company, as they belong to it today."""
    return await ContactService(ctx).page_at_account(account_id, query)


ROUTERS = (router, named_outside, members)
