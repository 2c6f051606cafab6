from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Text, Uuid, bindparam, cast, func, literal_column, or_, select

from crm_api.agencies.models import Agency
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository
from crm_api.organizations.models import Organization
from crm_api.organizations.settings import OrganizationSettings, QuietHours
from crm_api.reminders.errors import UnknownReminderContact, UnknownReminderUser
from crm_api.reminders.models import Reminder
from crm_api.reminders.schemas import ReminderRead
from crm_api.users.models import User, UserStatus


class Customer(NamedTuple):
    """Whom a reminder goes to by mail; no address where the person is not to be written to."""

    email: str | None
    language: str


class ReminderRepository(Repository[Reminder, ReminderRead]):
    model, read = Reminder, ReminderRead
    refusals = {
        "fk_reminders_user": UnknownReminderUser,
        "fk_reminders_escalation": UnknownReminderUser,
        "fk_reminders_contact": UnknownReminderContact,
    }

    def __init__(self, ctx: Context) -> None:
        self.visibility = ctx.principal.kind
        super().__init__(ctx)

    def visible(self) -> list[ColumnElement[bool]]:
        """One's own, whatever else one may see: for me, or made by me. The house sees all."""
        own = super().visible()
        if self.visibility == "system":
            return own
        reminders, me = table_of(Reminder).c, bindparam("actor_id", type_=Uuid())
        return [*own, or_(reminders.for_user_id == me, reminders.created_by_id == me)]

    # --- what is due

    async def due(self, most: int) -> Sequence[Reminder]:
        """Those whose moment has come, the oldest first; another worker's are left to it."""
        return await self._locked("scheduled", Reminder.remind_at <= func.now(), Reminder.remind_at, most)

    async def unanswered(self, most: int) -> Sequence[Reminder]:
        """Those that fired, and of which nobody has taken note in time."""
        late = (Reminder.escalate_at <= func.now()) & Reminder.escalated_at.is_(None)
        return await self._locked("fired", late, Reminder.escalate_at, most)

    async def _locked(
        self, status: str, condition: ColumnElement[bool], by: object, most: int
    ) -> Sequence[Reminder]:
        statement = (
            select(Reminder)
            .where(literal_column(f"reminders.status = '{status}'"), Reminder.deleted_at.is_(None), condition)
            .order_by(by, Reminder.id)  # type: ignore[arg-type]
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return (await self.ctx.session.scalars(statement)).all()

    async def with_key(self, dedupe_key: str) -> UUID | None:
        """The reminder of that key; equal ones are made one after the other."""
        name = f"{self.ctx.organization_id}|reminder|{dedupe_key}"
        lock = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", name, Text()), 0)))
        await self.ctx.session.execute(lock)
        return await self.ctx.session.scalar(select(Reminder.id).where(Reminder.dedupe_key == dedupe_key))

    # --- who is told

    async def head_of(self, user_id: UUID) -> UUID | None:
        """The active head of the agency that a user works in, if that is somebody else."""
        heads = table_of(User).alias("head")
        statement = (
            select(heads.c.id)
            .select_from(User)
            .join(Agency, (Agency.organization_id == User.organization_id) & (Agency.id == User.agency_id))
            .join(
                heads,
                (heads.c.organization_id == Agency.organization_id) & (heads.c.id == Agency.manager_user_id),
            )
            .where(User.id == user_id, heads.c.status == UserStatus.ACTIVE, heads.c.id != user_id)
        )
        return await self.ctx.session.scalar(statement)

    async def customer(self, contact_id: UUID) -> Customer:
        statement = select(
            Contact.primary_email,
            Contact.preferred_language,
            Contact.is_deceased | Contact.do_not_contact | Contact.deleted_at.is_not(None),
        ).where(Contact.id == contact_id)
        email, language, is_left_alone = (await self.ctx.session.execute(statement)).one()
        return Customer(None if is_left_alone else email, str(language))

    async def quiet_hours(self) -> tuple[QuietHours, ZoneInfo]:
        """When customers are left in peace, and on whose clock."""
        statement = select(cast(Organization.settings, Text), Organization.timezone)
        settings, timezone = (await self.ctx.session.execute(statement)).one()
        known = OrganizationSettings.model_validate(from_json(settings or "{}"))
        return known.quiet_hours, ZoneInfo(timezone)

    async def sender(self) -> str:
        """In whose name customers are written to."""
        return await self.ctx.session.scalar(select(Organization.name)) or "ASSURA-CRM"
