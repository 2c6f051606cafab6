"""The words of the domain, as its schemas bound and exemplify them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.appointments.models import AttendeeResponse, PartyKind
from crm_api.kit.schemas import Input, Moment, Output

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _in_our_times(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise PydanticCustomError("not_in_our_times", "Between 2000 and 2100")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


When = Annotated[Moment, AfterValidator(_in_our_times), Field(examples=["2026-11-25T09:00:00Z"])]
Title = Annotated[str, Field(min_length=2, max_length=160, examples=["Signature du contrat automobile"])]
Location = Annotated[str, Field(min_length=2, max_length=200, examples=["Agence de Chéraga, bureau 2"])]
VideoUrl = Annotated[
    str,
    Field(pattern=r"^https://\S+$", max_length=2000, examples=["https://visio.example.com/salle-42"]),
]
CancelReason = Annotated[str, Field(min_length=3, max_length=200, examples=["Le client est en voyage"])]
IcsUid = Annotated[str, Field(min_length=1, max_length=80, examples=["0193a0de-9d7c-7cc3-9d3e-1f1a@crm"])]
Offsets = Annotated[
    list[Annotated[int, Field(ge=0, le=40_320, examples=[60])]],
    Field(max_length=5, examples=[[1440, 60]]),
]
Minutes = Annotated[int, Field(ge=15, le=480, examples=[30])]
Seats = Annotated[int, Field(ge=0, le=500, examples=[2])]
ResourceCode = Annotated[str, Field(pattern=r"^[A-Z0-9_-]{2,40}$", max_length=40, examples=["SALLE-2"])]
ResourceName = Annotated[str, Field(min_length=2, max_length=80, examples=["Salle de réunion, 2e étage"])]


class Invitee(Input):
    """Somebody to be there."""

    kind: PartyKind
    """A colleague, or a customer."""
    id: UUID
    """Which one."""


class Attendee(Output):
    """Somebody who is to be there."""

    kind: PartyKind
    """A colleague, or a customer."""
    id: UUID
    """Which one."""
    response: AttendeeResponse
    """What they answered."""


def _each_once(invitees: list[Invitee]) -> list[Invitee]:
    if len({(one.kind, one.id) for one in invitees}) < len(invitees):
        raise PydanticCustomError("invited_twice", "Invite each of them once")
    return invitees


Invitees = Annotated[list[Invitee], Field(max_length=50), AfterValidator(_each_once)]
