"""What people and programs send to be known, and what they get."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr

from crm_api.auth.models import RevokeReason, UserSession
from crm_api.kit.listing import ListQuery, Page
from crm_api.kit.schemas import Email, Input, Output, Secret, Timestamp
from crm_api.users.schemas import Password

MfaCode = Annotated[str, Field(pattern=r"^[0-9 ]{6,7}$", max_length=7, examples=["492039"])]
RecoveryText = Annotated[str, Field(min_length=16, max_length=24, examples=["k7m2-q9f4-t3wx-8hj2"])]
LinkToken = Annotated[
    str,
    Field(
        min_length=60,
        max_length=100,
        examples=["verify_AZOxyzAbcdEfghIjklMnop_0QeDmTzXn5c1uJvVbq2yJw8H4s6dK3fGhL9aPrEoNtI"],
    ),
]
ScopeText = Annotated[str, Field(max_length=4000, examples=["leads:read leads:write"])]
ClientIdText = Annotated[
    str, Field(max_length=80, examples=["client_AZOxyzAbcdEfghIjklMnop_AZOxyzAbcdEfghIjkl"])
]


class TokenRequest(Input):
    """The form of RFC 6749. Which fields are needed depends on `grant_type`; unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore")

    grant_type: Literal["password", "refresh_token", "client_credentials"] = Field(examples=["password"])
    """How you prove who you are."""
    username: str | None = Field(default=None, max_length=254, examples=["direction@alliance.example"])
    """password: e-mail address or user name."""
    password: SecretStr | None = Field(default=None, max_length=200, examples=["trois mots bien choisis 42"])
    """password: the password."""
    otp: str | None = Field(default=None, max_length=10, examples=["492039"])
    """password: the code of the authenticator app, once enrolled."""
    recovery_code: str | None = Field(default=None, max_length=40, examples=["k7m2-q9f4-t3wx-8hj2"])
    """password: a recovery code, instead of `otp`."""
    refresh_token: SecretStr | None = Field(
        default=None,
        max_length=200,
        examples=["rt_AZOxyzAbcdEfghIjklMnop_0QeDmTzXn5c1uJvVbq2yJw8H4s6dK3fGhL9aPrEoNtI"],
    )
    """refresh_token: the last one you received; each works once. Left out: the cookie's."""
    scope: ScopeText | None = None
    """Space-separated; narrows what the token may do. Left out: everything you may."""
    client_id: ClientIdText | None = None
    """client_credentials: the client, here or by HTTP Basic."""
    client_secret: SecretStr | None = Field(
        default=None, max_length=200, examples=["cs_AZOxyzAbcdEfghIjklMnop_0QeDm"]
    )
    """client_credentials: its secret, here or by HTTP Basic."""
    refresh_cookie: bool = Field(default=False, examples=[False])
    """For single-page applications: the refresh token comes as an HttpOnly cookie, not in the body."""


class TokenAnswer(Secret):
    """An access token, and how to get the next one."""

    access_token: str = Field(max_length=4096, examples=["eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTkzIn0.c2ln"])
    """A signed JWT: send it as `Authorization: Bearer`."""
    token_type: Literal["Bearer"] = Field(default="Bearer", examples=["Bearer"])
    """Always Bearer."""
    expires_in: int = Field(ge=1, le=3600, examples=[600])
    """Seconds until the access token expires."""
    refresh_token: str | None = Field(
        max_length=200, examples=["rt_AZOxyzAbcdEfghIjklMnop_0QeDmTzXn5c1uJvVbq2yJw8H4s6dK3fGhL9aPrEoNtI"]
    )
    """For the next access token, good once; null for programs and in the cookie variant."""
    scope: ScopeText
    """What the token may do."""
    mfa_enrolment_required: bool = Field(examples=[False])
    """True: your role needs a second factor; first enrol one (POST /v1/auth/mfa/totp)."""


class Registered(Output):
    """The same answer, whether or not the address is known here."""

    status: Literal["accepted"] = Field(default="accepted", examples=["accepted"])
    """Look into your mailbox."""


class LinkUse(Input):
    """The secret of a link that we sent by e-mail."""

    token: LinkToken
    """What follows `#token=` in the link."""


class EmailAddress(Input):
    """An address to write to."""

    email: Email
    """Where to send the link."""


class PasswordReset(LinkUse):
    """A new password, by the link of a message."""

    password: Password
    """12 to 128 characters, nothing easy to guess, none of the last five."""


class PasswordChange(Input):
    """A new password, by somebody who is signed in."""

    current_password: Password | None = None
    """The present one; may be left out within five minutes of a step-up."""
    password: Password
    """12 to 128 characters, nothing easy to guess, none of the last five."""


class StepUp(Input):
    """A fresh proof of identity: one of the two."""

    password: Password | None = None
    """The password."""
    otp: MfaCode | None = None
    """The code of the authenticator app."""


class Confirmed(Output):
    """Sensitive actions are open."""

    confirmed_until: Timestamp
    """Until then no further proof is asked for."""


class TotpStart(Secret):
    """What to scan with an authenticator app. Nothing changes before it is confirmed."""

    secret: str = Field(max_length=64, examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    """To type by hand, base32."""
    otpauth_uri: str = Field(
        max_length=500,
        examples=[
            "otpauth://totp/ASSURA-CRM:direction%40alliance.example?secret=JBSWY3DPEHPK3PXP&issuer=ASSURA-CRM"
        ],
    )
    """To show as a QR code."""


class TotpConfirm(Input):
    """The proof that the app is set up."""

    otp: MfaCode
    """The code that it shows now."""


class RecoveryCodes(Secret):
    """Ways in without the phone; each works once. They are never shown again."""

    recovery_codes: list[RecoveryText] = Field(max_length=10)
    """Ten codes, to be kept in a safe place."""


class SessionLine(Output):
    """A sign-in of a person, as stored."""

    id: UUID
    """Identifier."""
    user_id: UUID
    """Whose it is."""
    ip: str | None = Field(max_length=45, examples=["105.96.12.7"])
    """Address of the last refresh."""
    user_agent: str | None = Field(max_length=300, examples=["Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"])
    """Browser or program."""
    mfa_level: int = Field(ge=1, le=2, examples=[2])
    """1: signed in with a password; 2: with a second factor too."""
    scopes: list[Annotated[str, Field(max_length=60, examples=["leads:read"])]] | None = Field(max_length=300)
    """What it was narrowed to; null: everything the user may."""
    created_at: Timestamp
    """When the person signed in."""
    last_seen_at: Timestamp
    """Last refresh."""
    expires_at: Timestamp
    """When it ends unless refreshed."""
    revoked_at: Timestamp | None
    """When it was ended."""
    revoke_reason: RevokeReason | None
    """Why."""


class SessionRead(SessionLine):
    """A sign-in of a person."""

    current: bool = Field(examples=[True])
    """Whether it is the one that asks."""


class SessionPage(Page[SessionRead]):
    """One page of sessions."""


class SessionQuery(ListQuery):
    """Which sessions; only those that are open."""

    sortable: ClassVar = {"created_at": UserSession.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""


class OnboardingRead(Output):
    """What a visitor reads before registering."""

    product: str = Field(max_length=40, examples=["ASSURA-CRM"])
    """Name of the product."""
    welcome: str = Field(max_length=300, examples=["Bienvenue dans ASSURA-CRM."])
    """A sentence of welcome, in your language."""
    terms_version: str = Field(max_length=20, examples=["2026-11"])
    """The version of the terms that registering accepts."""
    signup_open: bool = Field(examples=[True])
    """Whether new organizations may register here."""


class KeySet(Output):
    """The public keys that verify access tokens (RFC 7517)."""

    keys: list["PublicKey"] = Field(max_length=20)
    """The current one first."""


class PublicKey(Output):
    """A P-256 public key."""

    kty: str = Field(max_length=10, examples=["EC"])
    """Key type."""
    crv: str = Field(max_length=10, examples=["P-256"])
    """Curve."""
    use: str = Field(max_length=10, examples=["sig"])
    """Signatures."""
    alg: str = Field(max_length=10, examples=["ES256"])
    """Algorithm."""
    kid: str = Field(max_length=60, examples=["2026-11-23-1f2e3d4c"])
    """Which key; named in the header of each token."""
    x: str = Field(max_length=64, examples=["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"])
    """First coordinate, base64url."""
    y: str = Field(max_length=64, examples=["x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"])
    """Second coordinate, base64url."""
