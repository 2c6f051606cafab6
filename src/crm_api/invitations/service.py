from datetime import datetime, time, timedelta
from uuid import UUID

from crm_api.agencies.models import AgencyStatus
from crm_api.agencies.service import AgencyService
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import enqueue
from crm_api.core.problems import problem, refusal_of
from crm_api.core.repository import ANY_VERSION
from crm_api.invitations.errors import (
    AgencyNotActive,
    AlreadyColleague,
    InvitationClosed,
    InvitationSentTooOften,
    InvitationUnknown,
    UnknownAgencyCode,
)
from crm_api.invitations.events import InvitationAccepted as Accepted
from crm_api.invitations.models import INVITATION, LASTS, MOST_RESENT_A_DAY, Invitation, InvitationStatus
from crm_api.invitations.repository import InvitationRepository
from crm_api.invitations.schemas import (
    InvitationAccept,
    InvitationAccepted,
    InvitationBatch,
    InvitationBatchResult,
    InvitationCreate,
    InvitationPage,
    InvitationQuery,
    InvitationRead,
    InvitationRow,
    InvitationShown,
)
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.errors import Unavailable, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.organizations.service import OrganizationService
from crm_api.roles.service import RoleService
from crm_api.users.access import Colleague, UserAccess
from crm_api.users.granting import Granting
from crm_api.users.service import UserService

TOKEN = "invite"  # noqa: S105 - how such tokens begin


class InvitationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.invitations = InvitationRepository(ctx)

    async def page(self, query: InvitationQuery) -> Json[InvitationPage]:
        return await self.invitations.page(query, InvitationPage)

    async def get(self, invitation_id: UUID) -> Json[InvitationRead]:
        return await self.invitations.get(invitation_id)

    async def invite(self, data: InvitationCreate) -> Json[InvitationRead]:
        """The mail is sent by a job, which alone knows the token.

        Whether the address works for another organization shows nowhere: the invitation is made all the same.
        """
        self.ctx.begin()
        agency_id = await self._agency(data.agency_code)
        role, granting = await RoleService(self.ctx).with_code(data.role), Granting(self.ctx)
        granting.refuse_agency(agency_id)
        await granting.refuse_to_give(role, data.group_ids, data.data_scope, to_himself=False)
        if await UserService(self.ctx).works_here(data.email):
            raise AlreadyColleague
        await self._expire(data.email)
        invitation = Invitation(
            **data.model_dump(exclude={"role"}),
            agency_id=agency_id,
            role_id=role.id,
            expires_at=now() + LASTS,
        )
        await self.invitations.save(invitation)
        await self._send(invitation)
        return await self.invitations.get(invitation.id)

    async def invite_all(self, data: InvitationBatch) -> InvitationBatchResult:
        """Each row stands or falls by itself."""
        rows = [await self._row(index, row) for index, row in enumerate(data.invitations)]
        failed = sum(row.problem is not None for row in rows)
        return InvitationBatchResult(results=rows, succeeded=len(rows) - failed, failed=failed)

    async def resend(self, invitation_id: UUID, version: int) -> Json[InvitationRead]:
        """A new token and seven new days; the token sent before is worth nothing from now on."""
        invitation = await self._loaded(invitation_id, version)
        if invitation.status is not InvitationStatus.PENDING:
            raise InvitationClosed(state=invitation.status)
        if invitation.resent_on != today():
            invitation.resent_on, invitation.resent_that_day = today(), 0
        if invitation.resent_that_day >= MOST_RESENT_A_DAY:
            raise InvitationSentTooOften(retry_after=_until_midnight())
        invitation.resent_that_day += 1
        invitation.token_hash, invitation.expires_at = None, now() + LASTS
        await self.invitations.save(invitation)
        await self._send(invitation)
        return await self.invitations.get(invitation_id)

    async def revoke(self, invitation_id: UUID, version: int) -> Json[InvitationRead]:
        invitation = await self._loaded(invitation_id, version)
        INVITATION.check(invitation.status, InvitationStatus.REVOKED)
        invitation.status, invitation.revoked_at = InvitationStatus.REVOKED, now()
        await self.invitations.save(invitation)
        return await self.invitations.get(invitation_id)

    async def expire_overdue(self) -> None:
        """Closes the open invitations whose time is over."""
        await self._expire()

    # --- for the one who was invited

    async def shown(self, digest: str) -> InvitationShown:
        """Raises InvitationUnknown, InvitationClosed."""
        invitation = await self._open(digest)
        organization = await OrganizationService(self.ctx).shown()
        role = await RoleService(self.ctx).with_id(invitation.role_id)
        return InvitationShown(
            organization_name=organization.name,
            email=invitation.email,
            agency_code=invitation.agency_code,
            role_label=role.label_fr,
            message=invitation.message,
            expires_at=invitation.expires_at,
        )

    async def accept(self, digest: str, data: InvitationAccept) -> InvitationAccepted:
        """The account opens. Raises InvitationUnknown, InvitationClosed, WeakPassword, LoginTaken."""
        invitation = await self._open(digest)
        INVITATION.check(invitation.status, InvitationStatus.ACCEPTED)
        user_id = await UserAccess(self.ctx).join(
            Colleague(
                **data.model_dump(exclude={"token", "password", "accept_terms"}),
                email=invitation.email,
                password=data.password.get_secret_value(),
                agency_id=invitation.agency_id,
                role_id=invitation.role_id,
                group_ids=invitation.group_ids,
                data_scope=invitation.data_scope,
            )
        )
        invitation.status, invitation.accepted_at = InvitationStatus.ACCEPTED, now()
        invitation.accepted_user_id = user_id
        await self.invitations.save(invitation)
        await publish(self.ctx, Accepted(invitation.id, user_id, invitation.created_by_id))
        return InvitationAccepted(user_id=user_id, email=invitation.email)

    # --- for the job that sends it

    async def new_token(self, invitation_id: UUID) -> str | None:
        """The only moment when the token is known; None when the invitation is closed by now."""
        token, digest = opaque.make(TOKEN, self.ctx.organization_id)
        return token if await self.invitations.put_token(invitation_id, digest) else None

    async def role_label(self, invitation_id: UUID) -> str:
        invitation = await self.invitations.load(invitation_id)
        return (await RoleService(self.ctx).with_id(invitation.role_id)).label_fr

    # --- all of them

    async def _agency(self, code: str) -> UUID:
        found = await AgencyService(self.ctx).ids_by_code([code])
        if code not in found:
            raise UnknownAgencyCode
        agency = (await AgencyService(self.ctx).get(found[code])).value
        if agency.status is not AgencyStatus.ACTIVE:
            raise AgencyNotActive
        return agency.id

    async def _row(self, index: int, row: InvitationCreate) -> InvitationRow:
        try:
            async with self.ctx.session.begin_nested():
                made = await self.invite(row)
                return InvitationRow(index=index, status=202, data=made.value, problem=None)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal is None or isinstance(refusal, Unavailable):
                raise
            origin = self.ctx.origin
            document = problem(refusal, origin.locale, "", origin.request_id or "")
            return InvitationRow.model_validate(
                {"index": index, "status": refusal.status, "data": None, "problem": document}
            )

    async def _expire(self, email: str | None = None) -> None:
        for invitation in await self.invitations.overdue(now(), email):
            INVITATION.check(invitation.status, InvitationStatus.EXPIRED)
            invitation.status = InvitationStatus.EXPIRED
            await self.invitations.save(invitation)

    async def _send(self, invitation: Invitation) -> None:
        await enqueue(self.ctx, "send_invitation", {"invitation_id": invitation.id})

    async def _open(self, digest: str) -> Invitation:
        invitation = await self.invitations.with_token(digest)
        if invitation is None:
            raise InvitationUnknown
        if invitation.status is not InvitationStatus.PENDING:
            raise InvitationClosed(state=invitation.status)
        if invitation.expires_at <= now():
            raise InvitationClosed(state=InvitationStatus.EXPIRED)
        return invitation

    async def _loaded(self, invitation_id: UUID, version: int) -> Invitation:
        invitation = await self.invitations.load(invitation_id)
        if version not in (invitation.version, ANY_VERSION):
            raise VersionConflict(current_version=invitation.version)
        Granting(self.ctx).refuse_agency(invitation.agency_id)
        return invitation


def _until_midnight() -> int:
    """Seconds, in Algiers."""
    here = datetime.now(ALGIERS)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), ALGIERS)
    return int((midnight - here).total_seconds()) + 1
