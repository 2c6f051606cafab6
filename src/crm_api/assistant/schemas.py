from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.assistant.models import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    MOST_TURNS,
    AssistantSession,
    AssistantSessionStatus,
    HandOverReason,
    TurnKind,
)
from crm_api.kit.listing import ListQuery, Page, at_least, below, one_of
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Day, Email, Input, Moment, Output, Timestamp
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.schemas.articles import Edition, Slug, Title
from crm_api.knowledge.schemas.reading import Confidence, Visitor
from crm_api.tickets.models.words import TicketChannel

Question = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_QUESTION, examples=["Combien de jours pour déclarer un vol ?"]),
]
Answer = Annotated[
    str, Field(max_length=LONGEST_ANSWER, examples=["Déclarez le vol dans les trois jours ouvrables. [1]"])
]
Rate = Annotated[str | None, Field(max_length=6, examples=["0.6200"])]


class AssistantSessionCreate(Input):
    """A conversation to begin."""

    channel: TicketChannel = TicketChannel.CHATBOT
    """Where the asker writes."""
    language: KbLanguage = KbLanguage.FR
    """The language of its first sentence; answers follow that of the question."""
    visitor: Visitor | None = None
    """What the insurer's site calls its visitor."""
    agency_id: UUID | None = None
    """The agency whose hours count; yours when left out."""
    contact_id: UUID | None = None
    """Who asks, where they are known."""


class AssistantAsk(Input):
    """A question."""

    question: Question
    """In the asker's words."""


class AssistantHandOver(Input):
    """To whom a person should answer."""

    name: str | None = Field(default=None, min_length=2, max_length=160, examples=["Karim BOUCHAREB"])
    """Who asks."""
    phone: Phone | None = None
    """Where they can be called."""
    email: Email | None = None
    """Where they can be written to."""


class AssistantVerdict(Input):
    """What the asker says of it."""

    resolved: bool = Field(examples=[True])
    """Whether the question is answered."""


class AssistantSource(Output):
    """An approved article that an answer quotes."""

    article_id: UUID
    """Identifier of the article."""
    language: KbLanguage
    """In which language."""
    slug: Slug
    """The end of its address."""
    title: Title
    """What it answers."""
    edition: Edition
    """Its edition at that moment."""


class AssistantTurnRead(Output):
    """A question and what the assistant, a machine, said to it."""

    number: int = Field(ge=1, le=MOST_TURNS, examples=[1])
    """The first is 1."""
    kind: TurnKind
    """What it did with the question."""
    question: Question
    """As it was asked."""
    answer: Answer
    """What it said; `[1]` is the first of `sources`."""
    confidence: Confidence
    """How much of the question the best article covers."""
    sources: list[AssistantSource] = Field(max_length=3)
    """What it quotes; an answer has at least one."""
    is_rephrased: bool = Field(examples=[False])
    """Whether a language model put what was quoted into other words."""
    said_at: Timestamp
    """When."""


class AssistantSessionRead(Output):
    """A conversation with the assistant."""

    id: UUID
    """Identifier."""
    channel: TicketChannel
    """Where the asker writes."""
    visitor: str | None = Field(max_length=64, examples=["v-7f3a9c21"])
    """What the insurer's site calls its visitor."""
    language: KbLanguage
    """Of its first sentence."""
    status: AssistantSessionStatus
    """Who answers."""
    agency_id: UUID | None
    """The agency whose hours count."""
    contact_id: UUID | None
    """Who asks, where they are known."""
    turn_count: int = Field(ge=0, le=MOST_TURNS, examples=[2])
    """Questions so far."""
    answered_count: int = Field(ge=0, le=MOST_TURNS, examples=[1])
    """Those that were answered."""
    last_turn_at: Timestamp
    """When something was said last."""
    hand_over_reason: HandOverReason | None
    """Why a person took over."""
    handed_over_at: Timestamp | None
    """When."""
    ticket_id: UUID | None
    """The ticket with the transcript, or that the asker opened within a day."""
    resolved: bool | None = Field(examples=[True])
    """What the asker said of it."""
    version: int = Field(ge=1, examples=[1])
    """Changes with every step."""
    created_at: Timestamp
    """When it began."""


class AssistantSessionBegun(AssistantSessionRead):
    """A conversation that has just begun."""

    is_robot: Literal[True] = True
    """A machine answers."""
    disclosure: str = Field(
        max_length=600, examples=["Je suis l'assistant virtuel d'Assurances El Amana. Je peux répondre..."]
    )
    """To be shown before the first question: that it is a machine, and how to reach a person."""
    is_staffed: bool = Field(examples=[True])
    """Whether a person could answer now, by the business hours."""


class AssistantSessionShown(AssistantSessionRead):
    """A conversation, with all that was said."""

    turns: list[AssistantTurnRead] = Field(max_length=MOST_TURNS)
    """In their order."""


class AssistantReply(AssistantTurnRead):
    """What the assistant says, and where the conversation stands."""

    is_robot: Literal[True] = True
    """A machine answers."""
    status: AssistantSessionStatus
    """Who answers from here on."""
    ticket_id: UUID | None
    """The ticket of the hand-over."""


class AssistantSessionPage(Page[AssistantSessionRead]):
    """One page of conversations."""


class AssistantSessionQuery(ListQuery):
    """Which conversations."""

    sortable: ClassVar = {"created_at": AssistantSession.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[AssistantSessionStatus] | None, one_of(AssistantSession.status)] = Field(
        default=None, max_length=3
    )
    """One or several states."""
    hand_over_reason: Annotated[list[HandOverReason] | None, one_of(AssistantSession.hand_over_reason)] = (
        Field(default=None, max_length=4)
    )
    """Handed over for one or several reasons."""
    created_at_gte: Annotated[Moment | None, at_least(AssistantSession.created_at)] = Field(
        default=None, examples=["2026-11-01T00:00:00Z"]
    )
    """Begun then or later."""
    created_at_lt: Annotated[Moment | None, below(AssistantSession.created_at)] = Field(
        default=None, examples=["2026-12-01T00:00:00Z"]
    )
    """Begun before."""


class AssistantFiguresQuery(Input):
    """Of which days."""

    start: Day = Field(examples=["2026-11-01"])
    """The first day."""
    end: Day = Field(examples=["2026-12-01"])
    """The day after the last one."""


class AssistantFigures(Output):
    """How far the assistant gets by itself (domain.md D-58), of conversations whose day after is over."""

    sessions: int = Field(ge=0, examples=[1000])
    """Conversations in which something was asked."""
    contained: int = Field(ge=0, examples=[620])
    """Those that were answered without a person, and without a ticket within 24 hours."""
    containment: Rate
    """`contained` of `sessions`; null without any."""
    handed_over: int = Field(ge=0, examples=[250])
    """Those that a person took over."""
    followed_by_ticket: int = Field(ge=0, examples=[60])
    """Those that were not handed over, and whose asker opened a ticket within 24 hours."""
    unresolved: int = Field(ge=0, examples=[70])
    """The others: nothing was answered, or the asker said that it was no help."""
    still_open: int = Field(ge=0, examples=[12])
    """Not counted yet: within 24 hours of their last word."""
    measured_at: Timestamp
    """When it was counted."""
