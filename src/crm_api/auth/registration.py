"""Becoming known here, and getting back in: sign-up, the proof of an address, a new password (journey E-1).

Whoever asks learns nothing about who is known: the answer is the same, and so is the work behind it.
"""

from uuid import UUID

from crm_api.auth.errors import LinkSpent, SignupClosed
from crm_api.auth.links import LinkService, is_for, organization_of
from crm_api.auth.models import Purpose
from crm_api.auth.schemas import OnboardingRead, PasswordChange, PasswordReset
from crm_api.auth.service import NOT_WELCOME, NOWHERE, StepUpService, stranger
from crm_api.auth.throttle import Throttle
from crm_api.core import passwords
from crm_api.core.authority import Visitor
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.core.principal import system
from crm_api.kit.errors import StepUpRequired
from crm_api.kit.ids import new_id
from crm_api.users.access import TERMS_VERSION, Login, UserAccess, find_login
from crm_api.users.errors import LoginTaken
from crm_api.users.models import UserStatus
from crm_api.users.schemas import AdministratorSignUp

PRODUCT = "ASSURA-CRM"
WELCOME = {
    "fr": "Bienvenue dans ASSURA-CRM. Créez le compte administrateur de votre entreprise.",
    "en": "Welcome to ASSURA-CRM. Create the administrator account of your company.",
    "ar": "مرحبًا بكم في ASSURA-CRM. أنشئوا حساب مدير مؤسستكم.",
}


class Registration:
    """Use cases of visitors."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def onboarding(self) -> OnboardingRead:
        return OnboardingRead(
            product=PRODUCT,
            welcome=WELCOME[self.visitor.origin.locale],
            terms_version=TERMS_VERSION,
            signup_open=self.visitor.tools.settings.allow_signup,
        )

    async def register(self, data: AdministratorSignUp) -> None:
        """A draft organization with its first administrator; or a letter to somebody who is here already."""
        if not self.visitor.tools.settings.allow_signup:
            raise SignupClosed
        known = await self._asked_for(data.email)
        if known is not None:
            await self._work_as_for_a_new_one(data)
            await self._send(known, "send_account_exists")
            return
        ctx = self.visitor.enter(system(new_id()))
        try:
            user_id = await UserAccess(ctx).register_administrator(data)
        except LoginTaken:  # by another request, a moment ago: the letter went to the same person
            await ctx.close()
            return
        await enqueue(ctx, "send_verification_mail", {"user_id": user_id})

    async def resend_verification(self, email: str) -> None:
        await self._send(await self._asked_for(email), "send_verification_mail")

    async def request_reset(self, email: str) -> None:
        await self._send(await self._asked_for(email), "send_password_reset")

    async def verify_email(self, token: str) -> None:
        """Raises LinkUnknown, LinkSpent, and LoginTaken where the address is to replace another."""
        if is_for(token, Purpose.CHANGE_EMAIL):
            await self._change_email(token)
            return
        ctx = self.visitor.enter(system(organization_of(token, Purpose.VERIFY_EMAIL)))
        user = await LinkService(ctx).use(token, Purpose.VERIFY_EMAIL)
        await UserAccess(ctx).verify_email(user.user_id)

    async def reset_password(self, data: PasswordReset) -> None:
        """Raises LinkUnknown, LinkSpent, WeakPassword, PasswordUsedBefore. Ends all sessions."""
        ctx = self.visitor.enter(system(organization_of(data.token, Purpose.PASSWORD_RESET)))
        user = await LinkService(ctx).use(data.token, Purpose.PASSWORD_RESET)
        access = UserAccess(ctx)
        if user.status is UserStatus.PENDING_VERIFICATION:  # the link proves the address too
            await access.verify_email(user.user_id)
        await access.set_password(user.user_id, data.password.get_secret_value())
        ctx.note("user.password_reset", "user", user.user_id)

    async def _change_email(self, token: str) -> None:
        ctx = self.visitor.enter(system(organization_of(token, Purpose.CHANGE_EMAIL)))
        user, email = await LinkService(ctx).proved(token)
        if user.status in NOT_WELCOME:
            raise LinkSpent
        await UserAccess(ctx).change_email(user.user_id, email)

    async def _asked_for(self, email: str) -> Login | None:
        """Whom the address belongs to; who asks too often waits, whether it is known or not."""
        ctx = self.visitor.enter(stranger(NOWHERE))
        await Throttle(ctx).attempt(f"mail to {email.lower()}", known_device=True)
        return await find_login(ctx, email)

    async def _send(self, login: Login | None, letter: str) -> None:
        """A job even for nobody: it finds nobody to write to, and the answer comes no sooner."""
        to = login or Login(NOWHERE, new_id())
        ctx = self.visitor.enter(system(to.organization_id))
        await enqueue(ctx, letter, {"user_id": to.user_id}, dedupe_key=str(to.user_id))

    async def _work_as_for_a_new_one(self, data: AdministratorSignUp) -> None:
        password = data.password.get_secret_value()
        passwords.check_strength(password, (data.email, data.first_name, data.last_name))
        await passwords.hash_password(password)


class OwnPassword:
    """Changed by somebody who is signed in."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def change(self, data: PasswordChange) -> None:
        """With the present one, or shortly after a step-up. The other sessions end."""
        if data.current_password is not None:
            await StepUpService(self.ctx).prove_password(data.current_password.get_secret_value())
        elif not self.ctx.principal.may_act_sensitively:
            raise StepUpRequired
        user_id: UUID = self.ctx.principal.id
        await UserAccess(self.ctx).set_password(user_id, data.password.get_secret_value())
        self.ctx.note("user.password_change", "user", user_id)


class OwnAddress:
    """Another e-mail address, wanted by somebody who is signed in and has just proved who they are."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def ask(self, email: str) -> None:
        """A link to the new address, a warning to the present one; whether the new one is known stays untold.

        It is used from the moment the link is: an address that nobody reads never locks anybody out.
        """
        user_id: UUID = self.ctx.principal.id
        await Throttle(self.ctx).attempt(f"address of {user_id}", known_device=True)
        await LinkService(self.ctx).want(user_id, email)
        await enqueue(self.ctx, "send_email_change", {"user_id": user_id}, dedupe_key=str(user_id))
        self.ctx.note("user.email_change_asked", "user", user_id)
