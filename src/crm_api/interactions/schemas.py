"""Interactions as they are recorded, corrected, shown and listed."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.objects import ObjectType
from crm_api.interactions.filters import about, in_thread, uncorrected
from crm_api.interactions.models import (
    BodyFormat,
    Direction,
    Interaction,
    InteractionChannel,
    InteractionOutcome,
    PromiseStatus,
)
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.listing import ListQuery, Page, at_least, at_most, below, equals, one_of
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp

Subject = Annotated[str, Field(min_length=1, max_length=200, examples=["Devis auto tous risques"])]
Body = Annotated[
    str, Field(min_length=1, max_length=50_000, examples=["Le client souhaite un devis pour une Symbol."])
]
Summary = Annotated[str, Field(min_length=1, max_length=2000, examples=["Veut être rappelé jeudi."])]
Transcript = Annotated[str, Field(min_length=1, max_length=60_000, examples=["— Allô, bonjour..."])]
Seconds = Annotated[int, Field(ge=0, le=172_800, examples=[214])]
Sentiment = Annotated[float, Field(ge=-1, le=1, examples=[0.4])]
PromiseText = Annotated[
    str, Field(min_length=1, max_length=500, examples=["Envoyer le devis avant la fin de semaine"])
]
Reference = Annotated[str, Field(min_length=1, max_length=300, examples=["pbx-2/2026/11/23/884120.wav"])]
ThreadKey = Annotated[str, Field(min_length=1, max_length=200, examples=["<CAF9k1@mail.example.com>"])]
MessageId = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{1,200}$", max_length=200, examples=["wamid.HBgLMjEzNTUw"])
]
Reason = Annotated[str, Field(min_length=3, max_length=300, examples=["Mauvaise issue saisie"])]
PersonName = Annotated[str, Field(min_length=1, max_length=160, examples=["Karim BOUCHAREB"])]
DueDay = Annotated[date, Field(examples=["2026-11-26"])]


class ObjectLink(Input):
    """An object that the interaction is about."""

    object_type: ObjectType
    """What kind of object."""
    object_id: UUID
    """Which one."""


class Participant(Input):
    """Somebody who took part."""

    kind: Literal["user", "contact", "other"]
    """A colleague, a person recorded, or somebody else."""
    id: UUID | None = None
    """Of the colleague or the person."""
    name: PersonName | None = None
    """Of somebody else."""
    role: Annotated[str, Field(min_length=1, max_length=40, examples=["interprète"])] | None = None
    """What they did there."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.id is None) == (self.kind != "other") or (self.kind == "other" and self.name is None):
            raise PydanticCustomError("participant_unnamed", "Give the id, or the name of somebody else")
        return self


class AnonymousParty(Input):
    """Somebody who is not recorded, as far as known: perhaps nothing but that they called."""

    phone: Phone | None = None
    """The number they called from."""
    name: PersonName | None = None
    """The name they gave."""


class Told(Input):
    """What may be told of any interaction."""

    subject: Subject | None = None
    """In one line."""
    body: Body | None = None
    """What was said or written; HTML is cleaned of everything that could act."""
    body_format: BodyFormat = BodyFormat.TEXT
    """How the body is written."""
    summary: Summary | None = None
    """What matters of it."""
    outcome: InteractionOutcome | None = None
    """How it ended."""
    duration_seconds: Seconds | None = None
    """How long it lasted."""
    wait_seconds: Seconds | None = None
    """How long they waited for somebody."""
    language: SpokenLanguage | None = None
    """The language spoken."""
    sentiment: Sentiment | None = None
    """From -1, angry, to 1, delighted."""
    transcript: Transcript | None = None
    """Of the recording."""
    promise_text: PromiseText | None = None
    """What was promised to them."""
    promise_due_on: DueDay | None = None
    """Until when."""


class InteractionCreate(Told):
    """An exchange that took place."""

    channel: InteractionChannel
    """By which means."""
    direction: Direction
    """Who came to whom; `internal` among colleagues."""
    occurred_at: Moment | None = Field(default=None, examples=["2026-11-23T08:30:00Z"])
    """When; now when left out."""
    links: list[ObjectLink] = Field(default=[], max_length=20)
    """With whom (at least a person, an account or a lead) and about what."""
    anonymous_party: AnonymousParty | None = None
    """Instead of a party in `links`: somebody not known yet, who can be identified later."""
    participants: list[Participant] = Field(default=[], max_length=50)
    """Who else took part."""
    agent_user_id: UUID | None = None
    """The colleague who took part; you, when left out."""
    thread_key: ThreadKey | None = None
    """What the messages of one conversation have in common."""
    external_message_id: MessageId | None = None
    """What the channel calls this message: sent again, it is recorded once."""
    recording_document_id: UUID | None = None
    """The recording, among the documents."""
    recording_reference: Reference | None = None
    """Where another system keeps the recording."""
    recording_notice_given: bool = False
    """Whether they were told that the call is recorded; a recording needs it."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        recorded = self.recording_document_id or self.recording_reference or self.transcript
        if recorded and not self.recording_notice_given:
            raise PydanticCustomError("recording_without_notice", "A recording needs notice to the caller")
        if self.promise_due_on and not self.promise_text:
            raise PydanticCustomError("promise_without_text", "Say what was promised")
        return self


class InteractionPatch(Input):
    """What the author changes within 15 minutes; a field left out stays, null empties it."""

    subject: Subject | None | MISSING = MISSING
    """In one line."""
    body: Body | None | MISSING = MISSING
    """What was said or written."""
    body_format: BodyFormat | MISSING = MISSING
    """How the body is written."""
    summary: Summary | None | MISSING = MISSING
    """What matters of it."""
    outcome: InteractionOutcome | None | MISSING = MISSING
    """How it ended."""
    duration_seconds: Seconds | None | MISSING = MISSING
    """How long it lasted."""
    wait_seconds: Seconds | None | MISSING = MISSING
    """How long they waited for somebody."""
    language: SpokenLanguage | None | MISSING = MISSING
    """The language spoken."""
    sentiment: Sentiment | None | MISSING = MISSING
    """From -1, angry, to 1, delighted."""
    promise_text: PromiseText | None | MISSING = MISSING
    """What was promised; null takes the promise out."""
    promise_due_on: DueDay | None | MISSING = MISSING
    """Until when."""


class InteractionCorrection(InteractionPatch):
    """What should have been recorded; a field left out is taken over from the interaction."""

    reason: Reason
    """Why it is corrected."""
    direction: Direction | MISSING = MISSING
    """Who came to whom."""
    occurred_at: Moment | MISSING = MISSING
    """When."""


class InteractionIdentify(Input):
    """Who the unknown party was."""

    object_type: Literal["contact", "account", "lead"]
    """What they are here."""
    object_id: UUID
    """Which one."""
    all_of_this_phone: bool = False
    """Whether everything else from the same unknown number is theirs too."""


class Identified(Output):
    """What was found to be theirs."""

    linked: int = Field(ge=1, examples=[3])
    """How many interactions are linked to them now."""


class InteractionLinkRead(Output):
    """An object that the interaction is about."""

    object_type: str = Field(max_length=40, examples=["contact"])
    """What kind of object (the list may grow)."""
    object_id: UUID
    """Which one."""


class InteractionLine(Output):
    """An interaction as lists and timelines show it."""

    id: UUID
    """Identifier."""
    channel: InteractionChannel
    """By which means."""
    direction: Direction
    """Who came to whom."""
    outcome: InteractionOutcome | None
    """How it ended."""
    occurred_at: Timestamp
    """When."""
    duration_seconds: Seconds | None
    """How long it lasted."""
    wait_seconds: Seconds | None
    """How long they waited."""
    subject: Subject | None
    """In one line."""
    summary: Summary | None
    """What matters of it."""
    agent_user_id: UUID | None
    """The colleague who took part."""
    agency_id: UUID | None
    """The agency of that colleague."""
    links: list[InteractionLinkRead] = Field(max_length=100)
    """With whom, and about what."""
    anonymous_party: AnonymousParty | None
    """Who it was while nobody knew."""
    thread_key: ThreadKey | None
    """What the messages of one conversation have in common."""
    language: SpokenLanguage | None
    """The language spoken."""
    sentiment: Sentiment | None
    """From -1 to 1."""
    promise_text: PromiseText | None
    """What was promised."""
    promise_due_on: date | None
    """Until when."""
    promise_status: PromiseStatus | None
    """open, kept or broken."""
    correction_of_id: UUID | None
    """The interaction that this one corrects."""
    corrected_by_id: UUID | None
    """The interaction that corrects this one."""
    version: int = Field(ge=1, examples=[2])
    """For If-Match."""
    created_by_id: UUID | None
    """Who recorded it."""


class InteractionRead(InteractionLine):
    """An interaction."""

    body: Body | None
    """What was said or written; as HTML it holds nothing that could act."""
    body_format: BodyFormat
    """How the body is written."""
    participants: list[Participant] = Field(max_length=50)
    """Who else took part."""
    external_message_id: MessageId | None
    """What the channel calls this message."""
    recording_document_id: UUID | None
    """The recording, among the documents."""
    recording_reference: Reference | None
    """Where another system keeps the recording."""
    recording_notice_given: bool
    """Whether they were told that the call is recorded."""
    transcript: Transcript | None
    """Of the recording."""
    promise_settled_at: Timestamp | None
    """When the promise was said to be kept or broken."""
    promise_settled_by_id: UUID | None
    """Who said so."""
    correction_reason: Reason | None
    """Why it corrects another one."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class InteractionPage(Page[InteractionLine]):
    """One page of interactions."""


class LastPromise(Output):
    """What was last promised to somebody."""

    promise: InteractionLine | None
    """The interaction in which it was promised; null when nothing ever was."""


class LastPromiseQuery(Input):
    """To whom."""

    object_type: Literal["contact", "account", "lead"]
    """What they are here."""
    object_id: UUID
    """Which one."""


class InteractionFilter(ListQuery):
    """What lists and counts of interactions are filtered by."""

    sortable: ClassVar = {"occurred_at": Interaction.occurred_at}

    sort: Literal["occurred_at", "-occurred_at"] = "-occurred_at"
    """Sort key; a leading `-` means descending."""
    channel: Annotated[list[InteractionChannel] | None, one_of(Interaction.channel)] = Field(
        default=None, max_length=14
    )
    """One or several channels."""
    direction: Annotated[Direction | None, equals(Interaction.direction)] = None
    """Who came to whom."""
    outcome: Annotated[list[InteractionOutcome] | None, one_of(Interaction.outcome)] = Field(
        default=None, max_length=9
    )
    """One or several outcomes."""
    contact_id: Annotated[UUID | None, about("contact")] = None
    """With this person."""
    account_id: Annotated[UUID | None, about("account")] = None
    """With this account."""
    lead_id: Annotated[UUID | None, about("lead")] = None
    """With this lead."""
    agent_user_id: Annotated[list[UUID] | None, one_of(Interaction.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """One or several colleagues."""
    agency_id: Annotated[list[UUID] | None, one_of(Interaction.agency_id)] = Field(
        default=None, max_length=50
    )
    """One or several agencies."""
    thread_key: Annotated[ThreadKey | None, in_thread] = None
    """One conversation."""
    promise_status: Annotated[PromiseStatus | None, equals(Interaction.promise_status)] = None
    """open: promises to keep."""
    promise_due_on_lte: Annotated[Day | None, at_most(Interaction.promise_due_on)] = Field(
        default=None, examples=["2026-11-26"]
    )
    """Promised until this day, or earlier."""
    anonymous_phone: Annotated[Phone | None, equals(Interaction.anonymous_phone)] = None
    """From this number while nobody knew whose it was."""
    occurred_at_gte: Annotated[Moment | None, at_least(Interaction.occurred_at)] = None
    """At this moment or later."""
    occurred_at_lt: Annotated[Moment | None, below(Interaction.occurred_at)] = None
    """Before this moment."""
    corrected: Annotated[Literal["without", "with"], uncorrected] = "without"
    """Whether interactions that were corrected are listed beside their corrections."""


class InteractionQuery(InteractionFilter):
    """Which interactions."""
