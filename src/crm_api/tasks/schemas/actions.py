"""What is done with a task."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.batch import MOST, RowProblem
from crm_api.kit.schemas import Input, Output
from crm_api.tasks.schemas.task import Outcome

Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Le client a renoncé."])]


class TaskComplete(Input):
    """The end of a task."""

    outcome: Outcome | None = None
    """What came out of it."""


class TaskCancel(Input):
    """Why it is given up."""

    reason: Reason
    """For who reads it later."""


class TaskAssign(Input):
    """Who does it from now on."""

    assignee_user_id: UUID | None = None
    """The user; left out: whoever of the group takes it."""
    group_id: UUID | None = None
    """The group; left out: no group."""

    @model_validator(mode="after")
    def _somebody(self) -> "TaskAssign":
        if self.assignee_user_id is None and self.group_id is None:
            raise PydanticCustomError("somebody_needed", "Name assignee_user_id or group_id.")
        return self


class TaskDelegate(Input):
    """A colleague to hand it to."""

    to_user_id: UUID
    """Who is asked; it is theirs at once, and yours again when they refuse."""
    note: Annotated[str, Field(max_length=500, examples=["Je suis en congé."])] | None = None
    """A word to them."""


class DelegationRefusal(Input):
    """Why it goes back."""

    reason: Reason
    """A word to who handed it on."""


class TasksComplete(Input):
    """Several tasks to finish at once."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST)
    """Which ones."""
    outcome: Outcome | None = None
    """What came out of them."""


class RefusedTask(Output):
    """A task that could not be finished."""

    id: UUID
    """Which one."""
    problem: RowProblem
    """Why."""


class TasksCompleted(Output):
    """What became of each task."""

    completed_ids: list[UUID] = Field(max_length=MOST)
    """Those that are done."""
    refused: list[RefusedTask] = Field(max_length=MOST)
    """Those that are not."""
