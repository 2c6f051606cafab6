"""Sessions, events and goals as they are listed, and what they come to."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, above, at_least, below, equals, is_null, one_of, starts_with
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Moment, Output, Timestamp
from crm_api.tracking.models import WebDevice, WebEvent, WebEventType, WebGoal, WebSession
from crm_api.tracking.schemas.collecting import EventName, WilayaCode

GoalCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]{1,59}$", max_length=60, examples=["devis-auto-termine"])
]
PathPrefix = Annotated[str, Field(pattern=r"^/[^\s?#]*$", max_length=500, examples=["/merci"])]
Place = Annotated[str, Field(max_length=500, examples=["/auto"])]
UtmValue = Annotated[str, Field(max_length=120, examples=["renouvellement"])]


class WebUtm(Output):
    """Where a visit came from, as the address of its first page said."""

    source: UtmValue | None = None
    """utm_source."""
    medium: UtmValue | None = None
    """utm_medium."""
    campaign: UtmValue | None = None
    """utm_campaign."""
    term: UtmValue | None = None
    """utm_term."""
    content: UtmValue | None = None
    """utm_content."""


class WebSessionRead(Output):
    """A visit of the site."""

    id: UUID
    """Identifier."""
    visitor_id: UUID | None
    """That of the first-party cookie; null where the visitor refused to be known."""
    contact_id: UUID | None
    """Whose it is, once that is known."""
    lead_id: UUID | None
    """Or of which lead."""
    message_id: UUID | None
    """The message whose link began it."""
    consent: bool
    """false: counted, not known."""
    started_at: Timestamp
    """First event."""
    ended_at: Timestamp
    """Last event so far."""
    device: WebDevice
    """On what, coarsely."""
    wilaya_code: WilayaCode | None
    """Where from, coarsely: what the site believes."""
    utm: WebUtm
    """Which campaign brought it."""
    landing: Place | None
    """First page, without its query."""
    referrer: Annotated[str, Field(max_length=500, examples=["https://www.google.com/"])] | None
    """Where the visitor came from, without its query."""
    is_bot: bool
    """A program, by its user agent: counted nowhere."""
    events: int = Field(ge=1, examples=[7])
    """What happened."""
    page_views: int = Field(ge=0, examples=[4])
    """Pages seen."""
    conversions: int = Field(ge=0, examples=[1])
    """Goals met."""
    goal_value: Money
    """What these are worth."""


class WebSessionPage(Page[WebSessionRead]):
    """One page of sessions."""


class WebSessionQuery(ListQuery):
    """Which sessions."""

    sortable: ClassVar = {"started_at": WebSession.started_at}

    sort: Literal["started_at", "-started_at"] = "-started_at"
    """Sort key; a leading `-` means descending."""
    contact_id: Annotated[UUID | None, equals(WebSession.contact_id)] = None
    """Of this person."""
    lead_id: Annotated[UUID | None, equals(WebSession.lead_id)] = None
    """Of this lead."""
    visitor_id: Annotated[UUID | None, equals(WebSession.visitor_id)] = None
    """Of this visitor."""
    utm_campaign: Annotated[str | None, equals(WebSession.utm_campaign)] = Field(
        default=None, min_length=1, max_length=120, examples=["renouvellement"]
    )
    """Brought by this utm_campaign."""
    device: Annotated[list[WebDevice] | None, one_of(WebSession.device)] = Field(default=None, max_length=4)
    """One or several kinds of device."""
    wilaya_code: Annotated[WilayaCode | None, equals(WebSession.wilaya_code)] = None
    """From this wilaya."""
    is_bot: Annotated[bool | None, equals(WebSession.is_bot)] = None
    """Programs, or visitors."""
    consent: Annotated[bool | None, equals(WebSession.consent)] = None
    """Known visitors, or unknown ones."""
    contact_id_null: Annotated[bool | None, is_null(WebSession.contact_id)] = None
    """true: of nobody we know."""
    conversions_gt: Annotated[int | None, above(WebSession.conversions)] = Field(
        default=None, ge=0, le=1000, examples=[0]
    )
    """That met more goals than this; 0: any."""
    started_at_gte: Annotated[Moment | None, at_least(WebSession.started_at)] = None
    """Begun at this moment or after."""
    started_at_lt: Annotated[Moment | None, below(WebSession.started_at)] = None
    """Begun before this moment."""


class WebEventRead(Output):
    """Something that a visitor did."""

    id: UUID
    """As the site called it."""
    session_id: UUID | None
    """In which session; null for the later pages of an unknown visit."""
    type: WebEventType
    """What kind of thing."""
    name: EventName | None
    """Of custom events: what they are called."""
    at: Timestamp
    """When, by the visitor's clock set right."""
    received_at: Timestamp
    """When it came."""
    path: Place | None
    """Where, without the query."""
    props: dict[str, Any] = Field(max_length=50, examples=[{"product": "auto"}])
    """Anything else the site told."""


class WebEventPage(Page[WebEventRead]):
    """One page of events."""


class WebEventQuery(ListQuery):
    """Which events."""

    sortable: ClassVar = {"at": WebEvent.at}

    sort: Literal["at", "-at"] = "-at"
    """Sort key; a leading `-` means descending."""
    session_id: Annotated[UUID | None, equals(WebEvent.session_id)] = None
    """Of this session."""
    type: Annotated[list[WebEventType] | None, one_of(WebEvent.type)] = Field(default=None, max_length=10)
    """One or several kinds."""
    name: Annotated[EventName | None, equals(WebEvent.name)] = None
    """Custom events of this name."""
    at_gte: Annotated[Moment | None, at_least(WebEvent.at)] = None
    """At this moment or after."""
    at_lt: Annotated[Moment | None, below(WebEvent.at)] = None
    """Before this moment."""


class WebGoalCreate(Input):
    """What a visit is hoped to lead to: an event of a kind, of a name, on a page, or all of these."""

    code: GoalCode
    """Its name for programs."""
    name: str = Field(min_length=1, max_length=120, examples=["Devis auto terminé"])
    """Its name for the staff."""
    event_type: WebEventType | None = None
    """Met by this kind of event."""
    event_name: EventName | None = None
    """Met by custom events of this name."""
    path_prefix: PathPrefix | None = None
    """Met on pages whose path begins so."""
    value: Money = Field(
        default=Money(amount="0.00", currency="DZD"), examples=[{"amount": "1500.00", "currency": "DZD"}]
    )
    """What it is worth, each time."""
    is_active: bool = True
    """Whether it is looked for; what was met stays."""

    @model_validator(mode="after")
    def _met_by_something(self) -> Self:
        if self.event_type is None and self.event_name is None and self.path_prefix is None:
            raise PydanticCustomError("goal_unmet", "A goal is met by a kind of event, a name or a page.")
        refuse_unfit(self.value)
        return self


class WebGoalPatch(Input):
    """What to change; a field left out stays. What was met before keeps its value."""

    name: str | MISSING = Field(default=MISSING, min_length=1, max_length=120, examples=["Devis terminé"])
    """Its name for the staff."""
    value: Money | MISSING = Field(default=MISSING, examples=[{"amount": "1500.00", "currency": "DZD"}])
    """What it is worth, each time."""
    is_active: bool | MISSING = MISSING
    """Whether it is looked for."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if isinstance(self.value, Money):
            refuse_unfit(self.value)
        return self


def refuse_unfit(value: Money) -> None:
    """Raises PydanticCustomError."""
    if value.currency != "DZD" or not 0 <= value.centimes <= 100_000_000_000:
        raise PydanticCustomError("goal_value", "A value in DZD, from nothing to a thousand million.")


class WebGoalRead(Output):
    """What a visit is hoped to lead to."""

    id: UUID
    """Identifier."""
    code: GoalCode
    """Its name for programs."""
    name: str = Field(max_length=120, examples=["Devis auto terminé"])
    """Its name for the staff."""
    event_type: WebEventType | None
    """Met by this kind of event."""
    event_name: EventName | None
    """Met by custom events of this name."""
    path_prefix: PathPrefix | None
    """Met on pages whose path begins so."""
    value: Money
    """What it is worth, each time."""
    is_active: bool
    """Whether it is looked for."""
    created_at: Timestamp
    """When it was made."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class WebGoalPage(Page[WebGoalRead]):
    """One page of goals."""


class WebGoalQuery(ListQuery):
    """Which goals."""

    sortable: ClassVar = {"created_at": WebGoal.created_at, "name": WebGoal.name_folded}

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    code: Annotated[GoalCode | None, equals(WebGoal.code)] = None
    """That of this code."""
    is_active: Annotated[bool | None, equals(WebGoal.is_active)] = None
    """Those that are looked for, or not."""
    name_prefix: Annotated[str | None, starts_with(WebGoal.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["devis"]
    )
    """Beginning of the name, accents and case ignored."""


class WebGrouping(StrEnum):
    """What visits are counted by."""

    DAY = "day"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    DEVICE = "device"


class WebPeriod(Input):
    """Which visits count."""

    start: Day = Field(examples=["2026-11-01"])
    """First day, in Algiers."""
    end: Day = Field(examples=["2026-12-01"])
    """First day after it; 1100 days later at most."""
    group_by: WebGrouping | None = None
    """Also for each day, source, campaign or kind of device."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not 0 < (self.end - self.start).days <= 1100:
            raise PydanticCustomError("period_length", "The period ends after it begins, within 1100 days.")
        return self


class WebFigure(Output):
    """How often the site was visited, and to what end. Programs are not counted."""

    group: str | None = Field(max_length=120, examples=["2026-11-23"])
    """The day, source, campaign or device; null: all, or visits without one."""
    sessions: int = Field(ge=0, examples=[12569])
    """D-31: visits, known or unknown."""
    unknown_sessions: int = Field(ge=0, examples=[3120])
    """Of these: of visitors who refused to be known."""
    page_views: int = Field(ge=0, examples=[40312])
    """Pages seen in them."""
    converted_sessions: int = Field(ge=0, examples=[188])
    """Visits that met a goal."""
    goal_value: Money
    """What these are worth."""
    conversion_rate: str | None = Field(max_length=8, examples=["0.0150"])
    """D-44: visits that met a goal / visits; null without visits."""
    status: Literal["ok", "no_data"]
    """no_data: there was no visit."""


class WebFigures(Output):
    """How often the site was visited."""

    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    computed_at: Timestamp
    """When it was worked out."""
    whole: WebFigure
    """Of all visits."""
    groups: list[WebFigure] = Field(max_length=1100)
    """Of each day in order, or of each source, campaign or device, the most visits first."""
