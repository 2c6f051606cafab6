from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.http import IfMatch, Router, Visitor, public, requires
from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.invitations.errors import InvitationClosed, InvitationUnknown
from crm_api.invitations.schemas import (
    InvitationAccept,
    InvitationAccepted,
    InvitationBatch,
    InvitationBatchResult,
    InvitationCreate,
    InvitationLookup,
    InvitationPage,
    InvitationQuery,
    InvitationRead,
    InvitationShown,
)
from crm_api.invitations.service import TOKEN, InvitationService
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.schemas import Json

router = Router("invitations", tag="users")
OF_LINKS = refusals(InvitationUnknown, InvitationClosed)
Inviter = Annotated[Context, requires("users:invite")]
Invited = Annotated[Visitor, public("the token of the mail is the proof")]


@router.get("")
async def list_invitations(ctx: Inviter, query: Annotated[InvitationQuery, Query()]) -> Json[InvitationPage]:
    """List the invitations."""
    return await InvitationService(ctx).page(query)


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def create_invitation(ctx: Inviter, body: InvitationCreate) -> Json[InvitationRead]:
    """Invite a colleague by the number of their agency and their address.

    The mail leaves shortly after. The answer is the same whether or not the address is known elsewhere.
    """
    return await InvitationService(ctx).invite(body)


@router.post("/batch")
async def batch_create_invitations(ctx: Inviter, body: InvitationBatch) -> InvitationBatchResult:
    """Invite up to 200 colleagues; each row succeeds or fails by itself."""
    return await InvitationService(ctx).invite_all(body)


@router.post("/lookup", openapi_extra=OF_LINKS)
async def lookup_invitation(visitor: Invited, body: InvitationLookup) -> InvitationShown:
    """Read the invitation whose token you hold.

    The token travels in the body, and nothing changes: a mail scanner that follows links accepts nothing.
    """
    service, digest = _invited(visitor, body.token)
    return await service.shown(digest)


@router.post("/accept", status_code=status.HTTP_201_CREATED, openapi_extra=OF_LINKS)
async def accept_invitation(visitor: Invited, body: InvitationAccept) -> InvitationAccepted:
    """Accept an invitation: the account opens with the password you choose."""
    service, digest = _invited(visitor, body.token)
    return await service.accept(digest, body)


@router.get("/{invitation_id}")
async def get_invitation(ctx: Inviter, invitation_id: UUID) -> Json[InvitationRead]:
    """Read an invitation."""
    return await InvitationService(ctx).get(invitation_id)


@router.post("/{invitation_id}/resend", status_code=status.HTTP_202_ACCEPTED)
async def resend_invitation(ctx: Inviter, invitation_id: UUID, version: IfMatch) -> Json[InvitationRead]:
    """Send an invitation again: a new link, valid for seven days; five times a day at most."""
    return await InvitationService(ctx).resend(invitation_id, version)


@router.post("/{invitation_id}/revoke")
async def revoke_invitation(ctx: Inviter, invitation_id: UUID, version: IfMatch) -> Json[InvitationRead]:
    """Revoke an open invitation; its link is worth nothing from now on."""
    return await InvitationService(ctx).revoke(invitation_id, version)


def _invited(visitor: Visitor, token: str) -> tuple[InvitationService, str]:
    try:
        organization_id, digest = opaque.parse(token, TOKEN)
    except Unauthenticated as error:
        raise InvitationUnknown from error
    return InvitationService(visitor.enter(system(organization_id))), digest


ROUTERS = (router,)
