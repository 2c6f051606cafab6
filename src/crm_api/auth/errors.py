from crm_api.kit.errors import Conflict, DomainError, Duplicate, Forbidden, Gone, NotFound, Unauthenticated

# Those of POST /v1/auth/token carry `error`, the word of RFC 6749, as an extension member.


class InvalidCredentials(Unauthenticated):
    """The login or the password is wrong."""

    code = "invalid_credentials"


class MfaRequired(Unauthenticated):
    """Send the code of your authenticator app (`otp`), or a recovery code."""

    code = "mfa_required"


class MfaCodeRefused(Unauthenticated):
    """This code is wrong, or it was used already."""

    code = "mfa_code_refused"


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is unknown, used, revoked or expired; sign in again."""

    code = "refresh_token_refused"


class ClientRefused(Unauthenticated):
    """The client id or its secret is wrong, or the client is no longer active."""

    code = "client_refused"


class EmailNotVerified(Forbidden):
    """Confirm your e-mail address first; the link is in the message we sent you."""

    code = "email_not_verified"


class SignupClosed(Forbidden):
    """New organizations cannot register on this installation."""

    code = "signup_closed"


class CsrfTokenMissing(Forbidden):
    """A refresh by cookie needs the header X-CSRF."""

    code = "csrf_token_missing"


class InvalidScope(DomainError):
    """You ask for a scope that you do not hold."""

    # extra: refused_scopes


class IncompleteGrant(DomainError):
    """This grant type needs: {fields}."""


class LinkUnknown(NotFound):
    """We never sent this link."""

    code = "link_unknown"


class LinkSpent(Gone):
    """This link was used already, or it has expired; ask for another one."""

    code = "link_spent"


class MfaNotStarted(Conflict):
    """Start the enrolment first (POST /v1/auth/mfa/totp)."""


class MfaNotEnrolled(Conflict):
    """Two-factor authentication is not on."""


class MfaObligatory(Conflict):
    """Your role must keep two-factor authentication on."""


class ApiClientNameTaken(Duplicate):
    """Another API client has this name."""


class UnknownClientAgency(DomainError):
    """There is no such agency."""

    status = 422
