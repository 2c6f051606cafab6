"""A calendar of one's own, taken over: what is known already is brought up to date, by its UID."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from anyio import to_thread

from crm_api.appointments.booking import Booking
from crm_api.appointments.errors import CalendarImported, CalendarTooLarge
from crm_api.appointments.models import LIVE, Appointment, AppointmentType
from crm_api.appointments.reading import Line, read_calendar
from crm_api.appointments.reminding import remind_later
from crm_api.appointments.repository import AppointmentRepository
from crm_api.appointments.schemas.appointment import AppointmentCreate
from crm_api.appointments.schemas.importing import MOST_ENTRIES, EntryOutcome, ImportedEntry, ImportResult
from crm_api.appointments.service import AppointmentService
from crm_api.appointments.steps import AppointmentSteps
from crm_api.core.batch import RowProblem, alone, document
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.kit.errors import DomainError

LARGEST = 1024 * 1024
CALLED_OFF = "Annulé dans le calendrier d'origine"
_NEVER = datetime.max.replace(tzinfo=UTC)
Done = tuple[EntryOutcome, UUID | None]


class CalendarImport:
    """One run over one calendar; a line that is refused leaves the others alone."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.appointments, self.booking = AppointmentRepository(ctx), Booking(ctx)
        self.service = AppointmentService(ctx)

    async def take_over(self, content: bytes, *, force: bool) -> ImportResult:
        """Everything is held by who sends it and is of no agency: colleagues see only that they are taken.

        Raises UnreadableCalendar, CalendarTooLarge.
        """
        if len(content) > LARGEST:
            raise CalendarTooLarge(limit=MOST_ENTRIES)
        lines = await to_thread.run_sync(read_calendar, content, now())
        self.ctx.begin()
        known = await self.appointments.by_uid([line.key for line in lines])
        in_time = sorted(range(len(lines)), key=lambda at: (lines[at].starts_at or _NEVER, at))
        done = {at: await self._entry(lines[at], known, force) for at in in_time}
        entries = [done[at] for at in range(len(lines))]
        counts = Counter(entry.outcome for entry in entries)
        return ImportResult(
            data=entries,
            created=counts[EntryOutcome.CREATED],
            updated=counts[EntryOutcome.UPDATED],
            unchanged=counts[EntryOutcome.UNCHANGED],
            failed=counts[EntryOutcome.FAILED],
        )

    async def _entry(self, line: Line, known: dict[str, Appointment], force: bool) -> ImportedEntry:
        done: Done | DomainError | None = line.refusal
        if done is None:
            done = await alone(self.ctx, lambda: self._taken_over(line, known, force))
        refused = isinstance(done, DomainError)
        outcome, id = (EntryOutcome.FAILED, None) if isinstance(done, DomainError) else done
        return ImportedEntry(
            uid=line.uid,
            starts_at=line.starts_at,
            outcome=outcome,
            appointment_id=id,
            problem=RowProblem(**document(self.ctx, done)) if refused else None,  # type: ignore[arg-type]
        )

    async def _taken_over(self, line: Line, known: dict[str, Appointment], force: bool) -> Done:
        appointment = known.get(line.key)
        if appointment is not None:
            return await self._brought_up_to_date(appointment, line, force)
        if line.cancelled:
            return EntryOutcome.UNCHANGED, None
        data = AppointmentCreate.model_validate(
            {
                "title": line.title,
                "type": AppointmentType.PHONE if line.location is None else AppointmentType.HOME_VISIT,
                "starts_at": line.starts_at,
                "ends_at": line.ends_at,
                "location": line.location,
                "force": force,
            }
        )
        me = self.ctx.principal.id
        made = await self.service.enter(data, me, None, ics_uid=line.key, quietly=True)
        return EntryOutcome.CREATED, made.id

    async def _brought_up_to_date(self, appointment: Appointment, line: Line, force: bool) -> Done:
        """What somebody else holds under that name is left alone; so is what is settled here."""
        if appointment.owner_user_id != self.ctx.principal.id:
            raise CalendarImported
        id = appointment.id
        if appointment.status not in LIVE or appointment.deleted_at is not None:
            return EntryOutcome.UNCHANGED, id
        if line.cancelled:
            await AppointmentSteps(self.ctx).call_off(appointment, CALLED_OFF)
            return EntryOutcome.UPDATED, id
        wanted = {"title": line.title, "starts_at": line.starts_at, "ends_at": line.ends_at}
        wanted |= {"location": line.location} if line.location else {}
        changed = {name: value for name, value in wanted.items() if getattr(appointment, name) != value}
        if not changed:
            return EntryOutcome.UNCHANGED, id
        for name, value in changed.items():
            setattr(appointment, name, value)
        await self.appointments.save(appointment)
        if changed.keys() & {"starts_at", "ends_at"}:
            await self.booking.hold(appointment, force=force)
            await remind_later(self.ctx, appointment)
        return EntryOutcome.UPDATED, id
