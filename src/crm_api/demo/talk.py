"""What was said to the customers of the demonstration: calls, visits, messages, promises, notes."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.interactions.schemas import InteractionCreate
from crm_api.interactions.service import InteractionService
from crm_api.notes.schemas import NoteCreate
from crm_api.notes.service import NoteService
from crm_api.telephony.schemas import CallMiss, CallRing
from crm_api.telephony.service import CallService

SAID: tuple[dict[str, Any], ...] = (
    {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Veut une tous risques."},
    {"channel": "phone", "direction": "outbound", "outcome": "no_answer"},
    {
        "channel": "in_person",
        "direction": "inbound",
        "outcome": "info_given",
        "subject": "Passage au guichet",
    },
    {
        "channel": "email",
        "direction": "outbound",
        "subject": "Votre devis",
        "body": "Bonjour, voici le devis.",
    },
    {"channel": "whatsapp", "direction": "inbound", "body": "Quels papiers faut-il pour l'attestation ?"},
    {"channel": "sms", "direction": "outbound", "body": "Votre rendez-vous est confirmé."},
    {"channel": "letter", "direction": "inbound", "subject": "Demande de résiliation"},
)
PROMISES = ("Envoyer le devis", "Rappeler avant jeudi", "Vérifier le relevé d'informations")
EACH = 20
"""Interactions with each of the objects that the demonstration names."""


async def talk(ctx: Context, objects: dict[str, str]) -> dict[str, str]:
    """With one person, one account, and a caller nobody knows; one id of each kind."""
    dice = Random(20261123)  # noqa: S311 - the same talk every time
    made: dict[str, str] = {}
    for kind in ("contact", "account"):
        if kind not in objects:
            continue
        for number in range(EACH):
            said = dict(dice.choice(SAID)) | {"occurred_at": now() - timedelta(days=3 * number, hours=1)}
            if number % 5 == 0:
                said["promise_text"] = dice.choice(PROMISES)
            said["links"] = [{"object_type": kind, "object_id": objects[kind]}]
            answer = await InteractionService(ctx).record(InteractionCreate.model_validate(said))
            made["interaction"] = str(answer.id)
        note = NoteCreate(
            object_type=kind,
            object_id=UUID(objects[kind]),
            body="Préfère être appelé **après 17 h**.",
        )
        made["note"] = str((await NoteService(ctx).write(note)).id)
    call = await CallService(ctx).ring(CallRing(reference="demo-1", phone="0770 99 88 77"))
    made["call"] = str(call.id)
    await CallService(ctx).miss(UUID(made["call"]), CallMiss(wait_seconds=25))
    return made
