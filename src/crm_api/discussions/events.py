"""What streams tell of besides the changes of the rows themselves: ids only, never a word that was said."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class DiscussionJoined(Event):
    """Somebody follows the discussion from now on."""

    kind: ClassVar = "discussion.joined"

    discussion_id: UUID


@dataclass(frozen=True, slots=True)
class DiscussionLeft(Event):
    """Somebody follows it no longer."""

    kind: ClassVar = "discussion.left"

    discussion_id: UUID


@dataclass(frozen=True, slots=True)
class DiscussionMessageAnswered(Event):
    """A reaction was given or taken back."""

    kind: ClassVar = "discussion_message.reacted"

    message_id: UUID
