"""A person's page, and an account's."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from crm_api.core.context import Context
from crm_api.core.http import Router, requires
from crm_api.kit.schemas import Json
from crm_api.profiles.schemas import (
    AccountProfile,
    AccountProfileQuery,
    ContactProfile,
    ContactProfileQuery,
)
from crm_api.profiles.service import ProfileService

contacts = Router("contacts", tag="profiles")
accounts = Router("accounts", tag="profiles")


@contacts.get("/{contact_id}/profile")
async def read_contact_profile(
    ctx: Annotated[Context, requires("contacts:read")],
    contact_id: UUID,
    query: Annotated[ContactProfileQuery, Query()],
) -> Json[ContactProfile]:
    """Read everything about a person on one page.

    Contracts are those they hold or have a part in, and those of their households. Each section has ten lines
    at most, says since when and by whom it is known, and where its whole list is. Without `include` you get
    all that your role reads; a section asked for without its right is refused. That you looked is audited.
    """
    return await ProfileService(ctx).of_contact(contact_id, query.include)


@accounts.get("/{account_id}/profile")
async def read_account_profile(
    ctx: Annotated[Context, requires("accounts:read")],
    account_id: UUID,
    query: Annotated[AccountProfileQuery, Query()],
) -> Json[AccountProfile]:
    """Read everything about an account on one page.

    Each section has ten lines at most, says since when and by whom it is known, and where its whole list is.
    Without `include` you get all that your role reads; a section asked for without its right is refused.
    That you looked is audited.
    """
    return await ProfileService(ctx).of_account(account_id, query.include)


ROUTERS = (accounts, contacts)
