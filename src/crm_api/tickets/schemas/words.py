"""The words of the domain, as its schemas bound and exemplify them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, JsonValue

from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input

TicketNumber = Annotated[str, Field(max_length=20, examples=["T-2026-000123"])]
Subject = Annotated[str, Field(min_length=3, max_length=200, examples=["Attestation non reçue"])]
Description = Annotated[
    str,
    Field(
        min_length=1,
        max_length=20_000,
        examples=["Bonjour, je n'ai pas reçu l'attestation de mon contrat auto."],
    ),
]
MessageBody = Annotated[
    str, Field(min_length=1, max_length=20_000, examples=["Votre attestation part ce jour par e-mail."])
]
MessageHtml = Annotated[
    str, Field(min_length=1, max_length=60_000, examples=["<p>Votre attestation part <b>ce jour</b>.</p>"])
]
BroughtHtml = Annotated[
    str, Field(min_length=1, max_length=100_000, examples=["<p>Je n'ai <b>rien</b> reçu.</p>"])
]
MessageKey = Annotated[
    str, Field(min_length=1, max_length=200, examples=["<CAF9k1@mail.example.com>"], pattern=r"^\S+$")
]
PersonName = Annotated[str, Field(min_length=1, max_length=160, examples=["Karim BOUCHAREB"])]
Why = Annotated[str, Field(min_length=3, max_length=500, examples=["Relève du service sinistres"])]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["automobile"])]
Label = Annotated[str, Field(min_length=1, max_length=80, examples=["Attente expert"])]
ArabicLabel = Annotated[str, Field(min_length=1, max_length=80, examples=["في انتظار الخبير"])]
Place = Annotated[int, Field(ge=0, le=10_000, examples=[10])]
Documents = Annotated[list[UUID], Field(max_length=20)]
Colleagues = Annotated[list[UUID], Field(max_length=50)]
CustomValues = Annotated[dict[str, JsonValue], Field(max_length=100, examples=[{"numero_dossier": 12}])]
Minutes = Annotated[int, Field(ge=1, le=1440, examples=[15])]


class TicketParty(Input):
    """Somebody who has no sheet, as far as known."""

    name: PersonName | None = None
    """The name they gave."""
    phone: Phone | None = None
    """The number they called from."""
    email: Email | None = None
    """The address they wrote from."""
