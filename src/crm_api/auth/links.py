"""The secrets of links in mails: made as the mail is written, good once, for the address they went to."""

from uuid import UUID

from crm_api.auth.errors import LinkSpent, LinkUnknown
from crm_api.auth.models import Purpose
from crm_api.auth.repository import LinkRepository
from crm_api.core import opaque
from crm_api.core.context import Context
from crm_api.kit.errors import NotFound, Unauthenticated
from crm_api.users.access import Credentials, UserAccess

_PREFIX = {
    Purpose.VERIFY_EMAIL: "verify",
    Purpose.PASSWORD_RESET: "reset",
    Purpose.CHANGE_EMAIL: "change",
}
_PAGE = {
    Purpose.VERIFY_EMAIL: "verify-email",
    Purpose.PASSWORD_RESET: "reset-password",
    Purpose.CHANGE_EMAIL: "change-email",
}


def is_for(token: str, purpose: Purpose) -> bool:
    """Whether it says that it is."""
    return token.startswith(f"{_PREFIX[purpose]}_")


def organization_of(token: str, purpose: Purpose) -> UUID:
    """Whose link it says it is. Raises LinkUnknown."""
    try:
        return opaque.parse(token, _PREFIX[purpose])[0]
    except Unauthenticated as malformed:
        raise LinkUnknown from malformed


class LinkService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.links = LinkRepository(ctx)

    async def make(self, purpose: Purpose, user_id: UUID, email: str) -> str:
        """The address to put into the mail. The secret stands behind the #: no server, proxy or log sees it,
        and opening the page changes nothing (mail scanners open links)."""
        token, digest = opaque.make(_PREFIX[purpose], self.ctx.organization_id)
        await self.links.replace(purpose, user_id, email, digest)
        return f"{self.ctx.tools.settings.base_url}/{_PAGE[purpose]}#token={token}"

    async def use(self, token: str, purpose: Purpose) -> Credentials:
        """The user it was sent to. Raises LinkUnknown, LinkSpent."""
        user, email = await self._used(token, purpose)
        if user.email != email:  # meanwhile the user has another address
            raise LinkSpent
        return user

    async def want(self, user_id: UUID, email: str) -> None:
        """Keeps which address is wanted until the letter to it is written: the queue holds ids only."""
        await self.links.replace(Purpose.CHANGE_EMAIL, user_id, email, opaque.make("wanted", user_id)[1])

    async def wanted(self, user_id: UUID) -> str | None:
        """The address that this user wants, and has not proved yet."""
        return await self.links.address(Purpose.CHANGE_EMAIL, user_id)

    async def proved(self, token: str) -> tuple[Credentials, str]:
        """Who wanted another address, and which one: the link proves it. Raises LinkUnknown, LinkSpent."""
        return await self._used(token, Purpose.CHANGE_EMAIL)

    async def _used(self, token: str, purpose: Purpose) -> tuple[Credentials, str]:
        digest = opaque.parse(token, _PREFIX[purpose])[1]
        used = await self.links.use(digest, purpose)
        if used is None:
            raise LinkSpent() if await self.links.sent_to(digest, purpose) else LinkUnknown()
        try:
            return await UserAccess(self.ctx).credentials(used[0]), used[1]
        except NotFound as gone:
            raise LinkSpent from gone
