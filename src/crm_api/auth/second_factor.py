"""The second factor: an authenticator app, and recovery codes for the day the phone is lost."""

from uuid import UUID

from crm_api.auth.errors import MfaCodeRefused, MfaNotEnrolled, MfaNotStarted, MfaObligatory
from crm_api.auth.models import MfaCredential, RevokeReason
from crm_api.auth.repository import MfaRepository
from crm_api.auth.schemas import RecoveryCodes, TotpStart
from crm_api.auth.sessions import SessionService
from crm_api.core import totp
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue
from crm_api.core.sealing import vault_of
from crm_api.kit.errors import StepUpRequired
from crm_api.kit.ids import new_id
from crm_api.users.access import UserAccess

ISSUER = "ASSURA-CRM"
ENROLLED_LEVEL = 2


class SecondFactor:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.factors = MfaRepository(ctx)

    async def start(self) -> TotpStart:
        """A new secret, in force once confirmed. Who has one already proves first who they are."""
        user_id = self.ctx.principal.id
        if await self.is_enrolled(user_id):
            self._refuse_unconfirmed()
        user = await UserAccess(self.ctx).credentials(user_id)
        secret, row_id = totp.new_secret(), new_id()
        vault = await vault_of(self.ctx)
        sealed = vault.seal({"secret": secret}, table=MfaCredential.__tablename__, row_id=row_id)
        await self.factors.drop(user_id, confirmed=False)
        await self.factors.save(MfaCredential(id=row_id, user_id=user_id, sealed=sealed))
        uri = totp.enrolment_uri(secret, account=user.email, issuer=ISSUER)
        return TotpStart(secret=secret, otpauth_uri=uri)

    async def confirm(self, code: str) -> RecoveryCodes:
        """The app shows the right code: from now on it is asked for. Other sessions end."""
        user_id = self.ctx.principal.id
        pending = await self.factors.of(user_id, confirmed=False)
        if pending is None:
            raise MfaNotStarted
        if not await self._accepts(pending, code):
            raise MfaCodeRefused
        await self.factors.drop(user_id, confirmed=True)
        pending.confirmed_at = now()
        await self.factors.save(pending)
        sessions = SessionService(self.ctx)
        await sessions.confirm(mfa_level=ENROLLED_LEVEL)
        await sessions.revoke_all(user_id, RevokeReason.MFA_CHANGED)
        self.ctx.note("user.mfa_enabled", "user", user_id)
        await enqueue(self.ctx, "send_mfa_enabled", {"user_id": user_id})
        return await self._new_codes()

    async def drop(self) -> None:
        """Off again, where the role allows it."""
        user_id = self.ctx.principal.id
        if (await UserAccess(self.ctx).authority(user_id)).mfa_required:
            raise MfaObligatory
        if not await self.is_enrolled(user_id):
            raise MfaNotEnrolled
        await self.factors.drop(user_id, confirmed=True)
        await self.factors.replace_codes(user_id, ())
        self.ctx.note("user.mfa_disabled", "user", user_id)

    async def renew_codes(self) -> RecoveryCodes:
        """Ten new ones; the old ones are worth nothing."""
        if not await self.is_enrolled(self.ctx.principal.id):
            raise MfaNotEnrolled
        self.ctx.note("user.recovery_codes_renewed", "user", self.ctx.principal.id)
        return await self._new_codes()

    async def is_enrolled(self, user_id: UUID) -> bool:
        return await self.factors.of(user_id, confirmed=True) is not None

    async def proves(self, user_id: UUID, otp: str | None, recovery_code: str | None = None) -> bool:
        """Whether the code is right; used up from now on."""
        if otp is not None:
            credential = await self.factors.of(user_id, confirmed=True)
            return credential is not None and await self._accepts(credential, otp)
        if recovery_code is None:
            return False
        if not await self.factors.use_code(user_id, totp.recovery_hash(recovery_code)):
            return False
        self.ctx.note("user.recovery_code_used", "user", user_id)
        return True

    async def _accepts(self, credential: MfaCredential, code: str) -> bool:
        vault = await vault_of(self.ctx)
        fields = vault.open(credential.sealed, table=MfaCredential.__tablename__, row_id=credential.id)
        step = totp.accepted_step(fields["secret"], code, credential.last_step)
        return step is not None and await self.factors.use_step(credential.id, step)

    async def _new_codes(self) -> RecoveryCodes:
        codes, digests = totp.new_recovery_codes()
        await self.factors.replace_codes(self.ctx.principal.id, digests)
        return RecoveryCodes(recovery_codes=codes)

    def _refuse_unconfirmed(self) -> None:
        if not self.ctx.principal.may_act_sensitively:
            raise StepUpRequired
