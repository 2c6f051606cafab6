"""Canned responses and automatic replies."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.models.replies import (
    LONGEST_TEXT,
    AutoReply,
    AutoReplyTrigger,
    CannedResponse,
    CannedScope,
)
from crm_api.knowledge.schemas.articles import Category, Keyword
from crm_api.knowledge.variables import checked

Text = Annotated[
    str,
    AfterValidator(checked),
    Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        examples=["Bonjour {{customer.name}}, votre demande {{ticket.number}} est enregistrée."],
    ),
]
Shown = Annotated[
    str,
    Field(
        max_length=LONGEST_TEXT,
        examples=["Bonjour {{customer.name}}, votre demande {{ticket.number}} est enregistrée."],
    ),
]
Name = Annotated[str, Field(min_length=2, max_length=120, examples=["Accusé de réception"])]
Values = Annotated[
    dict[
        Annotated[str, Field(max_length=40, examples=["ticket.number"])],
        Annotated[str, Field(max_length=500, examples=["T-2026-000042"])],
    ],
    Field(max_length=30, examples=[{"ticket.number": "T-2026-000042"}]),
]


class CannedResponseCreate(Input):
    """An answer to keep."""

    title: Name
    """How colleagues find it."""
    body_fr: Text
    """In French; `{{ticket.number}}` and the like are filled in. Unknown ones are refused."""
    body_ar: Text | None = None
    """In Arabic."""
    category: Category
    """Under which heading it stands."""
    scope: CannedScope = CannedScope.PERSONAL
    """For you, for an agency, or for everybody; who sees one agency only keeps personal ones."""
    agency_id: UUID | None = None
    """The agency of a `team` one; yours when left out."""


class CannedResponsePatch(Input):
    """What to change; what is left out stays."""

    title: Name | MISSING = MISSING
    """How colleagues find it."""
    body_fr: Text | MISSING = MISSING
    """In French."""
    body_ar: Text | None | MISSING = MISSING
    """In Arabic."""
    category: Category | MISSING = MISSING
    """Under which heading it stands."""


class CannedResponseRead(Output):
    """An answer to insert."""

    id: UUID
    """Identifier."""
    title: Name
    """How colleagues find it."""
    body_fr: Shown
    """In French."""
    body_ar: Shown | None
    """In Arabic."""
    category: Category
    """Under which heading it stands."""
    scope: CannedScope
    """Who uses it."""
    owner_id: UUID | None
    """Who wrote it."""
    agency_id: UUID | None
    """The agency of a `team` one."""
    usage_count: int = Field(ge=0, examples=[7])
    """How often it was used."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""


class CannedResponsePage(Page[CannedResponseRead]):
    """One page of canned responses."""


class CannedResponseQuery(ListQuery):
    """Which canned responses."""

    sortable: ClassVar = {
        "title": CannedResponse.title,
        "usage_count": CannedResponse.usage_count,
        "created_at": CannedResponse.created_at,
    }

    sort: Literal["title", "-usage_count", "-created_at"] = "title"
    """Sort key; a leading `-` means descending."""
    scope: Annotated[list[CannedScope] | None, one_of(CannedResponse.scope)] = Field(
        default=None, max_length=3
    )
    """Of one or several scopes."""
    category: Annotated[list[Category] | None, one_of(CannedResponse.category)] = Field(
        default=None, max_length=20
    )
    """Under one or several headings."""


class CannedFill(Input):
    """With what to fill a canned response in."""

    language: KbLanguage = KbLanguage.FR
    """French or Arabic; where there is no Arabic text, the French one."""
    values: Values = {}
    """Variable -> what stands for it. Who you are, your agency, the company and the date are known."""


class CannedPreview(CannedFill):
    """A text that is being written, to see it filled in."""

    body: Text
    """With its variables."""


class FilledText(Output):
    """A text with its variables filled in."""

    text: str = Field(max_length=60_000, examples=["Bonjour Mme HADDAD, votre demande T-2026-000042..."])
    """Ready to be read over and sent."""
    missing: list[Annotated[str, Field(max_length=40, examples=["claim.number"])]] = Field(max_length=30)
    """Variables for which nothing was given; they stand in the text as they were."""


class AutoReplyConditions(Input):
    """To whom and to what an automatic reply answers; an empty list asks nothing."""

    channels: list[Annotated[str, Field(min_length=1, max_length=40, examples=["email"])]] = Field(
        default=[], max_length=20
    )
    """By which channel it came."""
    ticket_types: list[Annotated[str, Field(min_length=1, max_length=40, examples=["question"])]] = Field(
        default=[], max_length=20
    )
    """Kinds of requests."""
    languages: list[KbLanguage] = Field(default=[], max_length=3)
    """In which language it was written."""
    agency_ids: list[UUID] = Field(default=[], max_length=50)
    """For which agencies."""


class AutoReplyCreate(Input):
    """An automatic reply."""

    name: Name
    """How colleagues know it."""
    trigger: AutoReplyTrigger
    """When it is considered."""
    keywords: list[Keyword] = Field(default=[], max_length=40)
    """For `keyword`: any of these words, whatever their accents."""
    conditions: AutoReplyConditions = AutoReplyConditions()
    """To whom and to what."""
    body_fr: Text
    """In French."""
    body_ar: Text | None = None
    """In Arabic: for who wrote in Arabic."""
    position: int = Field(default=100, ge=0, le=1000, examples=[100])
    """Of those that fit, the lowest answers."""
    cooldown_hours: int = Field(default=24, ge=1, le=720, examples=[24])
    """The same person gets it once in so many hours."""
    is_active: bool = Field(default=True, examples=[True])
    """Whether it answers."""


class AutoReplyPatch(Input):
    """What to change; what is left out stays."""

    name: Name | MISSING = MISSING
    """How colleagues know it."""
    keywords: list[Keyword] | MISSING = Field(default=MISSING, max_length=40)
    """For `keyword`."""
    conditions: AutoReplyConditions | MISSING = MISSING
    """To whom and to what; replaces those before."""
    body_fr: Text | MISSING = MISSING
    """In French."""
    body_ar: Text | None | MISSING = MISSING
    """In Arabic."""
    position: int | MISSING = Field(default=MISSING, ge=0, le=1000, examples=[100])
    """Of those that fit, the lowest answers."""
    cooldown_hours: int | MISSING = Field(default=MISSING, ge=1, le=720, examples=[24])
    """The same person gets it once in so many hours."""
    is_active: bool | MISSING = Field(default=MISSING, examples=[False])
    """Whether it answers."""


class AutoReplyRead(Output):
    """An automatic reply."""

    id: UUID
    """Identifier."""
    name: Name
    """How colleagues know it."""
    trigger: AutoReplyTrigger
    """When it is considered."""
    keywords: list[Keyword] = Field(max_length=40)
    """For `keyword`."""
    conditions: AutoReplyConditions
    """To whom and to what."""
    body_fr: Shown
    """In French."""
    body_ar: Shown | None
    """In Arabic."""
    position: int = Field(ge=0, le=1000, examples=[100])
    """Of those that fit, the lowest answers."""
    cooldown_hours: int = Field(ge=1, le=720, examples=[24])
    """The same person gets it once in so many hours."""
    is_active: bool = Field(examples=[True])
    """Whether it answers."""
    sent_count: int = Field(ge=0, examples=[31])
    """How often it answered."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""


class AutoReplyPage(Page[AutoReplyRead]):
    """One page of automatic replies."""


class AutoReplyQuery(ListQuery):
    """Which automatic replies."""

    sortable: ClassVar = {"position": AutoReply.position, "created_at": AutoReply.created_at}

    sort: Literal["position", "-created_at"] = "position"
    """Sort key; a leading `-` means descending."""
    trigger: Annotated[list[AutoReplyTrigger] | None, one_of(AutoReply.trigger)] = Field(
        default=None, max_length=3
    )
    """Of one or several triggers."""
    is_active: Annotated[bool | None, equals(AutoReply.is_active)] = None
    """Only those that answer, or that do not."""


class AutoReplyTry(Input):
    """A message that has not been received, to see what would answer it."""

    text: str = Field(max_length=10_000, examples=["Bonjour, où en est mon dossier ?"])
    """What it says."""
    sender: str = Field(min_length=3, max_length=254, examples=["client@example.dz"])
    """From whom."""
    channel: str = Field(default="email", min_length=1, max_length=40, examples=["email"])
    """By which channel."""
    ticket_type: str | None = Field(default=None, max_length=40, examples=["question"])
    """The kind of request it opens."""
    agency_id: UUID | None = None
    """For which agency."""
    opens_ticket: bool = Field(default=True, examples=[True])
    """Whether it opens a request, or adds to one."""
    headers: dict[
        Annotated[str, Field(max_length=80, examples=["Auto-Submitted"])],
        Annotated[str, Field(max_length=500, examples=["auto-replied"])],
    ] = Field(default={}, max_length=30)
    """Of a mail: by some of these a machine is known."""


class AutoReplyTried(Output):
    """What would answer."""

    auto_reply_id: UUID | None
    """Which automatic reply; null: none."""
    text: str | None = Field(max_length=60_000, examples=["Nous avons bien reçu votre message."])
    """What it would say."""
    why_not: Literal["automatic_message", "cooling_down", "nothing_fits"] | None
    """Why nobody would answer."""
