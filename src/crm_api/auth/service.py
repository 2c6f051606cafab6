"""Who comes, and what proves it: the three grants of POST /v1/auth/token, and the step-up."""

from uuid import UUID

from crm_api.auth.clients import ApiClientService
from crm_api.auth.errors import (
    ClientRefused,
    EmailNotVerified,
    IncompleteGrant,
    InvalidCredentials,
    MfaCodeRefused,
    MfaRequired,
    RefreshTokenRefused,
)
from crm_api.auth.repository import SessionRepository, note_at_once
from crm_api.auth.schemas import Confirmed, StepUp, TokenAnswer, TokenRequest
from crm_api.auth.second_factor import ENROLLED_LEVEL, SecondFactor
from crm_api.auth.sessions import REFRESH, SessionService, confirmed_until
from crm_api.auth.throttle import Attempt, Throttle, network_of
from crm_api.core import opaque, passwords
from crm_api.core.authority import Visitor
from crm_api.core.context import Context
from crm_api.core.jobs import enqueue
from crm_api.core.principal import SYSTEM_ID, Principal, system
from crm_api.kit.errors import NotFound, Unauthenticated, Unavailable
from crm_api.kit.ids import new_id
from crm_api.users.access import Credentials, Login, UserAccess, find_login
from crm_api.users.models import UserStatus

NOWHERE = UUID(int=0)
"""Stands for the organization of an address that nobody has: there the same statements find nothing."""

NOT_WELCOME = (UserStatus.INVITED, UserStatus.SUSPENDED, UserStatus.DEACTIVATED)


async def login_of(ctx: Context, text: str) -> Login:
    """Where that login works; for an unknown one a login of nobody, so that what follows costs the same."""
    return await find_login(ctx, text.strip().lower()) or Login(NOWHERE, new_id())


def stranger(organization_id: UUID) -> Principal:
    """Somebody who has proved nothing yet."""
    return Principal(SYSTEM_ID, organization_id, frozenset(), kind="anonymous")


class SignIn:
    """One request for a token."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    async def token(self, form: TokenRequest) -> TokenAnswer:
        """Raises a refusal that carries `error`, the word of RFC 6749."""
        narrowed = frozenset(form.scope.split()) if form.scope else None
        if form.grant_type == "password":
            return await self._password(form, narrowed)
        if form.grant_type == "refresh_token":
            if form.refresh_token is None:
                raise IncompleteGrant(fields="refresh_token", error="invalid_request")
            return await self._refresh(form.refresh_token.get_secret_value(), narrowed)
        if form.client_id is None or form.client_secret is None:
            raise ClientRefused(error="invalid_client")
        return await self._client(form.client_id, form.client_secret.get_secret_value(), narrowed)

    # --- password

    async def _password(self, form: TokenRequest, narrowed: frozenset[str] | None) -> TokenAnswer:
        if form.username is None or form.password is None:
            raise IncompleteGrant(fields="username, password", error="invalid_request")
        login = await login_of(self.visitor.enter(stranger(NOWHERE)), form.username)
        ctx = self.visitor.enter(stranger(login.organization_id))
        known = await SessionRepository(ctx).knows_network(login.user_id, network_of(ctx.origin.ip))
        throttle = Throttle(ctx)
        attempt = await throttle.attempt(_account(login, form.username), known_device=known)
        try:
            user = await self._proved(ctx, login, form.password.get_secret_value())
        except Unavailable:  # too many are waiting for their password to be judged
            await throttle.undecided(attempt)
            raise
        if user.status is UserStatus.PENDING_VERIFICATION:
            await throttle.undecided(attempt)
            raise EmailNotVerified(error="invalid_grant")
        own = self.visitor.enter(Principal(user.user_id, login.organization_id, frozenset()))
        level = await self._second_factor(own, user, form, throttle, attempt)
        answer = await self._opened(own, user, narrowed, level, known=known)
        await throttle.succeeded(attempt)
        return answer

    async def _proved(self, ctx: Context, login: Login, password: str) -> Credentials:
        """The user with that password; refuses without saying why. An unknown user costs as much."""
        access = UserAccess(ctx)
        try:
            user: Credentials | None = await access.credentials(login.user_id)
        except NotFound:
            user = None
        right, replacement = await passwords.verify(password, user.password_hash if user else None)
        if user is None or not right or user.status in NOT_WELCOME:
            await note_at_once(ctx, "user.sign_in", "user", login.user_id, "denied")
            raise InvalidCredentials(error="invalid_grant")
        if replacement:
            await access.keep_hash(user.user_id, replacement)
        return user

    async def _second_factor(
        self, own: Context, user: Credentials, form: TokenRequest, throttle: Throttle, attempt: Attempt
    ) -> int:
        factor = SecondFactor(own)
        if not await factor.is_enrolled(user.user_id):
            return ENROLLED_LEVEL - 1
        if form.otp is None and form.recovery_code is None:
            await throttle.undecided(attempt)
            raise MfaRequired(error="invalid_grant")
        if not await factor.proves(user.user_id, form.otp, form.recovery_code):
            await note_at_once(own, "user.sign_in", "user", user.user_id, "denied")
            raise MfaCodeRefused(error="invalid_grant")
        return ENROLLED_LEVEL

    async def _opened(
        self, own: Context, user: Credentials, narrowed: frozenset[str] | None, level: int, *, known: bool
    ) -> TokenAnswer:
        access, sessions = UserAccess(own), SessionService(own)
        if user.status is UserStatus.LOCKED and not await access.end_lock(user.user_id):
            raise InvalidCredentials(error="invalid_grant")
        warn = not known and await sessions.has_any(user.user_id)
        opened = await sessions.open(user.user_id, narrowed, level)
        await access.note_sign_in(user.user_id)
        own.note("user.sign_in", "user", user.user_id, changes={"mfa_level": [None, level]})
        if warn:
            await enqueue(own, "send_new_session", {"session_id": opened.session_id})
        return await sessions.answer(opened, None)

    # --- the others

    async def _refresh(self, token: str, narrowed: frozenset[str] | None) -> TokenAnswer:
        try:
            organization_id, _ = opaque.parse(token, REFRESH)
        except Unauthenticated as unknown:
            raise RefreshTokenRefused(error="invalid_grant") from unknown
        sessions = SessionService(self.visitor.enter(stranger(organization_id)))
        return await sessions.answer(await sessions.refresh(token), narrowed)

    async def _client(self, client_id: str, secret: str, narrowed: frozenset[str] | None) -> TokenAnswer:
        organization_id, row_id = _client_of(client_id)
        ctx = self.visitor.enter(system(organization_id))
        return await ApiClientService(ctx).token(row_id, secret, narrowed)


class StepUpService:
    """A fresh proof by somebody who is signed in; wrong ones are counted like those of a sign-in."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.throttle = Throttle(ctx)

    async def confirm(self, proof: StepUp) -> Confirmed:
        """Raises InvalidCredentials, MfaCodeRefused."""
        if proof.password is not None:
            await self.prove_password(proof.password.get_secret_value())
        elif proof.otp is not None:
            await self._prove_code(proof.otp)
        else:
            raise IncompleteGrant(fields="password / otp")
        session = await SessionService(self.ctx).confirm()
        self.ctx.note("session.step_up", "session", session.id)
        return Confirmed(confirmed_until=confirmed_until(session))

    async def prove_password(self, password: str) -> None:
        """Raises InvalidCredentials."""
        user_id = self.ctx.principal.id
        attempt = await self.throttle.attempt(str(user_id), known_device=True)
        user = await UserAccess(self.ctx).credentials(user_id)
        if not (await passwords.verify(password, user.password_hash))[0]:
            await self._refused(user_id)
            raise InvalidCredentials
        await self.throttle.succeeded(attempt)

    async def _prove_code(self, code: str) -> None:
        user_id = self.ctx.principal.id
        attempt = await self.throttle.attempt(str(user_id), known_device=True)
        if not await SecondFactor(self.ctx).proves(user_id, code):
            await self._refused(user_id)
            raise MfaCodeRefused
        await self.throttle.succeeded(attempt)

    async def _refused(self, user_id: UUID) -> None:
        await note_at_once(self.ctx, "session.step_up", "user", user_id, "denied")


def _account(login: Login, text: str) -> str:
    """What attempts are counted on: the user, by whichever login; an unknown login for itself."""
    return text.strip().lower() if login.organization_id == NOWHERE else str(login.user_id)


def _client_of(client_id: str) -> tuple[UUID, UUID]:
    """`client_<organization>_<id>`."""
    parts = client_id.split("_")
    try:
        kind, organization_id, row_id = parts
        if kind == "client":
            return UUID(hex=organization_id), UUID(hex=row_id)
    except ValueError as malformed:
        raise ClientRefused(error="invalid_client") from malformed
    raise ClientRefused(error="invalid_client")
