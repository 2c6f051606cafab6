from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Output, Timestamp

Reason = Literal["first_contact", "call_again", "appointment", "next_step", "stagnant", "task", "reminder"]
"""A test holds it to `sections.SECTIONS`."""


class HomeThing(Output):
    """Something to look at."""

    type: Literal["lead", "appointment", "opportunity", "task", "reminder"]
    """What it is."""
    id: UUID
    """Read it by its own route."""
    title: Annotated[str, Field(max_length=200, examples=["Karim BOUCHAREB"])]
    """What it is called."""
    at: Timestamp
    """When it is due."""
    is_late: bool = Field(examples=[False])
    """Whether that moment has passed."""
    reason: Reason
    """Why it stands here."""
    detail: Annotated[str | None, Field(max_length=200, examples=["+213550123456"])]
    """The telephone of a lead, the place of an appointment, the next step of an opportunity."""


class HomeSection(Output):
    """A part of the page, the most pressing first."""

    things: list[HomeThing] = Field(max_length=10)
    """The first ten."""
    has_more: bool = Field(examples=[False])
    """Whether there are others: ask their own list."""


class HomeRead(Output):
    """The page that a user opens in the morning. A section that your role has no right to is null."""

    leads_to_call: HomeSection | None
    """Your leads that wait for the first call, and those who asked to be called again by today."""
    appointments: HomeSection | None
    """The next ones in which you take part, organized by you or not."""
    opportunities_to_move: HomeSection | None
    """Your open opportunities whose next step is due by tonight, or about which nothing happened too long."""
    tasks_today: HomeSection | None
    """Your unfinished tasks that are due by tonight, the late ones first."""
    reminders: HomeSection | None
    """What you were reminded of and have not acknowledged, and what comes by tonight."""
    unread_notifications: int = Field(ge=0, le=1000, examples=[3])
    """What you were told and have not read; 1000 means as many or more."""
