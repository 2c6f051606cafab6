"""A task as it is written and read."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.objects import ObjectType
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, is_null, matching, one_of
from crm_api.kit.recurrence import LONGEST, UnfitRule, parse
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.tasks.conditions import are_overdue, are_unfinished, whose_they_are
from crm_api.tasks.models import Delegation, Task, TaskPriority, TaskSource, TaskStatus, TaskType

Title = Annotated[str, Field(min_length=1, max_length=160, examples=["Rappeler M. Bouchareb"])]
Description = Annotated[str, Field(max_length=4000, examples=["Il attend le devis multirisque habitation."])]
Estimate = Annotated[int, Field(ge=1, le=2880, examples=[20])]
Outcome = Annotated[str, Field(min_length=1, max_length=500, examples=["Rendez-vous pris pour dimanche."])]
Whose = Literal["mine", "my_groups", "made_by_me", "delegated_by_me"]


def _followed(text: str) -> str:
    try:
        parse(text)
    except UnfitRule as fault:
        raise PydanticCustomError("recurrence_unfit", "{why}", {"why": str(fault)}) from None
    return text


RRule = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, examples=["FREQ=WEEKLY;BYDAY=SU"]),
    AfterValidator(_followed),
]


class ChecklistItem(Input):
    """One point of a list."""

    label: str = Field(min_length=1, max_length=160, examples=["Vérifier la carte grise"])
    """What to do."""
    done: bool = False
    """Whether it is done."""


Checklist = Annotated[list[ChecklistItem], Field(max_length=30)]
Blockers = Annotated[list[UUID], Field(max_length=20)]


class TaskCreate(Input):
    """Something to do, for a user or a group."""

    title: Title
    """What to do, in a line."""
    description: Description | None = None
    """More about it."""
    type: TaskType
    """Kind of work."""
    priority: TaskPriority = TaskPriority.NORMAL
    """How urgent it is."""
    due_at: Moment | None = None
    """When it must be done."""
    due_in_minutes: Annotated[int, Field(ge=0, le=525_600, examples=[30])] | None = None
    """Instead of `due_at`: working minutes from now, by the calendar of the agency."""
    assignee_user_id: UUID | None = None
    """Who does it."""
    group_id: UUID | None = None
    """The group whose members may take it."""
    agency_id: UUID | None = None
    """The agency whose task it is; that of who does it when left out."""
    object_type: ObjectType | None = None
    """Kind of object it is about."""
    object_id: UUID | None = None
    """The object it is about."""
    rrule: RRule | None = None
    """When it comes again (RFC 5545): FREQ, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS."""
    checklist: Checklist = []
    """Points to tick off."""
    estimate_minutes: Estimate | None = None
    """How long it should take."""
    blocked_by_ids: Blockers = []
    """Tasks that must be finished first."""

    @model_validator(mode="after")
    def _whole(self) -> "TaskCreate":
        if self.assignee_user_id is None and self.group_id is None:
            raise PydanticCustomError("somebody_needed", "Name assignee_user_id or group_id.")
        if (self.due_at is None) == (self.due_in_minutes is None):
            raise PydanticCustomError("one_due", "Give due_at or due_in_minutes, one of them.")
        if (self.object_type is None) != (self.object_id is None):
            raise PydanticCustomError("whole_object", "object_type and object_id go together.")
        return self


class TaskPatch(Input):
    """What to change; a field left out stays, null empties it. Who does it: `assign`, `delegate`."""

    title: Title | MISSING = MISSING
    """What to do, in a line."""
    description: Description | None | MISSING = MISSING
    """More about it."""
    type: TaskType | MISSING = MISSING
    """Kind of work."""
    priority: TaskPriority | MISSING = MISSING
    """How urgent it is."""
    due_at: Moment | MISSING = MISSING
    """When it must be done."""
    rrule: RRule | None | MISSING = MISSING
    """When it comes again; null: this was the last time."""
    checklist: Checklist | MISSING = MISSING
    """Points to tick off, all of them."""
    estimate_minutes: Estimate | None | MISSING = MISSING
    """How long it should take."""
    blocked_by_ids: Blockers | MISSING = MISSING
    """Tasks that must be finished first, all of them."""


class TaskRead(Output):
    """Something to do."""

    id: UUID
    """Identifier."""
    title: Title
    """What to do, in a line."""
    description: Description | None
    """More about it."""
    type: TaskType
    """Kind of work."""
    status: TaskStatus
    """open, in_progress, done or cancelled."""
    priority: TaskPriority
    """How urgent it is."""
    due_at: Timestamp
    """When it must be done."""
    due_in_minutes: Annotated[int, Field(ge=0, le=525_600, examples=[30])] | None
    """Working minutes that were given for it."""
    is_overdue: Annotated[bool, Field(examples=[False])]
    """Whether that moment has passed while it is not finished."""
    is_blocked: Annotated[bool, Field(examples=[False])]
    """Whether a task that it waits for is not finished."""
    blocked_by_ids: Annotated[list[UUID], Field(max_length=20)]
    """Tasks that must be finished first."""
    assignee_user_id: UUID | None
    """Who does it; null: nobody of the group has taken it."""
    group_id: UUID | None
    """The group whose members may take it."""
    agency_id: UUID | None
    """The agency whose task it is."""
    object_type: Annotated[str, Field(max_length=40, examples=["lead"])] | None
    """Kind of object it is about."""
    object_id: UUID | None
    """The object it is about."""
    rrule: Annotated[str, Field(max_length=LONGEST, examples=["FREQ=WEEKLY;BYDAY=SU"])] | None
    """When it comes again."""
    series_id: UUID | None
    """The first task of the series."""
    occurrence: Annotated[int, Field(ge=1, examples=[3])] | None
    """Its place in the series."""
    checklist: Checklist
    """Points to tick off."""
    estimate_minutes: Estimate | None
    """How long it should take."""
    source: TaskSource
    """Who asked for it: a person, or a part of the house."""
    outcome: Annotated[str, Field(max_length=500, examples=["Rendez-vous pris pour dimanche."])] | None
    """What came out of it."""
    started_at: Timestamp | None
    """When somebody began."""
    completed_at: Timestamp | None
    """When it was finished."""
    completed_by_id: UUID | None
    """Who finished it."""
    cancel_reason: Annotated[str, Field(max_length=500, examples=["Le client a renoncé."])] | None
    """Why it was given up."""
    delegation: Delegation | None
    """offered, accepted or refused, once somebody handed it to a colleague."""
    delegated_by_id: UUID | None
    """Who handed it on."""
    delegation_note: Annotated[str, Field(max_length=500, examples=["Je suis en congé."])] | None
    """What was said with it: why it was handed on, or refused."""
    created_by_id: UUID | None
    """Who made it."""
    version: int
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class TaskPage(Page[TaskRead]):
    """One page of tasks."""


class TaskFilter(ListQuery):
    """Which tasks."""

    sortable: ClassVar = {"due_at": Task.due_at, "created_at": Task.created_at}

    sort: Literal["due_at", "-due_at", "created_at", "-created_at"] = "due_at"
    """Sort key; a leading `-` means descending."""
    whose: Annotated[Whose | None, matching(whose_they_are, str)] = None
    """mine: to be done by me; my_groups: by one of my groups; made_by_me; delegated_by_me."""
    unfinished: Annotated[bool | None, matching(are_unfinished, bool, reads=bool)] = None
    """true: open or in progress; false: done or cancelled."""
    overdue: Annotated[bool | None, matching(are_overdue, bool, reads=bool)] = None
    """true: late; false: not late."""
    status: Annotated[list[TaskStatus] | None, one_of(Task.status)] = Field(default=None, max_length=4)
    """One or several states."""
    type: Annotated[list[TaskType] | None, one_of(Task.type)] = Field(default=None, max_length=7)
    """One or several kinds."""
    priority: Annotated[list[TaskPriority] | None, one_of(Task.priority)] = Field(default=None, max_length=4)
    """One or several priorities."""
    source: Annotated[list[TaskSource] | None, one_of(Task.source)] = Field(default=None, max_length=5)
    """One or several sources."""
    assignee_user_id: Annotated[list[UUID] | None, one_of(Task.assignee_user_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several people."""
    assignee_user_id_null: Annotated[bool | None, is_null(Task.assignee_user_id)] = None
    """true: those that nobody of the group has taken."""
    group_id: Annotated[list[UUID] | None, one_of(Task.group_id)] = Field(default=None, max_length=50)
    """Those of one or several groups."""
    agency_id: Annotated[list[UUID] | None, one_of(Task.agency_id)] = Field(default=None, max_length=50)
    """Those of one or several agencies."""
    object_type: Annotated[ObjectType | None, equals(Task.object_type)] = None
    """Those about this kind of object."""
    object_id: Annotated[UUID | None, equals(Task.object_id)] = None
    """Those about this object."""
    series_id: Annotated[UUID | None, equals(Task.series_id)] = None
    """Those of one series."""
    due_at_gte: Annotated[Moment | None, at_least(Task.due_at)] = None
    """Due at this moment or later."""
    due_at_lt: Annotated[Moment | None, below(Task.due_at)] = None
    """Due before this moment."""
    created_at_gte: Annotated[Moment | None, at_least(Task.created_at)] = None
    """Made at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Task.created_at)] = None
    """Made before this moment."""


class TaskQuery(TaskFilter):
    """Which tasks, page by page."""

    deleted: Literal["without", "with", "only"] = "without"
    """Those in the bin: left out, mixed in, or alone."""
