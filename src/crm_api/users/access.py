"""What signing in needs to know and to change about users: the domain `auth` builds on this."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.passwords import check_strength, hash_password, verify
from crm_api.core.principal import DataScope
from crm_api.kit.errors import NotFound
from crm_api.organizations.models import OrganizationStatus
from crm_api.organizations.service import OrganizationService
from crm_api.organizations.settings import OrganizationSettings
from crm_api.roles.catalogue import ADMINISTRATOR
from crm_api.roles.service import GroupService, RoleService
from crm_api.users.errors import PasswordUsedBefore
from crm_api.users.events import (
    UserActivated,
    UserEmailChanged,
    UserLocked,
    UserPasswordChanged,
    UserRegistered,
    UserVerified,
)
from crm_api.users.models import REMEMBERED_PASSWORDS, USER, User, UserLanguage, UserStatus
from crm_api.users.repository import UserRepository
from crm_api.users.schemas import AdministratorSignUp

TERMS_VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Login:
    """Where a login works."""

    organization_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who was invited, and by whose leave may do what."""

    email: str
    first_name: str
    last_name: str
    first_name_ar: str | None
    last_name_ar: str | None
    phone: str | None
    job_title: str | None
    language: UserLanguage
    password: str
    agency_id: UUID
    role_id: UUID
    group_ids: Sequence[UUID]
    data_scope: DataScope | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to compare a password with, and what may stand in the way."""

    user_id: UUID
    email: str
    status: UserStatus
    password_hash: str | None
    email_verified_at: datetime | None
    failed_login_count: int
    locked_until: datetime | None
    first_name: str
    last_name: str
    language: UserLanguage


@dataclass(frozen=True, slots=True)
class Authority:
    """What a user may do just now, and under which rules of the organization."""

    role_code: str
    base_role_code: str
    """The system role that it is, or descends from."""
    status: UserStatus
    organization_status: OrganizationStatus
    data_scope: DataScope
    agency_id: UUID | None
    agency_ids: tuple[UUID, ...]
    scopes: frozenset[str]
    settings: OrganizationSettings

    @property
    def mfa_required(self) -> bool:
        obliged = {ADMINISTRATOR, *self.settings.mfa_required_roles}
        return not obliged.isdisjoint((self.role_code, self.base_role_code))


async def find_login(ctx: Context, login: str) -> Login | None:
    """By e-mail address or user name, in the whole installation: any context will do."""
    found = await UserRepository(ctx).identity(login)
    return Login(*found) if found else None


class UserAccess:
    """Use cases for a context of the user's own organization."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.users = UserRepository(ctx)

    async def credentials(self, user_id: UUID) -> Credentials:
        """Raises NotFound."""
        _, email, status, hashed, verified_at, failures, until, first, last, language = _found(
            await self.users.credentials(user_id)
        )
        return Credentials(
            user_id=user_id,
            email=email,
            status=UserStatus(status),  # alone, a statement answers plain text
            password_hash=hashed,
            email_verified_at=verified_at,
            failed_login_count=failures,
            locked_until=until,
            first_name=first,
            last_name=last,
            language=UserLanguage(language),
        )

    async def authority(self, user_id: UUID) -> Authority:
        """One statement. Raises NotFound."""
        role, base, status, organization, scope, agency_id, agency_ids, scopes, settings = _found(
            await self.users.authority(user_id)
        )
        return Authority(
            role_code=role,
            base_role_code=base,
            status=UserStatus(status),
            organization_status=OrganizationStatus(organization),
            data_scope=DataScope(scope),
            agency_id=agency_id,
            agency_ids=tuple(agency_ids),
            scopes=frozenset(scopes),
            settings=OrganizationSettings.model_validate_json(settings),
        )

    async def register_administrator(self, data: AdministratorSignUp) -> UUID:
        """A draft organization (the context's), its base roles, and its first administrator, to be verified.

        Raises LoginTaken for an address known anywhere, WeakPassword.
        """
        password = data.password.get_secret_value()
        check_strength(password, (data.email, data.first_name, data.last_name))
        hashed = await hash_password(password)
        await OrganizationService(self.ctx).register()
        user = User(
            **data.model_dump(exclude={"password", "accept_terms"}),
            role_id=await RoleService(self.ctx).seed(),
            status=UserStatus.PENDING_VERIFICATION,
            password_hash=hashed,
            terms_accepted_at=now(),
            terms_version=TERMS_VERSION,
        )
        await self.users.save(user)
        await self.users.claim(data.email, user.id)
        await publish(self.ctx, UserRegistered(user.id))
        return user.id

    async def join(self, who: Colleague) -> UUID:
        """An invitation was accepted, which also proves the address: the account opens at once.

        Raises LoginTaken, WeakPassword. Groups that are gone by now are left out.
        """
        check_strength(who.password, (who.email, who.first_name, who.last_name))
        fields = asdict(who)
        user = User(
            **{name: fields[name] for name in fields.keys() - {"password", "group_ids"}},
            status=UserStatus.INVITED,
            password_hash=await hash_password(who.password),
            email_verified_at=now(),
            terms_accepted_at=now(),
            terms_version=TERMS_VERSION,
        )
        await self.users.save(user)
        await self.users.claim(who.email, user.id)
        await GroupService(self.ctx).put(user.id, await GroupService(self.ctx).still_there(who.group_ids))
        USER.check(user.status, UserStatus.ACTIVE)
        user.status = UserStatus.ACTIVE
        await self.users.save(user)
        await publish(self.ctx, UserActivated(user.id))
        return user.id

    async def verify_email(self, user_id: UUID) -> None:
        """The letter was answered: the account opens. Raises InvalidTransition unless it waits for that."""
        user = await self.users.load(user_id)
        USER.check(user.status, UserStatus.ACTIVE)
        user.status, user.email_verified_at = UserStatus.ACTIVE, now()
        await self.users.save(user)
        if await self.users.is_administrator(user):
            await OrganizationService(self.ctx).administrator_verified()
        await publish(self.ctx, UserVerified(user_id))

    async def change_email(self, user_id: UUID, email: str) -> None:
        """The address is proved: the login from now on; the earlier one is free. Raises LoginTaken."""
        user = await self.users.load(user_id)
        if user.email == email:
            return
        await self.users.claim(email, user_id)
        await self.users.release(user.email)
        user.email, user.email_verified_at = email, now()
        await self.users.save(user)
        await publish(self.ctx, UserEmailChanged(user_id))

    async def set_password(self, user_id: UUID, password: str, *, pointer: str = "/password") -> None:
        """Raises WeakPassword, and PasswordUsedBefore for this one and the last ones.

        Who listens to UserPasswordChanged ends the sessions.
        """
        user = await self.users.load(user_id)
        check_strength(password, (user.email, user.first_name, user.last_name), pointer=pointer)
        known = [user.password_hash, *user.previous_password_hashes] if user.password_hash else []
        for earlier in known[:REMEMBERED_PASSWORDS]:
            if (await verify(password, earlier))[0]:
                raise PasswordUsedBefore
        user.password_hash = await hash_password(password)
        user.previous_password_hashes = [h for h in known if h is not None][:REMEMBERED_PASSWORDS]
        user.failed_login_count = 0
        await self.users.save(user)
        await publish(self.ctx, UserPasswordChanged(user_id))

    async def keep_hash(self, user_id: UUID, password_hash: str) -> None:
        """The hash that `core.passwords.verify` gave back to be stored instead."""
        await self.users.keep_hash(user_id, password_hash)

    async def note_sign_in(self, user_id: UUID) -> None:
        """A success: the count of failures starts anew."""
        await self.users.note_sign_in(user_id)

    async def note_failure(self, user_id: UUID) -> int:
        """A wrong password; how many there have been since the last success."""
        return await self.users.note_failure(user_id)

    async def lock(self, user_id: UUID, until: datetime) -> None:
        """An active account, closed for a while; opened again by `expired_lock` or an administrator."""
        user = await self.users.load(user_id)
        USER.check(user.status, UserStatus.LOCKED)
        user.status, user.locked_until = UserStatus.LOCKED, until
        await self.users.save(user)
        await publish(self.ctx, UserLocked(user_id))

    async def end_lock(self, user_id: UUID) -> bool:
        """Opens a locked account whose time is over; whether it is open now."""
        user = await self.users.load(user_id)
        if user.status is UserStatus.LOCKED and user.locked_until and user.locked_until <= now():
            USER.check(user.status, UserStatus.ACTIVE)
            user.status, user.locked_until, user.failed_login_count = UserStatus.ACTIVE, None, 0
            await self.users.save(user)
        return user.status is UserStatus.ACTIVE


def _found(row: Sequence[Any] | None) -> Sequence[Any]:
    if row is None:
        raise NotFound
    return row
