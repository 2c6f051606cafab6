"""Appointments and mission orders of the demonstration."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from crm_api.appointments.models import AppointmentType
from crm_api.appointments.schemas.appointment import AppointmentCreate
from crm_api.appointments.schemas.settings import CapacityCreate, ResourceCreate
from crm_api.appointments.service import AppointmentService
from crm_api.appointments.settings import CapacityService, ResourceService
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.kit.clock import today
from crm_api.missions.models import MissionType
from crm_api.missions.schemas import MissionOrderCreate
from crm_api.missions.service import MissionService
from crm_api.missions.steps import MissionSteps

HOLDERS, EACH = 20, 3
"""So many colleagues have so many appointments each, on the working days to come."""
_SUBJECTS = (
    ("Signature du contrat automobile", AppointmentType.AGENCY),
    ("Présentation de l'offre multirisque", AppointmentType.PHONE),
    ("Visite d'un local commercial", AppointmentType.HOME_VISIT),
)
_MISSIONS = (
    (MissionType.PROSPECTING, "Blida, zone industrielle", "Visiter dix entreprises de la zone"),
    (MissionType.CLAIM_INSPECTION, "Médéa", "Constater les dégâts d'un incendie d'entrepôt"),
    (MissionType.TRAINING, "Oran, direction régionale", "Former les commerciaux au nouveau contrat"),
)


async def fill_diary(ctx: Context, sellers: Sequence[tuple[UUID, UUID]]) -> dict[str, str]:
    """`sellers`: (user, agency). One id of each kind."""
    ctx.begin()
    known: dict[str, str] = {}
    agencies = list(dict.fromkeys(agency for _, agency in sellers))
    for number, agency_id in enumerate(agencies[:10]):
        seats = CapacityCreate(agency_id=agency_id, type=AppointmentType.AGENCY, seats=3)
        known["appointment_capacity"] = str((await CapacityService(ctx).create(seats)).id)
        room = ResourceCreate(code=f"SALLE-{number + 1}", name="Salle de réunion", agency_id=agency_id)
        known["appointment_resource"] = str((await ResourceService(ctx).create(room)).id)
    for user_id, agency_id in sellers[:HOLDERS]:
        async for begin in _mornings(ctx, agency_id):
            subject, kind = _SUBJECTS[begin.day % len(_SUBJECTS)]
            visit = AppointmentCreate(
                title=subject,
                type=kind,
                starts_at=begin,
                ends_at=begin + timedelta(minutes=45),
                location="Chez le client" if kind is AppointmentType.HOME_VISIT else None,
                force=True,
            )
            made = await AppointmentService(ctx).enter(visit, user_id, agency_id, quietly=True)
            known["appointment"] = str(made.id)
    known["mission_order"] = await _send(ctx, sellers)
    return known


async def _send(ctx: Context, sellers: Sequence[tuple[UUID, UUID]]) -> str:
    last = ""
    for number, (kind, place, objective) in enumerate(_MISSIONS * 4):
        user_id, agency_id = sellers[number % len(sellers)]
        first = today() + timedelta(days=7 + number)
        order = MissionOrderCreate(
            assignee_user_id=user_id,
            agency_id=agency_id,
            type=kind,
            place=place,
            starts_on=first,
            ends_on=first + timedelta(days=number % 3),
            objective=objective,
        )
        made = await MissionService(ctx).create(order)
        if number % 2 == 0 and made.version is not None:
            await MissionSteps(ctx).issue(made.value.id, made.version)
        last = str(made.id)
    return last


async def _mornings(ctx: Context, agency_id: UUID) -> AsyncIterator[datetime]:
    """The first hour of the next working days."""
    calendar = await CalendarService(ctx).for_agency(agency_id)
    at = datetime.combine(today() + timedelta(days=1), time(), UTC)
    for _ in range(EACH):
        at = calendar.next_opening(at)
        yield at
        at = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
