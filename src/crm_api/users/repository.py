from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.roles.catalogue import ADMINISTRATOR
from crm_api.roles.errors import UnknownRole
from crm_api.roles.models import GroupMember, Role
from crm_api.users.errors import LoginTaken, UnknownAgency
from crm_api.users.models import User, UserPermissionDenial, UserStatus
from crm_api.users.schemas import UserRead

_AUTHORITY = resources.files(__package__).joinpath("authority.sql").read_text("utf-8")

_LIMIT = """SELECT coalesce(bool_or(:scope = ANY(r.permissions)), false)
        OR coalesce(bool_or(:scope = ANY(g.permissions) AND g.max_amounts ->> :limit IS NULL), false),
    coalesce(max((g.max_amounts ->> :limit)::bigint), 0)
FROM users u
JOIN roles r ON r.organization_id = u.organization_id AND r.id = u.role_id
LEFT JOIN group_members m ON m.organization_id = u.organization_id AND m.user_id = u.id
LEFT JOIN groups g ON g.organization_id = m.organization_id AND g.id = m.group_id
WHERE u.organization_id = :organization_id AND u.id = :user_id"""


class UserRepository(Repository[User, UserRead]):
    model, read = User, UserRead
    refusals = {
        "uq_users_email": LoginTaken,
        "uq_users_username": LoginTaken,
        "pk_identities": LoginTaken,
        "fk_users_role": UnknownRole,
        "fk_users_agency": UnknownAgency,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        users, roles, members = (
            table_of(User),
            Role.__table__.alias("role"),
            GroupMember.__table__.alias("member"),
        )
        role = (
            select(roles.c.code)
            .where(roles.c.organization_id == users.c.organization_id, roles.c.id == users.c.role_id)
            .scalar_subquery()
        )
        groups = (
            select(func.array_agg(members.c.group_id, type_=ARRAY(Uuid())))
            .where(members.c.organization_id == users.c.organization_id, members.c.user_id == users.c.id)
            .scalar_subquery()
        )
        none = literal_column("'{}'::uuid[]", ARRAY(Uuid()))
        return {**super().columns(), "role": role, "group_ids": func.coalesce(groups, none)}

    async def amount_limit(self, user_id: UUID, name: str, scope: str) -> tuple[bool, int]:
        """Whether there is none, and the largest amount that a group names: one statement."""
        rows = await self.rows(
            "amount limit",
            lambda: text(_LIMIT),
            {"user_id": user_id, "limit": name, "scope": scope},
        )
        return (bool(rows[0][0]), int(rows[0][1])) if rows else (False, 0)

    # --- logins of the whole installation

    async def identity(self, login: str) -> tuple[UUID, UUID] | None:
        """(organization, user), wherever that login works."""
        rows = await self.rows(
            "identity",
            lambda: text("SELECT organization_id, user_id FROM crm_find_identity(:login)"),
            {"login": login},
        )
        return (rows[0][0], rows[0][1]) if rows else None

    async def claim(self, login: str, user_id: UUID) -> None:
        """Raises LoginTaken."""
        with self.refusing():
            await self.ctx.session.execute(
                select(func.crm_claim_identity(login, bindparam("owner", user_id, Uuid())))
            )

    async def release(self, login: str) -> None:
        await self.ctx.session.execute(select(func.crm_release_identity(login)))

    # --- what a user may do

    async def authority(self, user_id: UUID) -> Sequence[Any] | None:
        """The columns of authority.sql, in order."""
        rows = await self.rows("authority", lambda: text(_AUTHORITY), {"user_id": user_id})
        return rows[0] if rows else None

    async def is_administrator(self, user: User) -> bool:
        role = await self.ctx.session.get_one(Role, (self.ctx.organization_id, user.role_id))
        return role.code == ADMINISTRATOR

    async def other_administrators(self, user_id: UUID) -> int:
        """How many are active beside this one; their number stays until the end of the use case."""
        # FOR NO KEY UPDATE on the role's row: one change of administrators at a time, yet others may be made.
        one_at_a_time = select(Role.id).where(Role.code == ADMINISTRATOR).with_for_update(key_share=True)
        await self.ctx.session.execute(one_at_a_time)
        others = (
            select(func.count(User.id))
            .join(Role, (Role.organization_id == User.organization_id) & (Role.id == User.role_id))
            .where(Role.code == ADMINISTRATOR, User.status == UserStatus.ACTIVE, User.id != user_id)
        )
        return int(await self.ctx.session.scalar(others) or 0)

    async def denials(self, user_id: UUID) -> list[str]:
        found = select(UserPermissionDenial.permission).where(UserPermissionDenial.user_id == user_id)
        return sorted(await self.ctx.session.scalars(found))

    async def put_denials(self, user_id: UUID, permissions: Iterable[str]) -> None:
        """These, and no others."""
        session = self.ctx.session
        await session.execute(delete(UserPermissionDenial).where(UserPermissionDenial.user_id == user_id))
        session.add_all(UserPermissionDenial(user_id=user_id, permission=code) for code in permissions)
        await session.flush()

    async def present(self, user_ids: Sequence[UUID]) -> set[UUID]:
        """Those of them that are users here."""
        rows = await self.rows(
            "present",
            lambda: self.select(User.id).where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid())))),
            {"ids": [*user_ids]},
        )
        return {row[0] for row in rows}

    async def with_email(self, email: str) -> bool:
        """Whether a colleague who has not left has this address."""
        rows = await self.rows(
            "with email",
            lambda: self.select(User.id).where(
                User.email == bindparam("email"), User.status != UserStatus.DEACTIVATED
            ),
            {"email": email},
        )
        return bool(rows)

    async def own_page(self, user_id: UUID) -> Sequence[Any]:
        """What only the user reads: (address, preferences as JSON, when the terms were accepted, which)."""
        rows = await self.rows(
            "own page",
            lambda: self.select(
                User.address,
                cast(User.notification_preferences, Text),
                User.terms_accepted_at,
                User.terms_version,
            ).where(User.id == bindparam("user_id")),
            {"user_id": user_id},
        )
        return rows[0]

    # --- signing in: no new version of the user, and no line in the journal for each of them

    async def credentials(self, user_id: UUID) -> Sequence[Any] | None:
        """The columns of `access.Credentials`, in order."""
        columns = (
            User.id,
            User.email,
            User.status,
            User.password_hash,
            User.email_verified_at,
            User.failed_login_count,
            User.locked_until,
            User.first_name,
            User.last_name,
            User.language,
        )
        rows = await self.rows(
            "credentials",
            lambda: self.select(*columns).where(User.id == bindparam("user_id")),
            {"user_id": user_id},
        )
        return rows[0] if rows else None

    async def note_sign_in(self, user_id: UUID) -> None:
        await self._note(
            "sign in", user_id, lambda: {"failed_login_count": 0, "last_login_at": func.clock_timestamp()}
        )

    async def note_failure(self, user_id: UUID) -> int:
        """How many there have been since the last success."""
        rows = await self._note(
            "failure", user_id, lambda: {"failed_login_count": User.failed_login_count + literal_column("1")}
        )
        return int(rows[0][0]) if rows else 0

    async def keep_hash(self, user_id: UUID, password_hash: str) -> None:
        """The same password, hashed anew with today's settings."""
        fields = {"password_hash": bindparam("new_hash", type_=Text())}
        await self._note("hash", user_id, lambda: fields, {"new_hash": password_hash})

    async def _note(
        self,
        shape: str,
        user_id: UUID,
        fields: Callable[[], Mapping[str, Any]],
        values: Mapping[str, Any] | None = None,
    ) -> Sequence[Sequence[Any]]:
        table = table_of(User)
        statement = self._statement(
            shape,
            lambda: (
                update(table)
                .where(*self.visible(), table.c.id == bindparam("user_id"))
                .values(dict(fields()))
                .returning(table.c.failed_login_count)
            ),
        )
        rows = await self.ctx.write(statement, {"user_id": user_id, **(values or {})})
        await self.ctx.refresh(User, user_id)
        return rows
