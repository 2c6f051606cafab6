"""What campaigns and automations hand over: a send to open, and what came of putting people into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.mailings.models import MailingChannel, MessageReason, SendSource


class Content(NamedTuple):
    """The words in one language, as they were approved: Liquid; `html` is compiled from MJML already."""

    subject: str
    text: str
    html: str | None = None
    template_version_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SendOrder:
    """A send to open. Opened twice with the same source and key, it is one send."""

    source_type: SendSource
    source_id: UUID
    key: str
    """`A`, `rest`, the step of an automation; at most 120 characters."""
    name: str
    channel: MailingChannel
    contents: Mapping[str, Content]
    """By language; French, or else Arabic, English, Kabyle, is for who reads none of them."""
    purpose: str | None
    """A purpose of consents (`marketing_email`); None for contractual messages, which need none."""
    variant: str | None = None
    brand: str = ""
    topic: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    """`source`, `medium`, `campaign`, `content`, `term`: added to links that name none."""
    sender: str | None = None
    """A bare address; the installation's own when left out."""
    sender_name: str | None = None
    reply_to: str | None = None
    scheduled_at: datetime | None = None
    """At once when left out."""
    ends_at: datetime | None = None
    throttle_per_minute: int | None = None
    respects_hours: bool = True


class Queued(NamedTuple):
    """What came of putting people into a send."""

    targeted: int
    queued: int
    suppressed: Mapping[str, int]
    """By reason (`MessageReason`)."""


class QueuedOne(NamedTuple):
    """What came of putting one person into a send; `reason` where they get nothing."""

    message_id: UUID | None
    """None: somebody was put there already."""
    reason: MessageReason | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What the messages of some sends have come to."""

    targeted: int = 0
    suppressed: int = 0
    cancelled: int = 0
    sent: int = 0
    delivered: int = 0
    soft_bounced: int = 0
    hard_bounced: int = 0
    rejected: int = 0
    opened: int = 0
    opened_inflated: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    complained: int = 0

    @property
    def waiting(self) -> int:
        gone = self.suppressed + self.cancelled + self.sent + self.rejected
        return max(0, self.targeted - gone)


def as_contents(contents: Mapping[str, Content]) -> dict[str, Any]:
    """As the row keeps them."""
    return {
        language: {
            "subject": one.subject,
            "text": one.text,
            "html": one.html,
            "template_version_id": str(one.template_version_id) if one.template_version_id else None,
        }
        for language, one in contents.items()
    }
