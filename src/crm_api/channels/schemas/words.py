"""Words that several schemas of the domain share."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.channels.models.inboxes import ChannelKind

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_MAIL = re.compile(r"[a-z0-9._-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def _domain(typed: str) -> str:
    if not _DOMAIN.fullmatch(typed.lower()):
        raise PydanticCustomError("invalid_domain", "A domain is written as elamana.dz")
    return typed.lower()


def refuse_no_mailbox(kind: ChannelKind, address: str) -> None:
    """A mail channel is reached at one address without `+`: what stands after it is ours to give."""
    if kind is ChannelKind.EMAIL and not _MAIL.fullmatch(address):
        raise PydanticCustomError("invalid_mail_address", "The address is written as support@elamana.dz")


Domain = Annotated[str, AfterValidator(_domain), Field(min_length=4, max_length=190, examples=["elamana.dz"])]
Name = Annotated[str, Field(min_length=2, max_length=80, examples=["Service clients"])]
Address = Annotated[
    str, AfterValidator(str.lower), Field(min_length=1, max_length=254, examples=["support@elamana.dz"])
]
Signature = Annotated[
    str, Field(min_length=1, max_length=500, examples=["Le service clients\nAssurances El Amana"])
]
SendUrl = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s]{4,480}$", max_length=500, examples=["https://passerelle.exemple.dz/envois"]
    ),
]
TicketNumber = Annotated[str, Field(max_length=20, examples=["T-2026-000123"])]
SubjectLine = Annotated[str, Field(max_length=300, examples=["Véhicule immobilisé"])]
PartyName = Annotated[str, Field(max_length=160, examples=["Karim Bouchareb"])]
PartyAddress = Annotated[str, Field(max_length=254, examples=["karim@exemple.dz"])]
Snippet = Annotated[
    str, Field(max_length=200, examples=["Bonjour, mon véhicule est immobilisé depuis hier."])
]
ExternalId = Annotated[str, Field(min_length=1, max_length=300, examples=["wamid.HBgMMjEzNTUwMTIzNDU2"])]
Version = Annotated[int, Field(ge=1, examples=[1])]
