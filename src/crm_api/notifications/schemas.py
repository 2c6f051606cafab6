from datetime import time
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, at_least, below, is_null, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.notifications.choices import LOCKED
from crm_api.notifications.models import (
    MailMode,
    MailStatus,
    Notification,
    NotificationKind,
    NotificationPriority,
)
from crm_api.organizations.settings import TimeOfDay

MOST_AT_ONCE = 200


class NotificationRead(Output):
    """Something you were told."""

    id: UUID
    """Identifier."""
    kind: NotificationKind
    """What it is about."""
    priority: NotificationPriority
    """How much it matters."""
    title: str = Field(max_length=160, examples=["Nouvelle piste : Karim BOUCHAREB"])
    """In your language."""
    body: str | None = Field(max_length=500, examples=["Appelez dans les 30 minutes."])
    """More of it; null when the title says all."""
    object_type: str | None = Field(max_length=60, examples=["lead"])
    """The kind of object it is about."""
    object_id: UUID | None
    """The object."""
    mail: MailStatus
    """What became of its mail: none, waiting, daily (in the next summary), sent, spared (you had read it),
    refused."""
    read_at: Timestamp | None
    """When you read it."""
    created_at: Timestamp
    """When you were told."""
    expires_at: Timestamp
    """When it is thrown away."""


class NotificationPage(Page[NotificationRead]):
    """One page of notifications."""


class NotificationQuery(ListQuery):
    """Which of your notifications."""

    sortable: ClassVar = {"created_at": Notification.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    unread: Annotated[bool | None, is_null(Notification.read_at)] = None
    """true: only what you have not read; false: only what you have."""
    kind: Annotated[list[NotificationKind] | None, one_of(Notification.kind)] = Field(
        default=None, max_length=len(NotificationKind)
    )
    """One or several kinds (repeat the parameter)."""
    priority: Annotated[list[NotificationPriority] | None, one_of(Notification.priority)] = Field(
        default=None, max_length=3
    )
    """One or several priorities."""
    created_at_gte: Annotated[Moment | None, at_least(Notification.created_at)] = None
    """Told at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Notification.created_at)] = None
    """Told before this moment."""


class UnreadOfKind(Output):
    """How many of one kind you have not read."""

    kind: NotificationKind
    """The kind."""
    count: int = Field(ge=1, examples=[3])
    """How many."""


class UnreadCounts(Output):
    """How much you have not read."""

    total: int = Field(ge=0, examples=[7])
    """In all."""
    kinds: list[UnreadOfKind] = Field(max_length=len(NotificationKind))
    """By kind; kinds without any are left out."""


class Reading(Input):
    """Which notifications you have read: name them, or say up to when."""

    ids: list[UUID] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_AT_ONCE,
        examples=[["01936e2a-5f00-7abc-8def-0123456789ab"]],
    )
    """These."""
    up_to: Moment | None = Field(default=None, examples=["2026-11-23T08:30:00.125Z"])
    """All that you were told at this moment or before: what stood on your screen."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.up_to is None):
            raise PydanticCustomError("ids_or_up_to", "Give either `ids` or `up_to`.")
        return self


class Marked(Output):
    """How many were marked."""

    count: int = Field(ge=0, examples=[4])
    """Those that you had not read before."""


class KindChoice(Input):
    """Where one kind of notification goes."""

    kind: NotificationKind
    """The kind."""
    in_app: bool = Field(examples=[True])
    """In the list of notifications and in the stream."""
    email: MailMode
    """never, now, or in the summary of the next morning."""


class QuietTimes(Input):
    """When no mail comes; may run over midnight."""

    start: TimeOfDay = Field(examples=["20:00:00"])
    """First quiet minute, by the clock of the organization."""
    end: TimeOfDay = Field(examples=["07:00:00"])
    """First minute when mails come again."""

    @model_validator(mode="after")
    def _some_noise(self) -> Self:
        if self.start == self.end:
            raise PydanticCustomError("quiet_all_day", "Quiet hours end at another time than they begin.")
        return self

    @property
    def pair(self) -> tuple[time, time]:
        return self.start, self.end


class PreferencesPut(Input):
    """Your choices, as a whole."""

    kinds: list[KindChoice] = Field(max_length=len(NotificationKind))
    """Kinds left out follow the switches of your own sheet (PATCH /v1/users/me)."""
    quiet_hours: QuietTimes | None
    """Null: mails come at any hour."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        named = [choice.kind for choice in self.kinds]
        if len(set(named)) < len(named):
            raise PydanticCustomError("kind_twice", "Each kind once.")
        if LOCKED & set(named):
            raise PydanticCustomError("kind_locked", "News of security cannot be switched off.")
        return self


class KindShown(Output):
    """Where one kind of notification goes, and who decided."""

    kind: NotificationKind
    """The kind."""
    in_app: bool = Field(examples=[True])
    """In the list of notifications and in the stream."""
    email: MailMode
    """never, now, or in the summary of the next morning."""
    locked: bool = Field(examples=[False])
    """true: this kind cannot be switched off."""
    chosen: bool = Field(examples=[False])
    """true: you chose it by itself; false: it follows your sheet."""


class QuietShown(Output):
    """When no mail comes."""

    start: str = Field(max_length=8, examples=["20:00:00"])
    """First quiet minute, by the clock of the organization."""
    end: str = Field(max_length=8, examples=["07:00:00"])
    """First minute when mails come again."""


class PreferencesRead(Output):
    """How you are told what."""

    kinds: list[KindShown] = Field(max_length=len(NotificationKind))
    """Every kind there is."""
    quiet_hours: QuietShown | None
    """Null: mails come at any hour. News of security come at any hour anyway."""
    version: int = Field(ge=0, examples=[0])
    """For If-Match; 0 until you have chosen anything."""
