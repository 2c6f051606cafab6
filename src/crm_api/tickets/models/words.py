"""The closed lists of tickets, and how a ticket goes from state to state (domain.md B-30, B-62)."""

from enum import StrEnum

from crm_api.kit.states import machine


class TicketStatus(StrEnum):
    """The category of a status: it carries how the clocks run, whatever an organization calls it."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


TICKET = machine(
    "ticket",
    """
    new: open solved closed
    open: pending on_hold solved
    pending: open on_hold solved
    on_hold: open pending solved
    solved: open closed
    """,
)
UNFINISHED = (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD)
IS_UNFINISHED = "tickets.status IN ('new', 'open', 'pending', 'on_hold')"
"""As the partial indexes say it, word for word: a parameter would not reach them."""


class TicketType(StrEnum):
    """What kind of request it is."""

    QUESTION = "question"
    REQUEST = "request"
    INCIDENT = "incident"
    CLAIM_FOLLOW_UP = "claim_follow_up"
    DOCUMENT_REQUEST = "document_request"
    ENDORSEMENT_REQUEST = "endorsement_request"
    PAYMENT_ISSUE = "payment_issue"
    PORTAL_PROBLEM = "portal_problem"
    COMPLAINT = "complaint"
    DSR = "dsr"
    CALLBACK = "callback"


class TicketPriority(StrEnum):
    """How soon a ticket must be dealt with, the least urgent first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class TicketLevel(StrEnum):
    """How much is at stake (impact), or how soon it hurts (urgency)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class TicketChannel(StrEnum):
    """The way a message came, or goes."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    CHAT = "chat"
    CHATBOT = "chatbot"
    PORTAL_MESSAGE = "portal_message"
    SOCIAL = "social"
    IN_PERSON = "in_person"
    LETTER = "letter"
    WEB_FORM = "web_form"


class TicketLanguage(StrEnum):
    """The language that a requester writes in."""

    FR = "fr"
    AR = "ar"
    EN = "en"


class MessageAuthor(StrEnum):
    """Who wrote a message: a colleague, the customer, or a machine."""

    USER = "user"
    PORTAL_USER = "portal_user"
    CONTACT = "contact"
    SYSTEM = "system"
    BOT = "bot"


class MessageVisibility(StrEnum):
    """Whether the customer reads a message, or colleagues only."""

    PUBLIC = "public"
    INTERNAL = "internal"


class MessageDelivery(StrEnum):
    """What became of a message on its way to the customer."""

    NONE = "none"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    RECEIVED = "received"


class WatcherRole(StrEnum):
    """Whether a colleague only follows a ticket, or works on it too."""

    FOLLOWER = "follower"
    COLLABORATOR = "collaborator"


class TicketLinkKind(StrEnum):
    """Why two tickets belong together."""

    RELATED = "related"
    FOLLOW_UP = "follow_up"
    SPLIT = "split"
    DUPLICATE = "duplicate"


class PresenceState(StrEnum):
    """What a colleague is doing with a ticket at this moment."""

    LOOKING = "looking"
    TYPING = "typing"
    GONE = "gone"


OPEN_LEVELS: tuple[TicketLevel, ...] = (TicketLevel.LOW, TicketLevel.MEDIUM, TicketLevel.HIGH)
PRIORITIES: tuple[TicketPriority, ...] = tuple(TicketPriority)
SPOKEN = frozenset(
    {TicketChannel.PHONE, TicketChannel.IN_PERSON, TicketChannel.LETTER, TicketChannel.CHATBOT}
)
"""Channels by which the house sends nothing written by itself."""
