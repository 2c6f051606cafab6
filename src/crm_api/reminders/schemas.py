from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.objects import ObjectType
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp
from crm_api.reminders.models import Reminder, ReminderChannel, ReminderKind, ReminderRepeat, ReminderStatus

Words = Annotated[str, Field(min_length=1, max_length=300, examples=["Rappeler pour la carte grise"])]
Channels = Annotated[list[ReminderChannel], Field(min_length=1, max_length=4, examples=[["in_app", "email"]])]
Hours = Annotated[int, Field(ge=1, le=720, examples=[24])]
Times = Annotated[int, Field(ge=1, le=1000, examples=[12])]


class ReminderCreate(Input):
    """Something to be reminded of."""

    for_user_id: UUID | None = None
    """Oneself; that is meant when nobody is named."""
    for_contact_id: UUID | None = None
    """A customer, who gets a mail outside the quiet hours."""
    remind_at: Moment
    """When."""
    kind: ReminderKind = ReminderKind.CUSTOM
    """What it is about."""
    text: Words
    """What people read."""
    object_type: ObjectType
    """Kind of object it is about."""
    object_id: UUID
    """The object it is about."""
    channels: Channels = [ReminderChannel.IN_APP]
    """Ways to tell it."""
    repeat: ReminderRepeat = ReminderRepeat.NONE
    """Whether it comes again, at the same time of the clock on the wall."""
    repeat_until: Day | None = None
    """The last day on which it may come again."""
    repeat_count: Times | None = None
    """How many times it comes in all."""
    escalate_after_hours: Hours | None = None
    """Hours without an answer after which somebody above is told."""
    escalate_to_user_id: UUID | None = None
    """Who is told then; the head of the agency when left out."""

    @model_validator(mode="after")
    def _one_of_each(self) -> "ReminderCreate":
        if self.for_user_id and self.for_contact_id:
            raise PydanticCustomError("one_recipient", "Name a user or a person, not both.")
        if self.repeat_until and self.repeat_count:
            raise PydanticCustomError("one_end", "Give repeat_until or repeat_count, not both.")
        if self.for_contact_id and ReminderChannel.IN_APP in self.channels:
            raise PydanticCustomError("contact_channel", "A customer is told by email.")
        return self


class ReminderPatch(Input):
    """What to change while it has not fired; a field left out stays."""

    remind_at: Moment | MISSING = MISSING
    """When."""
    text: Words | MISSING = MISSING
    """What people read."""
    channels: Channels | MISSING = MISSING
    """Ways to tell it."""
    escalate_after_hours: Hours | None | MISSING = MISSING
    """Hours without an answer after which somebody above is told."""


class ReminderRead(Output):
    """Something to be reminded of."""

    id: UUID
    """Identifier."""
    for_user_id: UUID | None
    """The user it is for."""
    for_contact_id: UUID | None
    """The customer it is for."""
    remind_at: Timestamp
    """When."""
    kind: ReminderKind
    """What it is about."""
    text: Words
    """What people read."""
    object_type: Annotated[str, Field(max_length=40, examples=["lead"])]
    """Kind of object it is about."""
    object_id: UUID
    """The object it is about."""
    channels: Channels
    """Ways to tell it."""
    repeat: ReminderRepeat
    """Whether it comes again."""
    repeat_until: date | None
    """The last day on which it may come again."""
    repeat_count: Times | None
    """How many times it comes in all."""
    series_id: UUID | None
    """The first one of those that come again."""
    occurrence: Annotated[int, Field(ge=1, examples=[2])] | None
    """Its place among them."""
    status: ReminderStatus
    """scheduled, fired, acknowledged or cancelled."""
    snooze_count: Annotated[int, Field(ge=0, le=5, examples=[1])]
    """How often it was put off."""
    fired_at: Timestamp | None
    """When it fired last."""
    acknowledged_at: Timestamp | None
    """When somebody took note of it."""
    deliveries: Annotated[dict[str, str], Field(max_length=4, examples=[{"in_app": "told"}])]
    """Channel, and what became of it: told, waiting, sent, refused, unreachable."""
    escalate_after_hours: Hours | None
    """Hours without an answer after which somebody above is told."""
    escalate_to_user_id: UUID | None
    """Who is told then."""
    escalated_at: Timestamp | None
    """When somebody above was told."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class ReminderPage(Page[ReminderRead]):
    """One page of reminders."""


class ReminderQuery(ListQuery):
    """Which reminders."""

    sortable: ClassVar = {"remind_at": Reminder.remind_at}

    sort: Literal["remind_at", "-remind_at"] = "remind_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[ReminderStatus] | None, one_of(Reminder.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    kind: Annotated[list[ReminderKind] | None, one_of(Reminder.kind)] = Field(default=None, max_length=7)
    """One or several kinds."""
    for_user_id: Annotated[UUID | None, equals(Reminder.for_user_id)] = None
    """Those for this user."""
    for_contact_id: Annotated[UUID | None, equals(Reminder.for_contact_id)] = None
    """Those for this customer."""
    object_type: Annotated[ObjectType | None, equals(Reminder.object_type)] = None
    """Those about this kind of object."""
    object_id: Annotated[UUID | None, equals(Reminder.object_id)] = None
    """Those about this object."""
    series_id: Annotated[UUID | None, equals(Reminder.series_id)] = None
    """Those of one series."""
    remind_at_gte: Annotated[Moment | None, at_least(Reminder.remind_at)] = None
    """At this moment or later."""
    remind_at_lt: Annotated[Moment | None, below(Reminder.remind_at)] = None
    """Before this moment."""


class ReminderSnooze(Input):
    """Until when it is put off."""

    minutes: Annotated[int, Field(ge=1, le=43_200, examples=[30])] | None = None
    """So many minutes from now."""
    until: Moment | None = None
    """Or until this moment."""

    @model_validator(mode="after")
    def _one_of_them(self) -> "ReminderSnooze":
        if (self.minutes is None) == (self.until is None):
            raise PydanticCustomError("one_snooze", "Give minutes or until, one of them.")
        return self
