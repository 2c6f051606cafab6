"""Reminders: a job for each, at its time; it looks whether the appointment is still what it was."""

from datetime import timedelta

from crm_api.appointments.models import Appointment
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue


async def remind_later(ctx: Context, appointment: Appointment) -> None:
    """At each of its offsets that is still to come."""
    for minutes in appointment.reminder_offsets:
        delay = appointment.starts_at - timedelta(minutes=minutes) - now()
        if delay > timedelta():
            payload = {"appointment_id": appointment.id, "minutes": minutes}
            key = f"{appointment.id}:{minutes}"
            await enqueue(ctx, "remind_of_appointment", payload, dedupe_key=key, delay=delay)
