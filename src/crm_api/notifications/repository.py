from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.notifications.choices import QUIET, Recipient
from crm_api.notifications.models import MailStatus, Notification, NotificationPreference
from crm_api.notifications.schemas import NotificationRead
from crm_api.organizations.models import Organization
from crm_api.users.models import User, UserStatus
from crm_api.users.schemas import NotificationPreferences

AWAKE = or_(User.status == UserStatus.ACTIVE, User.status == UserStatus.LOCKED)
"""Who may come in (again) is told; nobody else is."""
AT_ONCE = 10_000


class NotificationRepository(Repository[Notification, NotificationRead]):
    """As a list: one's own, and those for the screen."""

    model, read = Notification, NotificationRead

    def visible(self) -> list[ColumnElement[bool]]:
        t = table_of(Notification).c
        mine = t.recipient_id == bindparam("actor_id", type_=t.recipient_id.type)
        return [*super().visible(), mine, t.in_app]

    async def unread(self) -> Sequence[Sequence[Any]]:
        """(kind, how many), for the kinds that have any."""
        t = table_of(Notification).c
        return await self.rows(
            "unread",
            lambda: self.select(t.kind, func.count()).where(t.read_at.is_(None)).group_by(t.kind),
        )

    async def mark(self, *, ids: Sequence[UUID] | None = None, up_to: datetime | None = None) -> list[UUID]:
        """Those that were unread, newest first; a mail that still waits is spared."""
        self.ctx.begin()
        statement = self._statement(("mark", ids is None), lambda: self._mark(by_id=ids is not None))
        rows = await self.ctx.write(statement, {"ids": ids, "up_to": up_to})
        return sorted((row[0] for row in rows), reverse=True)

    def _mark(self, *, by_id: bool) -> Executable:
        t = table_of(Notification).c
        which = (
            t.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
            if by_id
            else t.created_at <= bindparam("up_to", type_=t.created_at.type)
        )
        waits = or_(t.mail == MailStatus.WAITING, t.mail == MailStatus.DAILY)
        changes = {
            "read_at": func.clock_timestamp(),
            "updated_at": func.clock_timestamp(),
            "version": t.version + literal_column("1"),
            "mail": case((waits, literal_column(f"'{MailStatus.SPARED}'")), else_=t.mail),
        }
        mine = *self.visible(), t.read_at.is_(None), which
        return update(table_of(Notification)).where(*mine).values(changes).returning(t.id)

    # --- telling

    async def recipients(self, user_ids: Sequence[UUID]) -> list[Recipient]:
        """Those of them who work here, in the order of their ids."""
        rows = await self.rows("recipients", self._recipients, {"ids": [*user_ids]})
        return [_recipient(row) for row in rows]

    def _recipients(self) -> Select[Any]:
        wanted = bindparam("ids", type_=ARRAY(Uuid()))
        return _choices().where(User.id == any_(wanted), AWAKE).order_by(User.id)

    async def tell(self, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
        """Writes them; the ids of those that their recipient had not been told before."""
        statement = (
            insert(table_of(Notification))
            .values([{"organization_id": self.ctx.organization_id, **row} for row in rows])
            .on_conflict_do_nothing()
            .returning(Notification.id)
        )
        return set(await self.ctx.session.scalars(statement))

    # --- mails

    async def recipient(self, user_id: UUID) -> Recipient | None:
        found = await self.recipients([user_id])
        return found[0] if found else None

    async def to_mail(self, notification_id: UUID) -> Notification | None:
        """If its mail still waits. Not locked: whoever reads it meanwhile need not wait for the mail."""
        waits = Notification.id == notification_id, Notification.mail == MailStatus.WAITING
        return await self.ctx.session.scalar(select(Notification).where(*waits))

    async def waiting_for_summary(self, before: datetime) -> list[Recipient]:
        """Who has something to read in the next one."""
        waits = Notification.mail == MailStatus.DAILY, Notification.created_at < before
        found = await self.ctx.session.scalars(select(Notification.recipient_id).where(*waits).distinct())
        return await self.recipients(list(found))

    async def for_summary(self, user_id: UUID, before: datetime) -> list[tuple[UUID, str]]:
        """(id, title) of what waits for the summary of this user, oldest first."""
        found = (
            select(Notification.id, Notification.title)
            .where(
                Notification.recipient_id == user_id,
                Notification.mail == MailStatus.DAILY,
                Notification.created_at < before,
            )
            .order_by(Notification.created_at, Notification.id)
        )
        return [(row.id, row.title) for row in await self.ctx.session.execute(found)]

    async def mailed(self, ids: Sequence[UUID], status: MailStatus) -> None:
        t = table_of(Notification).c
        which = (
            t.organization_id == self.ctx.organization_id,
            t.id == any_(bindparam("ids", ids, ARRAY(Uuid()))),
        )
        change = {"mail": status, "updated_at": func.clock_timestamp(), "version": t.version + 1}
        await self.ctx.session.execute(update(table_of(Notification)).where(*which).values(change))

    async def zone(self) -> ZoneInfo:
        return ZoneInfo(await self.ctx.session.scalar(select(Organization.timezone)) or "Africa/Algiers")

    async def throw_away(self) -> int:
        """Those whose time is over: how many."""
        t = table_of(Notification).c
        mine = t.organization_id == self.ctx.organization_id
        over = select(t.id).where(mine, t.expires_at < func.now()).limit(AT_ONCE)
        gone = delete(table_of(Notification)).where(mine, t.id.in_(over)).returning(t.id)
        return len((await self.ctx.session.scalars(gone)).all())


class PreferenceRepository(Repository[NotificationPreference, Any]):
    model = NotificationPreference
    read: Any = None

    async def of(self, user_id: UUID) -> tuple[Recipient, int] | None:
        """What a user chose, and which version that is (0: nothing yet); None for who is no user."""
        rows = await self.rows(
            "of one", lambda: _choices().where(User.id == bindparam("user_id")), {"user_id": user_id}
        )
        return (_recipient(rows[0]), rows[0][-1]) if rows else None

    async def mine(self, user_id: UUID) -> NotificationPreference | None:
        """Locked."""
        found = select(NotificationPreference).where(NotificationPreference.user_id == user_id)
        return await self.ctx.session.scalar(found.with_for_update())


def _choices() -> Select[Any]:
    own = NotificationPreference
    columns: tuple[Any, ...] = (
        *(User.id, User.email, User.language, Organization.timezone),
        cast(User.notification_preferences, Text),
        cast(own.kinds, Text),
        *(own.quiet_from, own.quiet_until),
        func.coalesce(own.version, literal_column("0")),
    )
    return (
        select(*columns)
        .join(Organization, Organization.organization_id == User.organization_id)
        .outerjoin(own, (own.organization_id == User.organization_id) & (own.user_id == User.id))
        .where(User.organization_id == bindparam("organization_id"))
    )


def _recipient(row: Sequence[Any]) -> Recipient:
    user_id, email, language, zone, sheet, kinds, quiet_from, quiet_until, version = row
    chosen = (quiet_from, quiet_until) if quiet_from is not None else None
    return Recipient(
        user_id=user_id,
        email=email,
        language=str(language),
        zone=ZoneInfo(zone),
        sheet=NotificationPreferences.model_validate_json(sheet),
        chosen=from_json(kinds) if kinds else {},
        quiet=chosen if version else QUIET,
    )
