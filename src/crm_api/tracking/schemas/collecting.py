"""What the collector of the site sends, and the little it is told."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError, to_json

from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.tracking.models import LARGEST_PROPS, MOST_EVENTS, WebEventType, WebIdentification

Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        pattern=r"^(https?://[^\s/?#]+)?(/[^\s]*)?$",
        examples=["https://www.assura.dz/auto?utm_source=mail&utm_campaign=renouvellement"],
    ),
]
EventName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,59}$", max_length=60, examples=["simulateur_ouvert"])
]
WilayaCode = Annotated[str, Field(pattern=r"^[0-9]{2}$", max_length=2, examples=["16"])]


class WebEventInput(Input):
    """One thing that a visitor did."""

    event_id: UUID
    """Made by the site; the same one sent again has no effect."""
    type: WebEventType
    """What kind of thing."""
    name: EventName | None = None
    """Of custom events: what they are called."""
    at: Moment = Field(examples=["2026-11-23T08:30:00.125Z"])
    """When, by the visitor's clock; see `sent_at`."""
    url: Address | None = None
    """Where. utm_* and `ct` (the click token of a mail) are read off it; then its query is dropped."""
    referrer: Annotated[str, Field(max_length=2000, examples=["https://www.google.com/"])] | None = None
    """Where the visitor came from; its query is dropped."""
    submission_id: UUID | None = None
    """Of form_submit: the `submission_id` that the form gave to POST /v1/public/leads."""
    props: dict[str, Any] = Field(default={}, max_length=50, examples=[{"product": "auto"}])
    """Anything else, 2 KB at most; no personal data."""

    @model_validator(mode="after")
    def _small(self) -> Self:
        if self.props and len(to_json(self.props)) > LARGEST_PROPS:
            raise PydanticCustomError("props_size", "The props of an event have 2048 bytes at most.")
        return self


class WebEventBatch(Input):
    """Up to 50 events of one visitor."""

    consent: bool
    """Whether the visitor agreed to be measured (purpose cookies_analytics). false: counted, not known:
    `visitor_id`, click tokens and submissions are then ignored, and no address is kept."""
    visitor_id: UUID | None = None
    """That of the first-party cookie, which exists only with consent."""
    sent_at: Moment | None = Field(default=None, examples=["2026-11-23T08:30:02.000Z"])
    """By the visitor's clock, now: a clock more than five minutes wrong is set right by it."""
    wilaya_code: WilayaCode | None = None
    """The wilaya that the site believes the visitor to be in, coarsely."""
    events: list[WebEventInput] = Field(min_length=1, max_length=MOST_EVENTS)
    """What happened, in any order."""


class WebEventReceipt(Output):
    """That a batch was taken in; never whether it was known."""

    received: int = Field(ge=1, le=MOST_EVENTS, examples=[12])
    """How many events were sent."""


class WebIdentify(Input):
    """Who a visitor is."""

    contact_id: UUID
    """The person."""
    identified_by: Literal[WebIdentification.LOGIN, WebIdentification.QUOTE, WebIdentification.STAFF]
    """How the site's server knows."""


class WebVisitorRead(Output):
    """Who a visitor is."""

    visitor_id: UUID
    """That of the first-party cookie."""
    contact_id: UUID | None
    """The person."""
    lead_id: UUID | None
    """Or the lead, while it is no customer."""
    identified_by: WebIdentification
    """How that became known."""
    identified_at: Timestamp
    """When."""
    sessions: int = Field(ge=0, examples=[3])
    """Earlier sessions that became this person's."""
