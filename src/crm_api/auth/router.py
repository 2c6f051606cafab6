"""/v1/auth: tokens, sign-up, passwords, the second factor, sessions."""

import binascii
from base64 import b64decode
from typing import Annotated
from uuid import UUID

from fastapi import Cookie, Form, Header, Query, Response, status
from pydantic import SecretStr

from crm_api.auth import client_routes
from crm_api.auth.errors import (
    ClientRefused,
    CsrfTokenMissing,
    IncompleteGrant,
    LinkSpent,
    LinkUnknown,
    MfaNotEnrolled,
    MfaObligatory,
)
from crm_api.auth.models import ABSOLUTE, RevokeReason
from crm_api.auth.registration import OwnAddress, OwnPassword, Registration
from crm_api.auth.schemas import (
    Confirmed,
    EmailAddress,
    KeySet,
    LinkUse,
    OnboardingRead,
    PasswordChange,
    PasswordReset,
    RecoveryCodes,
    Registered,
    SessionPage,
    SessionQuery,
    StepUp,
    TokenAnswer,
    TokenRequest,
    TotpConfirm,
    TotpStart,
)
from crm_api.auth.second_factor import SecondFactor
from crm_api.auth.service import SignIn, StepUpService
from crm_api.auth.sessions import ENROL, SELF, SessionService
from crm_api.core.authority import Visitor
from crm_api.core.context import Context
from crm_api.core.http import Audience, Router, public, requires
from crm_api.core.openapi import refusals
from crm_api.users.access import UserAccess
from crm_api.users.errors import LoginTaken
from crm_api.users.schemas import AdministratorSignUp

router = Router("auth")
sessions = Router("users", tag="sessions")
onboarding = Router("public", tag="auth")
well_known = Router("jwks.json", prefix="/.well-known", tag="auth")
EVERYBODY = {"x-audience": [Audience.STAFF, Audience.PARTNER]}
NO_VERSION = {"x-unversioned": "ended once and for all, whatever it was before"}
OF_LINKS = refusals(LinkUnknown, LinkSpent)
OF_ADDRESSES = refusals(LinkUnknown, LinkSpent, LoginTaken)
COOKIE, COOKIE_PATH = "crm_refresh", "/v1/auth"
Signed = Annotated[Context, requires(SELF)]
Proven = Annotated[Context, requires(SELF, step_up=True)]
Enrolling = Annotated[Context, requires(ENROL)]
SignsIn = Annotated[Visitor, public("who asks for a token has none yet; credentials are in the form")]
Registers = Annotated[Visitor, public("a company that registers is not known yet; limited by network")]
HoldsLink = Annotated[Visitor, public("the secret of the link is the proof; it works once")]
Forgot = Annotated[Visitor, public("who has lost the way in cannot prove anything; the answer tells nothing")]
Reads = Annotated[Visitor, public("public by nature: keys that verify tokens, words of welcome")]
Keeper = Annotated[Context, requires("sessions:manage")]


@router.post("/token", openapi_extra=EVERYBODY)
async def issue_token(
    visitor: SignsIn,
    response: Response,
    form: Annotated[TokenRequest, Form()],
    authorization: Annotated[
        str | None,
        Header(include_in_schema=False, max_length=400),  # OpenAPI leaves this header to the security schemes
    ] = None,
    crm_refresh: Annotated[
        SecretStr | None, Cookie(description="The refresh token of the cookie variant.", max_length=200)
    ] = None,
    x_csrf: Annotated[
        str | None,
        Header(
            alias="X-Csrf",
            description="Any value: required to refresh by cookie.",
            max_length=100,
            examples=["1"],
        ),
    ] = None,
) -> TokenAnswer:
    """Get an access token (RFC 6749).

    `grant_type=password` signs a person in (`username`, `password`, and `otp` or `recovery_code` once a
    second factor is enrolled). `refresh_token` continues a session: each refresh token works once, and one
    that comes back ends the session. `client_credentials` is for programs (`client_id`, `client_secret` in
    the form or by HTTP Basic). `scope` narrows what the token may do.

    With `refresh_cookie=true` the refresh token is an HttpOnly cookie that scripts cannot read; it is sent
    back by `grant_type=refresh_token` without the field, with the header `X-CSRF`.

    Refusals are problem documents; `error` holds the word of RFC 6749.
    """
    by_cookie = form.grant_type == "refresh_token" and form.refresh_token is None and crm_refresh is not None
    if by_cookie:
        if not x_csrf:
            raise CsrfTokenMissing(error="invalid_request")
        form = form.model_copy(update={"refresh_token": crm_refresh})
    answer = await SignIn(visitor).token(_with_basic(form, authorization))
    response.headers["Cache-Control"] = "no-store"
    if answer.refresh_token is None or not (by_cookie or form.refresh_cookie):
        return answer
    response.set_cookie(
        COOKIE,
        answer.refresh_token,
        max_age=int(ABSOLUTE.total_seconds()),
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="strict",
    )
    return answer.model_copy(update={"refresh_token": None})


@router.post("/register", status_code=status.HTTP_202_ACCEPTED)
async def register(visitor: Registers, body: AdministratorSignUp) -> Registered:
    """Register a company with its first administrator.

    The answer is the same whether or not the address is known here; what happens next is in the mailbox. The
    link there is valid for 24 hours.
    """
    await Registration(visitor).register(body)
    return Registered()


@router.post("/verify-email", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=OF_ADDRESSES)
async def verify_email(visitor: HoldsLink, body: LinkUse) -> None:
    """Prove an e-mail address by the secret of the link sent to it; 410 once used or expired.

    It opens the account of who registered; who asked for another address signs in by it from then on.
    """
    await Registration(visitor).verify_email(body.token)


@router.post("/resend-verification", status_code=status.HTTP_202_ACCEPTED)
async def resend_verification(visitor: Forgot, body: EmailAddress) -> Registered:
    """Send the link that proves an address again; earlier links stop working."""
    await Registration(visitor).resend_verification(body.email)
    return Registered()


@router.post("/password-reset", status_code=status.HTTP_202_ACCEPTED)
async def request_password_reset(visitor: Forgot, body: EmailAddress) -> Registered:
    """Ask for a link to choose a new password; it is valid for 30 minutes and works once."""
    await Registration(visitor).request_reset(body.email)
    return Registered()


@router.post("/password-reset/confirm", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=OF_LINKS)
async def confirm_password_reset(visitor: HoldsLink, body: PasswordReset) -> None:
    """Choose a new password by the secret of the link; all sessions end."""
    await Registration(visitor).reset_password(body)


@router.post("/change-password", status_code=status.HTTP_204_NO_CONTENT)
async def change_password(ctx: Signed, body: PasswordChange) -> None:
    """Change the own password, with the present one or shortly after a step-up; the other sessions end."""
    await OwnPassword(ctx).change(body)


@router.post("/change-email", status_code=status.HTTP_202_ACCEPTED)
async def change_email(ctx: Proven, body: EmailAddress) -> Registered:
    """Ask for another e-mail address, shortly after a step-up.

    A link goes to the new address, valid for 24 hours, and a warning to the present one, which stays in use
    until the link is. The answer is the same whether or not the new address is known here.
    """
    await OwnAddress(ctx).ask(body.email)
    return Registered()


@router.post("/step-up")
async def step_up(ctx: Signed, body: StepUp) -> Confirmed:
    """Prove again who you are, by password or code: opens sensitive actions for five minutes."""
    return await StepUpService(ctx).confirm(body)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(ctx: Signed, response: Response) -> None:
    """End this session; its tokens are worth nothing from now on."""
    await SessionService(ctx).log_out()
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=True, httponly=True, samesite="strict")


@router.post("/mfa/totp")
async def start_totp(ctx: Enrolling) -> TotpStart:
    """Start the enrolment of an authenticator app; nothing changes before it is confirmed."""
    return await SecondFactor(ctx).start()


@router.post("/mfa/confirm")
async def confirm_totp(ctx: Enrolling, body: TotpConfirm) -> RecoveryCodes:
    """Confirm the authenticator app by a code that it shows.

    The answer holds ten recovery codes, shown this once. Other sessions end; this one may do from now on all
    that your role grants.
    """
    return await SecondFactor(ctx).confirm(body.otp)


@router.delete(
    "/mfa/totp",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=NO_VERSION | refusals(MfaObligatory, MfaNotEnrolled),
)
async def delete_totp(ctx: Proven) -> None:
    """Turn the second factor off, where your role allows it."""
    await SecondFactor(ctx).drop()


@router.post("/mfa/recovery-codes")
async def renew_recovery_codes(ctx: Proven) -> RecoveryCodes:
    """Get ten new recovery codes; the old ones stop working."""
    return await SecondFactor(ctx).renew_codes()


@router.get("/sessions")
async def list_own_sessions(ctx: Signed, query: Annotated[SessionQuery, Query()]) -> SessionPage:
    """List your open sessions."""
    return await SessionService(ctx).page(query)


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=NO_VERSION)
async def revoke_own_session(ctx: Signed, session_id: UUID) -> None:
    """End one of your sessions."""
    await SessionService(ctx).revoke(session_id)


@sessions.get("/{user_id}/sessions")
async def list_user_sessions(
    ctx: Keeper, user_id: UUID, query: Annotated[SessionQuery, Query()]
) -> SessionPage:
    """List the open sessions of a user."""
    user = await UserAccess(ctx).credentials(user_id)
    return await SessionService(ctx).page(query, user.user_id)


@sessions.delete("/{user_id}/sessions", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=NO_VERSION)
async def revoke_user_sessions(ctx: Keeper, user_id: UUID) -> None:
    """End all sessions of a user."""
    user = await UserAccess(ctx).credentials(user_id)
    await SessionService(ctx).revoke_all(user.user_id, RevokeReason.REVOKED)


@sessions.delete(
    "/{user_id}/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT, openapi_extra=NO_VERSION
)
async def revoke_user_session(ctx: Keeper, user_id: UUID, session_id: UUID) -> None:
    """End one session of a user."""
    await SessionService(ctx).revoke(session_id, user_id)


@onboarding.get("/onboarding")
async def get_onboarding(visitor: Reads) -> OnboardingRead:
    """Read the welcome, the version of the terms, and whether companies may register here."""
    return Registration(visitor).onboarding()


@well_known.get("/jwks.json", openapi_extra=EVERYBODY)
async def get_jwks(visitor: Reads) -> KeySet:
    """Read the public keys that verify access tokens (RFC 7517)."""
    return KeySet.model_validate(visitor.tools.keys.jwks())


def _with_basic(form: TokenRequest, authorization: str | None) -> TokenRequest:
    """The client's name and secret may come by HTTP Basic; both at once is refused (RFC 6749, 2.3)."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic" or form.grant_type != "client_credentials":
        return form
    if form.client_secret is not None:
        raise IncompleteGrant(fields="client_secret", error="invalid_request")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError) as malformed:
        raise ClientRefused(error="invalid_client") from malformed
    return form.model_copy(update={"client_id": client_id, "client_secret": SecretStr(secret)})


ROUTERS = (router, sessions, onboarding, well_known, *client_routes.ROUTERS)
